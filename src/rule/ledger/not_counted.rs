//! ## What it checks
//! A conversion that was sent is counted at least once. It is not where every copy of it
//! went in a request that the platform refuses, nor where it has the event ID of another
//! visitor's, for which the platform then takes it.
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
use crate::join::{Conversion, Tables};
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
    Ok(tables.conversions.clone().lazy().filter(col("counted").lt(col("real"))))
}

/// Copies that the platform merged with those of another session.
fn taken_for_anothers(entry: &Conversion, tables: &Tables) -> Option<Offence> {
    let mut groups = tables
        .ledger
        .iter()
        .filter(|other| other.event == entry.event && other.session != entry.session)
        .flat_map(|other| &other.groups);
    let of_entry = |row: &usize| tables.events[*row].session == entry.session;
    let row = groups.find_map(|group| group.copies.iter().copied().find(of_entry))?;
    let event = &tables.events[row];
    let id = event.id.as_deref().filter(|id| !id.is_empty());
    let id = id.map_or_else(String::new, |id| format!(", whose event ID \"{id}\" it has"));
    Some(
        Offence::new(
            format!(
                "{} was sent and would not be counted: the platform takes it for the one of another visitor{id}",
                entry.event
            ),
            "make an event ID for each action; keep it out of pages that a cache holds for everyone",
        )
        .because("taken for another visitor's")
        .on(event.channel),
    )
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let entry = tables.ledger.get(row.count("position")? as usize)?;
    // A copy of another visitor's is no conversion of its own to the join either.
    if entry.counted() >= entry.seen {
        return taken_for_anothers(entry, tables);
    }
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
    let Some(first) = lost.values().next() else { return taken_for_anothers(entry, tables) };
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
