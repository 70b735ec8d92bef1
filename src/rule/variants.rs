//! Variants: flows with a twist, each with what must hold in it.
//!
//! What a twist adds to the flow is no conversion. Rules of other families leave to these
//! what a twist alone explains.
//! Never how a twist is played.

pub(super) mod event_from_crawler;
pub(super) mod event_id_cached_across_visitors;
pub(super) mod lost_when_pixel_blocked;
pub(super) mod lost_when_tab_closed;
pub(super) mod refired_on_back;
pub(super) mod refired_on_double_click;
pub(super) mod refired_on_reload;
pub(super) mod refired_on_revisit;
pub(super) mod second_tab_double_fire;

use polars::prelude::*;

use super::pick::{Group, groups};
use super::suspects::told_in;
use super::{Offence, Row};
use crate::event::Channel;
use crate::join::{Conversion, SessionFacts, Tables};
use crate::visitor::Twist;

/// Its rules, in the order of the catalogue.
pub(super) const RULES: &[&super::Rule] = &[
    &refired_on_reload::RULE,
    &refired_on_revisit::RULE,
    &refired_on_double_click::RULE,
    &refired_on_back::RULE,
    &event_id_cached_across_visitors::RULE,
    &lost_when_pixel_blocked::RULE,
    &event_from_crawler::RULE,
    &lost_when_tab_closed::RULE,
    &second_tab_double_fire::RULE,
];

/// True where an event that comes once more than it should is one of these rules' to say.
pub(super) fn explains_more(facts: &SessionFacts) -> bool {
    matches!(
        facts.twist(),
        Some(
            Twist::Reload
                | Twist::BackAndForward
                | Twist::NextDay
                | Twist::DoubleClick
                | Twist::SecondTab
                | Twist::Crawl
        )
    )
}

/// True where a conversion that no channel tells of is one of these rules' to say.
pub(super) fn explains_less(facts: &SessionFacts) -> bool {
    facts.twist() == Some(Twist::CloseTab) || facts.circumstances().keeps_the_pixel_out()
}

/// Conversions that a side tells of once more after the flow was twisted: by an identity
/// that was not there before, or by none. A repeat under the same event ID is no new
/// conversion for the platform and is left to the rules on duplicates.
fn refired(tables: &Tables, twist: Twist) -> PolarsResult<LazyFrame> {
    let mut found = Vec::new();
    for facts in tables.sessions.iter().filter(|facts| facts.twist() == Some(twist)) {
        let Some(since) = facts.visit.twisted_at else { continue };
        for expected in facts.expect.iter().filter(|expected| !expected.open) {
            for channel in Channel::ALL {
                let rows: Vec<usize> = told_in(tables, facts.session)
                    .filter(|(_, event)| event.channel == channel && event.name() == expected.event)
                    .map(|(row, _)| row)
                    .collect();
                let late = |row: &usize| tables.events[*row].caught >= since;
                let surplus = rows.len().saturating_sub(expected.count as usize);
                let again: Vec<usize> = rows.iter().copied().filter(late).collect();
                if surplus == 0 || again.is_empty() {
                    continue;
                }
                let nameless = again.iter().all(|row| {
                    tables.events[*row].id.as_deref().is_none_or(|id| id.trim().is_empty())
                });
                let cause = if nameless { "without event ID" } else { "under another event ID" };
                found.push(Group {
                    event: Some(expected.event.clone()),
                    channel: Some(channel),
                    session: Some(facts.session),
                    cause: cause.to_owned(),
                    rows: again,
                });
            }
        }
    }
    groups(tables, &found)
}

/// The words for a row of [`refired`]: `when` ends the sentence "… was told again when".
fn told_again(row: &Row<'_>, when: &str, fix: &str) -> Option<Offence> {
    let (times, cause) = (row.count("times")?, row.text("cause")?);
    let side = row.text("channel").unwrap_or_default();
    let times = if times == 1 { "once more".to_owned() } else { format!("{times} times more") };
    Some(
        Offence::new(
            format!(
                "{} was told {times} by the {side} {when}, {cause}: the platform counts a conversion that nobody made",
                row.event()
            ),
            fix,
        )
        .because(cause),
    )
}

/// Expected conversions of a session that the server did not tell of.
fn unsaid<'a>(tables: &'a Tables, facts: &'a SessionFacts) -> impl Iterator<Item = &'a Conversion> {
    tables.ledger.iter().filter(|entry| entry.session == Some(facts.session)).filter(|entry| {
        facts.expectation(&entry.event).is_some_and(|expected| {
            !expected.open
                && expected.wants(Channel::Server)
                && entry.server < expected.count
                && entry.seen < expected.count
        })
    })
}

/// A group for each conversion of these sessions that is lost, rows of what was told of it.
fn lost(tables: &Tables, of: impl Fn(&SessionFacts) -> Option<String>) -> PolarsResult<LazyFrame> {
    let mut found = Vec::new();
    for facts in tables.sessions.iter().filter(|facts| facts.played) {
        let Some(cause) = of(facts) else { continue };
        for entry in unsaid(tables, facts) {
            found.push(Group {
                event: Some(entry.event.clone()),
                channel: Some(Channel::Server),
                session: Some(facts.session),
                cause: cause.clone(),
                rows: Vec::new(),
            });
        }
    }
    groups(tables, &found)
}
