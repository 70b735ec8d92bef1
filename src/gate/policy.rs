//! The policy: how much each rule weighs, and which figures must be kept.
//!
//! Rules are handed in by name, so that the gate needs no knowledge of the catalogue.
//! Never a finding's text.

use std::collections::{BTreeMap, BTreeSet};

use super::cutover::Cutover;
use super::threshold::Threshold;
use crate::finding::{Finding, Settings, Severity};

/// A rule, as far as a policy needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownRule<'a> {
    /// Rule id.
    pub id: &'a str,
    /// True when the `cutover` preset takes its findings as errors.
    pub blocks_cutover: bool,
}

/// A ready-made choice of severities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preset {
    /// Each rule's own default.
    #[default]
    Recommended,
    /// Warnings are errors.
    Strict,
    /// What endangers a move to the server is an error, everything else a warning.
    Cutover,
}

impl Preset {
    /// All presets.
    pub const ALL: [Preset; 3] = [Preset::Recommended, Preset::Strict, Preset::Cutover];

    /// The word users write.
    pub fn name(self) -> &'static str {
        match self {
            Preset::Recommended => "recommended",
            Preset::Strict => "strict",
            Preset::Cutover => "cutover",
        }
    }

    /// The preset of that name.
    pub fn from_name(name: &str) -> Option<Preset> {
        Preset::ALL.into_iter().find(|preset| preset.name() == name)
    }
}

/// What a comparison of two runs bears without calling it worse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// By how much a share may fall, 0 to 1.
    pub rate: f64,
    /// By how much the estimate of match quality may fall.
    pub score: f64,
}

impl Default for Tolerance {
    /// Runs of one suite are repeatable, so nothing is borne but the estimate's own
    /// roughness (assumed: a tenth).
    fn default() -> Tolerance {
        Tolerance { rate: 0.0, score: 0.1 }
    }
}

/// What a run must keep.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The choice it starts from.
    pub preset: Preset,
    /// Severities by rule id, stronger than the preset.
    pub rules: BTreeMap<String, Severity>,
    /// How many warnings are borne; any number where absent.
    pub max_warnings: Option<u32>,
    /// How many combinations may be flaky. Where absent: any number that broke and then
    /// passed, none in which errors were found before it passed.
    pub max_flaky: Option<u32>,
    /// Figures that must be kept.
    pub thresholds: Vec<Threshold>,
    /// Shares of the site's visitors by profile, 0 to 1, that figures are weighed with.
    pub traffic: BTreeMap<String, f64>,
    /// What rules and the join are told of the user's wishes.
    pub settings: Settings,
    /// How much it weighs when a scenario sends otherwise than the baseline says; an error
    /// fails the gate.
    pub drift: Severity,
    /// What a comparison bears.
    pub tolerance: Tolerance,
    /// What is asked of the move to the server.
    pub cutover: Cutover,
    /// Rules whose findings block a move to the server.
    blocking: BTreeSet<String>,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            preset: Preset::default(),
            rules: BTreeMap::new(),
            max_warnings: None,
            max_flaky: None,
            thresholds: Vec::new(),
            traffic: BTreeMap::new(),
            settings: Settings::default(),
            drift: Severity::Error,
            tolerance: Tolerance::default(),
            cutover: Cutover::default(),
            blocking: BTreeSet::new(),
        }
    }
}

impl Policy {
    /// A policy with nothing but a preset.
    pub fn new(preset: Preset, rules: &[KnownRule<'_>]) -> Policy {
        let blocking = rules.iter().filter(|rule| rule.blocks_cutover);
        Policy {
            preset,
            blocking: blocking.map(|rule| rule.id.to_owned()).collect(),
            ..Policy::default()
        }
    }

    /// How much a finding of a rule weighs, given the rule's own default.
    pub fn severity(&self, rule: &str, default: Severity) -> Severity {
        if let Some(severity) = self.rules.get(rule) {
            return *severity;
        }
        match (self.preset, default) {
            (Preset::Strict, Severity::Warn) => Severity::Error,
            (Preset::Cutover, Severity::Warn | Severity::Error) => {
                if self.blocking.contains(rule) {
                    Severity::Error
                } else {
                    Severity::Warn
                }
            }
            (_, default) => default,
        }
    }

    /// Gives each finding its weight and keeps the one without the policy beside it.
    pub fn weigh(&self, findings: Vec<Finding>) -> Vec<(Finding, Severity)> {
        let mut weighed: Vec<(Finding, Severity)> = findings
            .into_iter()
            .map(|mut finding| {
                let own = finding.severity;
                finding.severity = self.severity(&finding.rule, own);
                (finding, own)
            })
            .filter(|(finding, _)| finding.severity != Severity::Off)
            .collect();
        weighed.sort_by(|(one, _), (other, _)| one.order(other));
        weighed
    }

    /// Gives each finding its weight, drops those of rules that are off, and sorts.
    pub fn apply(&self, findings: Vec<Finding>) -> Vec<Finding> {
        self.weigh(findings).into_iter().map(|(finding, _)| finding).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: [KnownRule<'_>; 3] = [
        KnownRule { id: "missing-event-id", blocks_cutover: true },
        KnownRule { id: "value-mismatch", blocks_cutover: false },
        KnownRule { id: "event-id-guessable", blocks_cutover: true },
    ];

    #[test]
    fn strict_makes_errors_of_warnings_and_leaves_remarks() {
        let policy = Policy::new(Preset::Strict, &RULES);
        assert_eq!(policy.severity("event-id-guessable", Severity::Warn), Severity::Error);
        assert_eq!(policy.severity("server-before-browser", Severity::Info), Severity::Info);
    }

    #[test]
    fn cutover_keeps_errors_for_what_endangers_the_move() {
        let policy = Policy::new(Preset::Cutover, &RULES);
        assert_eq!(policy.severity("missing-event-id", Severity::Error), Severity::Error);
        assert_eq!(policy.severity("event-id-guessable", Severity::Warn), Severity::Error);
        assert_eq!(policy.severity("value-mismatch", Severity::Error), Severity::Warn);
    }

    #[test]
    fn findings_are_weighed_and_sorted_and_those_of_rules_that_are_off_dropped() {
        let found = |rule: &str, severity| Finding {
            rule: rule.to_owned(),
            severity,
            event: None,
            channel: None,
            session: None,
            scenario: None,
            cause: None,
            message: String::new(),
            fix: String::new(),
            count: 1,
            evidence: Vec::new(),
        };
        let mut policy = Policy::new(Preset::Recommended, &RULES);
        policy.rules.insert("value-mismatch".to_owned(), Severity::Off);
        policy.rules.insert("event-id-guessable".to_owned(), Severity::Error);
        let weighed = policy.apply(vec![
            found("value-mismatch", Severity::Error),
            found("server-before-browser", Severity::Info),
            found("missing-event-id", Severity::Error),
            found("event-id-guessable", Severity::Warn),
        ]);
        let rules: Vec<&str> = weighed.iter().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(rules, ["event-id-guessable", "missing-event-id", "server-before-browser"]);
        assert_eq!(weighed[0].severity, Severity::Error);
    }

    #[test]
    fn a_severity_by_name_is_stronger_than_any_preset() {
        for preset in Preset::ALL {
            let mut policy = Policy::new(preset, &RULES);
            policy.rules.insert("missing-event-id".to_owned(), Severity::Info);
            assert_eq!(policy.severity("missing-event-id", Severity::Error), Severity::Info);
        }
    }
}
