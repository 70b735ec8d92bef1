//! What each profile costs, from the ledger of the flows as written, and what was blocked.

use std::collections::BTreeMap;

use crate::capture::Capture;
use crate::event::{Channel, Expectation};
use crate::finding::Finding;
use crate::join::{SessionFacts, Tables};
use crate::report::{BlockedRow, VisitorRow};

/// The rule whose findings name events that consent forbids.
const FORBIDDEN: &str = "event-without-consent";

/// One row per event type and profile, in the order in which the flows expect them.
pub(super) fn visitors(tables: &Tables, findings: &[&Finding]) -> Vec<VisitorRow> {
    let mut rows: Vec<VisitorRow> = Vec::new();
    let played = |facts: &&SessionFacts| facts.played && facts.visit.variant.is_empty();
    for facts in tables.sessions.iter().filter(played) {
        let told = facts.expect.iter().filter(|expected| !expected.open);
        let told = told.map(|expected| (expected, false));
        let untold = facts.visit.untold.iter().map(|expected| (expected, true));
        for (expected, silent) in told.chain(untold) {
            add(&mut rows, facts, expected, silent, tables);
        }
    }
    for found in findings.iter().filter(|found| found.rule == FORBIDDEN) {
        let facts = tables.sessions.iter().find(|facts| Some(facts.session) == found.session);
        let Some((facts, event)) = facts.zip(found.event.as_ref()) else { continue };
        let row = row_of(&mut rows, event, &facts.profile);
        row.forbidden += u64::from(found.count);
    }
    rows
}

fn row_of<'a>(rows: &'a mut Vec<VisitorRow>, event: &str, profile: &str) -> &'a mut VisitorRow {
    let same = |row: &VisitorRow| row.event == event && row.profile == profile;
    let at = rows.iter().position(same).unwrap_or_else(|| {
        rows.push(VisitorRow {
            event: event.to_owned(),
            profile: profile.to_owned(),
            ..VisitorRow::default()
        });
        rows.len() - 1
    });
    &mut rows[at]
}

fn add(
    rows: &mut Vec<VisitorRow>,
    facts: &SessionFacts,
    expected: &Expectation,
    silent: bool,
    tables: &Tables,
) {
    let entry = tables
        .ledger
        .iter()
        .find(|entry| entry.session == Some(facts.session) && entry.event == expected.event);
    let happened = u64::from(expected.count);
    let seen = |channel: Channel| {
        let seen = entry.map_or(0, |entry| match channel {
            Channel::Browser => entry.browser,
            Channel::Server => entry.server,
        });
        u64::from(seen).min(happened)
    };
    let counted = entry.map_or(0, |entry| u64::from(entry.counted()));
    let row = row_of(rows, &expected.event, &facts.profile);
    row.conversions += happened;
    row.browser += seen(Channel::Browser);
    row.server += seen(Channel::Server);
    row.counted += counted;
    row.kept += counted.min(happened);
    row.silent |= silent;
}

/// Requests that were kept back, by profile and rule.
pub(super) fn blocked(capture: &Capture, tables: &Tables) -> Vec<BlockedRow> {
    let mut rows: BTreeMap<(&str, &str), BlockedRow> = BTreeMap::new();
    for one in &capture.blocked {
        let Some(facts) = tables.sessions.iter().find(|facts| facts.session == one.session) else {
            continue;
        };
        let row = rows.entry((&facts.profile, &one.rule)).or_insert_with(|| BlockedRow {
            profile: facts.profile.clone(),
            rule: one.rule.clone(),
            example: one.url.clone(),
            requests: 0,
            session: one.session,
        });
        row.requests += 1;
    }
    rows.into_values().collect()
}
