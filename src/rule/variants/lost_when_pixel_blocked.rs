//! ## What it checks
//! Where the visitor's profile keeps the pixel out (an ad blocker, a strict browser, no
//! scripts, a pixel that does not load), the server tells of each expected conversion
//! alone. Events that the scenario expects from the browser only are exempt; the report
//! says what share of them is lost.
//!
//! ## Why it matters
//! Visitors with blockers are the reason for the Conversions API. A server that waits for
//! something from the pixel (its cookie, its event ID, a request that its script makes)
//! loses exactly them, and nothing shows it: both channels agree on what is left.
//!
//! ## How to fix
//! Send the server event from the action itself (the paid order, the accepted form),
//! whether or not the browser has given `_fbp`, an event ID or a consent callback of a
//! blocked script. Make an event ID on the server where the browser gives none.
//!
//! ## Source
//! The scenario's own `expect` list; Meta, "Best practices for Conversions API": redundant
//! set-up through both channels.

use polars::prelude::*;

use super::lost;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};
use crate::visitor::Twist;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "lost-when-pixel-blocked",
    title: "a conversion that the server does not tell of when the pixel is blocked",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("lost_when_pixel_blocked.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    lost(tables, |facts| {
        let other = matches!(facts.twist(), Some(Twist::CloseTab | Twist::Crawl));
        let blocked = facts.circumstances().keeps_the_pixel_out() && !other;
        blocked.then(|| facts.profile.clone())
    })
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let profile = row.text("cause")?;
    Some(
        Offence::new(
            format!(
                "{} is lost for visitors of the profile {profile}: the pixel is kept out, and the server did not tell of it alone",
                row.event()
            ),
            "send the server event from the action itself, whether or not the pixel has run",
        )
        .because(profile),
    )
}
