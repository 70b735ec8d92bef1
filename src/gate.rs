//! The gate: from findings, figures and a policy to a verdict and an exit code.
//!
//! Only what is certain fails: an error found in a scenario that was played to the end
//! fails the gate whatever else happened, while figures over a run that was cut short
//! prove nothing and leave it incomplete.
//! Never rendering, never which rules exist.

mod baseline;
mod compare;
mod cutover;
mod metric;
mod names;
mod policy;
mod policy_file;
mod threshold;

use crate::finding::Severity;
use crate::report::{Report, ScenarioRun, Status};

pub use crate::report::{Criterion, Outcome, Unit, Verdict};
pub use baseline::{BASELINE_FILE, Baseline, BaselineError, Seen, Terms, reweigh};
pub use compare::{Comparison, EventChange, FigureChange, RunFacts, Trend, compare};
pub use cutover::{Cutover, board};
pub use metric::figures_page;
pub use names::strange_events;
pub use policy::{KnownRule, Policy, Preset, Tolerance};
pub use policy_file::{Fault, PolicyError, policy_schema};
pub use threshold::Threshold;

/// Decides about a report whose findings already carry the policy's severities.
pub fn decide(report: &Report, policy: &Policy) -> Verdict {
    let totals = report.totals();
    let mut criteria = vec![at_most("errors", totals.errors, 0)];
    if let Some(most) = policy.max_warnings {
        criteria.push(at_most("warnings", totals.warnings, most as usize));
    }
    let wavering = report.scenarios.iter().filter(|run| run.wavers()).count();
    match policy.max_flaky {
        Some(most) => criteria.push(at_most("flaky", totals.flaky, most as usize)),
        // What a site does only at times is a fault of it, unless the user bears it.
        None if wavering > 0 => criteria.push(at_most("flaky", wavering, 0)),
        None => {}
    }
    if let Some(check) = report.baseline.as_ref().filter(|_| policy.drift == Severity::Error) {
        criteria.push(at_most("behaviour_changes", check.drift().count(), 0));
    }
    criteria.extend(threshold::judge(&policy.thresholds, report));
    criteria.extend(report.board.iter().flat_map(cutover::asked));

    // A combination that cannot be played proves nothing and takes nothing away.
    let inapplicable = |run: &&ScenarioRun| run.status == Status::NotApplicable;
    let all_inapplicable =
        !report.scenarios.is_empty() && report.scenarios.iter().all(|run| inapplicable(&run));
    let complete = !all_inapplicable
        && report.scenarios.iter().all(|run| run.status.complete() || inapplicable(&run));
    let kept = criteria.iter().all(|criterion| criterion.passed);
    let nothing = totals.events == 0 && !silence_is_right(report);
    let outcome = if nothing {
        match (complete, report.defects.is_empty()) {
            (false, _) => Outcome::Incomplete,
            // Something came, and all of it was unreadable: that is the site's fault.
            (true, false) if totals.errors > 0 => Outcome::Failed,
            (true, _) => Outcome::Empty,
        }
    } else if complete {
        if kept { Outcome::Passed } else { Outcome::Failed }
    } else if has_certain_error(report) {
        Outcome::Failed
    } else {
        Outcome::Incomplete
    };
    Verdict { outcome, criteria }
}

/// The exit code of a run: 0 passed, 1 failed, 3 where the run proves nothing or not all.
pub fn exit_code(verdict: &Verdict) -> u8 {
    match verdict.outcome {
        Outcome::Passed => 0,
        Outcome::Failed => 1,
        Outcome::Empty | Outcome::Incomplete => 3,
    }
}

/// True when an empty capture is what every scenario asks for, and the site was there.
fn silence_is_right(report: &Report) -> bool {
    !report.scenarios.is_empty()
        && report.defects.is_empty()
        && report
            .scenarios
            .iter()
            .filter(|run| run.status != Status::NotApplicable)
            .all(|run| run.expects_silence() && run.site_answers > 0)
}

/// True when an error concerns a session that was played to the end. Errors elsewhere may
/// come of the break itself, so that another try can clear them.
fn has_certain_error(report: &Report) -> bool {
    report.findings.iter().any(|found| {
        found.is_new()
            && found.finding.severity == Severity::Error
            && found
                .finding
                .session
                .and_then(|session| report.scenario_of(session))
                .is_some_and(|run| run.status.complete())
    })
}

fn at_most(name: &str, figure: usize, most: usize) -> Criterion {
    Criterion {
        name: name.to_owned(),
        figure: Some(figure as f64),
        unit: Unit::Count,
        limit: format!("<= {most}"),
        passed: figure <= most,
    }
}
