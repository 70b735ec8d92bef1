//! ## What it checks
//! Two events of opposite sides with the same name and event ID go to the same pixel
//! (dataset). A page that sends to several pixels at once is in order as long as the
//! server's is among them.
//!
//! ## Why it matters
//! Events are merged within one pixel only. Sent to two, the conversion stands in both,
//! each with half of the picture, and in an account that has both it counts twice.
//!
//! ## How to fix
//! Take the pixel ID on both sides from one setting. A test or staging ID left on one
//! side is the usual cause.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": the pixel ID must be the same.

use polars::prelude::*;

use super::event_at;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "pixel-id-mismatch",
    title: "two halves of one conversion under different pixel IDs",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("pixel_id_mismatch.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    Ok(tables.near_misses.clone().lazy().filter(col("kind").eq(lit("pixel"))))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let browser = event_at(tables, row, "browser_row")?;
    let server = event_at(tables, row, "server_row")?;
    Some(
        Offence::new(
            format!(
                "the browser sends {} to pixel {}, the server to pixel {}",
                browser.name(),
                browser.pixel,
                server.pixel
            ),
            "take the pixel ID on both sides from one setting",
        )
        .because("pixel IDs differ"),
    )
}
