//! A table that keeps to its width: names in front give way, figures never do.
//!
//! Never what the figures mean.

use tabled::builder::Builder;
use tabled::settings::formatting::AlignmentStrategy;
use tabled::settings::object::{Columns, Rows};
use tabled::settings::style::{HorizontalLine, Style};
use tabled::settings::{Alignment, Padding};

use super::paint::{Paint, Tone};
use super::text;

/// Blank columns in front of a table.
const INDENT: usize = 2;
/// Blanks between columns where there is room.
const WIDE_GAP: usize = 2;
/// A name is not shortened below this.
const LEAST_NAME: usize = 8;

/// One cell.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A text, foreign or not, made harmless.
    pub(super) fn new(content: &str, tone: Tone) -> Cell {
        Cell { text: text::plain(content), tone }
    }

    pub(super) fn plain(content: &str) -> Cell {
        Cell::new(content, Tone::Plain)
    }

    /// A text of our own, whose blanks stand where they should.
    pub(super) fn set(text: String, tone: Tone) -> Cell {
        Cell { text, tone }
    }

    /// A count; none is a dot, so that what is there stands out.
    pub(super) fn count(number: u64) -> Cell {
        if number == 0 { Cell::nought() } else { Cell::set(number.to_string(), Tone::Plain) }
    }

    /// A count of what should not be.
    pub(super) fn fault(number: u64, tone: Tone) -> Cell {
        if number == 0 { Cell::nought() } else { Cell::set(number.to_string(), tone) }
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
    least_gap: usize,
}

impl Grid {
    /// A table with these columns; `|` breaks a heading in two lines.
    pub(super) fn new(columns: &[(Column, &str)]) -> Grid {
        Grid {
            columns: columns.iter().map(|(kind, name)| (*kind, name.replace('|', "\n"))).collect(),
            rows: Vec::new(),
            least_gap: 1,
        }
    }

    /// Keeps columns two blanks apart, for cells that have blanks of their own.
    pub(super) fn airy(mut self) -> Grid {
        self.least_gap = WIDE_GAP;
        self
    }

    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The lines of the table, none wider than asked: columns that have no room beside
    /// the others follow in a further block, behind the first column again.
    pub(super) fn lines(mut self, width: usize, paint: Paint) -> Vec<String> {
        let room = width.saturating_sub(INDENT);
        let all: Vec<usize> = (0..self.columns.len()).collect();
        if self.natural(&all, WIDE_GAP) > room {
            self.shorten(self.least_gap, room);
        }
        let gap = if self.natural(&all, WIDE_GAP) <= room { WIDE_GAP } else { self.least_gap };
        if self.natural(&all, gap) <= room {
            return self.block(&all, gap, paint);
        }
        let mut lines = Vec::new();
        for block in self.blocks(room) {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.extend(self.block(&block, WIDE_GAP, paint));
        }
        lines
    }

    /// Columns side by side, as many as have room.
    fn blocks(&self, room: usize) -> Vec<Vec<usize>> {
        let mut blocks: Vec<Vec<usize>> = Vec::new();
        for column in 1..self.columns.len() {
            match blocks.last_mut() {
                Some(block) => {
                    block.push(column);
                    if self.natural(block, WIDE_GAP) > room && block.len() > 2 {
                        block.pop();
                        blocks.push(vec![0, column]);
                    }
                }
                None => blocks.push(vec![0, column]),
            }
        }
        blocks
    }

    fn block(&self, columns: &[usize], gap: usize, paint: Paint) -> Vec<String> {
        let mut builder = Builder::new();
        builder.push_record(columns.iter().map(|column| self.columns[*column].1.clone()));
        for row in &self.rows {
            let cells = columns.iter().filter_map(|column| row.get(*column));
            builder.push_record(cells.map(|cell| paint.tone(&cell.text, cell.tone)));
        }
        let mut table = builder.build();
        let rule = HorizontalLine::new('─');
        table
            .with(Style::empty().horizontals([(1, rule)]))
            .with(Padding::new(0, gap, 0, 0))
            .with(AlignmentStrategy::PerLine)
            .modify(Columns::last(), Padding::zero())
            .modify(Rows::first(), Alignment::bottom());
        for (index, column) in columns.iter().enumerate() {
            if self.columns[*column].0 == Column::Figure {
                table.modify(Columns::one(index), Alignment::right());
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

    fn natural(&self, columns: &[usize], gap: usize) -> usize {
        let widths: usize = columns.iter().map(|column| self.width_of(*column)).sum();
        widths + gap * columns.len().saturating_sub(1)
    }

    /// Takes from the widest name until the table fits or no name can give more.
    fn shorten(&mut self, gap: usize, room: usize) {
        let all: Vec<usize> = (0..self.columns.len()).collect();
        loop {
            let excess = self.natural(&all, gap).saturating_sub(room);
            if excess == 0 {
                return;
            }
            let names = all.iter().filter(|at| self.columns[**at].0 == Column::Name);
            let Some((wide, at)) = names.map(|at| (self.width_of(*at), *at)).max() else { return };
            if wide <= LEAST_NAME {
                return;
            }
            let target = wide.saturating_sub(excess.div_ceil(2)).max(LEAST_NAME);
            for row in &mut self.rows {
                if let Some(cell) = row.get_mut(at) {
                    cell.text = text::fit(&cell.text, target);
                }
            }
            if self.width_of(at) == wide {
                // Its heading is as wide: no cell can make it narrower.
                return;
            }
        }
    }
}
