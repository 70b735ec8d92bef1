//! A comparison as JSON, format 1, and its schema. Fields are added, never renamed.

use schemars::JsonSchema;
use serde::Serialize;

use super::ComparisonFormat;
use crate::format::{Look, foreign};
use crate::gate::{Comparison, FigureChange, RunFacts};
use crate::report::ReportedFinding;

pub(super) const FORMAT: ComparisonFormat =
    ComparisonFormat { name: "json", file: "comparison.json", render };

/// Format number of the comparison.
const COMPARISON_FORMAT: u32 = 1;

/// Two countonce runs side by side.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "countonce comparison, format 1")]
struct ComparisonV1 {
    /// Format number; fields are added without changing it.
    #[schemars(range(min = 1, max = 1))]
    format: u32,
    /// True where nothing got worse by the policy.
    passed: bool,
    /// 0 not worse, 1 worse, 3 where one of the runs caught nothing.
    exit_code: u8,
    /// The result in one sentence.
    headline: String,
    old: RunV1,
    new: RunV1,
    /// Why the new run is worse, a sentence each.
    worse: Vec<String>,
    /// One entry per event name of either run.
    events: Vec<EventChangeV1>,
    /// Findings of the new run alone.
    new_findings: Vec<FindingV1>,
    /// Findings of the old run alone.
    mended_findings: Vec<FindingV1>,
    /// How many findings both have.
    kept_findings: usize,
    /// What the comparison cannot prove.
    limits: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct RunV1 {
    name: String,
    tool: String,
    /// RFC 3339; empty where unknown.
    started: String,
    site: String,
    /// `passed`, `failed`, `empty` or `incomplete`.
    verdict: String,
    headline: String,
    events: u64,
    scenarios: usize,
}

#[derive(Serialize, JsonSchema)]
struct EventChangeV1 {
    event: String,
    /// True where the old run has it.
    in_old: bool,
    /// True where the new run has it.
    in_new: bool,
    figures: Vec<FigureV1>,
}

#[derive(Serialize, JsonSchema)]
struct FigureV1 {
    /// As a policy writes it after the event.
    name: String,
    /// `count`, `rate` (0 to 1) or `score` (0 to 10).
    unit: String,
    /// Null where it cannot be computed.
    old: Option<f64>,
    new: Option<f64>,
    /// `same`, `better`, `worse`, or `borne` where it is worse within what the policy bears.
    trend: String,
}

#[derive(Serialize, JsonSchema)]
struct FindingV1 {
    rule: String,
    severity: String,
    event: Option<String>,
    channel: Option<String>,
    scenario: Option<String>,
    profile: Option<String>,
    cause: Option<String>,
    message: String,
    fix: String,
    fingerprint: String,
}

fn render(comparison: &Comparison, _look: &Look) -> String {
    let mut text = serde_json::to_string_pretty(&shape(comparison))
        .expect("plain structs with text keys can always be serialised");
    text.push('\n');
    foreign::quiet_json(&text)
}

/// The JSON Schema (draft 2020-12) of the comparison.
pub fn schema() -> String {
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(ComparisonV1))
        .expect("a schema is plain JSON");
    text.push('\n');
    text
}

fn shape(comparison: &Comparison) -> ComparisonV1 {
    ComparisonV1 {
        format: COMPARISON_FORMAT,
        passed: comparison.passed(),
        exit_code: comparison.exit_code(),
        headline: comparison.headline(),
        old: run(&comparison.old),
        new: run(&comparison.new),
        worse: comparison.worse.clone(),
        events: comparison
            .events
            .iter()
            .map(|event| EventChangeV1 {
                event: event.event.clone(),
                in_old: event.old.is_some(),
                in_new: event.new.is_some(),
                figures: event.figures.iter().map(figure).collect(),
            })
            .collect(),
        new_findings: comparison.fresh.iter().map(finding).collect(),
        mended_findings: comparison.mended.iter().map(finding).collect(),
        kept_findings: comparison.kept,
        limits: comparison.limits.clone(),
    }
}

fn run(facts: &RunFacts) -> RunV1 {
    RunV1 {
        name: facts.name.clone(),
        tool: facts.tool.clone(),
        started: facts.started.clone(),
        site: facts.site.clone(),
        verdict: facts.outcome.name().to_owned(),
        headline: facts.headline.clone(),
        events: facts.events,
        scenarios: facts.scenarios,
    }
}

fn figure(figure: &FigureChange) -> FigureV1 {
    FigureV1 {
        name: figure.name.clone(),
        unit: figure.unit.name().to_owned(),
        old: figure.old.map(foreign::round),
        new: figure.new.map(foreign::round),
        trend: figure.trend.name().to_owned(),
    }
}

fn finding(found: &ReportedFinding) -> FindingV1 {
    let finding = &found.finding;
    FindingV1 {
        rule: finding.rule.clone(),
        severity: finding.severity.to_string(),
        event: finding.event.clone(),
        channel: finding.channel.map(|channel| channel.to_string()),
        scenario: finding.scenario.clone(),
        profile: found.profile.clone(),
        cause: finding.cause.clone(),
        message: finding.message.clone(),
        fix: finding.fix.clone(),
        fingerprint: found.fingerprint().to_string(),
    }
}
