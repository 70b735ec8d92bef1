//! Profiles and variants: the matrix of combinations, what each visitor costs, what was
//! blocked.
//!
//! Each table is left out where everyone was clean and the flow as written.
//! Never a figure that the report does not hold.

use super::Page;
use super::grid::{Cell, Column, Grid};
use super::paint::Tone;
use crate::report::{CellOutcome, MatrixCell, Share};
use crate::visitor::{AS_WRITTEN, CLEAN};

/// Rules that are shown: a list can have many that hit.
const MOST_RULES: usize = 20;

/// Scenario by profile, a verdict for each variant.
pub(super) fn matrix(page: &mut Page<'_>) {
    let variants = page.report.variants();
    let matrix = page.report.matrix();
    if variants.len() < 2 {
        return;
    }
    page.section("Combinations", "the flow as written and its variants, per profile");
    let mut columns = vec![(Column::Name, "Scenario"), (Column::Name, "Profile")];
    let heads: Vec<&str> = variants
        .iter()
        .map(|variant| if variant.is_empty() { AS_WRITTEN } else { variant.as_str() })
        .collect();
    columns.extend(heads.iter().map(|head| (Column::Word, *head)));
    let mut grid = Grid::new(&columns);
    for row in &matrix {
        let mut cells = vec![Cell::plain(&row.scenario), Cell::plain(&row.profile)];
        for variant in &variants {
            let found = row.cells.iter().find(|cell| cell.variant == *variant);
            cells.push(found.map_or_else(Cell::unknown, verdict));
        }
        grid.row(cells);
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
    for row in &matrix {
        for cell in row.cells.iter().filter(|cell| cell.outcome != CellOutcome::Passed) {
            let variant = if cell.variant.is_empty() { AS_WRITTEN } else { &cell.variant };
            let sessions: Vec<String> = cell.sessions.iter().map(ToString::to_string).collect();
            let mut line = format!(
                "{} {} ({}, {variant}), session {}",
                sign(cell.outcome).0,
                row.scenario,
                row.profile,
                sessions.join(", "),
            );
            if !cell.rules.is_empty() {
                line.push_str(&format!(": {}", cell.rules.join(", ")));
            }
            if let Some(why) = &cell.why {
                line.push_str(&format!(": {why}"));
            }
            page.prose(&line, 2, 4, sign(cell.outcome).1);
        }
    }
}

fn sign(outcome: CellOutcome) -> (&'static str, Tone) {
    match outcome {
        CellOutcome::Passed => ("✓", Tone::Good),
        CellOutcome::Flaky => ("~", Tone::Doubtful),
        CellOutcome::Failed => ("✗", Tone::Bad),
        CellOutcome::Broken | CellOutcome::Stopped => ("!", Tone::Doubtful),
        CellOutcome::NotApplicable => ("–", Tone::Quiet),
    }
}

/// Short words: a row has many cells.
fn verdict(cell: &MatrixCell) -> Cell {
    let (sign, tone) = sign(cell.outcome);
    let word = match cell.outcome {
        CellOutcome::NotApplicable => "n/a",
        other => other.name(),
    };
    Cell::set(format!("{sign} {word}"), tone)
}

/// What each event type loses and keeps in each profile.
pub(super) fn visitors(page: &mut Page<'_>) {
    let rows = &page.report.visitors;
    if rows.iter().all(|row| row.profile == CLEAN && row.forbidden == 0) {
        return;
    }
    page.section("Visitors", "conversions in the flow as written, and who told of them");
    let mut grid = Grid::new(&[
        (Column::Name, "Event"),
        (Column::Name, "Profile"),
        (Column::Figure, "Happened"),
        (Column::Figure, "Browser"),
        (Column::Figure, "Server"),
        (Column::Figure, "Counted"),
        (Column::Figure, "Pixel loses"),
        (Column::Figure, "Server recovers"),
        (Column::Figure, "Forbidden"),
    ]);
    for row in rows.iter().take(super::tables::MOST_EVENTS) {
        grid.row(vec![
            Cell::plain(&row.event),
            Cell::plain(&row.profile),
            Cell::count(row.conversions),
            Cell::count(row.browser),
            Cell::count(row.server),
            Cell::count(row.counted),
            per_cent(row.lost_by_pixel_alone()),
            per_cent(row.recovered()),
            Cell::fault(row.forbidden, Tone::Bad),
        ]);
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
    page.left_out(rows.len(), super::tables::MOST_EVENTS);
}

fn per_cent(share: Share) -> Cell {
    share.ratio().map_or_else(Cell::unknown, |ratio| {
        Cell::set(format!("{:.0} %", ratio * 100.0), Tone::Plain)
    })
}

/// Loss and recovery over the site's traffic.
pub(super) fn recovery(page: &mut Page<'_>) {
    let rows = page.report.recovery();
    if rows.is_empty() {
        return;
    }
    page.section("Traffic", "an estimate: profiles weighted by the shares of [traffic]");
    let mut grid = Grid::new(&[
        (Column::Name, "Event"),
        (Column::Figure, "Pixel alone loses"),
        (Column::Figure, "Server recovers"),
        (Column::Figure, "Of the traffic"),
    ]);
    for row in &rows {
        let cell = |ratio: f64| Cell::set(format!("{:.1} %", ratio * 100.0), Tone::Plain);
        grid.row(vec![
            Cell::plain(&row.event),
            cell(row.lost_by_pixel_alone),
            cell(row.recovered),
            cell(row.covered),
        ]);
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
}

/// Which rules kept requests back.
pub(super) fn blocked(page: &mut Page<'_>) {
    let rows = &page.report.blocked;
    if rows.is_empty() {
        return;
    }
    page.section("Blocked", &format!("by {}", page.report.filter_lists));
    let mut grid = Grid::new(&[
        (Column::Name, "Profile"),
        (Column::Name, "Rule"),
        (Column::Figure, "Requests"),
        (Column::Name, "For example"),
    ]);
    for row in rows.iter().take(MOST_RULES) {
        grid.row(vec![
            Cell::plain(&row.profile),
            Cell::plain(&row.rule),
            Cell::count(row.requests),
            Cell::new(&row.example, Tone::Quiet),
        ]);
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
    page.left_out(rows.len(), MOST_RULES);
}
