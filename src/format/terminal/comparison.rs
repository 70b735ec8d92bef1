//! Two runs side by side, for a terminal.
//!
//! Figures that did not change are left out; the JSON comparison holds them all.

use super::Page;
use super::grid::{Cell, Column, Grid};
use super::paint::Tone;
use crate::format::{Look, spots};
use crate::gate::{Comparison, FigureChange, Trend};
use crate::report::ReportedFinding;

/// Rows of a list that are shown.
const MOST: usize = 60;

/// Renders a comparison.
pub(in crate::format) fn comparison(comparison: &Comparison, look: &Look) -> String {
    let mut page = Page::new(comparison, look);
    headline(&mut page);
    for (title, run) in [("old", &comparison.old), ("new", &comparison.new)] {
        let mut parts = vec![format!("{title}: {}", run.name), run.site.clone()];
        parts.push(run.started.replace('T', " ").replace('Z', " UTC"));
        parts.push(run.headline.clone());
        parts.retain(|part| !part.is_empty());
        page.prose(&parts.join(" · "), 0, 5, Tone::Quiet);
    }
    worse(&mut page);
    figures(&mut page);
    findings(&mut page, "New findings", &comparison.fresh, Tone::Bad);
    findings(&mut page, "Mended findings", &comparison.mended, Tone::Good);
    if !comparison.limits.is_empty() {
        page.section("What this comparison cannot prove", "");
        for limit in &comparison.limits {
            page.prose(&format!("- {limit}"), 2, 4, Tone::Plain);
        }
    }
    page.line("");
    headline(&mut page);
    page.text()
}

fn headline(page: &mut Page<'_, Comparison>) {
    let tone = match page.report.exit_code() {
        0 => Tone::Good,
        1 => Tone::Bad,
        _ => Tone::Doubtful,
    };
    page.prose(&page.report.headline(), 0, 2, tone);
}

fn worse(page: &mut Page<'_, Comparison>) {
    let worse = &page.report.worse;
    if worse.is_empty() {
        return;
    }
    page.section("Worse", "");
    for what in worse.iter().take(MOST) {
        page.prose(&format!("✗ {what}"), 2, 4, Tone::Bad);
    }
    page.left_out(worse.len(), MOST);
}

fn figures(page: &mut Page<'_, Comparison>) {
    let changed: Vec<(&str, &FigureChange)> = page
        .report
        .events
        .iter()
        .flat_map(|event| event.changed().map(|figure| (event.event.as_str(), figure)))
        .collect();
    if changed.is_empty() {
        return;
    }
    page.section("Figures that changed", "- unknown");
    let mut grid = Grid::new(&[
        (Column::Word, ""),
        (Column::Name, "Event"),
        (Column::Name, "Figure"),
        (Column::Figure, "Old"),
        (Column::Figure, "New"),
    ]);
    for (event, figure) in changed.iter().take(MOST) {
        let (sign, tone) = match figure.trend {
            Trend::Same => ("·", Tone::Quiet),
            Trend::Better => ("✓", Tone::Good),
            Trend::Worse => ("✗", Tone::Bad),
            Trend::Borne => ("~", Tone::Doubtful),
        };
        let shown = |value: Option<f64>| {
            value.map_or_else(Cell::unknown, |value| Cell::plain(&figure.unit.show(value)))
        };
        grid.row(vec![
            Cell::new(sign, tone),
            Cell::plain(event),
            Cell::plain(&figure.name),
            shown(figure.old),
            shown(figure.new),
        ]);
    }
    let all = changed.len();
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
    page.left_out(all, MOST);
}

fn findings(page: &mut Page<'_, Comparison>, title: &str, list: &[ReportedFinding], tone: Tone) {
    if list.is_empty() {
        return;
    }
    page.section(title, "");
    for found in list.iter().take(MOST) {
        let finding = &found.finding;
        let line = format!(
            "{} {}: {}: {}",
            finding.severity,
            finding.rule,
            spots::subject(found),
            finding.message
        );
        page.prose(&line, 2, 4, tone);
    }
    page.left_out(list.len(), MOST);
}
