//! ## What it checks
//! A second try of a server event is the same event: same event ID, same time. Asked of
//! tries after a refusal or failure, and of those that a client makes though the first one
//! was taken.
//!
//! ## Why it matters
//! A failed answer does not mean that nothing was counted. With a new ID the second try is
//! a second conversion, and it no longer merges with the browser's half; with a new time
//! the conversion moves away from the moment of the click.
//!
//! ## How to fix
//! Build the event once, store it with the job, and send the stored text again. Only the
//! request may be new, not what is in it.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": the fallback never removes two server
//! events; Meta, best practices: event_time is the time of the action.

use polars::prelude::*;

use super::retry::{Change, retries};
use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "retry-not-idempotent",
    title: "a second try with a new event ID or time",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("retry_not_idempotent.rs"),
};

const NEW_ID: &str = "new event ID";
const NEW_TIME: &str = "new time";

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let found = retries(tables).into_iter().map(|retry| {
        let event = &tables.events[retry.again];
        let cause = if retry.change == Change::Id { NEW_ID } else { NEW_TIME };
        Group {
            event: event.name.clone(),
            channel: Some(Channel::Server),
            session: event.session,
            cause: cause.to_owned(),
            rows: vec![retry.first, retry.again],
        }
    });
    groups(tables, &gather(found))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (event, cause) = (row.event(), row.text("cause")?);
    let rows = row.list("rows");
    let id = |at: usize| tables.events.get(*rows.get(at)? as usize)?.id.as_deref();
    let (first, again) = (id(0)?, id(1)?);
    let message = if cause == NEW_ID {
        format!(
            "{event} \"{first}\" was tried again as \"{again}\"; if the first try was counted, so is the second"
        )
    } else {
        format!(
            "{event} \"{first}\" was tried again with the time of the try instead of the action"
        )
    };
    Some(
        Offence::new(message, "build the event once, store it, and send the stored text again")
            .because(cause),
    )
}
