//! Fills a report from a capture, its joined tables and the weighed findings.
//!
//! Plain results only: figures are copied, never judged. Texts pass the masks on the way.

use std::collections::BTreeMap;

use super::{
    Attempt, Conversion, Duplicates, EventRow, ExpectationResult, Location, Met, NeverResult,
    PerChannel, Report, ReportedFinding, ScenarioRun, Share, Standing, Status, UnattributedCall,
    Verdict,
};
use crate::capture::{Capture, SessionStart, SessionStatus};
use crate::event::{Channel, MatchKey, Place, mask_url};
use crate::finding::{Finding, Severity};
use crate::join::{SessionFacts, Tables};

/// What a report is made of.
pub struct Material<'a> {
    /// Program and version.
    pub tool: &'a str,
    /// Short name of the run.
    pub name: &'a str,
    /// The tape's path as the user would write it.
    pub tape: Option<String>,
    /// What was caught.
    pub capture: &'a Capture,
    /// The same, joined.
    pub tables: &'a Tables,
    /// Findings that carry the policy's severities.
    pub findings: Vec<Finding>,
    /// Title of a rule.
    pub title: &'a dyn Fn(&str) -> String,
}

/// Draws up the report; the verdict is still open.
pub fn build(material: Material<'_>) -> Report {
    let Material { tool, name, tape, capture, tables, findings, title } = material;
    let findings: Vec<ReportedFinding> =
        findings.into_iter().map(|finding| reported(finding, tables, title)).collect();
    let mut report = Report {
        tool: tool.to_owned(),
        name: name.to_owned(),
        pixel_script: capture.opening.pixel_script.clone(),
        site: mask_url(&capture.opening.site),
        browser: capture.opening.browser.clone(),
        started: capture.opening.started,
        seconds: seconds(capture),
        tape,
        events: events(tables),
        conversions: conversions(tables),
        defects: tables.defects.clone(),
        scenarios: tables
            .sessions
            .iter()
            .map(|facts| scenario(facts, capture, tables, &findings))
            .collect(),
        unattributed: unattributed(tables),
        findings,
        limits: Vec::new(),
        verdict: Verdict::default(),
    };
    report.limits = limits(&report, capture);
    report
}

fn seconds(capture: &Capture) -> f64 {
    let last = capture.end.as_ref().map(|end| end.at).or_else(|| {
        let ends = capture.ends.iter().map(|end| end.at);
        ends.chain(capture.exchanges.iter().map(|exchange| exchange.at)).max()
    });
    last.map_or(0.0, |last| (last - capture.opening.started).max(0) as f64 / 1000.0)
}

fn reported(finding: Finding, tables: &Tables, title: &dyn Fn(&str) -> String) -> ReportedFinding {
    let facts = tables.sessions.iter().find(|facts| Some(facts.session) == finding.session);
    let location = facts.map(|facts| Location {
        file: facts.file.clone(),
        place: finding
            .event
            .as_deref()
            .and_then(|event| facts.expectation(event))
            .map_or_else(Place::default, |expectation| expectation.place),
    });
    ReportedFinding {
        title: title(&finding.rule),
        location,
        profile: facts.map(|facts| facts.profile.clone()),
        standing: Standing::New,
        finding,
    }
}

/// Rows in the order in which a flow first meets each event, so that a table reads like a visit.
fn events(tables: &Tables) -> Vec<EventRow> {
    let first = |name: &str| tables.events.iter().position(|event| event.name() == name);
    let mut counts = tables.counts();
    counts.sort_by_key(|counts| first(&counts.event).unwrap_or(usize::MAX));
    counts
        .into_iter()
        .map(|counts| {
            let mut row = EventRow {
                conversions: counts.conversions.map(u64::from),
                browser: counts.browser.into(),
                server: counts.server.into(),
                paired: counts.paired.into(),
                browser_only: counts.browser_only.into(),
                server_only: counts.server_only.into(),
                explained: explained(tables, &counts.event),
                duplicates: Duplicates {
                    browser: counts.browser_duplicates.into(),
                    server: counts.server_duplicates.into(),
                },
                counted: counts.counted.into(),
                refused: counts.refused.into(),
                ..EventRow::new(counts.event)
            };
            for of in tables.coverage.iter().filter(|coverage| coverage.event == row.event) {
                let whole = u64::from(of.events);
                let share = |count: &u32| Share::new(u64::from(*count), whole);
                *row.coverage.of_mut(of.channel) = of
                    .keys
                    .iter()
                    .map(|(key, count)| (*key, share(count)))
                    .collect::<BTreeMap<MatchKey, Share>>();
                *row.parameters.of_mut(of.channel) = of
                    .parameters
                    .iter()
                    .map(|(name, count)| (name.clone(), share(count)))
                    .collect();
            }
            row
        })
        .collect()
}

/// One-sided events that their scenario wants on that side only.
fn explained(tables: &Tables, name: &str) -> u64 {
    tables
        .events
        .iter()
        .zip(&tables.standings)
        .filter(|(event, standing)| {
            event.name() == name
                && **standing == crate::join::Standing::Alone
                && tables.sessions.iter().any(|facts| {
                    Some(facts.session) == event.session
                        && !facts.wants(name, event.channel.other())
                })
        })
        .count() as u64
}

fn conversions(tables: &Tables) -> Vec<Conversion> {
    tables
        .ledger
        .iter()
        .map(|entry| {
            let facts = tables.sessions.iter().find(|facts| Some(facts.session) == entry.session);
            let kept: Vec<Channel> =
                entry.groups.iter().map(|group| tables.events[group.kept].channel).collect();
            let kept = match (kept.contains(&Channel::Browser), kept.contains(&Channel::Server)) {
                (true, true) => "both",
                (true, false) => "browser",
                (false, true) => "server",
                (false, false) => "",
            };
            let mut why: Vec<&str> = entry.groups.iter().map(|group| group.why).collect();
            why.dedup();
            Conversion {
                scenario: facts.map(|facts| facts.scenario.clone()).unwrap_or_default(),
                session: entry.session,
                event: entry.event.clone(),
                expected: entry.real().into(),
                counted: entry.counted().into(),
                kept: kept.to_owned(),
                why: if entry.groups.is_empty() {
                    "nothing that would be counted came".to_owned()
                } else {
                    why.join("; ")
                },
                evidence: entry.evidence.clone(),
            }
        })
        .collect()
}

fn scenario(
    facts: &SessionFacts,
    capture: &Capture,
    tables: &Tables,
    findings: &[ReportedFinding],
) -> ScenarioRun {
    let end = capture.end_of(facts.session);
    let failed = findings.iter().any(|found| {
        found.is_new()
            && found.finding.severity == Severity::Error
            && found.finding.session == Some(facts.session)
    });
    let status = match end.map(|end| end.status) {
        Some(SessionStatus::Played) if failed => Status::Failed,
        Some(SessionStatus::Played) => Status::Passed,
        Some(SessionStatus::Broken) => Status::Broken,
        Some(SessionStatus::Stopped) | None => Status::Stopped,
    };
    let start = capture.sessions.iter().find(|start| start.session == facts.session);
    let earlier = capture
        .sessions
        .iter()
        .filter(|other| start.is_some_and(|start| is_earlier_attempt(other, start)))
        .map(|other| attempt(other, capture))
        .collect();
    ScenarioRun {
        session: facts.session,
        name: facts.scenario.clone(),
        file: facts.file.clone(),
        profile: facts.profile.clone(),
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
        expectations: expectations(facts, tables, findings),
        never: nevers(facts, tables),
    }
}

fn is_earlier_attempt(other: &SessionStart, start: &SessionStart) -> bool {
    other.file == start.file
        && other.scenario == start.scenario
        && other.profile == start.profile
        && other.attempt < start.attempt
}

fn attempt(start: &SessionStart, capture: &Capture) -> Attempt {
    let end = capture.end_of(start.session);
    Attempt {
        attempt: start.attempt,
        status: match end.map(|end| end.status) {
            Some(SessionStatus::Played) => Status::Passed,
            Some(SessionStatus::Broken) => Status::Broken,
            Some(SessionStatus::Stopped) | None => Status::Stopped,
        },
        seconds: end.map_or(0.0, |end| end.millis as f64 / 1000.0),
        error: end.and_then(|end| end.error.clone()),
    }
}

fn caught(facts: &SessionFacts, tables: &Tables, event: &str) -> PerChannel<u64> {
    let on = |channel: Channel| {
        tables
            .events
            .iter()
            .filter(|found| {
                found.session == Some(facts.session)
                    && found.channel == channel
                    && found.name() == event
            })
            .count() as u64
    };
    PerChannel { browser: on(Channel::Browser), server: on(Channel::Server) }
}

fn expectations(
    facts: &SessionFacts,
    tables: &Tables,
    findings: &[ReportedFinding],
) -> Vec<ExpectationResult> {
    facts
        .expect
        .iter()
        .map(|expectation| {
            let seen = caught(facts, tables, &expectation.event);
            let counted = tables
                .ledger
                .iter()
                .find(|entry| {
                    entry.session == Some(facts.session) && entry.event == expectation.event
                })
                .map_or(0, crate::join::Conversion::counted);
            let faulted = findings.iter().any(|found| {
                found.is_new()
                    && found.finding.severity == Severity::Error
                    && found.finding.session == Some(facts.session)
                    && found.finding.event.as_deref() == Some(expectation.event.as_str())
            });
            let met = if facts.played {
                Met::from_bool(counted == expectation.count && !faulted)
            } else {
                Met::Unknown
            };
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

fn nevers(facts: &SessionFacts, tables: &Tables) -> Vec<NeverResult> {
    facts
        .never
        .iter()
        .map(|event| {
            let seen = caught(facts, tables, event);
            let total = seen.browser + seen.server;
            let met = match total {
                0 if !facts.played => Met::Unknown,
                total => Met::from_bool(total == 0),
            };
            NeverResult { event: event.clone(), place: Place::default(), caught: total, met }
        })
        .collect()
}

fn unattributed(tables: &Tables) -> Vec<UnattributedCall> {
    if tables.sessions.is_empty() {
        return Vec::new();
    }
    let mut calls: Vec<UnattributedCall> = Vec::new();
    for event in tables.events.iter().filter(|event| event.session.is_none()) {
        match calls.iter_mut().find(|call| call.exchange == event.exchange) {
            Some(call) => call.events.push(event.name().to_owned()),
            None => calls.push(UnattributedCall {
                exchange: event.exchange,
                pixel: event.pixel.clone(),
                events: vec![event.name().to_owned()],
                why: "no event ID, browser id or digest of any session, and not exactly one session open".to_owned(),
            }),
        }
    }
    calls
}

/// What the run cannot prove, said plainly.
fn limits(report: &Report, capture: &Capture) -> Vec<String> {
    let mut limits = Vec::new();
    if capture.end.is_none() {
        limits.push(
            "The recording was cut off; what came after is unknown, and absence proves nothing."
                .to_owned(),
        );
    } else if capture.end.as_ref().is_some_and(|end| end.stopped) {
        limits.push(
            "The run was stopped by hand; scenarios after that point were not played.".to_owned(),
        );
    }
    if report.pixel_script == "stand-in" {
        limits.push(
            "Pages ran our stand-in for the pixel script, which speaks the same wire format; \
             what Meta's own script would add by itself was not seen (use --pixel-script FILE)."
                .to_owned(),
        );
    }
    limits.push(
        "Counts are predicted from Meta's published rules; nothing was sent to Meta, and Meta did not confirm them."
            .to_owned(),
    );
    let broken = report.scenarios.iter().filter(|run| run.status == Status::Broken).count();
    if broken > 0 {
        limits.push(format!("{broken} scenario(s) broke off; their missing events prove nothing."));
    }
    limits
}
