//! ## What it checks
//! An event whose name is like that of a standard event is named exactly so. `purchase`,
//! `Add To Cart` and `add_to_cart` differ in case or separators, `Purchse` in a slip.
//! Other words (`Purchased`, `OrderComplete`) are taken for custom events.
//!
//! ## Why it matters
//! Names are compared exactly. A misspelt standard event is a custom event: campaigns that
//! optimise for purchases never see it, and catalogue ads do not either.
//!
//! ## How to fix
//! Write the name as in the reference: `fbq('track', 'AddToCart', …)`, and `event_name:
//! "AddToCart"` on the server.
//!
//! ## Source
//! Meta, standard events reference: names are case-sensitive; the pixel sends what it is
//! given (observed).

use polars::prelude::*;

use crate::finding::Severity;
use crate::join::{NearMissKind, Tables};
use crate::platform::meta::vocabulary::meant_event;
use crate::rule::pick::events_where;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "misspelt-standard-event",
    title: "a standard event under a misspelt name",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("misspelt_standard_event.rs"),
};

/// Where only one side misspells it, the mismatch of the two names it.
fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let mismatched: std::collections::BTreeSet<usize> = tables
        .near
        .iter()
        .filter(|near| matches!(near.kind, NearMissKind::Name(_)))
        .flat_map(|near| [near.browser, near.server])
        .collect();
    events_where(tables, |row, event| {
        !event.automatic && !mismatched.contains(&row) && meant_event(event.name()).is_some()
    })
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let event = tables.events.get(row.count("row")? as usize)?;
    let meant = meant_event(event.name())?;
    Some(
        Offence::new(
            format!(
                "the {} calls it \"{}\"; the standard event is {meant}",
                event.channel,
                event.name()
            ),
            format!("name it {meant}, exactly so"),
        )
        .because(meant),
    )
}
