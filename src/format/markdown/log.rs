//! Production logs: what to know first, the days, why events have no partner, what changed.
//!
//! Never a figure that the report does not hold.

use super::tables::{MOST, cut};
use super::{code, fold, prose, table};
use crate::event::{Channel, rough_span};
use crate::report::{LogReport, Period, Report};

/// What the reader has to know before any figure.
pub(super) fn warnings(report: &Report) -> String {
    let warnings = report.log.iter().flat_map(|log| &log.warnings).take(MOST);
    warnings.map(|warning| format!("- ⚠️ {}", prose(warning))).collect::<Vec<_>>().join("\n")
}

/// Days, causes, changes and orders.
pub(super) fn log(report: &Report) -> Vec<String> {
    let Some(log) = &report.log else { return Vec::new() };
    vec![orders(log), days(log), causes(log), drifts(log)]
}

fn orders(log: &LogReport) -> String {
    let Some(orders) = log.orders else { return String::new() };
    let heading = [
        "Orders",
        "Counted once",
        "Told by none",
        "Counted more often",
        "Another amount",
        "Conversions without",
    ];
    let counts = [
        orders.orders,
        orders.once,
        orders.missing,
        orders.more_than_once,
        orders.other_amount,
        orders.without_order,
    ];
    table(&heading, &[counts.iter().map(u64::to_string).collect()])
}

fn days(log: &LogReport) -> String {
    let days: Vec<&Period> = log.days.iter().filter(|day| day.event.is_empty()).collect();
    let mut rows: Vec<Vec<String>> =
        days.iter().take(MOST).map(|day| row(day, date(day))).collect();
    if days.len() > 1 {
        rows.push(row(&log.whole, "all".to_owned()));
    }
    let heading = [
        "Day (UTC)",
        "Browser",
        "Server",
        "Pairs",
        "Dedup rate",
        "Browser only",
        "Server only",
        "Refused",
        "Lag p50 / p95 / p99",
    ];
    let table = cut(table(&heading, &rows), days.len());
    fold(&format!("{} days of logs", days.len()), &table)
}

fn date(day: &Period) -> String {
    jiff::Timestamp::from_millisecond(day.start)
        .map(|time| time.strftime("%Y-%m-%d").to_string())
        .unwrap_or_default()
}

fn row(period: &Period, when: String) -> Vec<String> {
    let percent = |rate: f64| format!("{:.1} %", rate * 100.0);
    let lag = |lag: [i64; 3]| lag.map(rough_span).join(" / ");
    vec![
        when,
        period.events.browser.to_string(),
        period.events.server.to_string(),
        period.paired.to_string(),
        period.dedup_rate().map_or("·".to_owned(), percent),
        period.alone.browser.to_string(),
        period.alone.server.to_string(),
        period.refused.to_string(),
        period.lag.map_or("·".to_owned(), lag),
    ]
}

fn causes(log: &LogReport) -> String {
    let mut rows = Vec::new();
    for channel in Channel::ALL {
        for (cause, count) in log.whole.causes.of(channel) {
            rows.push((*count, vec![channel.name().to_owned(), prose(cause), count.to_string()]));
        }
    }
    rows.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let count = rows.len();
    let rows: Vec<Vec<String>> = rows.into_iter().take(MOST).map(|(_, row)| row).collect();
    let table = cut(table(&["Side", "What comes near on the other side", "Events"], &rows), count);
    fold("Why events have no partner", &table)
}

fn drifts(log: &LogReport) -> String {
    let rows: Vec<Vec<String>> = log
        .drifts
        .iter()
        .take(MOST)
        .map(|drift| {
            let day = jiff::Timestamp::from_millisecond(drift.day)
                .map(|time| time.strftime("%Y-%m-%d").to_string())
                .unwrap_or_default();
            vec![
                day,
                code(&drift.event),
                drift.channel.name().to_owned(),
                code(drift.key.name()),
                format!("{:.0} % → {:.0} %", drift.from * 100.0, drift.to * 100.0),
            ]
        })
        .collect();
    let table =
        cut(table(&["Day", "Event", "Side", "Match key", "Coverage"], &rows), log.drifts.len());
    fold("Match keys whose coverage changed", &table)
}
