//! ## What it checks
//! In the variant `reload` no conversion is told under another event ID, or under none,
//! after its page was loaded again. The same event ID once more is deduplicated by the
//! platform and is no offence here.
//!
//! ## Why it matters
//! People reload a confirmation page, and browsers restore tabs. Each time a conversion is
//! counted that nobody made, with its full value.
//!
//! ## How to fix
//! Derive the event ID from the order or form itself, keep a mark that it has been told
//! (in the order, in the session), and redirect after the form instead of answering it.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": the same pixel, name and event ID within
//! 48 hours are one event, another ID is another event.

use polars::prelude::*;

use super::{refired, told_again};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};
use crate::visitor::Twist;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "refired-on-reload",
    title: "a conversion that is told again when its page is loaded again",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("refired_on_reload.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    refired(tables, Twist::Reload)
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    told_again(
        row,
        "when its page was loaded again",
        "make the event ID of what happened (the order number), not of the page view, and fire it once per order",
    )
}
