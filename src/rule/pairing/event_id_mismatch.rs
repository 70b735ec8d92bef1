//! ## What it checks
//! Two events of opposite sides with the same name that were meant to be one (same
//! session, moment, value, visitor, page) carry different event IDs. Where the
//! difference has a simple cause it is named: case, white space, number format, prefix,
//! suffix, encoding, truncation, punctuation; otherwise each side made its own.
//!
//! ## Why it matters
//! IDs are compared exactly. With different ones the platform counts the conversion
//! twice, and its own tools only show a low rate of deduplication, not why.
//!
//! ## How to fix
//! Make the ID once per action — the server is the natural place: order number, or a
//! UUID kept with the action — and hand the very same text to the page and to the call.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": event_id and eventID must be equal;
//! the pixel sends the text verbatim (observed).

use std::collections::{BTreeSet, HashMap};

use polars::prelude::*;

use crate::event::Event;
use crate::finding::Severity;
use crate::join::{NearMissKind, Tables};
use crate::rule::literal::says_nothing;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-id-mismatch",
    title: "two halves of one conversion under different event IDs",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("event_id_mismatch.rs"),
};

/// Cause where nothing simple turns one ID into the other.
const REGENERATED: &str = "made anew per call";
/// Cause where the server's ID is the browser's ID of another action.
const OTHER_ACTION: &str = "id of another action";

/// Pairs that a message names.
const NAMED_PAIRS: usize = 3;

/// Near misses of one visit, event and cause, one row: in `rows` each browser half
/// stands before its server half.
fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let mut names: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for event in &tables.events {
        if let Some(id) = event.id.as_deref() {
            names.entry(id).or_default().insert(event.name());
        }
    }
    let of_another = |event: &Event| {
        event
            .id
            .as_deref()
            .and_then(|id| names.get(id))
            .is_some_and(|names| names.iter().any(|name| *name != event.name()))
    };
    let misses = tables.near.iter().filter_map(|near| {
        let NearMissKind::Id(relation) = &near.kind else { return None };
        let (browser, server) = (&tables.events[near.browser], &tables.events[near.server]);
        // A word for nothing is no ID, and a rule of its own.
        if [browser, server].iter().any(|event| event.id.as_deref().is_some_and(says_nothing)) {
            return None;
        }
        let cause = match relation {
            Some(relation) => relation.name(),
            None if of_another(browser) || of_another(server) => OTHER_ACTION,
            None => REGENERATED,
        };
        Some(Group {
            event: browser.name.clone(),
            session: browser.session.or(server.session),
            cause: cause.to_owned(),
            rows: vec![near.browser, near.server],
            ..Group::default()
        })
    });
    groups(tables, &gather(misses))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (cause, rows) = (row.text("cause")?, row.list("rows"));
    let id = |row: u64| tables.events.get(row as usize)?.id.as_deref();
    let pairs: Vec<(&str, &str)> =
        rows.chunks(2).filter_map(|pair| Some((id(*pair.first()?)?, id(*pair.get(1)?)?))).collect();
    let event = row.event();
    let message = match pairs.as_slice() {
        [] => return None,
        [(browser, server)] => format!(
            "the browser says \"{browser}\", the server says \"{server}\" for the same {event} ({cause})"
        ),
        many => {
            let mut named: Vec<String> = many
                .iter()
                .take(NAMED_PAIRS)
                .map(|(browser, server)| format!("\"{browser}\" against \"{server}\""))
                .collect();
            if many.len() > NAMED_PAIRS {
                named.push(format!("and {} more", many.len() - NAMED_PAIRS));
            }
            format!(
                "browser and server give {} {event} events two IDs each ({cause}): {}",
                many.len(),
                named.join(", ")
            )
        }
    };
    Some(Offence::new(message, fix(&cause)).because(cause).times(pairs.len() as u32))
}

fn fix(cause: &str) -> &'static str {
    match cause {
        "case" => "hand the ID on unchanged: something upper- or lower-cases it on one side",
        "white space" => "trim the ID where it is made, not on one side only",
        "number format" => {
            "treat the ID as text on both sides: a number type drops zeros or adds decimals"
        }
        "prefix" | "suffix" => "use the same text on both sides, with the addition or without it",
        "encoding" => {
            "escape the ID for its place in the page only; the value given to fbq must be the plain text"
        }
        "truncated" => "widen the column, field or variable that cuts the ID",
        "punctuation" => "hand the ID on unchanged: something strips or adds punctuation or quotes",
        OTHER_ACTION => "give each action its own ID, and both of its events the same one",
        _ => "make the ID once per action and hand the same text to the page and to the call",
    }
}
