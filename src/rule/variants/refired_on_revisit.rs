//! ## What it checks
//! In the variant `revisit` no conversion is told under another event ID, or under none,
//! when the last page of the flow is opened again a day later, with what cookies are left.
//!
//! ## Why it matters
//! Links in confirmation mails and restored windows lead to the thank-you page days after
//! the purchase. What the session or a short cookie remembered is gone by then, and the
//! purchase is reported as a fresh one.
//!
//! ## How to fix
//! Remember with the order, not with the session, that its conversion has been told; and
//! make the event ID of the order, so that whatever slips through has the same one.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events" (48 hours). Seen in shop plug-ins whose
//! thank-you page fires on every view.

use polars::prelude::*;

use super::{refired, told_again};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};
use crate::visitor::Twist;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "refired-on-revisit",
    title: "a conversion that is told again when its page is opened a day later",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("refired_on_revisit.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    refired(tables, Twist::NextDay)
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    told_again(
        row,
        "when its page was opened again a day later",
        "keep with the order that it has been told, and fire nothing on later views of its page",
    )
}
