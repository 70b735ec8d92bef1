//! Two runs side by side as one page: the result in a sentence, what got worse, figures per
//! event with both values, and what is new and what was mended.
//!
//! Never which way a figure is better: the comparison says so.

use std::fmt::Write as _;

use minijinja::value::Value;
use serde::Serialize;

use super::text::capitalised;
use super::{manual, page};
use crate::event::Channel;
use crate::format::Look;
use crate::gate::{Comparison, EventChange, FigureChange, RunFacts, Trend};
use crate::report::ReportedFinding;

/// Most findings in each list; the JSON has all.
const MOST_FINDINGS: usize = 200;

#[derive(Serialize)]
struct Contents {
    word: &'static str,
    outcome: &'static str,
    sentence: String,
    runs: Vec<Run>,
    worse: Vec<String>,
    events: Vec<Changes>,
    fresh: Vec<Finding>,
    mended: Vec<Finding>,
    more: usize,
    kept: usize,
    limits: Vec<String>,
    tool: String,
}

#[derive(Serialize)]
struct Run {
    role: &'static str,
    name: String,
    headline: String,
    site: String,
    started: String,
    events: u64,
    scenarios: usize,
}

#[derive(Serialize)]
struct Changes {
    event: String,
    note: &'static str,
    figures: Vec<Figure>,
    unchanged: usize,
}

#[derive(Serialize)]
struct Figure {
    name: String,
    old: String,
    new: String,
    state: &'static str,
    word: &'static str,
}

#[derive(Serialize)]
struct Finding {
    rule: String,
    severity: &'static str,
    event: String,
    side: &'static str,
    place: String,
    message: Value,
    fix: Value,
}

/// The comparison as a page.
pub(in crate::format) fn comparison(comparison: &Comparison, _look: &Look) -> String {
    let headline = comparison.headline();
    let (_, sentence) = headline.split_once(": ").unwrap_or(("", &headline));
    let (word, outcome) = match comparison.exit_code() {
        0 => ("Not worse", "passed"),
        1 => ("Worse", "failed"),
        _ => ("Nothing to compare", "empty"),
    };
    let left_out = |all: usize| all.saturating_sub(MOST_FINDINGS);
    let contents = Contents {
        word,
        outcome,
        sentence: format!("{}.", capitalised(sentence)),
        runs: vec![run("Before", &comparison.old), run("After", &comparison.new)],
        worse: comparison.worse.clone(),
        events: comparison.events.iter().map(event).collect(),
        fresh: comparison.fresh.iter().take(MOST_FINDINGS).map(finding).collect(),
        mended: comparison.mended.iter().take(MOST_FINDINGS).map(finding).collect(),
        more: left_out(comparison.fresh.len()) + left_out(comparison.mended.len()),
        kept: comparison.kept,
        limits: comparison.limits.clone(),
        tool: comparison.new.tool.clone(),
    };
    page::render("comparison.html", &contents, "")
}

fn run(role: &'static str, facts: &RunFacts) -> Run {
    Run {
        role,
        name: facts.name.clone(),
        headline: facts.headline.clone(),
        site: facts.site.clone(),
        started: facts.started.replace('T', " ").replace('Z', " UTC"),
        events: facts.events,
        scenarios: facts.scenarios,
    }
}

fn event(change: &EventChange) -> Changes {
    let changed: Vec<Figure> = change.changed().map(figure).collect();
    Changes {
        event: change.event.clone(),
        note: match (&change.old, &change.new) {
            (None, Some(_)) => "new",
            (Some(_), None) => "gone",
            _ => "",
        },
        unchanged: change.figures.len() - changed.len(),
        figures: changed,
    }
}

fn figure(change: &FigureChange) -> Figure {
    let shown = |figure: Option<f64>| {
        figure.map_or_else(|| "–".to_owned(), |figure| change.unit.show(figure))
    };
    Figure {
        name: change.name.replace('_', " "),
        old: shown(change.old),
        new: shown(change.new),
        state: match change.trend {
            Trend::Better => "good",
            Trend::Worse => "bad",
            Trend::Borne => "doubtful",
            Trend::Same => "open",
        },
        word: match change.trend {
            Trend::Same => "changed",
            other => other.name(),
        },
    }
}

fn finding(found: &ReportedFinding) -> Finding {
    let finding = &found.finding;
    let mut place = finding.scenario.clone().unwrap_or_default();
    if let Some(profile) = found.profile.as_deref().filter(|profile| !profile.is_empty()) {
        // Writing to a string cannot fail.
        let _ = write!(place, " ({profile})");
    }
    Finding {
        rule: finding.rule.clone(),
        severity: finding.severity.name(),
        event: finding.event.clone().unwrap_or_default(),
        side: finding.channel.map_or("", Channel::name),
        place,
        message: Value::from_safe_string(manual::inline(&finding.message)),
        fix: Value::from_safe_string(manual::inline(&finding.fix)),
    }
}
