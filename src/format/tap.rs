//! TAP 14: a test point per scenario with its cases as a subtest, for harnesses that read
//! the Test Anything Protocol.
//!
//! Never a line that a foreign text wrote.

use super::cases::{Case, Problem, State, Suite, suites};
use super::{Format, Look, foreign};
use crate::report::Report;

pub(super) const FORMAT: Format = Format {
    name: "tap",
    file: Some("report.tap"),
    summary: "Test Anything Protocol 14: a subtest per scenario",
    also: &[],
    render,
};

/// Longest name of a test point, in characters.
const LONGEST_NAME: usize = 200;
/// Longest text of a diagnosis, in characters.
const LONGEST_TEXT: usize = 8_000;
/// What a subtest and a diagnosis are indented by.
const INDENT: &str = "    ";

fn render(report: &Report, _look: &Look) -> String {
    let suites = suites(report);
    let mut lines = vec!["TAP version 14".to_owned(), format!("1..{}", suites.len())];
    lines.push(format!("# {}", point(&report.headline())));
    for (number, suite) in (1..).zip(&suites) {
        let name = point(&suite.name);
        lines.push(format!("# Subtest: {name}"));
        subtest(suite, &mut lines);
        let failed = |case: &Case<'_>| matches!(case.state, State::Failed(_) | State::Error(_));
        let word = if suite.cases.iter().any(failed) { "not ok" } else { "ok" };
        lines.push(format!("{word} {number} - {name}"));
    }
    lines.push(String::new());
    lines.iter().map(|line| foreign::quiet_line(line)).collect::<Vec<_>>().join("\n")
}

fn subtest(suite: &Suite<'_>, lines: &mut Vec<String>) {
    lines.push(format!("{INDENT}1..{}", suite.cases.len()));
    for (number, case) in (1..).zip(&suite.cases) {
        let (word, directive, problem) = match &case.state {
            State::Passed => ("ok", String::new(), None),
            State::Failed(problem) | State::Error(problem) => {
                ("not ok", String::new(), Some(problem))
            }
            State::Skipped(problem) => {
                ("ok", format!(" # SKIP {}", point(&problem.message)), Some(problem))
            }
        };
        lines.push(format!("{INDENT}{word} {number} - {}{directive}", point(&case.name)));
        diagnosis(suite, case, problem, lines);
    }
}

/// The YAML block below a test point; every text in it is a quoted one.
fn diagnosis(
    suite: &Suite<'_>,
    case: &Case<'_>,
    problem: Option<&Problem>,
    lines: &mut Vec<String>,
) {
    let mut entries = Vec::new();
    let mut add = |name: &str, text: &str| {
        if !text.is_empty() {
            entries.push(format!("{name}: {}", quoted(text)));
        }
    };
    if let Some(problem) = problem {
        add("kind", &problem.kind);
        add("message", &problem.message);
        add("text", &problem.text);
    }
    if let Some(run) = suite.run.filter(|_| case.line > 0 || problem.is_some()) {
        let at = match case.line {
            0 => run.file.clone(),
            line => format!("{}:{line}", run.file),
        };
        add("at", &at);
    }
    for attempt in &case.earlier {
        let what = attempt.error.as_deref().unwrap_or(attempt.status.name());
        add(&format!("attempt_{}", attempt.attempt), what);
    }
    add("output", &case.output);
    if let Some(seconds) = case.seconds {
        entries.push(format!("duration_ms: {:.0}", seconds.max(0.0) * 1000.0));
    }
    if entries.is_empty() {
        return;
    }
    lines.push(format!("{INDENT}  ---"));
    lines.extend(entries.into_iter().map(|entry| format!("{INDENT}  {entry}")));
    lines.push(format!("{INDENT}  ..."));
}

/// A name in which no directive begins. TAP 14, "Escaping": backslash and hash.
fn point(text: &str) -> String {
    foreign::plain(text, LONGEST_NAME).replace('\\', "\\\\").replace('#', "\\#")
}

/// A text as a double-quoted YAML scalar, which JSON's quoting is.
fn quoted(text: &str) -> String {
    let harmless = foreign::lines(text);
    let short = match harmless.char_indices().nth(LONGEST_TEXT) {
        Some((at, _)) => format!("{}…", &harmless[..at]),
        None => harmless,
    };
    serde_json::to_string(&short).expect("a text is JSON")
}
