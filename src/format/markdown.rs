//! Markdown for pull requests and job summaries: the verdict, one table per event, the
//! findings, and everything else folded away.
//!
//! Short enough for a comment. Foreign text is shown as text: it makes no link, no picture,
//! no mention of a person and no table cell.
//! Never a figure that the report does not hold.

mod escape;
mod findings;
mod log;
mod tables;

use super::{Format, Look};
use crate::gate::Outcome;
use crate::report::Report;

pub(super) use escape::{code, fold, prose, table};

pub(super) const FORMAT: Format = Format {
    name: "markdown",
    file: Some("report.md"),
    summary: "a short report for pull requests and GitHub's job summary",
    also: &[],
    render,
};

/// Longest text, in bytes: GitHub takes 65 536 characters in a comment and GitLab a million.
const LONGEST: usize = 60_000;

fn render(report: &Report, _look: &Look) -> String {
    let sign = match report.verdict.outcome {
        Outcome::Passed => "✅",
        Outcome::Failed => "❌",
        Outcome::Empty | Outcome::Incomplete => "⚠️",
    };
    let mut parts = vec![format!("## {sign} countonce: {}", prose(&report.headline()))];
    parts.push(circumstances(report));
    parts.push(log::warnings(report));
    parts.push(tables::events(report));
    parts.push(tables::scenarios(report));
    parts.extend(log::log(report));
    parts.extend(findings::findings(report));
    parts.push(findings::ledger(report));
    parts.push(tables::criteria(report));
    parts.push(tables::baseline(report));
    parts.push(tables::board(report));
    parts.push(tables::keys(report));
    parts.push(findings::known(report));
    parts.push(findings::limits(report));
    parts.retain(|part| !part.is_empty());
    let mut text = String::new();
    let mut left_out = 0;
    for part in &parts {
        if text.len() + part.len() > LONGEST {
            left_out += 1;
            continue;
        }
        text.push_str(part);
        text.push_str("\n\n");
    }
    if left_out > 0 {
        text.push_str(&format!("{left_out} more parts are in the full report.\n\n"));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn circumstances(report: &Report) -> String {
    let mut parts = vec![report.tool.clone(), report.site.clone(), report.browser.clone()];
    if !report.pixel_script.is_empty() {
        parts.push(format!("pixel script: {}", report.pixel_script));
    }
    parts.push(report.started_text().replace('T', " ").replace('Z', " UTC"));
    parts.retain(|part| !part.is_empty());
    parts.iter().map(|part| prose(part)).collect::<Vec<_>>().join(" · ")
}
