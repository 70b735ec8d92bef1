//! ## What it checks
//! In the variant `closed-tab` the tab is closed as soon as the site has been asked for
//! the conversion. The server tells of it all the same.
//!
//! ## Why it matters
//! Visitors close the tab after paying, return from the bank's app to another browser, or
//! lose the network. Where the server event hangs on the thank-you page being shown, these
//! conversions are lost on both channels.
//!
//! ## How to fix
//! Send the server event when the order is paid or the form accepted, or from the payment
//! provider's webhook; not from the page that follows, and not from a request that its
//! script makes.
//!
//! ## Source
//! The scenario's own `expect` list. Seen in shops whose payment takes place elsewhere.

use polars::prelude::*;

use super::lost;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};
use crate::visitor::Twist;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "lost-when-tab-closed",
    title: "a conversion that is lost when the tab is closed at once",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("lost_when_tab_closed.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    lost(tables, |facts| {
        (facts.twist() == Some(Twist::CloseTab)).then(|| "the tab was closed".to_owned())
    })
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    Some(
        Offence::new(
            format!(
                "{} is lost when the tab is closed right after the click: neither channel told of it",
                row.event()
            ),
            "send the server event when the order is paid or the form accepted, not from the page that follows",
        )
        .because("the tab was closed"),
    )
}
