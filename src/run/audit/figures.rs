//! Puts the figures of millions of events where a report has those of a few.
//!
//! Copies and rolls up; never judges.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::audit::{AnswerLine, InputReport, Reading, Stretch};
use crate::event::{Channel, MatchKey};
use crate::join::IdScheme;
use crate::join::bulk::{Cause, Cell, Lags};
use crate::report::{
    AutomaticRow, Drift, Duplicates, EventRow, IdRow, LogInput, LogReport, MADE_BY_SCRIPT,
    PerChannel, Period, Report, Share,
};

const HOUR_MS: i64 = 3_600_000;
const HOURS_OF_A_DAY: i64 = 24;
/// A change of coverage from day to day that is worth a line: ten points. An engineering
/// choice.
const DRIFT: f64 = 0.10;
/// Fewest events of a day on which a share means anything.
const FEWEST: u64 = 50;
/// How many standard errors a change must be wide: by chance alone, one comparison in some
/// fifteen thousand is (two-sided normal tail), and a month of logs has thousands of them. An
/// engineering choice.
const STANDARD_ERRORS: f64 = 4.0;

pub(super) fn input(input: &InputReport) -> LogInput {
    LogInput {
        path: input.path.clone(),
        channel: input.channel,
        form: input.form.to_owned(),
        packed: input.packed.to_owned(),
        lines: input.lines,
        events: input.events,
        foreign: input.foreign,
        bad: input.bad,
        samples: input.samples.iter().map(|bad| (bad.line, bad.cause.clone())).collect(),
    }
}

/// Replaces what a sample can only estimate by what was counted.
pub(super) fn put(report: &mut Report, reading: &Reading) {
    let name = |number: u16| reading.names.get(number as usize).cloned().unwrap_or_default();
    let mut cells: BTreeMap<String, Cell> = BTreeMap::new();
    for ((_, number), cell) in &reading.figures.cells {
        cells.entry(name(*number)).or_default().add(cell);
    }
    for line in reading.answered.iter().filter(|line| line.stretch == Stretch::Whole) {
        cells.entry(line.event.clone().unwrap_or_default()).or_default().add(&line.cell);
    }
    let quality: BTreeMap<String, _> =
        report.events.drain(..).map(|row| (row.event, row.match_quality)).collect();
    report.automatic.clear();
    for (event, cell) in cells.iter().filter(|(event, _)| !event.is_empty()) {
        report.events.push(row(event, cell, quality.get(event).cloned().flatten()));
        for (side, channel) in Channel::ALL.into_iter().enumerate() {
            if cell.automatic[side] > 0 {
                let events = cell.automatic[side].into();
                report.automatic.push(AutomaticRow {
                    event: event.clone(),
                    kind: MADE_BY_SCRIPT.to_owned(),
                    channel,
                    events,
                });
            }
        }
    }
    report.events.sort_by_key(|row| std::cmp::Reverse(row.browser + row.server));
    report.ids = reading
        .figures
        .ids
        .iter()
        .map(|((number, side), ids)| {
            let mut schemes: Vec<(String, u64)> = ids
                .schemes
                .iter()
                .zip(0..)
                .filter(|(count, _)| **count > 0)
                .map(|(count, scheme)| (IdScheme::named(scheme).to_owned(), u64::from(*count)))
                .collect();
            schemes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            IdRow {
                event: name(*number),
                channel: Channel::ALL[*side],
                events: ids.events.into(),
                present: ids.present.into(),
                distinct: ids.distinct.into(),
                collisions: 0,
                shortest: ids.shortest.into(),
                longest: ids.longest.into(),
                schemes,
            }
        })
        .filter(|row| !row.event.is_empty())
        .collect();
    // Numbers of names follow the threads that met them first.
    report.ids.sort_by(|a, b| (&a.event, a.channel).cmp(&(&b.event, b.channel)));
    // Lists of single events would be those of the sample.
    report.conversions.clear();
    report.unattributed.clear();
}

fn row(event: &str, cell: &Cell, quality: Option<crate::report::MatchQuality>) -> EventRow {
    let mut row = EventRow {
        browser: cell.events[0].into(),
        server: cell.events[1].into(),
        paired: cell.paired.into(),
        browser_only: cell.alone_on(0).into(),
        server_only: cell.alone_on(1).into(),
        duplicates: Duplicates {
            browser: (cell.repeats[0] + cell.twins[0]).into(),
            server: (cell.repeats[1] + cell.twins[1]).into(),
        },
        counted: cell.counted.into(),
        refused: (cell.refused[0] + cell.refused[1]).into(),
        match_quality: quality,
        ..EventRow::new(event.to_owned())
    };
    row.coverage = coverage(cell, &cell.keys);
    row
}

/// Match keys that a hit cannot carry in its payload: the platform reads them off the connection.
const READ_OFF_THE_HIT: &[MatchKey] = &[MatchKey::ClientIp, MatchKey::ClientUserAgent];

fn coverage(
    cell: &Cell,
    counts: &[[u32; MatchKey::ALL.len()]; 2],
) -> PerChannel<BTreeMap<MatchKey, Share>> {
    let mut coverage: PerChannel<BTreeMap<MatchKey, Share>> = PerChannel::default();
    for (side, channel) in Channel::ALL.into_iter().enumerate() {
        if cell.looked_at[side] == 0 {
            continue;
        }
        for (at, key) in MatchKey::ALL.iter().enumerate() {
            let used = cell.keys[0][at] + cell.keys[1][at] > 0;
            let unseen = channel == Channel::Browser
                && READ_OFF_THE_HIT.contains(key)
                && cell.keys[0][at] == 0;
            if used && !unseen {
                let share = Share::new(counts[side][at].into(), cell.looked_at[side].into());
                coverage.of_mut(channel).insert(*key, share);
            }
        }
    }
    coverage
}

/// The periods as another engine has counted them.
fn answered(lines: &[AnswerLine]) -> LogReport {
    let of = |stretch: Stretch| -> Vec<Period> {
        let lines = lines.iter().filter(|line| line.stretch == stretch);
        let event = |line: &AnswerLine| line.event.clone().unwrap_or_default();
        lines.map(|line| period(line.begin, &event(line), &line.cell, line.lag)).collect()
    };
    let over_all = |periods: Vec<Period>| {
        periods.into_iter().filter(|period| period.event.is_empty()).collect::<Vec<Period>>()
    };
    let days = of(Stretch::Day);
    LogReport {
        whole: over_all(of(Stretch::Whole)).pop().unwrap_or_default(),
        hours: over_all(of(Stretch::Hour)),
        drifts: drifts(&days),
        days,
        ..LogReport::default()
    }
}

/// The figures by hour, by day and over all, with what sides and pixels they are of.
pub(super) fn periods(reading: &Reading) -> LogReport {
    let counted =
        if reading.answered.is_empty() { rolled_up(reading) } else { answered(&reading.answered) };
    LogReport {
        span: PerChannel { browser: reading.span[0], server: reading.span[1] },
        pixels: PerChannel {
            browser: reading.pixels[0].clone(),
            server: reading.pixels[1].clone(),
        },
        ..counted
    }
}

/// Rolls the cells up by hour, by day and over all.
fn rolled_up(reading: &Reading) -> LogReport {
    let name = |number: u16| reading.names.get(number as usize).cloned().unwrap_or_default();
    let mut hours: BTreeMap<i64, Cell> = BTreeMap::new();
    let mut days: BTreeMap<(i64, String), Cell> = BTreeMap::new();
    let mut whole = Cell::default();
    for ((hour, number), cell) in &reading.figures.cells {
        hours.entry(*hour).or_default().add(cell);
        let day = hour.div_euclid(HOURS_OF_A_DAY);
        days.entry((day, String::new())).or_default().add(cell);
        let name = name(*number);
        if !name.is_empty() {
            days.entry((day, name)).or_default().add(cell);
        }
        whole.add(cell);
    }
    let lags = &reading.figures.lags;
    let names: BTreeMap<String, u16> =
        (0..reading.names.len() as u16).map(|number| (name(number), number)).collect();
    let days: Vec<Period> = days
        .iter()
        .map(|((day, event), cell)| {
            let of_event = names.get(event).copied().filter(|_| !event.is_empty());
            let first = day * HOURS_OF_A_DAY;
            let lag = lag(lags, first..first + HOURS_OF_A_DAY, of_event);
            period(first * HOUR_MS, event, cell, lag)
        })
        .collect();
    let hours: Vec<Period> = hours
        .iter()
        .map(|(hour, cell)| period(hour * HOUR_MS, "", cell, lag(lags, *hour..hour + 1, None)))
        .collect();
    let all = percentiles(&mut lags.all().to_vec());
    let drifts = drifts(&days);
    LogReport {
        whole: period(hours.first().map_or(0, |hour| hour.start), "", &whole, all),
        days,
        hours,
        drifts,
        ..LogReport::default()
    }
}

/// Percentiles of the lags of some hours, and of one event name where it is given.
fn lag(lags: &Lags, hours: Range<i64>, name: Option<u16>) -> Option<[i64; 3]> {
    let parts = || {
        lags.of(hours.clone())
            .filter(|(of, _)| name.is_none_or(|name| *of == name))
            .map(|(_, millis)| millis)
    };
    let mut all = Vec::with_capacity(parts().map(<[i32]>::len).sum());
    parts().for_each(|millis| all.extend_from_slice(millis));
    percentiles(&mut all)
}

fn period(start: i64, event: &str, cell: &Cell, lag: Option<[i64; 3]>) -> Period {
    let sides =
        |counts: [u32; 2]| PerChannel { browser: counts[0].into(), server: counts[1].into() };
    let causes = |side: usize| -> BTreeMap<String, u64> {
        Cause::ALL
            .iter()
            .map(|cause| (cause.name().to_owned(), u64::from(cell.alone[side][*cause as usize])))
            .filter(|(_, count)| *count > 0)
            .collect()
    };
    Period {
        start,
        event: event.to_owned(),
        events: sides(cell.events),
        paired: cell.paired.into(),
        alone: PerChannel { browser: cell.alone_on(0).into(), server: cell.alone_on(1).into() },
        causes: PerChannel { browser: causes(0), server: causes(1) },
        repeats: sides(cell.repeats),
        unmerged: sides(cell.twins),
        counted: cell.counted.into(),
        refused: (cell.refused[0] + cell.refused[1]).into(),
        reused: cell.reused.into(),
        values_differ: cell.values_differ.into(),
        currencies_differ: cell.currencies_differ.into(),
        lag,
        coverage: coverage(cell, &cell.keys),
        valid: coverage(cell, &cell.valid),
    }
}

/// Median, 95th and 99th percentile: the least value that at least that share is not above
/// (nearest rank), as `quantile_disc` has it.
fn percentiles(lags: &mut [i32]) -> Option<[i64; 3]> {
    let count = lags.len();
    let place = |per_cent: usize| (count * per_cent).div_ceil(100).max(1) - 1;
    let (mut rest, mut before) = (lags, 0);
    let mut rank = |per_cent: usize| {
        // What is above one percentile holds the next one.
        let all = std::mem::take(&mut rest);
        let (_, found, _) = all.select_nth_unstable(place(per_cent) - before);
        let found = i64::from(*found);
        rest = &mut all[place(per_cent) - before..];
        before = place(per_cent);
        found
    };
    (count > 0).then(|| [rank(50), rank(95), rank(99)])
}

/// Coverage that is another than on the day before.
fn drifts(days: &[Period]) -> Vec<Drift> {
    let mut found = Vec::new();
    for period in days.iter().filter(|period| !period.event.is_empty()) {
        let before = days.iter().rev().find(|other| {
            other.event == period.event && other.start == period.start - HOURS_OF_A_DAY * HOUR_MS
        });
        let Some(before) = before else { continue };
        for channel in Channel::ALL {
            for (key, share) in period.coverage.of(channel) {
                let Some(earlier) = before.coverage.of(channel).get(key) else { continue };
                let (Some(from), Some(to)) = (earlier.ratio(), share.ratio()) else { continue };
                if is_drift(*earlier, *share) {
                    found.push(Drift {
                        day: period.start,
                        event: period.event.clone(),
                        channel,
                        key: *key,
                        from,
                        to,
                    });
                }
            }
        }
    }
    found
}

/// True where two shares are further apart than chance would have them (two-proportion test
/// with the pooled share).
fn is_drift(before: Share, after: Share) -> bool {
    let (Some(from), Some(to)) = (before.ratio(), after.ratio()) else { return false };
    let pooled = (before.count + after.count) as f64 / (before.of + after.of) as f64;
    let error = (pooled * (1.0 - pooled) * (1.0 / before.of as f64 + 1.0 / after.of as f64)).sqrt();
    let change = (to - from).abs();
    before.of >= FEWEST && after.of >= FEWEST && change > DRIFT && change > STANDARD_ERRORS * error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_chance_does_from_day_to_day_is_no_drift() {
        let share = Share::new;
        assert!(!is_drift(share(15, 50), share(21, 50)), "a few more of fifty");
        assert!(!is_drift(share(620, 1_000), share(690, 1_000)), "less than ten points");
        assert!(is_drift(share(620, 1_000), share(400, 1_000)));
        assert!(is_drift(share(50, 50), share(20, 50)), "a key is lost on most of few events");
        assert!(is_drift(share(1_000, 1_000), share(0, 1_000)));
        assert!(!is_drift(share(49, 49), share(0, 1_000)), "too few to say");
        assert!(!is_drift(share(50, 50), share(50, 50)));
    }

    #[test]
    fn percentiles_are_values_that_occur() {
        let of = |mut lags: Vec<i32>| percentiles(&mut lags);
        assert_eq!(of(vec![]), None);
        assert_eq!(of(vec![7]), Some([7, 7, 7]));
        assert_eq!(of((1..=200).rev().collect()), Some([100, 190, 198]));
        assert_eq!(of(vec![5, -5]), Some([-5, 5, 5]));
    }
}
