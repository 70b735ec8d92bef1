//! `JUnit` XML: one suite per scenario and profile, one case per thing that must hold.
//!
//! Known findings are skipped with their reason, a scenario that passed only at a later
//! attempt is marked as flaky, one that broke is an error.
//! Never a verdict of its own.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report as Junit, TestCase, TestCaseStatus, TestRerun, TestSuite,
};

use super::cases::{Case, Problem, State, Suite, first_line, suites};
use super::{Format, Look, foreign};
use crate::report::{Attempt, Report, Status};

pub(super) const FORMAT: Format = Format {
    name: "junit",
    file: Some("junit.xml"),
    summary: "test cases for CI services: one per scenario and expectation",
    also: &[],
    render,
};

fn render(report: &Report, _look: &Look) -> String {
    let mut junit = Junit::new("countonce");
    junit.set_time(seconds(report.seconds));
    for part in suites(report) {
        junit.add_test_suite(suite(report, &part));
    }
    let text = junit
        .to_string()
        .expect("writing into memory cannot fail")
        // The library takes control characters out, but these two are no XML either.
        .replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    foreign::quiet_xml(&text)
}

fn suite(report: &Report, part: &Suite<'_>) -> TestSuite {
    let mut suite = TestSuite::new(part.name.as_str());
    suite.extra.insert("timestamp".into(), report.started_text().into());
    for (name, value) in [
        ("tool", &report.tool),
        ("site", &report.site),
        ("browser", &report.browser),
        ("pixel_script", &report.pixel_script),
    ] {
        if !value.is_empty() {
            suite.add_property(Property::new(name, value.as_str()));
        }
    }
    if let Some(tape) = &report.tape {
        suite.add_property(Property::new("tape", tape.as_str()));
    }
    if let Some(run) = part.run {
        suite.set_time(seconds(run.seconds));
        if !run.file.is_empty() {
            suite.extra.insert("file".into(), run.file.as_str().into());
            suite.add_property(Property::new("file", run.file.as_str()));
        }
        suite.add_property(Property::new("profile", run.profile.as_str()));
        if !run.variant.is_empty() {
            suite.add_property(Property::new("variant", run.variant.as_str()));
        }
        if run.flaky() {
            suite.add_property(Property::new("flaky", "true"));
        }
    }
    for one in &part.cases {
        suite.add_test_case(case(part, one));
    }
    suite
}

fn case(part: &Suite<'_>, one: &Case<'_>) -> TestCase {
    let mut status = match &one.state {
        State::Passed => TestCaseStatus::success(),
        State::Failed(problem) => non_success(NonSuccessKind::Failure, problem),
        State::Error(problem) => non_success(NonSuccessKind::Error, problem),
        State::Skipped(problem) => {
            let mut status = TestCaseStatus::skipped();
            status.set_type(problem.kind.as_str()).set_message(problem.message.as_str());
            if !problem.text.is_empty() {
                status.set_description(problem.text.as_str());
            }
            status
        }
    };
    // A success with earlier attempts is written as flaky, anything else as tried again.
    status.add_reruns(one.earlier.iter().map(|attempt| rerun(attempt)));
    let mut case = TestCase::new(one.name.as_str(), status);
    case.set_classname(part.name.as_str());
    if let Some(time) = one.seconds {
        case.set_time(seconds(time));
    }
    if !one.output.is_empty() {
        case.set_system_out(one.output.as_str());
    }
    if let Some(run) = part.run.filter(|run| !run.file.is_empty()) {
        case.extra.insert("file".into(), run.file.as_str().into());
        if one.line > 0 {
            case.extra.insert("line".into(), one.line.to_string().into());
        }
    }
    case
}

fn non_success(kind: NonSuccessKind, problem: &Problem) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(problem.kind.as_str()).set_message(problem.message.as_str());
    if !problem.text.is_empty() {
        status.set_description(problem.text.as_str());
    }
    status
}

fn rerun(attempt: &Attempt) -> TestRerun {
    let kind = match attempt.status {
        Status::Passed | Status::Failed => NonSuccessKind::Failure,
        Status::Broken | Status::Stopped | Status::NotApplicable => NonSuccessKind::Error,
    };
    let mut rerun = TestRerun::new(kind);
    let error = attempt.error.as_deref().unwrap_or(attempt.status.name());
    rerun
        .set_type(attempt.status.name())
        .set_message(format!("attempt {}: {}", attempt.attempt, first_line(error)))
        .set_description(error)
        .set_time(seconds(attempt.seconds));
    rerun
}

/// Durations that cannot be (a clock that was set back) count as none.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
