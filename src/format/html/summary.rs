//! The top and the end of the page: verdict, key figures, criteria, ledger, event ids,
//! what could not be attributed or read, limits, and the facts of the run.
//!
//! Every figure and sentence is the report's own.

use serde::Serialize;

use super::evidence::{Drawn, Evidence};
use super::text::{capitalised, counted, span};
use crate::event::Channel;
use crate::report::{Conversion, Outcome, Report};

/// Most rows of each list; the JSON report has all.
const MOST_ROWS: usize = 200;

/// Verdict and key figures.
#[derive(Serialize)]
pub(super) struct Summary {
    name: String,
    /// `passed`, `failed`, `empty` or `incomplete`.
    outcome: &'static str,
    word: String,
    sentence: String,
    site: String,
    started: String,
    figures: Vec<Figure>,
    criteria: Vec<Criterion>,
    facts: Vec<(&'static str, String)>,
    limits: Vec<String>,
    again: Option<String>,
    tool: String,
}

/// A number with its name.
#[derive(Serialize)]
struct Figure {
    name: &'static str,
    value: String,
    note: String,
    state: &'static str,
}

#[derive(Serialize)]
struct Criterion {
    name: String,
    figure: String,
    limit: String,
    passed: bool,
}

/// Verdict, key figures and facts.
pub(super) fn summary(report: &Report) -> Summary {
    let headline = report.headline();
    let (_, sentence) = headline.split_once(": ").unwrap_or(("", &headline));
    let outcome = report.verdict.outcome;
    Summary {
        name: report.name.clone(),
        outcome: outcome.name(),
        word: match outcome {
            Outcome::Passed => "Passed",
            Outcome::Failed => "Failed",
            Outcome::Empty => "Nothing proven",
            Outcome::Incomplete => "Incomplete",
        }
        .to_owned(),
        sentence: format!("{}.", capitalised(sentence)),
        site: report.site.clone(),
        started: report.started_text().replace('T', " ").replace('Z', " UTC"),
        figures: figures(report),
        criteria: report
            .verdict
            .criteria
            .iter()
            .map(|criterion| Criterion {
                name: criterion.name.clone(),
                figure: criterion.shown(),
                limit: criterion.limit.clone(),
                passed: criterion.passed,
            })
            .collect(),
        facts: facts(report),
        limits: report.limits.clone(),
        again: report.tape.as_ref().map(|tape| format!("countonce check {tape}")),
        tool: report.tool.clone(),
    }
}

fn figures(report: &Report) -> Vec<Figure> {
    let totals = report.totals();
    let mut figures = Vec::new();
    if let Some(truth) = totals.conversions {
        let exact = report.counts_are_exact();
        figures.push(Figure {
            name: "Conversions counted",
            value: totals.counted.to_string(),
            note: format!("{truth} really happened"),
            state: if exact { "good" } else { "bad" },
        });
    }
    let paired: u64 = report.events.iter().map(|row| row.paired).sum();
    let (part, whole) = report
        .events
        .iter()
        .map(crate::report::EventRow::dedup_rate)
        .fold((0, 0), |(part, whole), rate| (part + rate.count, whole + rate.of));
    figures.push(Figure {
        name: "Pairs",
        value: paired.to_string(),
        note: match whole {
            0 => "nothing to pair".to_owned(),
            _ => format!("of {whole} that should come over both sides"),
        },
        state: if part == whole { "good" } else { "bad" },
    });
    figures.push(Figure {
        name: "Events caught",
        value: totals.events.to_string(),
        note: format!(
            "{} browser, {} server",
            report.events_on(Channel::Browser),
            report.events_on(Channel::Server)
        ),
        state: if totals.events == 0 { "bad" } else { "open" },
    });
    let mut note = counted(totals.warnings as u64, "warning", "warnings");
    if totals.infos > 0 {
        note.push_str(&format!(", {}", counted(totals.infos as u64, "remark", "remarks")));
    }
    if totals.known > 0 {
        note.push_str(&format!(", {} known", totals.known));
    }
    figures.push(Figure {
        name: if totals.errors == 1 { "Error" } else { "Errors" },
        value: totals.errors.to_string(),
        note,
        state: if totals.errors > 0 { "bad" } else { "good" },
    });
    if !report.scenarios.is_empty() {
        let unplayed = totals.broken + totals.stopped;
        let mut note = format!("{} failed", totals.failed);
        if unplayed > 0 {
            note.push_str(&format!(", {unplayed} not played to the end"));
        }
        if totals.flaky > 0 {
            note.push_str(&format!(", {} flaky", totals.flaky));
        }
        figures.push(Figure {
            name: "Scenarios passed",
            value: totals.passed.to_string(),
            note: format!("of {}; {note}", report.scenarios.len()),
            state: if totals.failed + unplayed > 0 { "bad" } else { "good" },
        });
    }
    figures
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Program", report.tool.clone()),
        ("Run", report.name.clone()),
        ("Site", report.site.clone()),
        ("Begun", report.started_text().replace('T', " ").replace('Z', " UTC")),
        ("Duration", span((report.seconds * 1000.0) as i64)),
        ("Browser", report.browser.clone()),
        ("Pixel script", report.pixel_script.clone()),
        ("Tape", report.tape.clone().unwrap_or_default()),
        ("SHA-256 of the tape", report.tape_hash.clone().unwrap_or_default()),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

/// One line of the ledger.
#[derive(Serialize)]
pub(super) struct Entry {
    scenario: String,
    event: String,
    expected: u64,
    counted: u64,
    kept: String,
    why: String,
    evidence: Evidence,
}

/// Conversions that are not counted as often as they happened.
pub(super) fn ledger(report: &Report, drawn: &Drawn<'_>) -> Vec<Entry> {
    let entry = |entry: &Conversion| Entry {
        scenario: match entry.session.and_then(|session| report.scenario_of(session)) {
            Some(run) => run.title(),
            None => entry.scenario.clone(),
        },
        event: entry.event.clone(),
        expected: entry.expected,
        counted: entry.counted,
        kept: entry.kept_text(),
        why: entry.why.clone(),
        evidence: drawn.numbers(&entry.evidence),
    };
    report
        .conversions
        .iter()
        .filter(|entry| entry.expected != entry.counted)
        .take(MOST_ROWS)
        .map(entry)
        .collect()
}

/// Event ids of one type on one side.
#[derive(Serialize)]
pub(super) struct Ids {
    event: String,
    side: &'static str,
    events: u64,
    present: u64,
    distinct: u64,
    collisions: u64,
    length: String,
    schemes: String,
}

/// The health of event ids.
pub(super) fn ids(report: &Report) -> Vec<Ids> {
    report
        .ids
        .iter()
        .take(MOST_ROWS)
        .map(|row| Ids {
            event: row.event.clone(),
            side: row.channel.name(),
            events: row.events,
            present: row.present,
            distinct: row.distinct,
            collisions: row.collisions,
            length: match (row.shortest, row.longest) {
                (0, 0) => String::new(),
                (shortest, longest) if shortest == longest => shortest.to_string(),
                (shortest, longest) => format!("{shortest}–{longest}"),
            },
            schemes: row
                .schemes
                .iter()
                .map(|(scheme, count)| format!("{scheme} {count}"))
                .collect::<Vec<_>>()
                .join(", "),
        })
        .collect()
}

/// What could not be read or attributed, and what the platform made by itself.
#[derive(Serialize)]
pub(super) struct Rest {
    defects: Vec<(u64, String, String)>,
    unattributed: Vec<(u64, String, String)>,
    automatic: Vec<(String, String, u64)>,
    more_defects: usize,
    more_unattributed: usize,
}

/// What stands outside the figures.
pub(super) fn rest(report: &Report) -> Rest {
    Rest {
        defects: report
            .defects
            .iter()
            .take(MOST_ROWS)
            .map(|defect| (defect.exchange, defect.channel.to_string(), defect.what.clone()))
            .collect(),
        unattributed: report
            .unattributed
            .iter()
            .take(MOST_ROWS)
            .map(|call| (call.exchange, call.events.join(", "), call.why.clone()))
            .collect(),
        automatic: report
            .automatic
            .iter()
            .take(MOST_ROWS)
            .map(|row| {
                let by = format!("{}, {}", row.channel, row.kind);
                (row.event.clone(), by, row.events)
            })
            .collect(),
        more_defects: report.defects.len().saturating_sub(MOST_ROWS),
        more_unattributed: report.unattributed.len().saturating_sub(MOST_ROWS),
    }
}
