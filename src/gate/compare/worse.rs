//! Why the new run is worse than the old one, and what their comparison cannot prove.

use std::collections::BTreeSet;

use super::{Comparison, Trend};
use crate::finding::Severity;
use crate::report::{Report, ScenarioRun};

/// Everything that got worse, gravest first.
pub(super) fn worse(comparison: &Comparison, old: &Report, new: &Report) -> Vec<String> {
    let mut worse = Vec::new();
    let errors = comparison
        .fresh
        .iter()
        .filter(|found| found.is_new() && found.finding.severity == Severity::Error);
    for found in errors {
        let finding = &found.finding;
        let event = finding.event.as_deref().map(|event| format!(" on {event}"));
        let place = found.scenario_title().map(|title| format!(" in {title}"));
        worse.push(format!(
            "new error {}{}{}",
            finding.rule,
            event.unwrap_or_default(),
            place.unwrap_or_default()
        ));
    }
    for event in &comparison.events {
        if event.new.is_none() {
            worse.push(format!("{} is not sent any more", event.event));
        }
        for figure in event.figures.iter().filter(|figure| figure.trend == Trend::Worse) {
            let show = |value: Option<f64>| value.map_or("-".to_owned(), |v| figure.unit.show(v));
            worse.push(format!(
                "{}.{} went from {} to {}",
                event.event,
                figure.name,
                show(figure.old),
                show(figure.new)
            ));
        }
    }
    for criterion in new.verdict.missed().filter(|criterion| criterion.name != "errors") {
        let kept = old.verdict.criteria.iter().any(|before| {
            before.name == criterion.name && before.limit == criterion.limit && before.passed
        });
        if kept {
            worse.push(format!(
                "{} is {} where {} is asked, and was kept before",
                criterion.name,
                criterion.shown(),
                criterion.limit
            ));
        }
    }
    worse
}

pub(super) fn limits(old: &Report, new: &Report) -> Vec<String> {
    let mut limits = Vec::new();
    let keys = |report: &Report| {
        let keys = report.scenarios.iter().filter(|run| run.status.complete());
        keys.map(ScenarioRun::key).collect::<BTreeSet<String>>()
    };
    let (before, after) = (keys(old), keys(new));
    let only =
        |one: &BTreeSet<String>, other| one.difference(other).cloned().collect::<Vec<String>>();
    for (title, missing) in
        [("the old run", only(&before, &after)), ("the new run", only(&after, &before))]
    {
        if !missing.is_empty() {
            limits.push(format!(
                "Played to the end in {title} alone: {}. What differs may come of that.",
                missing.join(", ")
            ));
        }
    }
    for (title, one, other) in [
        ("pixel script", &old.pixel_script, &new.pixel_script),
        ("browser", &old.browser, &new.browser),
        ("version of countonce", &old.tool, &new.tool),
    ] {
        if one != other && !one.is_empty() && !other.is_empty() {
            limits.push(format!("The {title} is not the same: {one} before, {other} after."));
        }
    }
    limits
}
