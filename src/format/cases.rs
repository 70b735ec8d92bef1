//! A report as test cases: one suite per scenario and profile, one case per thing that must
//! hold, for formats that know nothing but cases.
//!
//! A reader sees red exactly when the run's exit code is not 0: errors that no baseline
//! accepts are failures, scenarios that broke are errors, and warnings stand in the output
//! of the case they concern.
//! Never a verdict of its own, never how a case is written.

use crate::finding::Severity;
use crate::gate::Outcome;
use crate::report::{
    Attempt, Criterion, ExpectationResult, Met, NeverResult, Report, ReportedFinding, ScenarioRun,
    Standing, Status,
};

/// Numbers of exchanges that are shown; the JSON report holds them all.
const MOST_EVIDENCE: usize = 20;

/// Cases that belong together.
#[derive(Debug)]
pub(super) struct Suite<'a> {
    pub(super) name: String,
    /// The scenario, where it is one.
    pub(super) run: Option<&'a ScenarioRun>,
    pub(super) cases: Vec<Case<'a>>,
}

/// One thing that must hold.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) name: String,
    pub(super) state: State,
    /// Line of the scenario file; 0 where none belongs to it.
    pub(super) line: u32,
    /// Wall time, where it is one of its own.
    pub(super) seconds: Option<f64>,
    /// What else there is to say.
    pub(super) output: String,
    /// Attempts before the judged one that are to be told.
    pub(super) earlier: Vec<&'a Attempt>,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum State {
    /// It holds.
    Passed,
    /// It does not: the site is wrong.
    Failed(Problem),
    /// It could not be found out.
    Error(Problem),
    /// It need not or cannot be judged.
    Skipped(Problem),
}

/// Why a case is not simply passed.
#[derive(Debug)]
pub(super) struct Problem {
    /// A rule id or a word for the kind.
    pub(super) kind: String,
    /// One line.
    pub(super) message: String,
    /// Everything, on many lines; may be empty.
    pub(super) text: String,
}

impl Problem {
    fn new(kind: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { kind: kind.into(), message: message.into(), text: String::new() }
    }
}

impl<'a> Case<'a> {
    fn new(name: impl Into<String>, state: State) -> Case<'a> {
        Case {
            name: name.into(),
            state,
            line: 0,
            seconds: None,
            output: String::new(),
            earlier: Vec::new(),
        }
    }

    fn at(mut self, line: u32) -> Case<'a> {
        self.line = line;
        self
    }

    fn saying(mut self, text: &str) -> Case<'a> {
        self.output = match self.output.as_str() {
            "" => text.to_owned(),
            rest => format!("{text}\n\n{rest}"),
        };
        self
    }
}

/// The whole report as suites: the scenarios, what belongs to none of them, the gate.
pub(super) fn suites(report: &Report) -> Vec<Suite<'_>> {
    let mut suites = Vec::new();
    let mut left: Vec<&ReportedFinding> = report.findings.iter().collect();
    for run in &report.scenarios {
        let (own, others): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|found| concerns(found, run, report));
        left = others;
        suites.push(scenario(run, own));
    }
    if !left.is_empty() || report.scenarios.is_empty() {
        suites.push(Suite {
            name: "whole run".to_owned(),
            run: None,
            cases: vec![judged("no findings beyond single scenarios", &left, Met::Yes)],
        });
    }
    suites.push(gate(report));
    suites
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

fn scenario<'a>(run: &'a ScenarioRun, mut left: Vec<&ReportedFinding>) -> Suite<'a> {
    let mut cases = vec![played(run)];
    for result in &run.expectations {
        let own = take(&mut left, &result.expectation.event);
        let case = judged(&result.title(), &own, result.met).saying(&expectation_output(result));
        cases.push(case.at(result.expectation.place.line));
    }
    for result in &run.never {
        let own = take(&mut left, &result.event);
        let case = judged(&format!("never {}", result.event), &own, result.met);
        cases.push(case.saying(&never_output(result)).at(result.place.line));
    }
    cases.push(judged("no other findings", &left, Met::Yes));
    Suite { name: run.title(), run: Some(run), cases }
}

/// Takes the findings about an event out of those that no case has taken yet.
fn take<'a>(left: &mut Vec<&'a ReportedFinding>, event: &str) -> Vec<&'a ReportedFinding> {
    let (own, others) =
        left.drain(..).partition(|found| found.finding.event.as_deref() == Some(event));
    *left = others;
    own
}

fn played(run: &ScenarioRun) -> Case<'_> {
    let problem = match run.status {
        Status::Passed | Status::Failed => None,
        Status::Broken => Some("broken"),
        Status::Stopped => Some("stopped"),
        Status::NotApplicable => return not_applicable(run),
    };
    let state = match problem {
        None => State::Passed,
        Some(word) => {
            let error = run.error.as_deref().unwrap_or("the scenario was not played to the end");
            let mut text = error.to_owned();
            if let Some(screenshot) = &run.screenshot {
                text.push_str("\nscreenshot: ");
                text.push_str(screenshot);
            }
            State::Error(Problem { text, ..Problem::new(word, first_line(error)) })
        }
    };
    // A success with earlier attempts is flaky, anything else was tried again.
    let shown =
        |attempt: &&Attempt| problem.is_some() || run.flaky() || attempt.status != Status::Passed;
    Case {
        seconds: Some(run.seconds),
        earlier: run.earlier.iter().filter(shown).collect(),
        ..Case::new("plays to the end", state)
    }
}

/// A combination that cannot be played is skipped, never passed.
fn not_applicable(run: &ScenarioRun) -> Case<'_> {
    let why = run.error.as_deref().unwrap_or("it cannot be played with this flow");
    let message = format!("not applicable: {}", first_line(why));
    let problem = Problem { text: why.to_owned(), ..Problem::new("not applicable", message) };
    Case { seconds: Some(run.seconds), ..Case::new("plays to the end", State::Skipped(problem)) }
}

/// A case that fails by its new errors, and is skipped where it cannot or need not be judged.
fn judged<'a>(name: &str, findings: &[&ReportedFinding], met: Met) -> Case<'a> {
    let is_error = |found: &&&ReportedFinding| found.finding.severity == Severity::Error;
    let errors: Vec<_> = findings.iter().filter(is_error).filter(|found| found.is_new()).collect();
    let known: Vec<_> = findings.iter().filter(is_error).filter(|found| !found.is_new()).collect();
    let all = |found: &[&&ReportedFinding]| {
        found.iter().map(|found| describe(found)).collect::<Vec<_>>().join("\n\n")
    };
    let state = if let Some(first) = errors.first() {
        let more = match errors.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let finding = &first.finding;
        let message = format!("{}: {}{more}", finding.rule, first_line(&finding.message));
        State::Failed(Problem { text: all(&errors), ..Problem::new(&finding.rule, message) })
    } else if met == Met::Unknown {
        State::Skipped(Problem::new(
            "unknown",
            "not judged: the scenario was not played to the end",
        ))
    } else if let Some(first) = known.first() {
        let message = format!("known: {}{}", first.finding.rule, reason(&first.standing));
        State::Skipped(Problem { text: all(&known), ..Problem::new("known", message) })
    } else {
        State::Passed
    };
    let rest = findings.iter().filter(|found| found.finding.severity != Severity::Error);
    let output = rest.map(|found| describe(found)).collect::<Vec<_>>().join("\n\n");
    Case { output, ..Case::new(name, state) }
}

fn gate(report: &Report) -> Suite<'_> {
    let state = match report.verdict.outcome {
        Outcome::Empty => State::Error(Problem::new("empty", report.headline())),
        _ => State::Passed,
    };
    let mut cases = vec![Case::new("the run proves something", state).saying(&report.headline())];
    // The errors stand in the cases they concern.
    let limits = report.verdict.criteria.iter().filter(|criterion| criterion.name != "errors");
    cases.extend(limits.map(limit));
    Suite { name: "gate".to_owned(), run: None, cases }
}

fn limit<'a>(criterion: &Criterion) -> Case<'a> {
    let text = format!("{} is {}", criterion.name, criterion.shown());
    let state = if criterion.passed {
        State::Passed
    } else {
        State::Failed(Problem::new("limit", format!("{text} where {} is asked", criterion.limit)))
    };
    Case::new(format!("{} {}", criterion.name, criterion.limit), state).saying(&text)
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

/// A finding in full.
pub(super) fn describe(found: &ReportedFinding) -> String {
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

/// The reason in brackets, where there is one.
fn reason(standing: &Standing) -> String {
    match standing {
        Standing::Known { reason } if !reason.is_empty() => format!(" ({reason})"),
        _ => String::new(),
    }
}

/// The first line of a text.
pub(super) fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
