//! GitHub annotations: workflow commands that put each finding beside its line in the pull
//! request.
//!
//! Gravest first, because the service shows only the first of each kind.
//! Never a command that a foreign text wrote.

use super::spots::{Spot, spots};
use super::{Format, Look, foreign};
use crate::finding::Severity;
use crate::gate::Outcome;
use crate::report::Report;

pub(super) const FORMAT: Format = Format {
    name: "github",
    file: Some("annotations.txt"),
    summary: "workflow commands that annotate pull requests on GitHub",
    also: &[],
    render,
};

/// Annotations of each kind that one step may show.
/// GitHub, "Workflow commands" / problem matchers, limitations: 10 warnings and 10 errors
/// per step, the rest is dropped without a word.
const MOST: usize = 10;

/// Longest message, in characters; the page shows no more than a few lines (assumed).
const LONGEST: usize = 1_000;

fn render(report: &Report, _look: &Look) -> String {
    let mut lines = Vec::new();
    let fresh: Vec<Spot<'_>> = spots(report).into_iter().filter(|spot| !spot.is_known()).collect();
    for (severity, command) in
        [(Severity::Error, "error"), (Severity::Warn, "warning"), (Severity::Info, "notice")]
    {
        let own: Vec<&Spot<'_>> = fresh.iter().filter(|spot| spot.severity() == severity).collect();
        // The last one is kept for the word about the others.
        let shown = if own.len() > MOST { MOST - 1 } else { own.len() };
        lines.extend(own[..shown].iter().map(|spot| annotation(command, spot)));
        if own.len() > shown {
            let rest = format!("{} more in the report", own.len() - shown);
            lines.push(self::command(command, &[("title", "countonce")], &rest));
        }
    }
    for run in report.scenarios.iter().filter(|run| run.status.cut_short()) {
        let what = run.error.as_deref().unwrap_or("not played to the end");
        let title = format!("{}: {}", run.title(), run.status.name());
        lines.push(command("error", &[("file", &run.file), ("title", &title)], what));
    }
    let word = match report.verdict.outcome {
        Outcome::Passed => "notice",
        Outcome::Failed | Outcome::Empty | Outcome::Incomplete => "error",
    };
    lines.push(command(word, &[("title", "countonce")], &report.headline()));
    lines.push(String::new());
    // Ours stand first in their lines and stay; older forms are obeyed anywhere in one.
    lines.join("\n").replace("##", "#♯")
}

fn annotation(name: &str, spot: &Spot<'_>) -> String {
    let finding = &spot.found.finding;
    let (mut file, mut line, mut column) = (String::new(), String::new(), String::new());
    if let Some(location) = &spot.location {
        file.clone_from(&location.file);
        line = location.place.line.max(1).to_string();
        column = location.place.column.max(1).to_string();
    }
    let times = if spot.times > 1 { format!(" (×{})", spot.times) } else { String::new() };
    let title = format!("{}: {}{times}", finding.rule, spot.subject());
    let message = format!("{}\nFix: {}", finding.message, finding.fix);
    let properties =
        [("file", file.as_str()), ("line", &line), ("col", &column), ("title", &title)];
    command(name, &properties, &message)
}

/// `::name key=value,key=value::message`, escaped as GitHub's own toolkit does.
fn command(name: &str, properties: &[(&str, &str)], message: &str) -> String {
    let given: Vec<String> = properties
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| format!("{key}={}", property(&foreign::plain(value, LONGEST))))
        .collect();
    let given = if given.is_empty() { String::new() } else { format!(" {}", given.join(",")) };
    format!("::{name}{given}::{}", data(&shortened(&foreign::lines(message))))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => {
            format!("{}… ({} more characters)", &text[..at], text[at..].chars().count())
        }
        None => text.to_owned(),
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_hold_foreign_text_as_text() {
        assert_eq!(
            command("error", &[("file", "a,b:c.yaml"), ("line", "")], "100 %\n::error::x"),
            "::error file=a%2Cb%3Ac.yaml::100 %25%0A::error::x"
        );
    }
}
