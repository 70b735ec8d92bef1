//! The coverage matrix: which share of the events of a type carries a key or a parameter,
//! in the browser and on the server.
//!
//! Never whether a share is enough.

use std::collections::{BTreeMap, BTreeSet};

use super::grid::{Cell, Column, Grid};
use super::paint::Tone;
use super::tables::{MOST_EVENTS, percent};
use super::{Page, text};
use crate::event::Channel;
use crate::report::{EventRow, PerChannel, Share};

/// A longer event name is shortened.
const LONGEST_EVENT: usize = 18;
/// A longer key or parameter name is shortened.
const LONGEST_LABEL: usize = 22;
/// Keys or parameters that are shown: a site can name its own without end.
const MOST_LABELS: usize = 40;

/// Steps towards a better match that are shown.
const MOST_STEPS: usize = 6;

/// Coverage of the match keys, and the match quality estimated from it.
pub(super) fn keys(page: &mut Page<'_>) {
    let quality = page.report.events.iter().any(|row| row.match_quality.is_some());
    matrix(page, "Match keys", |row| &row.coverage, quality);
    if quality {
        steps(page);
    }
}

/// What the estimate rests on, and the next best step for each event type.
fn steps(page: &mut Page<'_>) {
    let report = page.report;
    if !report.quality_basis.is_empty() {
        page.prose(&format!("Match quality: {}.", report.quality_basis), 2, 4, Tone::Quiet);
    }
    let mut best: Vec<(f64, String)> = report
        .events
        .iter()
        .filter_map(|row| {
            let step = row.match_quality.as_ref()?.improvements.first()?;
            Some((step.gain, row.step(step)))
        })
        .collect();
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
    if best.is_empty() {
        return;
    }
    let shown = best.len().min(MOST_STEPS);
    page.prose("Next best steps, by our estimate:", 2, 2, Tone::Plain);
    for (_, step) in best.iter().take(shown) {
        page.prose(&format!("- {step}"), 4, 6, Tone::Plain);
    }
    page.left_out(best.len(), shown);
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
    let events: Vec<&EventRow> = report
        .events
        .iter()
        .filter(|row| !shares(row).browser.is_empty() || !shares(row).server.is_empty())
        .take(MOST_EVENTS)
        .collect();
    let names: Vec<String> =
        events.iter().map(|row| text::fit(&row.event, LONGEST_EVENT)).collect();
    let mut columns = vec![(Column::Word, "")];
    columns.extend(names.iter().map(|name| (Column::Figure, name.as_str())));
    let mut grid = Grid::new(&columns).airy();
    for label in labels.iter().take(MOST_LABELS) {
        let mut cells = vec![Cell::plain(&text::fit(&label.to_string(), LONGEST_LABEL))];
        cells.extend(events.iter().map(|row| both(row, shares(row), label)));
        grid.row(cells);
    }
    if quality {
        // A row of its own for the band: in one cell they would cost a column its place.
        let mut estimates = vec![Cell::new("match quality (est.)", Tone::Quiet)];
        let mut bands = vec![Cell::new("its band", Tone::Quiet)];
        for row in events {
            match &row.match_quality {
                Some(quality) => {
                    estimates.push(Cell::set(format!("{:.1}", quality.estimate), Tone::Plain));
                    let band = format!("{:.1}–{:.1}", quality.low, quality.high);
                    bands.push(Cell::set(band, Tone::Plain));
                }
                None => {
                    estimates.push(Cell::unknown());
                    bands.push(Cell::unknown());
                }
            }
        }
        grid.row(estimates);
        grid.row(bands);
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
    page.left_out(labels.len(), MOST_LABELS);
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
    Cell::set(format!("{} / {:>3}", browser.0, server.0), tone)
}
