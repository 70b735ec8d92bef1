//! The baseline: findings that a team has accepted, and what each scenario was seen to
//! send, in a text file that people review.
//!
//! It holds names alone: no values, no times, no numbers of sessions, so that two runs of
//! the same site write the same file. Never the file system.

mod changes;
mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use super::policy::Policy;
use crate::finding::Severity;
use crate::report::{
    Accepted, BaselineCheck, Behaviour, PerChannel, Report, ReportedFinding, Shape, Standing,
    Status,
};

pub use read::BaselineError;

/// Format number of the file.
const BASELINE_FORMAT: u32 = 1;
/// Name of the file, beside the folders of runs.
pub const BASELINE_FILE: &str = "baseline.toml";

/// What a run is held against.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    /// Accepted findings by fingerprint.
    pub accepted: BTreeMap<String, Terms>,
    /// What scenarios send: by scenario, then by event. A scenario without events is silent.
    pub behaviour: BTreeMap<String, BTreeMap<String, Seen>>,
}

/// On what terms a finding is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Why; may be empty.
    pub reason: String,
    /// Last day on which it is accepted, `2027-01-31`.
    pub expires: Option<String>,
}

/// How an event is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// How its events pair up.
    pub pairing: BTreeSet<String>,
    /// What each side carries.
    pub sides: PerChannel<Shape>,
}

impl From<&Behaviour> for Seen {
    fn from(row: &Behaviour) -> Seen {
        Seen { pairing: row.pairing.clone(), sides: row.sides.clone() }
    }
}

impl Baseline {
    /// The baseline of a run. What the last one says of scenarios that were not played to
    /// the end stays as it is, and so do the reasons of what is still found.
    pub fn of(report: &Report, last: Option<&Baseline>) -> Baseline {
        let played = played(report);
        let mut baseline = Baseline::default();
        for found in &report.findings {
            let print = found.fingerprint().to_string();
            let terms = last.and_then(|last| last.accepted.get(&print)).cloned();
            baseline.accepted.insert(print, terms.unwrap_or_default());
        }
        for scenario in &played {
            baseline.behaviour.insert(scenario.clone(), BTreeMap::new());
        }
        for row in &report.behaviour {
            if let Some(events) = baseline.behaviour.get_mut(&row.scenario) {
                events.insert(row.event.clone(), Seen::from(row));
            }
        }
        for (print, terms) in last.iter().flat_map(|last| &last.accepted) {
            if !could_be_met(print, &played, report) {
                baseline.accepted.entry(print.clone()).or_insert_with(|| terms.clone());
            }
        }
        for (scenario, events) in last.iter().flat_map(|last| &last.behaviour) {
            baseline.behaviour.entry(scenario.clone()).or_insert_with(|| events.clone());
        }
        baseline
    }

    /// Marks what is known, and says what is new, mended and run out.
    ///
    /// The day that counts is that of the run, so that a recording is judged alike on any day.
    pub fn apply(&self, report: &mut Report, file: &str) {
        let today = report.started_text();
        let today = today.split('T').next().unwrap_or_default().to_owned();
        let past = |terms: &Terms| terms.expires.as_deref().is_some_and(|day| day < today.as_str());
        let mut met = BTreeSet::new();
        for found in &mut report.findings {
            let print = found.fingerprint().to_string();
            found.standing = match self.accepted.get(&print) {
                Some(terms) if !past(terms) => Standing::Known { reason: terms.reason.clone() },
                _ => Standing::New,
            };
            met.insert(print);
        }
        let accepted = |found: &ReportedFinding| {
            self.accepted.get(&found.fingerprint().to_string()).filter(|terms| !past(terms))
        };
        let attempts = report.scenarios.iter_mut().flat_map(|run| &mut run.earlier);
        for found in attempts.flat_map(|attempt| &mut attempt.errors) {
            if let Some(terms) = accepted(found) {
                found.standing = Standing::Known { reason: terms.reason.clone() };
            }
        }
        let played = played(report);
        let mut check = BaselineCheck { file: file.to_owned(), ..BaselineCheck::default() };
        for (print, terms) in &self.accepted {
            let entry = || Accepted {
                finding: print.clone(),
                reason: terms.reason.clone(),
                expires: terms.expires.clone(),
            };
            if met.contains(print) {
                if past(terms) {
                    check.expired.push(entry());
                }
            } else if could_be_met(print, &played, report) {
                check.mended.push(entry());
            } else {
                check.unplayed += 1;
            }
        }
        check.changes = changes::between(self, report, &played, &check.mended);
        report.baseline = Some(check);
        settle(report);
    }
}

/// Scenarios that were played to the end, by their names in baselines.
fn played(report: &Report) -> BTreeSet<String> {
    let mut played: BTreeSet<String> = BTreeSet::new();
    let mut cut = BTreeSet::new();
    for run in &report.scenarios {
        if run.status.complete() {
            played.insert(run.key());
        } else {
            cut.insert(run.key());
        }
    }
    // Of several repetitions or files of one name all must have been played.
    played.retain(|name| !cut.contains(name));
    played
}

/// True when the run could have met with the finding: its scenario was played to the end,
/// or it belongs to none and all that was begun was played to the end.
fn could_be_met(print: &str, played: &BTreeSet<String>, report: &Report) -> bool {
    match print.split('|').nth(3) {
        Some("-") | None => !report.scenarios.iter().any(|run| run.status.cut_short()),
        // A fingerprint has the stroke of a name as a slash.
        Some(name) => played.iter().any(|scenario| scenario.replace('|', "/") == name),
    }
}

/// Weighs the findings of a stored report by another policy. What its baseline accepted is
/// new again until a baseline is applied.
pub fn reweigh(report: &mut Report, policy: &Policy) {
    for found in &mut report.findings {
        let own = found.own.unwrap_or(found.finding.severity);
        found.finding.severity = policy.severity(&found.finding.rule, own);
        found.standing = Standing::New;
    }
    report.findings.retain(|found| found.finding.severity != Severity::Off);
    report.findings.sort_by(|one, other| one.finding.order(&other.finding));
    report.baseline = None;
    settle(report);
}

/// A scenario fails by errors that nobody accepted.
fn settle(report: &mut Report) {
    let errors: BTreeSet<u32> = report
        .findings
        .iter()
        .filter(|found| found.is_new() && found.finding.severity == Severity::Error)
        .filter_map(|found| found.finding.session)
        .collect();
    for run in &mut report.scenarios {
        run.status = match (run.status, errors.contains(&run.session)) {
            (Status::Failed, false) => Status::Passed,
            (Status::Passed, true) => Status::Failed,
            (status, _) => status,
        };
        for attempt in run.earlier.iter_mut().filter(|attempt| !attempt.errors.is_empty()) {
            let failed = attempt.errors.iter().any(ReportedFinding::is_new);
            attempt.status = if failed { Status::Failed } else { Status::Passed };
        }
    }
}
