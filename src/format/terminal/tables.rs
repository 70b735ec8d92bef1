//! Scenarios, events, counting, limits: a table each.
//!
//! Never a figure that the report does not hold.

use super::grid::{Cell, Column, Grid};
use super::paint::Tone;
use super::{Page, text};
use crate::event::Channel;
use crate::report::{EventRow, Met, ScenarioRun, Share, Status};

/// Event names that are shown: a site can invent them without end.
pub(super) const MOST_EVENTS: usize = 60;
/// From here a scenario's file has room beside its name.
const WIDE: usize = 120;

/// How each scenario went.
pub(super) fn scenarios(page: &mut Page<'_>) {
    let runs = &page.report.scenarios;
    if runs.is_empty() {
        return;
    }
    page.section("Scenarios", "");
    let wide = page.width >= WIDE;
    let mut columns = vec![
        (Column::Word, "Result"),
        (Column::Name, "Scenario"),
        (Column::Name, "Profile"),
        (Column::Figure, "As expected"),
        (Column::Figure, "Seconds"),
    ];
    let twisted = runs.iter().any(|run| !run.variant.is_empty());
    if twisted {
        columns.insert(3, (Column::Name, "Variant"));
    }
    if wide {
        columns.push((Column::Name, "File"));
    }
    let mut grid = Grid::new(&columns);
    for run in runs {
        let mut cells = vec![
            result(run),
            Cell::plain(&run.name),
            Cell::plain(&run.profile),
            as_expected(run),
            Cell::set(format!("{:.1}", run.seconds), Tone::Plain),
        ];
        if twisted {
            cells.insert(3, Cell::plain(&run.variant));
        }
        if wide {
            cells.push(Cell::new(&run.file, Tone::Quiet));
        }
        grid.row(cells);
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
    for run in runs {
        troubles(page, run);
    }
}

fn result(run: &ScenarioRun) -> Cell {
    let (sign, tone) = match run.status {
        Status::Passed if run.flaky() => ("~", Tone::Doubtful),
        Status::Passed => ("✓", Tone::Good),
        Status::Failed => ("✗", Tone::Bad),
        Status::Broken | Status::Stopped => ("!", Tone::Doubtful),
        Status::NotApplicable => ("–", Tone::Quiet),
    };
    let attempt = match run.attempt {
        0 | 1 => String::new(),
        later => format!(", attempt {later}"),
    };
    Cell::set(format!("{sign} {}{attempt}", run.status.name()), tone)
}

/// How many of the things that must hold do.
fn as_expected(run: &ScenarioRun) -> Cell {
    let results: Vec<Met> = run
        .expectations
        .iter()
        .map(|result| result.met)
        .chain(run.never.iter().map(|result| result.met))
        .collect();
    if results.is_empty() {
        return Cell::unknown();
    }
    let met = results.iter().filter(|met| **met == Met::Yes).count();
    let tone = if met == results.len() { Tone::Plain } else { Tone::Doubtful };
    Cell::set(format!("{met} of {}", results.len()), tone)
}

/// What broke a scenario, and what went wrong before it passed.
fn troubles(page: &mut Page<'_>, run: &ScenarioRun) {
    for attempt in &run.earlier {
        let what = attempt.error.as_deref().unwrap_or(attempt.status.name());
        let line = format!("~ {}, attempt {}: {what}", run.title(), attempt.attempt);
        page.prose(&line, 2, 4, Tone::Doubtful);
    }
    if run.status.complete() || run.status == Status::NotApplicable {
        return;
    }
    let what = run.error.as_deref().unwrap_or("not played to the end");
    page.prose(&format!("! {}: {what}", run.title()), 2, 4, Tone::Doubtful);
    if let Some(screenshot) = &run.screenshot {
        page.prose(&format!("screenshot: {screenshot}"), 4, 6, Tone::Plain);
    }
}

/// What each side sent.
pub(super) fn events(page: &mut Page<'_>) {
    let rows = &page.report.events;
    if rows.is_empty() {
        return;
    }
    page.section("Events", "what each side sent (· none)");
    let mut grid = Grid::new(&[
        (Column::Name, "Event"),
        (Column::Figure, "Browser"),
        (Column::Figure, "Server"),
        (Column::Figure, "Refused"),
    ]);
    for row in rows.iter().take(MOST_EVENTS) {
        grid.row(vec![
            Cell::plain(&row.event),
            Cell::count(row.browser),
            Cell::count(row.server),
            Cell::fault(row.refused, Tone::Bad),
        ]);
    }
    if rows.len() > 1 {
        grid.row(vec![
            Cell::new("all", Tone::Quiet),
            Cell::count(page.report.events_on(Channel::Browser)),
            Cell::count(page.report.events_on(Channel::Server)),
            Cell::fault(rows.iter().map(|row| row.refused).sum(), Tone::Bad),
        ]);
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
    page.left_out(rows.len(), MOST_EVENTS);
}

/// How the platform would merge and count what it got.
pub(super) fn counting(page: &mut Page<'_>) {
    let rows = &page.report.events;
    if rows.is_empty() {
        return;
    }
    page.section(
        "Deduplication",
        "how they would merge and count; cost seen: % of real (- not known)",
    );
    let mut grid = Grid::new(&[
        (Column::Name, "Event"),
        (Column::Figure, "Paired"),
        (Column::Figure, "Browser|only"),
        (Column::Figure, "Server|only"),
        (Column::Figure, "Browser|dupl."),
        (Column::Figure, "Server|dupl."),
        (Column::Figure, "Dedup|rate"),
        (Column::Figure, "Should|count"),
        (Column::Figure, "Would|count"),
        (Column::Figure, "Cost|seen"),
        (Column::Word, ""),
    ]);
    for row in rows.iter().take(MOST_EVENTS) {
        let one_sided = if row.browser_only + row.server_only > row.explained {
            Tone::Doubtful
        } else {
            Tone::Plain
        };
        let (counted, remark) = counted(row);
        grid.row(vec![
            Cell::plain(&row.event),
            Cell::count(row.paired),
            Cell::fault(row.browser_only, one_sided),
            Cell::fault(row.server_only, one_sided),
            Cell::fault(row.duplicates.browser, Tone::Bad),
            Cell::fault(row.duplicates.server, Tone::Bad),
            rate(row.dedup_rate()),
            row.conversions.map_or_else(Cell::unknown, Cell::count),
            counted,
            cost_seen(row),
            remark,
        ]);
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
}

fn counted(row: &EventRow) -> (Cell, Cell) {
    let number = Cell::count(row.counted);
    let Some(truth) = row.conversions else { return (number, Cell::plain("")) };
    let remark = match row.counted.cmp(&truth) {
        std::cmp::Ordering::Equal => Cell::new("ok", Tone::Good),
        std::cmp::Ordering::Greater => Cell::set(format!("+{}", row.counted - truth), Tone::Bad),
        std::cmp::Ordering::Less => Cell::set(format!("-{}", truth - row.counted), Tone::Bad),
    };
    (number, remark)
}

/// Cost per conversion as the platform would show it, in per cent of the real one.
fn cost_seen(row: &EventRow) -> Cell {
    match row.cost_seen() {
        None => Cell::unknown(),
        Some(share) => {
            let tone = if row.conversions == Some(row.counted) { Tone::Plain } else { Tone::Bad };
            Cell::set(format!("{:.0}%", share * 100.0), tone)
        }
    }
}

/// A share in whole per cent, rounded down: only all is 100 %, only none is a dot.
pub(super) fn percent(share: Share) -> Option<(String, Tone)> {
    if share.of == 0 {
        return None;
    }
    let whole = u128::from(share.count) * 100 / u128::from(share.of);
    Some(match (share.count, whole) {
        (0, _) => ("·".to_owned(), Tone::Quiet),
        (_, 0) => ("<1".to_owned(), Tone::Doubtful),
        (_, 100..) => (whole.to_string(), Tone::Plain),
        (_, whole) => (whole.to_string(), Tone::Doubtful),
    })
}

fn rate(share: Share) -> Cell {
    match percent(share) {
        None => Cell::unknown(),
        Some((text, tone)) if text == "·" => Cell::set(text, tone),
        Some((text, tone)) => Cell::set(format!("{text}%"), tone),
    }
}

/// What the gate looked at.
pub(super) fn criteria(page: &mut Page<'_>) {
    page.section("Limits", "what the policy asks for");
    let mut grid = Grid::new(&[
        (Column::Word, "Result"),
        (Column::Name, "Figure"),
        (Column::Figure, "Is"),
        (Column::Word, "Must be"),
    ]);
    for criterion in &page.report.verdict.criteria {
        let (word, tone) =
            if criterion.passed { ("✓ kept", Tone::Good) } else { ("✗ missed", Tone::Bad) };
        grid.row(vec![
            Cell::new(word, tone),
            Cell::plain(&criterion.name),
            Cell::plain(&criterion.shown()),
            Cell::plain(&text::fit(&criterion.limit, 16)),
        ]);
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
}
