//! How a run stands to its baseline, and how far each event may move to the server.
//!
//! Never a criterion of its own.

use super::Page;
use super::grid::{Cell, Column, Grid};
use super::paint::Tone;
use crate::report::{Accepted, ChangeKind, Stage};

/// Rows of a list that are shown.
const MOST: usize = 40;

/// What is new, mended and run out.
pub(super) fn baseline(page: &mut Page<'_>) {
    let Some(check) = &page.report.baseline else { return };
    page.section("Baseline", &check.file);
    if !check.changes.is_empty() {
        let mut grid = Grid::new(&[
            (Column::Word, "Change"),
            (Column::Name, "Event"),
            (Column::Name, "What"),
            (Column::Name, "Scenario"),
        ]);
        for change in check.changes.iter().take(MOST) {
            let (sign, tone) = match change.kind {
                ChangeKind::Gained => ("+ gained", Tone::Doubtful),
                ChangeKind::Lost => ("- lost", Tone::Bad),
                ChangeKind::Mended => ("✓ mended", Tone::Good),
            };
            grid.row(vec![
                Cell::new(sign, tone),
                Cell::plain(&change.event),
                Cell::plain(&change.what),
                Cell::plain(&change.scenario),
            ]);
        }
        let lines = grid.lines(page.width, page.paint);
        page.lines.extend(lines);
        page.left_out(check.changes.len(), MOST);
    }
    let mut list = |title: &str, entries: &[Accepted], tone: Tone| {
        for entry in entries.iter().take(MOST) {
            let mut line = format!("{title} {}", entry.finding);
            if let Some(day) = &entry.expires {
                line.push_str(&format!(", until {day}"));
            }
            if !entry.reason.is_empty() {
                line.push_str(&format!(" ({})", entry.reason));
            }
            page.prose(&line, 2, 4, tone);
        }
        page.left_out(entries.len(), MOST);
    };
    list("✓ mended:", &check.mended, Tone::Good);
    list("! expired:", &check.expired, Tone::Doubtful);
    if check.unplayed > 0 {
        let line = format!(
            "{} accepted findings belong to scenarios that were not played to the end",
            check.unplayed
        );
        page.prose(&line, 2, 4, Tone::Quiet);
    }
    let nothing = check.changes.is_empty() && check.mended.is_empty() && check.expired.is_empty();
    if nothing {
        page.prose("nothing is new and nothing was mended", 2, 4, Tone::Plain);
    } else {
        let hint = "Take what is right into the baseline: --update-baseline";
        page.prose(hint, 2, 4, Tone::Quiet);
    }
}

/// How far each event may move to the server.
pub(super) fn board(page: &mut Page<'_>) {
    let Some(board) = &page.report.board else { return };
    page.section("Cutover", "the farthest stage for which this run gives all the evidence");
    let mut grid = Grid::new(&[
        (Column::Word, ""),
        (Column::Name, "Event"),
        (Column::Word, "Stage"),
        (Column::Word, "Asked"),
        (Column::Word, "Next"),
        (Column::Figure, "Blocked by"),
    ]);
    for row in board.rows.iter().take(MOST) {
        let (sign, tone) = match (row.asked, row.passed()) {
            (None, _) => ("·", Tone::Quiet),
            (_, true) => ("✓", Tone::Good),
            (_, false) => ("✗", Tone::Bad),
        };
        let stage = |stage: Stage| format!("{} {}", stage.number(), stage.name());
        grid.row(vec![
            Cell::new(sign, tone),
            Cell::plain(&row.event),
            Cell::plain(&stage(row.stage)),
            row.asked.map_or_else(Cell::unknown, |asked| Cell::plain(&stage(asked))),
            row.stage.next().map_or_else(Cell::unknown, |next| Cell::plain(&stage(next))),
            Cell::count(row.blocks.len() as u64),
        ]);
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
    page.left_out(board.rows.len(), MOST);
    for row in board.rows.iter().take(MOST).filter(|row| !row.blocks.is_empty()) {
        let tone = if row.passed() { Tone::Plain } else { Tone::Bad };
        page.prose(&format!("{}:", row.event), 2, 4, tone);
        for block in &row.blocks {
            page.prose(&format!("- {block}"), 4, 6, Tone::Plain);
        }
    }
}
