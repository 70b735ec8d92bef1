//! ## What it checks
//! A conversion that was sent is counted at least once. It is not where every copy of it
//! went in a request that the platform refuses.
//!
//! ## Why it matters
//! The code ran, the log says "sent", and the sale does not exist for the platform. One
//! side alone must carry the conversion when the other is blocked; a refused copy cannot.
//!
//! ## How to fix
//! Mend what the platform refuses: the findings on the same request name it. Read the
//! answer to each call, log its error, and raise an alarm on it.
//!
//! ## Source
//! Meta, "Conversions API, using the API": one invalid event fails the whole request.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use crate::event::Event;
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::INJECTED;
use crate::rule::transport::is_passing;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "not-counted",
    title: "a conversion that was sent and would not be counted",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("not_counted.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    Ok(tables
        .conversions
        .clone()
        .lazy()
        .filter(col("counted").lt(col("seen")).and(col("counted").lt(col("real")))))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let entry = tables.ledger.get(row.count("position")? as usize)?;
    let counted: BTreeSet<usize> =
        entry.groups.iter().flat_map(|group| group.copies.iter().copied()).collect();
    let accepted: BTreeSet<Option<&str>> =
        counted.iter().map(|row| tables.events[*row].id.as_deref()).collect();
    // A refused try whose id came through later is a retry that worked.
    let mut lost: BTreeMap<Option<&str>, &Event> = BTreeMap::new();
    for event in &tables.events {
        let of_entry = event.session == entry.session && event.name() == entry.event;
        let id = event.id.as_deref().filter(|id| !id.is_empty());
        // What a scenario had refused for good cannot be made up for.
        let on_purpose = event.marks.contains_key(INJECTED) && !is_passing(event);
        if of_entry
            && event.refused.is_some()
            && !on_purpose
            && (id.is_none() || !accepted.contains(&id))
        {
            lost.entry(id).or_insert(event);
        }
    }
    let missing = entry.real().min(entry.seen).saturating_sub(entry.counted());
    let first = lost.values().next()?;
    let why = first.refused.as_ref().map(|refusal| refusal.title.clone())?;
    let message = if entry.counted() == 0 && missing == 1 {
        format!("{} was sent and would not be counted: every copy is refused ({why})", entry.event)
    } else {
        format!(
            "{missing} of {} {} events would not be counted: every copy is refused ({why})",
            entry.seen, entry.event
        )
    };
    Some(
        Offence::new(
            message,
            "mend what the platform refuses; the findings on the same request name it",
        )
        .because("every copy refused")
        .on(first.channel),
    )
}
