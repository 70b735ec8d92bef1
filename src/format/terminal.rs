//! The terminal report: one table per question, findings with cause and fix, and the
//! verdict in plain words first and last.
//!
//! Every line keeps the width it is given; colour repeats what a word or a sign says.
//! A section with nothing to say is left out.
//! Never the terminal itself.

mod browser_ids;
mod comparison;
mod coverage;
mod findings;
mod gate;
mod grid;
mod ids;
mod log;
mod paint;
mod tables;
mod text;
mod visitors;

use super::{Format, Look, foreign};
use crate::report::{Outcome, Report};
pub(super) use comparison::comparison;
use paint::{Paint, Tone};

pub(super) const FORMAT: Format = Format {
    name: "terminal",
    file: Some("report.txt"),
    summary: "tables and findings, for people",
    also: &[],
    render,
};

/// What a section needs to know to lay itself out.
struct Page<'a, T = Report> {
    report: &'a T,
    width: usize,
    paint: Paint,
    lines: Vec<String>,
}

impl<'a, T> Page<'a, T> {
    fn new(report: &'a T, look: &Look) -> Page<'a, T> {
        Page {
            report,
            width: look.width.max(Look::LEAST_WIDTH),
            paint: Paint::new(look.colour),
            lines: Vec::new(),
        }
    }

    /// The page as one text, in which a CI service that reads the log finds no command.
    fn text(self) -> String {
        let mut text: String =
            self.lines.iter().map(|line| foreign::quiet_line(line)).collect::<Vec<_>>().join("\n");
        text.push('\n');
        text
    }

    fn line(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// Opens a section: a title and, where it helps, what its figures mean.
    fn section(&mut self, title: &str, note: &str) {
        self.line("");
        let title_width = text::width(title);
        if note.is_empty() {
            self.titles(title);
        } else if title_width + 2 + text::width(note) <= self.width {
            let line =
                format!("{}  {}", self.paint.title(title), self.paint.tone(note, Tone::Quiet));
            self.line(line);
        } else {
            self.titles(title);
            self.prose(note, 2, 2, Tone::Quiet);
        }
    }

    fn titles(&mut self, title: &str) {
        for line in text::wrap(title, self.width, 0, 0) {
            let painted = self.paint.title(&line);
            self.line(painted);
        }
    }

    /// Adds text wrapped to the page, the first line and the others indented.
    fn prose(&mut self, content: &str, first: usize, others: usize, tone: Tone) {
        let width = self.width.min(others + text::READABLE);
        for line in text::wrap(content, width, first, others) {
            let indent = line.len() - line.trim_start().len();
            let painted = self.paint.tone(line.trim_start(), tone);
            self.lines.push(format!("{}{painted}", &line[..indent]));
        }
    }

    /// Says how much of a list is not shown.
    fn left_out(&mut self, all: usize, shown: usize) {
        if all > shown {
            let note = format!("… and {} more in the JSON report", all - shown);
            self.prose(&note, 2, 2, Tone::Quiet);
        }
    }
}

impl Page<'_> {
    fn headline(&mut self) {
        let tone = match self.report.verdict.outcome {
            Outcome::Passed => Tone::Good,
            Outcome::Failed => Tone::Bad,
            Outcome::Empty | Outcome::Incomplete => Tone::Doubtful,
        };
        let headline = self.report.headline();
        for line in text::wrap(&headline, self.width, 0, 2) {
            let painted = self.paint.strong(&line, tone);
            self.line(painted);
        }
    }

    fn circumstances(&mut self) {
        let report = self.report;
        let mut parts = vec![report.tool.clone(), report.site.clone(), report.browser.clone()];
        if !report.pixel_script.is_empty() {
            parts.push(format!("pixel script: {}", report.pixel_script));
        }
        parts.push(report.started_text().replace('T', " ").replace('Z', " UTC"));
        parts.push(format!("{:.1} s", report.seconds));
        parts.retain(|part| !part.is_empty());
        self.prose(&parts.join(" · "), 0, 0, Tone::Quiet);
    }

    fn limits(&mut self) {
        // The errors alone are told by the verdict.
        if self.report.verdict.criteria.len() > 1 {
            tables::criteria(self);
        }
        if !self.report.limits.is_empty() {
            self.section("What this run cannot prove", "");
            for limit in &self.report.limits {
                self.prose(&format!("- {limit}"), 2, 4, Tone::Plain);
            }
        }
        if let Some(tape) = &self.report.tape {
            self.line("");
            self.prose(&format!("Judge it again: countonce check {tape}"), 0, 2, Tone::Quiet);
        }
    }
}

/// What the gate looked at and decided, and nothing else.
pub(super) fn verdict(report: &Report, look: &Look) -> String {
    let mut page = Page::new(report, look);
    page.headline();
    tables::criteria(&mut page);
    gate::baseline(&mut page);
    gate::board(&mut page);
    page.text()
}

fn render(report: &Report, look: &Look) -> String {
    let mut page = Page::new(report, look);
    page.headline();
    page.circumstances();
    log::inputs(&mut page);
    log::days(&mut page);
    log::drifts(&mut page);
    tables::scenarios(&mut page);
    visitors::matrix(&mut page);
    tables::events(&mut page);
    tables::counting(&mut page);
    coverage::keys(&mut page);
    coverage::parameters(&mut page);
    ids::ids(&mut page);
    browser_ids::lives(&mut page);
    ids::automatic(&mut page);
    visitors::visitors(&mut page);
    visitors::recovery(&mut page);
    visitors::blocked(&mut page);
    findings::ledger(&mut page);
    findings::unattributed(&mut page);
    findings::defects(&mut page);
    findings::known(&mut page);
    findings::fresh(&mut page);
    gate::baseline(&mut page);
    if report.board.iter().flat_map(|board| &board.rows).any(|row| row.asked.is_some()) {
        gate::board(&mut page);
    }
    page.limits();
    page.line("");
    page.headline();
    page.text()
}
