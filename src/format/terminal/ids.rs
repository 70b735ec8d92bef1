//! The health of event ids, and events that need none.
//!
//! Never an id itself.

use super::Page;
use super::grid::{Cell, Column, Grid};
use super::paint::Tone;
use super::tables::MOST_EVENTS;

/// A row per event name and side.
pub(super) fn ids(page: &mut Page<'_>) {
    let rows = &page.report.ids;
    if rows.is_empty() {
        return;
    }
    page.section("Event IDs", "of what making they are, per side (· none)");
    let mut grid = Grid::new(&[
        (Column::Name, "Event"),
        (Column::Word, "Side"),
        (Column::Figure, "With ID"),
        (Column::Figure, "Distinct"),
        (Column::Figure, "Shared"),
        (Column::Figure, "Length"),
        (Column::Name, "Scheme"),
    ]);
    for row in rows.iter().take(MOST_EVENTS) {
        let length = match (row.shortest, row.longest) {
            (0, 0) => "·".to_owned(),
            (one, other) if one == other => one.to_string(),
            (shortest, longest) => format!("{shortest}-{longest}"),
        };
        let schemes: Vec<&str> = row.schemes.iter().map(|(name, _)| name.as_str()).collect();
        let tone = if row.present < row.events { Tone::Doubtful } else { Tone::Plain };
        let shared = Cell::fault(row.collisions, Tone::Doubtful);
        grid.row(vec![
            Cell::plain(&row.event),
            Cell::plain(row.channel.name()),
            Cell::set(format!("{} of {}", row.present, row.events), tone),
            Cell::set(row.distinct.to_string(), Tone::Plain),
            shared,
            Cell::set(length, Tone::Plain),
            Cell::plain(&schemes.join(", ")),
        ]);
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
    page.left_out(page.report.ids.len(), MOST_EVENTS);
}

/// Events that stand outside all figures on ids and pairs.
pub(super) fn automatic(page: &mut Page<'_>) {
    let rows = &page.report.automatic;
    if rows.is_empty() {
        return;
    }
    page.section(
        "Automatic events and copies",
        "made by the platform's script, by a gateway, or by the image for browsers without scripts",
    );
    let mut grid = Grid::new(&[
        (Column::Name, "Event"),
        (Column::Name, "Made as"),
        (Column::Word, "Side"),
        (Column::Figure, "Events"),
    ]);
    for row in rows.iter().take(MOST_EVENTS) {
        grid.row(vec![
            Cell::plain(&row.event),
            Cell::plain(&row.kind),
            Cell::plain(row.channel.name()),
            Cell::set(row.events.to_string(), Tone::Plain),
        ]);
    }
    let lines = grid.lines(page.width, page.paint);
    page.lines.extend(lines);
}
