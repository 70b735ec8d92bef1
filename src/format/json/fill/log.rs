//! Fills the part of JSON format 1 that is about production logs.
//!
//! Figures are copied; shares are those that the report itself makes of its counts.

use std::collections::BTreeMap;

use crate::event::MatchKey;
use crate::format::foreign::round;
use crate::format::json::v1::Sides;
use crate::format::json::v1::log::{
    BadLineV1, DriftV1, LagV1, LogInputV1, LogPlaceV1, LogV1, OrdersV1, PeriodV1, SpanV1,
};
use crate::report::{LogInput, LogReport, PerChannel, Period, Share};

pub(super) fn log(log: &LogReport) -> LogV1 {
    LogV1 {
        warnings: log.warnings.clone(),
        inputs: log.inputs.iter().map(input).collect(),
        span: sides(&log.span, |span| span.map(|(first, last)| SpanV1 { first, last })),
        pixels: sides(&log.pixels, Clone::clone),
        whole: period(&log.whole),
        days: log.days.iter().map(period).collect(),
        hours: log.hours.iter().map(period).collect(),
        drifts: log
            .drifts
            .iter()
            .map(|drift| DriftV1 {
                day: drift.day,
                event: drift.event.clone(),
                channel: drift.channel.name().to_owned(),
                key: drift.key.to_string(),
                from: round(drift.from),
                to: round(drift.to),
            })
            .collect(),
        places: log
            .places
            .iter()
            .map(|(number, place)| {
                (*number, LogPlaceV1 { file: place.file.clone(), line: place.line })
            })
            .collect(),
        sampled: log.sample.count,
        sampled_of: log.sample.of,
        sampled_every: log.sampled_every,
        orders: log.orders.map(|orders| OrdersV1 {
            orders: orders.orders,
            once: orders.once,
            missing: orders.missing,
            more_than_once: orders.more_than_once,
            other_amount: orders.other_amount,
            without_order: orders.without_order,
        }),
        seconds_reading: round(log.seconds.0),
        seconds_joining: round(log.seconds.1),
        spilled: log.spilled,
    }
}

fn sides<T, U: Default>(both: &PerChannel<T>, of: impl Fn(&T) -> U) -> Sides<U> {
    Sides { browser: of(&both.browser), server: of(&both.server) }
}

fn input(input: &LogInput) -> LogInputV1 {
    LogInputV1 {
        path: input.path.clone(),
        channel: input.channel.map(|channel| channel.name().to_owned()),
        form: input.form.clone(),
        packed: input.packed.clone(),
        lines: input.lines,
        events: input.events,
        foreign: input.foreign,
        unreadable: input.bad,
        samples: input
            .samples
            .iter()
            .map(|(line, cause)| BadLineV1 { line: *line, cause: cause.clone() })
            .collect(),
    }
}

fn period(period: &Period) -> PeriodV1 {
    let shares = |all: &BTreeMap<MatchKey, Share>| -> BTreeMap<String, f64> {
        let known = all.iter().filter_map(|(key, share)| Some((key, share.ratio()?)));
        known.map(|(key, ratio)| (key.name().to_owned(), round(ratio))).collect()
    };
    PeriodV1 {
        start: period.start,
        event: period.event.clone(),
        events: sides(&period.events, |count| *count),
        paired: period.paired,
        alone: sides(&period.alone, |count| *count),
        causes: sides(&period.causes, Clone::clone),
        repeats: sides(&period.repeats, |count| *count),
        unmerged: sides(&period.unmerged, |count| *count),
        counted: period.counted,
        refused: period.refused,
        reused: period.reused,
        values_differ: period.values_differ,
        currencies_differ: period.currencies_differ,
        dedup_rate: period.dedup_rate().map(round),
        server_per_browser: period.server_per_browser().map(round),
        saved_by_id: period.saved_by_id().map(round),
        lag: period.lag.map(|[p50, p95, p99]| LagV1 { p50, p95, p99 }),
        coverage: sides(&period.coverage, shares),
        valid: sides(&period.valid, shares),
    }
}
