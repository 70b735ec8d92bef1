//! Production logs: what to know before any figure, the files, and the days.
//!
//! Never a figure that the report does not hold.

use std::collections::BTreeSet;

use super::Page;
use super::grid::{Cell, Column, Grid};
use super::paint::Tone;
use crate::event::rough_span;
use crate::report::{LogInput, LogReport, Period};

/// Days that are shown; all of them are in the report itself.
const MOST_DAYS: usize = 62;
/// Files that are shown: partitions of a month by the hour are hundreds.
const MOST_INPUTS: usize = 20;
/// Changes of coverage that are shown.
const MOST_DRIFTS: usize = 24;

/// What the reader has to know first, and what was read.
pub(super) fn inputs(page: &mut Page<'_>) {
    let Some(log) = &page.report.log else { return };
    for warning in &log.warnings {
        page.prose(&format!("! {warning}"), 0, 2, Tone::Doubtful);
    }
    page.section("Logs", "");
    let mut shown: Vec<&LogInput> = log.inputs.iter().collect();
    if shown.len() > MOST_INPUTS {
        // Those that a reader has to look at come before the others.
        shown.sort_by_key(|input| input.bad == 0);
    }
    let rest = shown.split_off(MOST_INPUTS.min(shown.len()));
    for input in shown {
        let side = input.channel.map(|side| format!("{side}, ")).unwrap_or_default();
        let packed = if input.packed.is_empty() { "" } else { ", packed" };
        let line = format!(
            "{}: {side}{}{packed}; {} lines, {} events, {} without an event, {} unreadable",
            input.path, input.form, input.lines, input.events, input.foreign, input.bad
        );
        page.prose(&line, 2, 4, Tone::Plain);
        for (number, cause) in &input.samples {
            page.prose(&format!("{}:{number}: {cause}", input.path), 4, 6, Tone::Quiet);
        }
    }
    if !rest.is_empty() {
        let sum = |of: fn(&LogInput) -> u64| rest.iter().map(|input| of(input)).sum::<u64>();
        let line = format!(
            "{} further files: {} lines, {} events, {} without an event, {} unreadable",
            rest.len(),
            sum(|input| input.lines),
            sum(|input| input.events),
            sum(|input| input.foreign),
            sum(|input| input.bad)
        );
        page.prose(&line, 2, 4, Tone::Plain);
    }
}

/// Each day over all event names, and why events have no partner.
pub(super) fn days(page: &mut Page<'_>) {
    let Some(log) = &page.report.log else { return };
    page.section("Days", "UTC, all events");
    let days = log.days.iter().filter(|day| day.event.is_empty());
    let mut grid = Grid::new(&[
        (Column::Word, "Day"),
        (Column::Figure, "Browser"),
        (Column::Figure, "Server"),
        (Column::Figure, "Paired"),
        (Column::Figure, "Dedup|rate"),
        (Column::Figure, "Refused"),
        (Column::Figure, "Reused|IDs"),
        (Column::Figure, "Lag|p50"),
        (Column::Figure, "Lag|p95"),
        (Column::Figure, "Lag|p99"),
    ])
    .airy();
    for day in days.clone().take(MOST_DAYS) {
        grid.row(cells(day, &date(day.start)));
    }
    if days.clone().count() > 1 {
        grid.row(cells(&log.whole, "all"));
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
    page.left_out(days.count(), MOST_DAYS);
    causes(page, log);
    if let Some(saved) = log.whole.saved_by_id() {
        let line =
            format!("{:.1} % of further copies would have been merged by an ID", saved * 100.0);
        page.prose(&line, 2, 4, Tone::Plain);
    }
    if let Some(orders) = &log.orders {
        page.section("Orders", "");
        let line = format!(
            "{} orders: {} counted once, {} not counted, {} counted more than once, {} with another amount; {} conversions without an order",
            orders.orders,
            orders.once,
            orders.missing,
            orders.more_than_once,
            orders.other_amount,
            orders.without_order
        );
        page.prose(&line, 2, 4, Tone::Plain);
    }
}

/// Match keys whose coverage is another than on the day before.
pub(super) fn drifts(page: &mut Page<'_>) {
    let Some(log) = &page.report.log else { return };
    if log.drifts.is_empty() {
        return;
    }
    page.section("Changes", "match keys whose coverage is another than on the day before");
    let mut grid = Grid::new(&[
        (Column::Word, "Day"),
        (Column::Name, "Event"),
        (Column::Word, "Side"),
        (Column::Word, "Match key"),
        (Column::Figure, "Before"),
        (Column::Figure, "Then"),
    ]);
    for drift in log.drifts.iter().take(MOST_DRIFTS) {
        let tone = if drift.to < drift.from { Tone::Doubtful } else { Tone::Good };
        grid.row(vec![
            Cell::plain(&date(drift.day)),
            Cell::plain(&drift.event),
            Cell::plain(drift.channel.name()),
            Cell::plain(drift.key.name()),
            Cell::plain(&format!("{:.0} %", drift.from * 100.0)),
            Cell::new(&format!("{:.0} %", drift.to * 100.0), tone),
        ]);
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
    page.left_out(log.drifts.len(), MOST_DRIFTS);
}

fn date(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis)
        .map(|time| time.strftime("%Y-%m-%d").to_string())
        .unwrap_or_default()
}

fn cells(period: &Period, when: &str) -> Vec<Cell> {
    let rate = period.dedup_rate().map(|rate| format!("{:.1} %", rate * 100.0));
    let mut cells = vec![
        Cell::plain(when),
        Cell::count(period.events.browser),
        Cell::count(period.events.server),
        Cell::count(period.paired),
        rate.map_or_else(Cell::unknown, |rate| Cell::plain(&rate)),
        Cell::count(period.refused),
        Cell::count(period.reused),
    ];
    cells.extend(match period.lag {
        Some(lag) => lag.map(|millis| Cell::plain(&rough_span(millis))),
        None => [Cell::unknown(), Cell::unknown(), Cell::unknown()],
    });
    cells
}

/// What comes near on the other side of events without a partner.
fn causes(page: &mut Page<'_>, log: &LogReport) {
    let whole = &log.whole.causes;
    let names: BTreeSet<&String> = whole.browser.keys().chain(whole.server.keys()).collect();
    if names.is_empty() {
        return;
    }
    let mut grid = Grid::new(&[
        (Column::Name, "Without a partner"),
        (Column::Figure, "Browser"),
        (Column::Figure, "Server"),
    ]);
    for name in names {
        grid.row(vec![
            Cell::plain(name),
            Cell::count(whole.browser.get(name).copied().unwrap_or(0)),
            Cell::count(whole.server.get(name).copied().unwrap_or(0)),
        ]);
    }
    page.lines.push(String::new());
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
}
