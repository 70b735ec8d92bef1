//! From a capture to findings: decode, join, ask every rule.
//!
//! Pure: the same capture always gives the same findings, whether it was recorded a
//! moment or a year ago.

use std::collections::{BTreeMap, BTreeSet};

use crate::capture::{Capture, SessionStart, SessionStatus, TwistMark};
use crate::event::{Channel, Defect, Event};
use crate::finding::{Finding, Settings};
use crate::join::{SessionFacts, Tables, Visit, attribute, tables_by};
use crate::platform::PLATFORMS;
use crate::rule::{JudgeError, judge};

use super::Error;

/// A capture, judged.
pub struct Judgement {
    /// The joined tables.
    pub tables: Tables,
    /// What is wrong, with default severities, in the order of reports.
    pub findings: Vec<Finding>,
}

/// Judges a capture by what the platform publishes and the rules' own figures.
pub fn judgement(capture: &Capture) -> Result<Judgement, Error> {
    judgement_by(&Settings::default(), capture)
}

/// Judges a capture.
///
/// Of a scenario that was played again, only the last attempt is judged.
pub fn judgement_by(settings: &Settings, capture: &Capture) -> Result<Judgement, Error> {
    let (mut events, mut defects) = decode(capture);
    let all: Vec<SessionFacts> =
        capture.sessions.iter().map(|start| facts(capture, start)).collect();
    let superseded = superseded(&capture.sessions);
    if !superseded.is_empty() {
        attribute(PLATFORMS[0], &mut events, &all);
        events.retain(|event| event.session.is_none_or(|session| !superseded.contains(&session)));
        defects
            .retain(|defect| defect.session.is_none_or(|session| !superseded.contains(&session)));
        for event in events.iter_mut().filter(|event| event.channel == Channel::Server) {
            event.session = None;
        }
    }
    let judged = all.into_iter().filter(|facts| !superseded.contains(&facts.session)).collect();
    let platform = PLATFORMS[0];
    let tables = tables_by(settings, platform, events, defects, judged)
        .map_err(|source| Error::Engine { stage: "join", what: source.to_string() })?;
    let findings = judge(&tables).map_err(|JudgeError { rule, source }| Error::Engine {
        stage: rule,
        what: source.to_string(),
    })?;
    Ok(Judgement { tables, findings })
}

fn decode(capture: &Capture) -> (Vec<Event>, Vec<Defect>) {
    let (mut events, mut defects) = (Vec::new(), Vec::new());
    for platform in PLATFORMS {
        let mut spoken = Vec::new();
        for exchange in &capture.exchanges {
            let decoded = (platform.decode)(exchange);
            spoken.extend(decoded.events);
            defects.extend(decoded.defects);
        }
        let mut spoken = (platform.settle)(spoken);
        (platform.callers)(capture, &mut spoken);
        events.extend(spoken);
    }
    (events, defects)
}

/// What is played again when it broke: file, scenario, profile, variant, repetition.
type Combination<'a> = (&'a str, &'a str, &'a str, &'a str, u32);

fn combination(start: &SessionStart) -> Combination<'_> {
    (&start.file, &start.scenario, &start.profile, &start.variant, start.repeat)
}

/// Sessions that a later attempt of the same combination replaces.
fn superseded(sessions: &[SessionStart]) -> BTreeSet<u32> {
    let mut last: BTreeMap<Combination<'_>, &SessionStart> = BTreeMap::new();
    let mut replaced = BTreeSet::new();
    for start in sessions {
        let of = combination(start);
        if let Some(earlier) = last.get(&of)
            && earlier.attempt < start.attempt
        {
            replaced.insert(earlier.session);
        }
        last.insert(of, start);
    }
    replaced
}

/// What the profile and the variant made of a session, from what its steps say.
fn visit(capture: &Capture, start: &SessionStart) -> Visit {
    let mut visit = Visit {
        variant: start.variant.clone(),
        circumstances: start.circumstances.clone(),
        untold: start.untold.clone(),
        ..Visit::default()
    };
    for step in capture.steps.iter().filter(|step| step.session == start.session) {
        match step.twist {
            Some(TwistMark::Agrees) => visit.agreed_at = Some(step.at),
            Some(TwistMark::Refuses) => visit.refused_at = Some(step.at),
            Some(TwistMark::Twist) => visit.twisted_at = visit.twisted_at.or(Some(step.at)),
            Some(TwistMark::Clock(_)) | None => {}
        }
    }
    visit
}

fn facts(capture: &Capture, start: &SessionStart) -> SessionFacts {
    let end = capture.end_of(start.session);
    SessionFacts {
        session: start.session,
        scenario: start.scenario.clone(),
        file: start.file.clone(),
        profile: start.profile.clone(),
        opened: start.at,
        closed: end.map(|end| end.at),
        marks: start.marks.clone(),
        persona: start.persona.clone(),
        expect: start.expect.clone(),
        never: start.never.clone(),
        played: end.is_some_and(|end| end.status == SessionStatus::Played),
        site_answers: end.map_or(0, |end| end.site_answers),
        visit: visit(capture, start),
    }
}
