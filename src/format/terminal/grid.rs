//! A table that keeps to its width: names in front give way, figures never do.
//!
//! Never what the figures mean.

use tabled::builder::Builder;
use tabled::settings::object::{Columns, Object, Rows};
use tabled::settings::style::{HorizontalLine, Style};
use tabled::settings::{Alignment, Padding};

use super::paint::{Paint, Tone};
use super::text;

/// Blank columns in front of a table.
const INDENT: usize = 2;
/// A name is not shortened below this.
const LEAST_NAME: usize = 8;

/// One cell.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>, tone: Tone) -> Cell {
        Cell { text: text.into(), tone }
    }

    pub(super) fn plain(text: impl Into<String>) -> Cell {
        Cell::new(text, Tone::Plain)
    }

    /// A count; none is a dot, so that what is there stands out.
    pub(super) fn count(number: u64) -> Cell {
        if number == 0 { Cell::nought() } else { Cell::plain(number.to_string()) }
    }

    /// A count of what should not be.
    pub(super) fn fault(number: u64, tone: Tone) -> Cell {
        if number == 0 { Cell::nought() } else { Cell::new(number.to_string(), tone) }
    }

    /// None.
    pub(super) fn nought() -> Cell {
        Cell::new("·", Tone::Quiet)
    }

    /// Not known, or not applicable.
    pub(super) fn unknown() -> Cell {
        Cell::new("-", Tone::Quiet)
    }
}

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// Text to the left, shortened where room is short.
    Name,
    /// Text to the left, never shortened.
    Word,
    /// Figures to the right, never shortened.
    Figure,
}

/// A table.
#[derive(Debug)]
pub(super) struct Grid {
    columns: Vec<(Column, String)>,
    rows: Vec<Vec<Cell>>,
}

impl Grid {
    /// A table with these columns; `|` breaks a heading in two lines.
    pub(super) fn new(columns: &[(Column, &str)]) -> Grid {
        Grid {
            columns: columns.iter().map(|(kind, name)| (*kind, name.replace('|', "\n"))).collect(),
            rows: Vec::new(),
        }
    }

    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The lines of the table, none wider than asked.
    pub(super) fn lines(mut self, columns: usize, paint: Paint) -> Vec<String> {
        for cell in self.rows.iter_mut().flatten() {
            cell.text = text::plain(&cell.text);
        }
        let room = columns.saturating_sub(INDENT);
        let gap = if self.natural(2) <= room { 2 } else { 1 };
        self.shorten(gap, room);
        let mut builder = Builder::new();
        builder.push_record(self.columns.iter().map(|(_, name)| name.clone()));
        for row in &self.rows {
            builder.push_record(row.iter().map(|cell| paint.tone(&cell.text, cell.tone)));
        }
        let mut table = builder.build();
        let rule = HorizontalLine::new('─');
        table
            .with(Style::empty().horizontals([(1, rule)]))
            .with(Padding::new(0, gap, 0, 0))
            .modify(Columns::last(), Padding::zero())
            .modify(Rows::first(), Alignment::bottom());
        for (index, (kind, _)) in self.columns.iter().enumerate() {
            if *kind == Column::Figure {
                table.modify(Columns::one(index).intersect(Rows::new(..)), Alignment::right());
            }
        }
        table
            .to_string()
            .lines()
            .map(|line| format!("{}{}", " ".repeat(INDENT), line.trim_end()))
            .collect()
    }

    fn width_of(&self, column: usize) -> usize {
        let heading = self.columns[column].1.lines().map(text::width).max().unwrap_or(0);
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| text::width(&cell.text)).max().unwrap_or(0).max(heading)
    }

    fn natural(&self, gap: usize) -> usize {
        let widths: usize = (0..self.columns.len()).map(|column| self.width_of(column)).sum();
        widths + gap * self.columns.len().saturating_sub(1)
    }

    /// Takes from the widest name until the table fits.
    fn shorten(&mut self, gap: usize, room: usize) {
        loop {
            let excess = self.natural(gap).saturating_sub(room);
            if excess == 0 {
                return;
            }
            let names = (0..self.columns.len()).filter(|at| self.columns[*at].0 == Column::Name);
            let Some((wide, at)) = names.map(|at| (self.width_of(at), at)).max() else { return };
            if wide <= LEAST_NAME {
                return;
            }
            let target = wide.saturating_sub(excess.div_ceil(2)).max(LEAST_NAME);
            self.columns[at].1 = text::fit(&self.columns[at].1, target);
            for row in &mut self.rows {
                if let Some(cell) = row.get_mut(at) {
                    cell.text = text::fit(&cell.text, target);
                }
            }
        }
    }
}
