//! The formats: a report in, a text out, for people and for machines.
//!
//! A format reads the report and decides nothing. Whatever a page, a server or a scenario
//! wrote into a text is foreign: each format makes it harmless in its own way.
//! Never standard output, never a file: who asked for a format puts it where it belongs.

mod cases;
mod comparison;
mod csv;
mod foreign;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod markdown;
mod sarif;
mod spots;
mod tap;
mod terminal;

use crate::report::Report;

pub use comparison::{COMPARISON_FORMATS, ComparisonFormat, comparison_schema};
pub use json::{Unreadable, read, schema};

/// What the place where a report is shown can bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns; no line of a table is wider.
    pub width: usize,
    /// Whether colours may be used. They only repeat what a word or a sign says.
    pub colour: bool,
}

impl Look {
    /// Columns where nobody says how many: wider than the classic eighty, and still
    /// readable in the log of any CI service.
    pub const USUAL_WIDTH: usize = 100;
    /// Narrower places get lines of this width: a table needs a name and a figure.
    pub const LEAST_WIDTH: usize = 48;
}

impl Default for Look {
    fn default() -> Look {
        Look { width: Look::USUAL_WIDTH, colour: false }
    }
}

/// Renders a report.
pub type Render = fn(&Report, &Look) -> String;

/// A way to render a report.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The word users write.
    pub name: &'static str,
    /// Name of its file in the folder of a run; `None` for what is only ever printed.
    pub file: Option<&'static str>,
    /// What it is for, in a line.
    pub summary: &'static str,
    /// Further files that the format writes, each with what renders it.
    pub also: &'static [(&'static str, Render)],
    /// Renders a report.
    pub render: Render,
}

/// Every format.
pub const FORMATS: &[Format] = &[
    terminal::FORMAT,
    html::FORMAT,
    json::FORMAT,
    junit::FORMAT,
    markdown::FORMAT,
    sarif::FORMAT,
    github::FORMAT,
    gitlab::FORMAT,
    csv::FORMAT,
    tap::FORMAT,
];

/// What the gate looked at and decided, for a terminal.
pub fn verdict(report: &Report, look: &Look) -> String {
    terminal::verdict(report, look)
}

/// The format of that name.
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

impl Format {
    /// Names of the files that it writes.
    pub fn files(&self) -> impl Iterator<Item = &'static str> {
        self.file.into_iter().chain(self.also.iter().map(|(file, _)| *file))
    }
}
