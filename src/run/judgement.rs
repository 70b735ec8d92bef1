//! From a capture to findings: decode, join, ask every rule.
//!
//! Pure: the same capture always gives the same findings, whether it was recorded a
//! moment or a year ago.

use std::collections::{BTreeMap, BTreeSet};

use crate::capture::{Capture, SessionStart, SessionStatus, TwistMark};
use crate::event::{Channel, Defect, Event, mask_url};
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
    /// What was wrong in attempts that were played to the end and then again, by session.
    pub earlier: BTreeMap<u32, Vec<Finding>>,
}

/// Judges a capture by what the platform publishes and the rules' own figures.
pub fn judgement(capture: &Capture) -> Result<Judgement, Error> {
    judgement_by(&Settings::default(), capture)
}

/// Judges a capture.
///
/// Of a combination that was played again, only the last attempt is judged; one that cannot
/// be played with its flow is not judged at all.
pub fn judgement_by(settings: &Settings, capture: &Capture) -> Result<Judgement, Error> {
    let mut judged = judged(settings, capture, u32::MAX)?;
    let played = |session: &u32| {
        capture.end_of(*session).is_some_and(|end| end.status == SessionStatus::Played)
    };
    let replaced: BTreeSet<u32> =
        superseded(capture, u32::MAX).into_iter().filter(played).collect();
    let attempts: BTreeSet<u32> = capture
        .sessions
        .iter()
        .filter(|start| replaced.contains(&start.session))
        .map(|start| start.attempt)
        .collect();
    for attempt in attempts {
        let then = self::judged(settings, capture, attempt)?;
        for finding in then.findings {
            if let Some(session) = finding.session.filter(|session| replaced.contains(session)) {
                judged.earlier.entry(session).or_default().push(finding);
            }
        }
    }
    Ok(judged)
}

/// Judges what there was when no combination had been played more often than so.
fn judged(settings: &Settings, capture: &Capture, attempts: u32) -> Result<Judgement, Error> {
    let (mut events, mut defects) = decode(capture);
    let all: Vec<SessionFacts> =
        capture.sessions.iter().map(|start| facts(capture, start)).collect();
    set_clocks_back(&mut events, capture);
    let mut superseded = superseded(capture, attempts);
    let later = capture.sessions.iter().filter(|start| start.attempt > attempts);
    superseded.extend(later.map(|start| start.session));
    let not_applicable =
        capture.ends.iter().filter(|end| end.status == SessionStatus::NotApplicable);
    let mut left_out = superseded.clone();
    left_out.extend(not_applicable.map(|end| end.session));
    if !left_out.is_empty() {
        attribute(PLATFORMS[0], &mut events, &all);
        events.retain(|event| event.session.is_none_or(|session| !left_out.contains(&session)));
        defects.retain(|defect| defect.session.is_none_or(|session| !left_out.contains(&session)));
        for event in events.iter_mut().filter(|event| event.channel == Channel::Server) {
            event.session = None;
        }
    }
    let judged = all.into_iter().filter(|facts| !superseded.contains(&facts.session)).collect();
    let platform = PLATFORMS[0];
    let mut tables = tables_by(settings, platform, events, defects, judged)
        .map_err(|source| Error::Engine { stage: "join", what: source.to_string() })?;
    tables.ask_orders(&capture.orders);
    let distrusting = capture.troubles.iter().filter(|trouble| trouble.distrust);
    tables.unseen = distrusting.map(|trouble| trouble.what.clone()).collect();
    tables.refused = refused(capture);
    let findings = judge(&tables).map_err(|JudgeError { rule, source }| Error::Engine {
        stage: rule,
        what: source.to_string(),
    })?;
    Ok(Judgement { tables, findings, earlier: BTreeMap::new() })
}

/// Requests that a browser says have failed, and that no tap has: what is on the tape was
/// delivered, whatever the browser says of it.
fn refused(capture: &Capture) -> Vec<(u32, String)> {
    let caught: BTreeSet<(u32, &str)> = capture
        .exchanges
        .iter()
        .filter_map(|exchange| Some((exchange.session?, exchange.request.url.as_str())))
        .collect();
    let failed = capture.attempts.iter().filter_map(|attempt| {
        let error = attempt.error.as_ref()?;
        let lost = !caught.contains(&(attempt.session, attempt.url.as_str()));
        let address = mask_url(&attempt.url);
        lost.then(|| (attempt.session, format!("{} {address}: {error}", attempt.method)))
    });
    failed.collect()
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
    if !capture.recordings.is_empty() {
        keep_apart(capture, &mut events);
    }
    (events, defects)
}

/// Notes the run of each event of a merged tape.
///
/// Runs that had a back end each may well have made the same event IDs (the first order of
/// each is number 1): they are no copies of each other, so an ID of several runs gets the
/// number of its run.
fn keep_apart(capture: &Capture, events: &mut [Event]) {
    let mut runs: BTreeMap<(String, String, String), BTreeSet<u32>> = BTreeMap::new();
    let identity = |event: &Event| {
        let id = event.id.clone().filter(|id| !id.is_empty())?;
        Some((event.pixel.clone(), event.name().to_owned(), id))
    };
    for event in events.iter_mut() {
        event.recording = capture.recording_of_exchange(event.exchange);
        if let Some(identity) = identity(event) {
            runs.entry(identity).or_default().insert(event.recording);
        }
    }
    for event in events {
        let shared = identity(event).and_then(|of| runs.get(&of)).is_some_and(|of| of.len() > 1);
        if let Some(id) = event.id.as_mut().filter(|_| shared) {
            id.push_str(&format!(" (run {})", event.recording));
        }
    }
}

/// Takes back what a profile or variant put the clocks of pages ahead by, so that times of
/// the browser can be held against those of the server.
fn set_clocks_back(events: &mut [Event], capture: &Capture) {
    let moved: Vec<(u32, i64, i64)> = capture
        .steps
        .iter()
        .filter_map(|step| match step.twist {
            Some(TwistMark::Clock(ahead)) => {
                Some((step.session, step.at + step.millis as i64, ahead))
            }
            _ => None,
        })
        .collect();
    if moved.is_empty() {
        return;
    }
    for event in events.iter_mut().filter(|event| event.channel == Channel::Browser) {
        let ahead: i64 = moved
            .iter()
            .filter(|(session, from, _)| Some(*session) == event.session && event.caught >= *from)
            .map(|(.., ahead)| ahead)
            .sum();
        if let Some(time) = event.time.as_mut().and_then(|time| time.millis.as_mut()) {
            *time -= ahead;
        }
    }
}

/// What is played again when it broke: file, scenario, profile, variant, repetition.
type Combination<'a> = (&'a str, &'a str, &'a str, &'a str, u32);

fn combination(start: &SessionStart) -> Combination<'_> {
    (&start.file, &start.scenario, &start.profile, &start.variant, start.repeat)
}

/// Sessions that a later attempt of the same combination replaces, among so many attempts.
fn superseded(capture: &Capture, attempts: u32) -> BTreeSet<u32> {
    let mut last: BTreeMap<(u32, Combination<'_>), &SessionStart> = BTreeMap::new();
    let mut replaced = BTreeSet::new();
    for start in capture.sessions.iter().filter(|start| start.attempt <= attempts) {
        let of = (capture.recording_of_session(start.session), combination(start));
        if let Some(earlier) = last.get(&of)
            && earlier.attempt < start.attempt
        {
            replaced.insert(earlier.session);
        }
        last.insert(of, start);
    }
    replaced
}

/// By what the session's calls are known: what the test person leaves, and the cookies that
/// the visitor's browser had, which a blocked pixel never shows.
fn marks(capture: &Capture, start: &SessionStart) -> Vec<String> {
    let mut marks: BTreeSet<String> = start.marks.iter().cloned().collect();
    let steps = capture.steps.iter().filter(|step| step.session == start.session);
    for cookie in steps.flat_map(|step| &step.cookies) {
        let value = cookie.value.as_deref().filter(|value| !value.is_empty());
        for platform in PLATFORMS {
            marks.extend(
                value.iter().flat_map(|value| (platform.cookie_traces)(&cookie.name, value)),
            );
        }
    }
    marks.into_iter().collect()
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
    // What could not be played brought nothing about.
    let inapplicable = end.is_some_and(|end| end.status == SessionStatus::NotApplicable);
    SessionFacts {
        recording: capture.recording_of_session(start.session),
        session: start.session,
        scenario: start.scenario.clone(),
        file: start.file.clone(),
        profile: start.profile.clone(),
        opened: start.at,
        closed: end.map(|end| end.at),
        marks: marks(capture, start),
        persona: start.persona.clone(),
        expect: if inapplicable { Vec::new() } else { start.expect.clone() },
        never: if inapplicable { Vec::new() } else { start.never.clone() },
        played: end.is_some_and(|end| end.status == SessionStatus::Played),
        site_answers: end.map_or(0, |end| end.site_answers),
        visit: visit(capture, start),
    }
}
