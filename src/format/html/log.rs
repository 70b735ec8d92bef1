//! Production logs: what to know before any figure, the days and hours as a picture and in
//! figures, why events have no partner, what changed, orders, and the files.
//!
//! Every figure is the report's own.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::text::percent;
use crate::event::{Channel, rough_span};
use crate::report::{LogReport, PerChannel, Period, Report};

/// Most rows of each table; the JSON report has all.
const MOST_ROWS: usize = 200;
/// Most bars of the picture of hours: a month.
const MOST_BARS: usize = 31 * 24;
/// Width and height of the pictures, in units of their own.
const WIDE: f64 = 900.0;
const HIGH: f64 = 120.0;

/// Everything about logs; a report of a run has none.
#[derive(Serialize)]
pub(super) struct Log {
    warnings: Vec<String>,
    spans: Vec<(&'static str, String)>,
    facts: Vec<(&'static str, String)>,
    orders: Vec<(&'static str, u64, &'static str)>,
    days: Vec<Line>,
    of_events: Vec<Line>,
    more_of_events: usize,
    day_picture: Option<Picture>,
    hour_picture: Option<Picture>,
    hours: Vec<Line>,
    more_hours: usize,
    causes: Vec<Cause>,
    drifts: Vec<Drift>,
    more_drifts: usize,
    pixels: Vec<(String, u64, u64)>,
    inputs: Vec<Input>,
    places: Vec<(u64, String, u64)>,
    more_places: usize,
}

/// A day, an hour or all of it.
#[derive(Serialize)]
struct Line {
    when: String,
    event: String,
    browser: u64,
    server: u64,
    paired: u64,
    dedup: String,
    browser_alone: u64,
    server_alone: u64,
    merged: u64,
    unmerged: u64,
    counted: u64,
    refused: u64,
    reused: u64,
    differ: u64,
    lag: String,
}

/// Bars over time.
#[derive(Serialize)]
struct Picture {
    label: String,
    bars: Vec<Bar>,
    first: String,
    last: String,
    most: u64,
}

/// One bar, from the bottom: pairs, browser alone, server alone.
#[derive(Serialize)]
struct Bar {
    title: String,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    kind: &'static str,
    x: String,
    y: String,
    width: String,
    height: String,
}

/// Why events of a side have no partner.
#[derive(Serialize)]
struct Cause {
    side: &'static str,
    cause: String,
    count: u64,
    share: String,
}

#[derive(Serialize)]
struct Drift {
    day: String,
    event: String,
    side: &'static str,
    key: String,
    from: String,
    to: String,
    state: &'static str,
}

#[derive(Serialize)]
struct Input {
    path: String,
    side: &'static str,
    form: String,
    lines: u64,
    events: u64,
    foreign: u64,
    bad: u64,
    samples: Vec<(u64, String)>,
}

/// The logs of a report of logs.
pub(super) fn log(report: &Report) -> Option<Log> {
    let log = report.log.as_ref()?;
    let days: Vec<&Period> = log.days.iter().filter(|day| day.event.is_empty()).collect();
    let of_events: Vec<&Period> = log.days.iter().filter(|day| !day.event.is_empty()).collect();
    let hours: Vec<&Period> = log.hours.iter().collect();
    let lines = |periods: &[&Period], form: &str| -> Vec<Line> {
        periods
            .iter()
            .take(MOST_ROWS)
            .map(|period| line(period, date(period.start, form)))
            .collect()
    };
    let mut all_days = lines(&days, DAY);
    if days.len() > 1 {
        all_days.push(line(&log.whole, "All days".to_owned()));
    }
    Some(Log {
        warnings: log.warnings.clone(),
        spans: spans(log),
        facts: facts(log),
        orders: orders(log),
        day_picture: picture(&days, DAY),
        hour_picture: picture(&hours[..hours.len().min(MOST_BARS)], HOUR),
        days: all_days,
        more_of_events: of_events.len().saturating_sub(MOST_ROWS),
        of_events: lines(&of_events, DAY),
        more_hours: hours.len().saturating_sub(MOST_ROWS),
        hours: lines(&hours, HOUR),
        causes: causes(log),
        drifts: log.drifts.iter().take(MOST_ROWS).map(drift).collect(),
        more_drifts: log.drifts.len().saturating_sub(MOST_ROWS),
        pixels: pixels(&log.pixels),
        inputs: log
            .inputs
            .iter()
            .map(|input| Input {
                path: input.path.clone(),
                side: input.channel.map_or("", Channel::name),
                form: match input.packed.as_str() {
                    "" => input.form.clone(),
                    packed => format!("{}, {packed}", input.form),
                },
                lines: input.lines,
                events: input.events,
                foreign: input.foreign,
                bad: input.bad,
                samples: input.samples.clone(),
            })
            .collect(),
        places: log
            .places
            .iter()
            .take(MOST_ROWS)
            .map(|(number, place)| (*number, place.file.clone(), place.line))
            .collect(),
        more_places: log.places.len().saturating_sub(MOST_ROWS),
    })
}

const DAY: &str = "%Y-%m-%d";
const HOUR: &str = "%m-%d %H:00";
const MINUTE: &str = "%Y-%m-%d %H:%M UTC";

fn date(millis: i64, form: &str) -> String {
    Timestamp::from_millisecond(millis)
        .map(|time| time.strftime(form).to_string())
        .unwrap_or_default()
}

fn line(period: &Period, when: String) -> Line {
    Line {
        when,
        event: period.event.clone(),
        browser: period.events.browser,
        server: period.events.server,
        paired: period.paired,
        dedup: period.dedup_rate().map_or("–".to_owned(), percent),
        browser_alone: period.alone.browser,
        server_alone: period.alone.server,
        merged: period.repeats.browser + period.repeats.server,
        unmerged: period.unmerged.browser + period.unmerged.server,
        counted: period.counted,
        refused: period.refused,
        reused: period.reused,
        differ: period.values_differ + period.currencies_differ,
        lag: period.lag.map_or("–".to_owned(), |lag| lag.map(rough_span).join(" / ")),
    }
}

fn spans(log: &LogReport) -> Vec<(&'static str, String)> {
    Channel::ALL
        .into_iter()
        .filter_map(|channel| {
            let (first, last) = (*log.span.of(channel))?;
            Some((channel.name(), format!("{} to {}", date(first, MINUTE), date(last, MINUTE))))
        })
        .collect()
}

fn facts(log: &LogReport) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if log.sampled_every > 1 {
        let words = format!(
            "{} of {} events: one in {} event IDs. Figures are of all events.",
            log.sample.count, log.sample.of, log.sampled_every
        );
        facts.push(("Rules that compare events were asked of", words));
    }
    if let Some(rate) = log.whole.server_per_browser() {
        facts.push(("Server events for each browser event", format!("{rate:.2}")));
    }
    if let Some(rate) = log.whole.saved_by_id() {
        facts.push(("Further copies that an event ID would have merged", percent(rate)));
    }
    facts
}

fn orders(log: &LogReport) -> Vec<(&'static str, u64, &'static str)> {
    let Some(orders) = log.orders else { return Vec::new() };
    let bad = |count: u64| if count > 0 { "bad" } else { "good" };
    vec![
        ("Orders", orders.orders, "open"),
        ("Counted once", orders.once, "good"),
        ("Told by no conversion", orders.missing, bad(orders.missing)),
        ("Counted more than once", orders.more_than_once, bad(orders.more_than_once)),
        ("Told with another amount", orders.other_amount, bad(orders.other_amount)),
        ("Conversions without an order", orders.without_order, bad(orders.without_order)),
    ]
}

fn causes(log: &LogReport) -> Vec<Cause> {
    let of_side = |channel: Channel| {
        let alone = *log.whole.alone.of(channel);
        log.whole.causes.of(channel).iter().map(move |(cause, count)| Cause {
            side: channel.name(),
            cause: cause.clone(),
            count: *count,
            share: match alone {
                0 => "–".to_owned(),
                all => percent(*count as f64 / all as f64),
            },
        })
    };
    let mut causes: Vec<Cause> = Channel::ALL.into_iter().flat_map(of_side).collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.count));
    causes
}

fn drift(drift: &crate::report::Drift) -> Drift {
    Drift {
        day: date(drift.day, DAY),
        event: drift.event.clone(),
        side: drift.channel.name(),
        key: drift.key.to_string(),
        from: percent(drift.from),
        to: percent(drift.to),
        state: if drift.to < drift.from { "bad" } else { "good" },
    }
}

fn pixels(both: &PerChannel<BTreeMap<String, u64>>) -> Vec<(String, u64, u64)> {
    let mut rows: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (pixel, count) in &both.browser {
        rows.entry(pixel).or_default().0 += count;
    }
    for (pixel, count) in &both.server {
        rows.entry(pixel).or_default().1 += count;
    }
    let named = |pixel: &str| if pixel.is_empty() { "not named" } else { pixel }.to_owned();
    rows.into_iter().map(|(pixel, (browser, server))| (named(pixel), browser, server)).collect()
}

/// A picture of stretches of time; one bar says nothing.
fn picture(periods: &[&Period], form: &str) -> Option<Picture> {
    let whole = |period: &Period| period.paired + period.alone.browser + period.alone.server;
    let most = periods.iter().map(|period| whole(period)).max().filter(|most| *most > 0)?;
    let (first, last) = (periods.first()?, periods.last()?);
    if periods.len() < 2 {
        return None;
    }
    let step = WIDE / periods.len() as f64;
    let gap = if step > 6.0 { 2.0 } else { 0.0 };
    let bars = periods.iter().enumerate().map(|(index, period)| {
        let mut top = HIGH;
        let counts = [
            ("paired", period.paired),
            ("browser", period.alone.browser),
            ("server", period.alone.server),
        ];
        let parts = counts.into_iter().filter(|(_, count)| *count > 0).map(|(kind, count)| {
            let height = count as f64 / most as f64 * HIGH;
            top -= height;
            Part {
                kind,
                x: format!("{:.1}", index as f64 * step),
                y: format!("{top:.1}"),
                width: format!("{:.1}", step - gap),
                height: format!("{height:.1}"),
            }
        });
        Bar {
            parts: parts.collect(),
            title: format!(
                "{}: {} pairs, {} browser only, {} server only",
                date(period.start, form),
                period.paired,
                period.alone.browser,
                period.alone.server
            ),
        }
    });
    Some(Picture {
        bars: bars.collect(),
        first: date(first.start, form),
        last: date(last.start, form),
        most,
        label: format!(
            "Conversions from {} to {}: pairs, browser only, server only; {most} at most",
            date(first.start, form),
            date(last.start, form)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fill_the_picture_and_stand_on_its_ground() {
        let period = |start: i64, paired: u64, browser: u64| Period {
            start,
            paired,
            alone: PerChannel { browser, server: 0 },
            ..Period::default()
        };
        let (one, two) = (period(0, 3, 1), period(86_400_000, 2, 0));
        let picture = picture(&[&one, &two], DAY).expect("a picture");
        assert_eq!((picture.most, picture.bars.len()), (4, 2));
        let tops: Vec<(&str, &str)> =
            picture.bars[0].parts.iter().map(|part| (part.kind, part.y.as_str())).collect();
        assert_eq!(tops, [("paired", "30.0"), ("browser", "0.0")]);
        assert_eq!(picture.bars[1].parts[0].height, "60.0");
    }

    #[test]
    fn one_bar_or_nothing_is_no_picture() {
        let empty = Period::default();
        assert!(picture(&[&empty, &empty], DAY).is_none());
        let one = Period { paired: 1, ..Period::default() };
        assert!(picture(&[&one], DAY).is_none());
    }
}
