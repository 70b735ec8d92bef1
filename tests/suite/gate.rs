//! The gate: which run passes, fails, proves nothing or not all.

use std::path::Path;

use countonce::event::{Channel, Defect};
use countonce::gate::{Outcome, Policy, decide, exit_code};
use countonce::report::{Report, ReportedFinding, Standing, Status};

use super::sample;

#[track_caller]
fn check(report: &Report, policy: &Policy, outcome: Outcome, code: u8) {
    let verdict = decide(report, policy);
    assert_eq!(verdict.outcome, outcome, "{verdict:?}");
    assert_eq!(exit_code(&verdict), code);
}

fn policy(text: &str) -> Policy {
    Policy::from_file(text, Path::new("policy.toml"), &[]).expect("a policy")
}

/// A finding of the faulty run, of which the third is a warning.
fn finding(index: usize) -> ReportedFinding {
    sample::faulty().findings.remove(index)
}

#[test]
fn a_clean_run_passes() {
    check(&sample::clean(), &Policy::default(), Outcome::Passed, 0);
}

#[test]
fn an_error_fails_and_a_known_one_does_not() {
    let mut report = sample::clean();
    report.findings.push(finding(0));
    check(&report, &Policy::default(), Outcome::Failed, 1);
    report.findings[0].standing = Standing::Known { reason: String::new() };
    check(&report, &Policy::default(), Outcome::Passed, 0);
}

#[test]
fn warnings_fail_only_beyond_the_number_that_is_borne() {
    let mut report = sample::clean();
    report.findings = vec![finding(2), finding(2)];
    check(&report, &Policy::default(), Outcome::Passed, 0);
    check(&report, &policy("max_warnings = 2"), Outcome::Passed, 0);
    check(&report, &policy("max_warnings = 1"), Outcome::Failed, 1);
}

#[test]
fn a_missed_figure_fails_and_is_named_with_its_figure() {
    let report = sample::faulty();
    let mut quiet = report.clone();
    quiet.findings.clear();
    quiet.baseline = None;
    let policy = policy("thresholds.\"Purchase.dedup_rate\" = \">= 90 %\"");
    check(&quiet, &policy, Outcome::Failed, 1);
    quiet.verdict = decide(&quiet, &policy);
    assert!(
        quiet.headline().contains("Purchase.dedup_rate is 33.3 % where >= 90 % is asked"),
        "{}",
        quiet.headline()
    );
}

#[test]
fn a_broken_scenario_leaves_the_run_incomplete() {
    check(&sample::broken(), &Policy::default(), Outcome::Incomplete, 3);
}

#[test]
fn figures_of_a_run_cut_short_prove_nothing() {
    let policy = policy("thresholds.\"Subscribe.dedup_rate\" = \">= 90 %\"");
    check(&sample::broken(), &policy, Outcome::Incomplete, 3);
    check(&sample::clean(), &policy, Outcome::Failed, 1);
}

#[test]
fn an_error_of_a_scenario_that_was_played_fails_beside_a_broken_one() {
    let mut report = sample::broken();
    let mut error = finding(0);
    error.finding.session = Some(1);
    report.findings.push(error);
    check(&report, &Policy::default(), Outcome::Failed, 1);
    // Session 2 broke: what it lacks may come of that.
    report.findings[0].finding.session = Some(2);
    check(&report, &Policy::default(), Outcome::Incomplete, 3);
    report.findings[0].finding.session = None;
    check(&report, &Policy::default(), Outcome::Incomplete, 3);
}

#[test]
fn a_run_that_caught_nothing_is_never_green_whatever_was_found() {
    let mut report = sample::empty();
    check(&report, &Policy::default(), Outcome::Empty, 3);
    report.findings.push(finding(0));
    check(&report, &Policy::default(), Outcome::Empty, 3);
    report.scenarios[0].status = Status::Broken;
    check(&report, &Policy::default(), Outcome::Incomplete, 3);
    check(&Report::default(), &Policy::default(), Outcome::Empty, 3);
}

#[test]
fn silence_passes_where_it_is_expected_and_the_site_answered() {
    let mut report = sample::empty();
    for run in &mut report.scenarios {
        run.status = Status::Passed;
        run.expectations.clear();
    }
    check(&report, &Policy::default(), Outcome::Passed, 0);
    report.verdict = decide(&report, &Policy::default());
    assert_eq!(report.headline(), "passed: 3 scenarios, nothing was sent, as expected");

    let mut dead = report.clone();
    dead.scenarios[1].site_answers = 0;
    check(&dead, &Policy::default(), Outcome::Empty, 3);
    let mut mute = report.clone();
    mute.scenarios[1].never.clear();
    check(&mute, &Policy::default(), Outcome::Empty, 3);
}

#[test]
fn unreadable_payloads_alone_are_the_sites_fault_once_a_rule_says_so() {
    let mut report = sample::empty();
    report.defects.push(Defect {
        exchange: 1,
        channel: Channel::Server,
        session: None,
        what: "not JSON".to_owned(),
    });
    check(&report, &Policy::default(), Outcome::Empty, 3);
    report.findings.push(finding(0));
    check(&report, &Policy::default(), Outcome::Failed, 1);
}
