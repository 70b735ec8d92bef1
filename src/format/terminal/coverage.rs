//! The coverage matrix: which share of the events of a type carries a key or a parameter,
//! in the browser and on the server.
//!
//! Events that have no room beside the others go into a second block.
//! Never whether a share is enough.

use std::collections::{BTreeMap, BTreeSet};

use super::grid::{Cell, Column, Grid};
use super::paint::Tone;
use super::tables::percent;
use super::{Page, text};
use crate::event::Channel;
use crate::report::{EventRow, PerChannel, Share};

/// Columns of the widest cell: `100 / 100`.
const CELL: usize = 9;
/// A longer event name is shortened.
const LONGEST_EVENT: usize = 18;
/// A longer key or parameter name is shortened.
const LONGEST_LABEL: usize = 22;
/// Indentation of the table and the gap between its columns.
const INDENT: usize = 2;
const GAP: usize = 2;

/// Coverage of the match keys, and the match quality estimated from it.
pub(super) fn keys(page: &mut Page<'_>) {
    let quality = page.report.events.iter().any(|row| row.match_quality.is_some());
    matrix(page, "Match keys", |row| &row.coverage, quality);
}

/// Coverage of the parameters.
pub(super) fn parameters(page: &mut Page<'_>) {
    matrix(page, "Parameters", |row| &row.parameters, false);
}

fn matrix<K: Ord + ToString>(
    page: &mut Page<'_>,
    title: &str,
    shares: fn(&EventRow) -> &PerChannel<BTreeMap<K, Share>>,
    quality: bool,
) {
    let report = page.report;
    let labels: BTreeSet<&K> = report
        .events
        .iter()
        .flat_map(|row| shares(row).browser.keys().chain(shares(row).server.keys()))
        .collect();
    if labels.is_empty() {
        return;
    }
    page.section(title, "% of the events that carry it: browser / server (· none, - no event)");
    let names = labels.iter().map(|label| text::fit(&label.to_string(), LONGEST_LABEL));
    let quality_label = "match quality (est.)";
    let mut label_width = names.map(|name| text::width(&name)).max().unwrap_or(0);
    if quality {
        label_width = label_width.max(text::width(quality_label));
    }
    let events: Vec<&EventRow> = report
        .events
        .iter()
        .filter(|row| !shares(row).browser.is_empty() || !shares(row).server.is_empty())
        .collect();
    for (index, block) in blocks(&events, page.width, label_width).iter().enumerate() {
        if index > 0 {
            page.line("");
        }
        let names: Vec<String> =
            block.iter().map(|row| text::fit(&row.event, LONGEST_EVENT)).collect();
        let mut columns = vec![(Column::Word, "")];
        columns.extend(names.iter().map(|name| (Column::Figure, name.as_str())));
        let mut grid = Grid::new(&columns);
        for label in &labels {
            let mut cells = vec![Cell::plain(text::fit(&label.to_string(), LONGEST_LABEL))];
            cells.extend(block.iter().map(|row| both(row, shares(row), label)));
            grid.row(cells);
        }
        if quality {
            let mut cells = vec![Cell::new(quality_label, Tone::Quiet)];
            cells.extend(block.iter().map(|row| match &row.match_quality {
                Some(quality) => Cell::plain(format!("{:.1}–{:.1}", quality.low, quality.high)),
                None => Cell::unknown(),
            }));
            grid.row(cells);
        }
        let lines = grid.lines(page.width, page.paint);
        page.lines.extend(lines);
    }
}

/// `67 / 100`: the slashes of a column stand below each other.
fn both<K: Ord>(row: &EventRow, shares: &PerChannel<BTreeMap<K, Share>>, label: &K) -> Cell {
    let side = |channel: Channel| {
        let share = shares
            .of(channel)
            .get(label)
            .copied()
            // A key that no event carries may be missing from the map.
            .unwrap_or_else(|| Share::new(0, row.on(channel)));
        percent(share).unwrap_or_else(|| ("-".to_owned(), Tone::Quiet))
    };
    let (browser, server) = (side(Channel::Browser), side(Channel::Server));
    let tone = match (browser.1, server.1) {
        (Tone::Doubtful, _) | (_, Tone::Doubtful) => Tone::Doubtful,
        (Tone::Quiet, Tone::Quiet) => Tone::Quiet,
        _ => Tone::Plain,
    };
    Cell::new(format!("{} / {:>3}", browser.0, server.0), tone)
}

/// As many events side by side as have room.
fn blocks<'a>(events: &[&'a EventRow], width: usize, label: usize) -> Vec<Vec<&'a EventRow>> {
    let mut blocks: Vec<Vec<&EventRow>> = Vec::new();
    let mut used = usize::MAX;
    for row in events {
        let column = GAP + text::width(&text::fit(&row.event, LONGEST_EVENT)).max(CELL);
        if used.saturating_add(column) > width {
            blocks.push(Vec::new());
            used = INDENT + label;
        }
        used += column;
        if let Some(block) = blocks.last_mut() {
            block.push(row);
        }
    }
    blocks
}
