//! ## What it checks
//! In the variant `second-tab` the page of each conversion is opened in a second tab of the
//! same browser, and no conversion is told under another event ID, or under none.
//!
//! ## Why it matters
//! What a page keeps in `sessionStorage` belongs to one tab. A guard that lives there does
//! not see the second tab, and the conversion is counted again.
//!
//! ## How to fix
//! Keep the guard with the order on the server, or make the event ID of the order so that
//! the platform merges the copies.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events"; HTML Standard, `sessionStorage`.

use polars::prelude::*;

use super::{refired, told_again};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};
use crate::visitor::Twist;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "second-tab-double-fire",
    title: "a conversion that is told again when its page is opened in a second tab",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("second_tab_double_fire.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    refired(tables, Twist::SecondTab)
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    told_again(
        row,
        "when its page was opened in a second tab",
        "take the event ID from the order, and keep with it that it has been told",
    )
}
