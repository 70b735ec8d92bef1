//! How each scenario went: the judged attempt, the ones before it, what it expected and
//! what came of that.

use std::collections::{BTreeMap, HashMap};

use crate::capture::{Capture, SessionStart, SessionStatus};
use crate::event::{Channel, Event, Place};
use crate::finding::{Finding, Severity};
use crate::join::{SessionFacts, Tables};
use crate::report::{
    Attempt, ExpectationResult, Met, NeverResult, PerChannel, ReportedFinding, ScenarioRun, Status,
};

/// How the session of each scenario went.
pub(super) fn scenarios(
    capture: &Capture,
    tables: &Tables,
    findings: &[ReportedFinding],
    found_before: &BTreeMap<u32, Vec<ReportedFinding>>,
) -> Vec<ScenarioRun> {
    let mut of_session: HashMap<u32, Of<'_>> = HashMap::new();
    for found in findings {
        if let Some(session) = found.finding.session
            && found.is_new()
            && found.finding.severity == Severity::Error
        {
            of_session.entry(session).or_default().errors.push(&found.finding);
        }
    }
    for event in &tables.events {
        if let Some(session) = event.session {
            of_session.entry(session).or_default().events.push(event);
        }
    }
    let nothing = Of::default();
    let of = |session: u32| of_session.get(&session).unwrap_or(&nothing);
    tables
        .sessions
        .iter()
        .map(|facts| scenario(facts, capture, tables, of(facts.session), found_before))
        .collect()
}

/// What belongs to one session.
#[derive(Default)]
struct Of<'a> {
    /// New errors.
    errors: Vec<&'a Finding>,
    events: Vec<&'a Event>,
}

fn scenario(
    facts: &SessionFacts,
    capture: &Capture,
    tables: &Tables,
    of: &Of<'_>,
    found_before: &BTreeMap<u32, Vec<ReportedFinding>>,
) -> ScenarioRun {
    let end = capture.end_of(facts.session);
    let failed = !of.errors.is_empty();
    let status = match end.map(|end| end.status) {
        Some(SessionStatus::Played) if failed => Status::Failed,
        Some(SessionStatus::Played) => Status::Passed,
        Some(SessionStatus::Broken) => Status::Broken,
        Some(SessionStatus::NotApplicable) => Status::NotApplicable,
        Some(SessionStatus::Stopped) | None => Status::Stopped,
    };
    let start = capture.sessions.iter().find(|start| start.session == facts.session);
    let earlier = capture
        .sessions
        .iter()
        .filter(|other| start.is_some_and(|start| is_earlier_attempt(other, start)))
        .map(|other| {
            let found = found_before.get(&other.session).map(Vec::as_slice);
            attempt(other, capture, found.unwrap_or_default())
        })
        .collect();
    ScenarioRun {
        session: facts.session,
        name: facts.scenario.clone(),
        file: facts.file.clone(),
        profile: facts.profile.clone(),
        variant: facts.visit.variant.clone(),
        repeat: start.map_or(0, |start| start.repeat),
        status,
        seconds: end.map_or(0.0, |end| end.millis as f64 / 1000.0),
        attempt: start.map_or(1, |start| start.attempt),
        earlier,
        error: match end {
            Some(end) => end.error.clone(),
            None => Some("the recording was cut off before the session ended".to_owned()),
        },
        screenshot: end.and_then(|end| end.screenshot.clone()),
        site_answers: facts.site_answers,
        expectations: expectations(facts, tables, of),
        never: nevers(facts, of),
    }
}

fn is_earlier_attempt(other: &SessionStart, start: &SessionStart) -> bool {
    other.file == start.file
        && other.scenario == start.scenario
        && other.profile == start.profile
        && other.variant == start.variant
        && other.repeat == start.repeat
        && other.attempt < start.attempt
}

fn attempt(start: &SessionStart, capture: &Capture, found: &[ReportedFinding]) -> Attempt {
    let end = capture.end_of(start.session);
    let is_error = |found: &&ReportedFinding| found.finding.severity == Severity::Error;
    let errors: Vec<ReportedFinding> = found.iter().filter(is_error).cloned().collect();
    Attempt {
        attempt: start.attempt,
        status: match end.map(|end| end.status) {
            Some(SessionStatus::Played) if !errors.is_empty() => Status::Failed,
            Some(SessionStatus::Played) => Status::Passed,
            Some(SessionStatus::Broken) => Status::Broken,
            Some(SessionStatus::NotApplicable) => Status::NotApplicable,
            Some(SessionStatus::Stopped) | None => Status::Stopped,
        },
        seconds: end.map_or(0.0, |end| end.millis as f64 / 1000.0),
        error: if errors.is_empty() {
            end.and_then(|end| end.error.clone())
        } else {
            Some(in_words(&errors))
        },
        errors,
    }
}

/// What was found in an attempt, a line each.
fn in_words(errors: &[ReportedFinding]) -> String {
    let line = |found: &ReportedFinding| {
        let Finding { rule, message, .. } = &found.finding;
        format!("{rule}: {message}")
    };
    errors.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn caught(of: &Of<'_>, event: &str) -> PerChannel<u64> {
    let on = |channel: Channel| {
        let own = of.events.iter();
        own.filter(|found| found.channel == channel && found.name() == event).count() as u64
    };
    PerChannel { browser: on(Channel::Browser), server: on(Channel::Server) }
}

fn expectations(facts: &SessionFacts, tables: &Tables, of: &Of<'_>) -> Vec<ExpectationResult> {
    facts
        .expect
        .iter()
        .map(|expectation| {
            let seen = caught(of, &expectation.event);
            let counted = tables
                .ledger
                .iter()
                .find(|entry| {
                    entry.session == Some(facts.session) && entry.event == expectation.event
                })
                .map_or(0, crate::join::Conversion::counted);
            let event = Some(expectation.event.as_str());
            let faulted = of.errors.iter().any(|error| error.event.as_deref() == event);
            let exact = if expectation.open {
                counted >= expectation.count
            } else {
                counted == expectation.count
            };
            let met = if facts.played { Met::from_bool(exact && !faulted) } else { Met::Unknown };
            ExpectationResult {
                expectation: expectation.clone(),
                browser: seen.browser,
                server: seen.server,
                counted: counted.into(),
                met,
            }
        })
        .collect()
}

fn nevers(facts: &SessionFacts, of: &Of<'_>) -> Vec<NeverResult> {
    facts
        .never
        .iter()
        .map(|event| {
            let seen = caught(of, event);
            let total = seen.browser + seen.server;
            let met = match total {
                0 if !facts.played => Met::Unknown,
                total => Met::from_bool(total == 0),
            };
            NeverResult { event: event.clone(), place: Place::default(), caught: total, met }
        })
        .collect()
}
