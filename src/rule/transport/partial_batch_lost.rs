//! ## What it checks
//! Events that were refused through no fault of their own come again: those that shared a
//! request with a bad one, and those of a request that met a passing failure. The same
//! event, by its ID, must be accepted in a later call.
//!
//! ## Why it matters
//! A client that drops a refused batch, or never tries again after a failure of a minute,
//! loses conversions that nothing was wrong with.
//!
//! ## How to fix
//! On a passing failure (429, 5xx, codes 1, 2, 4 …) send the stored request again, later
//! each time. On a refusal, take out the event that is named, and send the rest at once.
//!
//! ## Source
//! Meta, using the API: the whole request is rejected; Meta, best practices: retry what is
//! not a client error.

use polars::prelude::*;

use super::retry::{Tries, is_passing};
use crate::event::{Channel, Event};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::CULPRIT;
use crate::rule::pairing::reuse::identity;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::words::several;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "partial-batch-lost",
    title: "sound events of a refused call that never come again",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("partial_batch_lost.rs"),
};

/// How long a client may wait before it tries again, milliseconds; what was watched for less
/// may still come. An engineering choice.
const PATIENCE_MS: i64 = 30_000;
const REFUSED: &str = "dropped after a refusal";
const FAILED: &str = "dropped after a failure";

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let culprits: std::collections::BTreeSet<u64> = tables
        .events
        .iter()
        .filter(|event| event.marks.contains_key(CULPRIT))
        .map(|event| event.exchange)
        .collect();
    if tables.events.iter().all(|event| event.refused.is_none()) {
        return groups(tables, &[]);
    }
    let tries = Tries::new(tables);
    let found = tables.events.iter().enumerate().filter_map(|(row, event)| {
        let innocent = is_passing(event)
            || (culprits.contains(&event.exchange) && !event.marks.contains_key(CULPRIT));
        let lost = event.channel == Channel::Server
            && event.refused.is_some()
            && innocent
            && !comes_again(tables, &tries, event);
        lost.then(|| Group {
            channel: Some(Channel::Server),
            session: event.session,
            cause: if is_passing(event) { FAILED } else { REFUSED }.to_owned(),
            rows: vec![row],
            ..Group::default()
        })
    });
    groups(tables, &gather(found))
}

/// True where the event is accepted later, by its identity; a try under a new ID is a fault
/// of its own, and no loss.
fn comes_again<'a>(tables: &'a Tables, tries: &Tries<'a>, lost: &'a Event) -> bool {
    let by_identity = identity(lost).into_iter().flat_map(|identity| tries.accepted(identity));
    by_identity.chain(tries.alike(lost)).any(|row| {
        let event = &tables.events[row];
        event.refused.is_none() && event.caught >= lost.caught && event.exchange != lost.exchange
    })
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (cause, times) = (row.text("cause")?, row.count("times")?);
    let rows = row.list("rows");
    let last = rows.iter().filter_map(|row| tables.events.get(*row as usize)).next_back()?;
    let why = last.refused.as_ref()?.title.clone();
    let end = tables
        .sessions
        .iter()
        .filter_map(|facts| facts.closed)
        // Events stand in order of arrival.
        .chain(tables.events.last().map(|event| event.caught))
        .max()?;
    let watched = end - last.caught;
    let events = several(times as usize, "event");
    let message = if cause == FAILED {
        format!("{events} met a passing failure ({why}) and never came again")
    } else {
        format!(
            "sound in themselves, {events} shared a call with a bad one ({why}) and never came again"
        )
    };
    let offence = Offence::new(
        message,
        "store the request; on a failure send it again, on a refusal send what was sound",
    )
    .because(cause);
    Some(if watched < PATIENCE_MS { offence.weighing(Severity::Warn) } else { offence })
}
