//! CSV for spreadsheets: one file of pairs, one of coverage, and one of days and hours where
//! the report is of production logs.
//!
//! RFC 4180 with a heading. A text that a spreadsheet would take for a formula begins with
//! an apostrophe.
//! Never a value of an event, never a person's data.

use std::collections::BTreeMap;

use super::{Format, Look, foreign};
use crate::event::Channel;
use crate::report::{EventRow, Half, PairRow, Period, Report, Share};

pub(super) const FORMAT: Format = Format {
    name: "csv",
    file: Some("pairs.csv"),
    summary: "pairs.csv, what was merged with what, coverage.csv, who carries what, and of logs periods.csv, every day and hour",
    also: &[("coverage.csv", coverage), ("periods.csv", periods)],
    render: pairs,
};

fn pairs(report: &Report, _look: &Look) -> String {
    let mut sheet = Sheet::new(&[
        "event",
        "state",
        "scenario",
        "profile",
        "session",
        "pixel",
        "event_id",
        "other_event_id",
        "browser_exchange",
        "server_exchange",
        "browser_time",
        "server_time",
        "server_later_ms",
    ]);
    for pair in &report.pairs {
        let PairRow { event, state, scenario, profile, pixel, event_id, other_id, .. } = pair;
        let exchange = |half: Option<Half>| half.map(|half| half.exchange.to_string());
        sheet.row([
            text(event),
            state.name().to_owned(),
            text(scenario),
            text(profile),
            pair.session.map(|session| session.to_string()).unwrap_or_default(),
            text(pixel),
            text(event_id),
            text(other_id.as_deref().unwrap_or_default()),
            exchange(pair.browser).unwrap_or_default(),
            exchange(pair.server).unwrap_or_default(),
            time(pair.browser),
            time(pair.server),
            pair.gap().map(|gap| gap.to_string()).unwrap_or_default(),
        ]);
    }
    sheet.finish()
}

fn coverage(report: &Report, _look: &Look) -> String {
    let mut sheet =
        Sheet::new(&["profile", "event", "channel", "kind", "name", "carry_it", "of", "share"]);
    rows(&mut sheet, "", &report.events);
    for profile in &report.profiles {
        rows(&mut sheet, &profile.profile, &profile.events);
    }
    sheet.finish()
}

/// The whole, days and hours of production logs; a heading alone where there are none.
fn periods(report: &Report, _look: &Look) -> String {
    let mut sheet = Sheet::new(&[
        "period",
        "start",
        "event",
        "browser",
        "server",
        "paired",
        "dedup_rate",
        "server_per_browser",
        "browser_only",
        "browser_causes",
        "server_only",
        "server_causes",
        "browser_repeats",
        "server_repeats",
        "browser_unmerged",
        "server_unmerged",
        "saved_by_id",
        "counted",
        "refused",
        "reused_ids",
        "values_differ",
        "currencies_differ",
        "lag_p50_ms",
        "lag_p95_ms",
        "lag_p99_ms",
    ]);
    let Some(log) = &report.log else { return sheet.finish() };
    let all =
        [("whole", std::slice::from_ref(&log.whole)), ("day", &log.days), ("hour", &log.hours)];
    for (name, periods) in all {
        for period in periods {
            sheet.row(period_row(name, period));
        }
    }
    sheet.finish()
}

fn period_row(name: &str, period: &Period) -> [String; 25] {
    let share = |share: Option<f64>| share.map(|share| format!("{share:.4}")).unwrap_or_default();
    let lag = |place: usize| period.lag.map(|lag| lag[place].to_string()).unwrap_or_default();
    let causes = |causes: &BTreeMap<String, u64>| {
        let causes = causes.iter().map(|(cause, count)| format!("{cause}: {count}"));
        text(&causes.collect::<Vec<_>>().join("; "))
    };
    let start = jiff::Timestamp::from_millisecond(period.start).map(|time| time.to_string());
    [
        name.to_owned(),
        start.unwrap_or_default(),
        text(&period.event),
        period.events.browser.to_string(),
        period.events.server.to_string(),
        period.paired.to_string(),
        share(period.dedup_rate()),
        share(period.server_per_browser()),
        period.alone.browser.to_string(),
        causes(&period.causes.browser),
        period.alone.server.to_string(),
        causes(&period.causes.server),
        period.repeats.browser.to_string(),
        period.repeats.server.to_string(),
        period.unmerged.browser.to_string(),
        period.unmerged.server.to_string(),
        share(period.saved_by_id()),
        period.counted.to_string(),
        period.refused.to_string(),
        period.reused.to_string(),
        period.values_differ.to_string(),
        period.currencies_differ.to_string(),
        lag(0),
        lag(1),
        lag(2),
    ]
}

/// One row per event, channel and key or parameter; no profile means the whole run.
fn rows(sheet: &mut Sheet, profile: &str, events: &[EventRow]) {
    for row in events {
        for channel in Channel::ALL {
            let keys: BTreeMap<String, Share> = row
                .coverage
                .of(channel)
                .iter()
                .map(|(key, share)| (key.to_string(), *share))
                .collect();
            for (kind, shares) in [("match key", &keys), ("parameter", row.parameters.of(channel))]
            {
                for (name, share) in shares {
                    sheet.row([
                        text(profile),
                        text(&row.event),
                        channel.name().to_owned(),
                        kind.to_owned(),
                        text(name),
                        share.count.to_string(),
                        share.of.to_string(),
                        share.ratio().map(|ratio| format!("{ratio:.4}")).unwrap_or_default(),
                    ]);
                }
            }
        }
    }
}

/// When the tap received it, RFC 3339 in UTC, to the millisecond.
fn time(half: Option<Half>) -> String {
    half.and_then(|half| jiff::Timestamp::from_millisecond(half.at).ok())
        .map(|time| time.to_string())
        .unwrap_or_default()
}

/// A foreign text for a cell. Spreadsheets take what begins with these signs for a formula
/// and run it (OWASP, "CSV Injection").
fn text(foreign: &str) -> String {
    let lines = foreign::lines(foreign).replace('\t', " ");
    let plain = lines.lines().map(foreign::quiet_line).collect::<Vec<_>>().join("\n");
    if plain.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        return format!("'{plain}");
    }
    plain
}

/// A sheet in the making.
struct Sheet {
    writer: csv::Writer<Vec<u8>>,
}

impl Sheet {
    fn new(heading: &[&str]) -> Sheet {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(heading).expect("writing into memory cannot fail");
        Sheet { writer }
    }

    fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.writer.write_record(cells).expect("rows are as wide as their heading");
    }

    fn finish(self) -> String {
        let bytes = self.writer.into_inner().expect("writing into memory cannot fail");
        String::from_utf8(bytes).expect("every cell is text")
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", "＝1"] {
            assert!(text(formula).starts_with('\''), "{formula:?}");
        }
        assert_eq!(text("Purchase"), "Purchase");
        assert_eq!(text("a=b"), "a=b");
    }
}
