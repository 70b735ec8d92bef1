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

use polars::prelude::*;

use super::event_at;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::literal::says_nothing;
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

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    Ok(tables.near_misses.clone().lazy().filter(col("kind").eq(lit("id"))))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let browser = event_at(tables, row, "browser_row")?;
    let server = event_at(tables, row, "server_row")?;
    // A word for nothing is no ID, and a rule of its own.
    if [browser, server].iter().any(|event| event.id.as_deref().is_some_and(says_nothing)) {
        return None;
    }
    let of_another = tables.events.iter().any(|event| {
        (event.id == server.id || event.id == browser.id) && event.name != browser.name
    });
    let cause = match row.text("relation") {
        Some(relation) => relation,
        None if of_another => OTHER_ACTION.to_owned(),
        None => REGENERATED.to_owned(),
    };
    let message = format!(
        "the browser says \"{}\", the server says \"{}\" for the same {} ({cause})",
        browser.id.as_deref()?,
        server.id.as_deref()?,
        browser.name(),
    );
    Some(Offence::new(message, fix(&cause)).because(cause))
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
