//! ## What it checks
//! The server side sends each conversion once. A further copy under the same event ID is
//! merged by the platform; one under another ID, or without, is counted again. Which of
//! the two it is stands in the finding. A retry of a request that failed is no copy; the
//! copy of a gateway of the platform is named as one.
//!
//! ## Why it matters
//! Retries that make a new ID, a job that runs twice, or two integrations on one server
//! (plugin and gateway, back end and tag server) each add a conversion that never was.
//!
//! ## How to fix
//! Make ID and time of the event once, before the first attempt, and store them with the
//! job. Retry only what failed, with the same body. Keep one integration per event.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": the fallback without IDs never removes
//! two server events.

use polars::prelude::*;

use super::duplicates;
use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "duplicate-server-event",
    title: "the same conversion twice on the server side",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("duplicate_server_event.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    duplicates(tables, Channel::Server)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    super::tell_duplicate(row, tables, FIX)
}

const FIX: &str = "make event ID and time once per action and retry with the same body; keep one integration per event";
