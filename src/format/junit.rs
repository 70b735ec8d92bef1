//! `JUnit` XML: one suite per scenario and profile, one case per thing that must hold.
//!
//! A reader of the XML sees red exactly when the run's exit code is not 0: errors that no
//! baseline accepts are failures, scenarios that broke are errors, and warnings stand in
//! the output of the case they concern.
//! Never a verdict of its own.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report as Junit, TestCase, TestCaseStatus, TestRerun, TestSuite,
};

use super::{Format, Look};
use crate::finding::Severity;
use crate::gate::Outcome;
use crate::report::{
    Attempt, Criterion, ExpectationResult, Met, NeverResult, Report, ReportedFinding, ScenarioRun,
    Standing, Status,
};

pub(super) const FORMAT: Format = Format {
    name: "junit",
    file: Some("junit.xml"),
    summary: "test cases for CI services: one per scenario and expectation",
    also: &[],
    render,
};

/// Numbers of exchanges that are shown; the JSON report holds them all.
const MOST_EVIDENCE: usize = 20;

fn render(report: &Report, _look: &Look) -> String {
    let mut junit = Junit::new("countonce");
    junit.set_time(seconds(report.seconds));
    let mut left: Vec<&ReportedFinding> = report.findings.iter().collect();
    for run in &report.scenarios {
        let (own, others): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|found| concerns(found, run, report));
        left = others;
        junit.add_test_suite(scenario_suite(report, run, own));
    }
    if !left.is_empty() || report.scenarios.is_empty() {
        let mut suite = suite(report, "whole run");
        suite.add_test_case(case(
            "whole run",
            "no findings beyond single scenarios",
            &left,
            Met::Yes,
        ));
        junit.add_test_suite(suite);
    }
    junit.add_test_suite(gate_suite(report));
    junit
        .to_string()
        .expect("writing into memory cannot fail")
        // The library takes control characters out, but these two are no XML either.
        .replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// A finding belongs to the scenario of its session, or to the only one of its name.
fn concerns(found: &ReportedFinding, run: &ScenarioRun, report: &Report) -> bool {
    match found.finding.session {
        Some(session) => session == run.session,
        None => {
            found.finding.scenario.as_ref() == Some(&run.name)
                && report.scenarios.iter().filter(|other| other.name == run.name).count() == 1
        }
    }
}

fn suite(report: &Report, name: &str) -> TestSuite {
    let mut suite = TestSuite::new(name);
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
    suite
}

fn scenario_suite(
    report: &Report,
    run: &ScenarioRun,
    mut left: Vec<&ReportedFinding>,
) -> TestSuite {
    let title = run.title();
    let mut suite = suite(report, &title);
    suite.set_time(seconds(run.seconds));
    if !run.file.is_empty() {
        suite.extra.insert("file".into(), run.file.as_str().into());
        suite.add_property(Property::new("file", run.file.as_str()));
    }
    suite.add_property(Property::new("profile", run.profile.as_str()));
    if !run.variant.is_empty() {
        suite.add_property(Property::new("variant", run.variant.as_str()));
    }
    suite.add_test_case(placed(played_case(&title, run), run, 0));
    for result in &run.expectations {
        let own = take(&mut left, &result.expectation.event);
        let mut case = case(&title, &result.title(), &own, result.met);
        prepend_output(&mut case, &expectation_output(result));
        suite.add_test_case(placed(case, run, result.expectation.place.line));
    }
    for result in &run.never {
        let own = take(&mut left, &result.event);
        let mut case = case(&title, &format!("never {}", result.event), &own, result.met);
        prepend_output(&mut case, &never_output(result));
        suite.add_test_case(placed(case, run, result.place.line));
    }
    suite.add_test_case(placed(case(&title, "no other findings", &left, Met::Yes), run, 0));
    suite
}

/// Takes the findings about an event out of those that no case has taken yet.
fn take<'a>(left: &mut Vec<&'a ReportedFinding>, event: &str) -> Vec<&'a ReportedFinding> {
    let (own, others) =
        left.drain(..).partition(|found| found.finding.event.as_deref() == Some(event));
    *left = others;
    own
}

fn placed(mut case: TestCase, run: &ScenarioRun, line: u32) -> TestCase {
    if !run.file.is_empty() {
        case.extra.insert("file".into(), run.file.as_str().into());
        if line > 0 {
            case.extra.insert("line".into(), line.to_string().into());
        }
    }
    case
}

fn played_case(title: &str, run: &ScenarioRun) -> TestCase {
    let problem = match run.status {
        Status::Passed | Status::Failed => None,
        Status::Broken => Some("broken"),
        Status::Stopped => Some("stopped"),
        Status::NotApplicable => return not_applicable(title, run),
    };
    let mut status = TestCaseStatus::success();
    if let Some(word) = problem {
        status = TestCaseStatus::non_success(NonSuccessKind::Error);
        let error = run.error.as_deref().unwrap_or("the scenario was not played to the end");
        let mut text = error.to_owned();
        if let Some(screenshot) = &run.screenshot {
            text.push_str("\nscreenshot: ");
            text.push_str(screenshot);
        }
        status.set_type(word).set_message(first_line(error)).set_description(text);
    }
    // A success with earlier attempts is written as flaky, anything else as tried again.
    let shown = |attempt: &&Attempt| problem.is_some() || run.flaky() || !attempt.status.complete();
    status.add_reruns(run.earlier.iter().filter(shown).map(rerun));
    let mut case = TestCase::new("plays to the end", status);
    case.set_classname(title).set_time(seconds(run.seconds));
    case
}

/// A combination that cannot be played is skipped, never passed.
fn not_applicable(title: &str, run: &ScenarioRun) -> TestCase {
    let why = run.error.as_deref().unwrap_or("it cannot be played with this flow");
    let mut status = TestCaseStatus::skipped();
    status
        .set_type("not applicable")
        .set_message(format!("not applicable: {}", first_line(why)))
        .set_description(why);
    let mut case = TestCase::new("plays to the end", status);
    case.set_classname(title).set_time(seconds(run.seconds));
    case
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

/// A case that fails by its new errors, and is skipped where it cannot or need not be judged.
fn case(title: &str, name: &str, findings: &[&ReportedFinding], met: Met) -> TestCase {
    let is_error = |found: &&&ReportedFinding| found.finding.severity == Severity::Error;
    let errors: Vec<_> = findings.iter().filter(is_error).filter(|found| found.is_new()).collect();
    let known: Vec<_> = findings.iter().filter(is_error).filter(|found| !found.is_new()).collect();
    let status = if let Some(first) = errors.first() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let more = match errors.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let texts: Vec<String> = errors.iter().map(|found| describe(found)).collect();
        status
            .set_type(first.finding.rule.as_str())
            .set_message(format!(
                "{}: {}{more}",
                first.finding.rule,
                first_line(&first.finding.message)
            ))
            .set_description(texts.join("\n\n"));
        status
    } else if met == Met::Unknown {
        let mut status = TestCaseStatus::skipped();
        status
            .set_type("unknown")
            .set_message("not judged: the scenario was not played to the end");
        status
    } else if let Some(first) = known.first() {
        let mut status = TestCaseStatus::skipped();
        let texts: Vec<String> = known.iter().map(|found| describe(found)).collect();
        status
            .set_type("known")
            .set_message(format!("known: {}{}", first.finding.rule, reason(&first.standing)))
            .set_description(texts.join("\n\n"));
        status
    } else {
        TestCaseStatus::success()
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(title);
    let rest: Vec<String> = findings
        .iter()
        .filter(|found| found.finding.severity != Severity::Error)
        .map(|found| describe(found))
        .collect();
    if !rest.is_empty() {
        case.set_system_out(rest.join("\n\n"));
    }
    case
}

fn gate_suite(report: &Report) -> TestSuite {
    let mut suite = suite(report, "gate");
    let mut caught = TestCaseStatus::success();
    if report.verdict.outcome == Outcome::Empty {
        caught = TestCaseStatus::non_success(NonSuccessKind::Error);
        caught.set_type("empty").set_message(report.headline());
    }
    let mut case = TestCase::new("the run proves something", caught);
    case.set_classname("gate").set_system_out(report.headline());
    suite.add_test_case(case);
    // The errors stand in the cases they concern.
    for criterion in report.verdict.criteria.iter().filter(|criterion| criterion.name != "errors") {
        suite.add_test_case(criterion_case(criterion));
    }
    suite
}

fn criterion_case(criterion: &Criterion) -> TestCase {
    let text = format!("{} is {}", criterion.name, criterion.shown());
    let status = if criterion.passed {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("limit").set_message(format!("{text} where {} is asked", criterion.limit));
        status
    };
    let mut case = TestCase::new(format!("{} {}", criterion.name, criterion.limit), status);
    case.set_classname("gate").set_system_out(text);
    case
}

fn expectation_output(result: &ExpectationResult) -> String {
    format!(
        "{} expected, {} would be counted; {} caught in the browser, {} on the server{}",
        result.expectation.count,
        result.counted,
        result.browser,
        result.server,
        if result.met == Met::No { "; not as expected" } else { "" },
    )
}

fn never_output(result: &NeverResult) -> String {
    format!("{} caught where none may come", result.caught)
}

fn prepend_output(case: &mut TestCase, text: &str) {
    let whole = match &case.system_out {
        Some(rest) => format!("{text}\n\n{}", rest.as_str()),
        None => text.to_owned(),
    };
    case.set_system_out(whole);
}

/// A finding in full.
fn describe(found: &ReportedFinding) -> String {
    let finding = &found.finding;
    let mut lines = vec![format!("{} {}: {}", finding.severity, finding.rule, finding.message)];
    let mut add = |label: &str, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            lines.push(format!("  {label}: {text}"));
        }
    };
    add("event", finding.event.clone());
    add("channel", finding.channel.map(|channel| channel.to_string()));
    add("cause", finding.cause.clone());
    add("fix", Some(finding.fix.clone()));
    add("at", found.location.as_ref().map(ToString::to_string));
    add("times", (finding.count > 1).then(|| finding.count.to_string()));
    let evidence: Vec<String> =
        finding.evidence.iter().take(MOST_EVIDENCE).map(|number| format!("#{number}")).collect();
    add("evidence", Some(evidence.join(" ")));
    if let Standing::Known { reason } = &found.standing {
        add("known", Some(reason.clone()));
    }
    lines.join("\n")
}

fn reason(standing: &Standing) -> String {
    match standing {
        Standing::Known { reason } if !reason.is_empty() => format!(" ({reason})"),
        _ => String::new(),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Durations that cannot be (a clock that was set back) count as none.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
