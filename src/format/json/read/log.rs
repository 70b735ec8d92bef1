//! Reads production logs back from JSON format 1.

use std::collections::BTreeMap;

use crate::event::{Channel, MatchKey};
use crate::format::json::v1::Sides;
use crate::format::json::v1::log::{DriftV1, LogInputV1, LogV1, PeriodV1};
use crate::report::{
    Drift, LogInput, LogPlace, LogReport, OrderFigures, PerChannel, Period, Share, Timings,
};

pub(super) fn log(read: LogV1) -> LogReport {
    LogReport {
        warnings: read.warnings,
        inputs: read.inputs.into_iter().map(input).collect(),
        span: sides(read.span, |span| span.map(|span| (span.first, span.last))),
        pixels: sides(read.pixels, |pixels| pixels),
        whole: period(read.whole),
        days: read.days.into_iter().map(period).collect(),
        hours: read.hours.into_iter().map(period).collect(),
        drifts: read.drifts.into_iter().filter_map(drift).collect(),
        places: read
            .places
            .into_iter()
            .map(|(number, place)| (number, LogPlace { file: place.file, line: place.line }))
            .collect(),
        sample: Share::new(read.sampled, read.sampled_of),
        sampled_every: read.sampled_every,
        orders: read.orders.map(|orders| OrderFigures {
            orders: orders.orders,
            once: orders.once,
            missing: orders.missing,
            more_than_once: orders.more_than_once,
            other_amount: orders.other_amount,
            without_order: orders.without_order,
        }),
        seconds: (read.seconds_reading, read.seconds_joining),
        timings: Timings {
            reading: read.seconds_reading,
            joining: read.seconds_joining,
            ..Timings::default()
        },
        spilled: read.spilled,
    }
}

fn sides<T: Default, U>(both: Sides<T>, of: impl Fn(T) -> U) -> PerChannel<U> {
    PerChannel { browser: of(both.browser), server: of(both.server) }
}

fn input(read: LogInputV1) -> LogInput {
    LogInput {
        path: read.path,
        channel: read.channel.as_deref().and_then(Channel::from_name),
        form: read.form,
        packed: read.packed,
        lines: read.lines,
        events: read.events,
        foreign: read.foreign,
        bad: read.unreadable,
        samples: read.samples.into_iter().map(|line| (line.line, line.cause)).collect(),
    }
}

fn drift(read: DriftV1) -> Option<Drift> {
    Some(Drift {
        channel: Channel::from_name(&read.channel)?,
        key: MatchKey::from_name(&read.key)?,
        day: read.day,
        event: read.event,
        from: read.from,
        to: read.to,
    })
}

fn period(read: PeriodV1) -> Period {
    let (browser, server) = (read.events.browser, read.events.server);
    Period {
        start: read.start,
        event: read.event,
        events: PerChannel { browser, server },
        paired: read.paired,
        alone: sides(read.alone, |count| count),
        causes: sides(read.causes, |causes| causes),
        repeats: sides(read.repeats, |count| count),
        unmerged: sides(read.unmerged, |count| count),
        counted: read.counted,
        refused: read.refused,
        reused: read.reused,
        values_differ: read.values_differ,
        currencies_differ: read.currencies_differ,
        lag: read.lag.map(|lag| [lag.p50, lag.p95, lag.p99]),
        coverage: shares(read.coverage, browser, server),
        valid: shares(read.valid, browser, server),
    }
}

/// Shares of the events of each side: the shape has their quotients, to four decimals.
fn shares(
    read: Sides<BTreeMap<String, f64>>,
    browser: u64,
    server: u64,
) -> PerChannel<BTreeMap<MatchKey, Share>> {
    let of = |side: BTreeMap<String, f64>, events: u64| {
        side.into_iter()
            .filter_map(|(name, ratio)| {
                let count = (ratio * events as f64).round() as u64;
                Some((MatchKey::from_name(&name)?, Share::new(count, events)))
            })
            .collect()
    };
    PerChannel { browser: of(read.browser, browser), server: of(read.server, server) }
}
