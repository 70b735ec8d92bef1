//! The life of browser ids and click ids: a row per visit and value.
//!
//! Never an id itself.

use super::Page;
use super::grid::{Cell, Column, Grid};
use super::paint::Tone;

/// Rows that are shown; a run can have many visits.
const MOST_ROWS: usize = 24;

/// Where each value was seen, and what it shows by itself.
pub(super) fn lives(page: &mut Page<'_>) {
    let lives = &page.report.browser_ids;
    if lives.is_empty() {
        return;
    }
    page.section(
        "Browser and click ids",
        "each value of a visit, and where it was seen (· nowhere)",
    );
    let mut grid = Grid::new(&[
        (Column::Name, "Scenario"),
        (Column::Word, "Id"),
        (Column::Word, "First"),
        (Column::Figure, "Cookie"),
        (Column::Figure, "Browser"),
        (Column::Figure, "Server"),
        (Column::Name, "What it shows"),
    ]);
    let rows = lives.iter().flat_map(|life| life.values.iter().map(move |value| (life, value)));
    for (life, value) in rows.clone().take(MOST_ROWS) {
        let several = !life.stable();
        let tone = if several || value.fault.is_some() { Tone::Doubtful } else { Tone::Plain };
        let name = match life.profile.as_str() {
            "clean" | "" => life.scenario.clone(),
            profile => format!("{} ({profile})", life.scenario),
        };
        let label = if several { format!("{} {}", life.key, value.label) } else { life.key.into() };
        grid.row(vec![
            Cell::plain(&name),
            Cell::set(label, tone),
            Cell::plain(value.first),
            Cell::count(value.cookie),
            Cell::count(value.browser),
            Cell::count(value.server),
            Cell::new(&value.shows(), tone),
        ]);
    }
    let all = rows.count();
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
    page.left_out(all, all.min(MOST_ROWS));
}
