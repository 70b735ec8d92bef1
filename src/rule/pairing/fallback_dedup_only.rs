//! ## What it checks
//! Pairs are held together by an event ID. A pair without IDs on both sides that shares
//! `fbp` or `external_id` merges only by the platform's fallback; the finding says whether
//! the order of arrival lets it.
//!
//! ## Why it matters
//! The fallback drops a server event when a browser event of the same visitor and name came
//! first, and nothing else: a server event that is faster counts twice, and so does every
//! retry. Two purchases of one visitor within two days look like one.
//!
//! ## How to fix
//! Send the same event ID on both sides. Keep `fbp` and `external_id` besides, as a net.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": the alternative by fbp or external_id
//! works browser first, server second only.

use polars::prelude::*;

use super::event_at;
use crate::event::{Event, MatchKey};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "fallback-dedup-only",
    title: "a pair held together by fbp or external_id alone",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("fallback_dedup_only.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    Ok(tables
        .near_misses
        .clone()
        .lazy()
        .filter(col("kind").eq(lit("id missing")).and(col("relation").eq(lit("both")))))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let browser = event_at(tables, row, "browser_row")?;
    let server = event_at(tables, row, "server_row")?;
    let key = [MatchKey::BrowserId, MatchKey::ExternalId]
        .into_iter()
        .find(|key| shared(browser, server, *key))?;
    let (how, cause) = if server.caught < browser.caught {
        (
            "the server event came first, which defeats the fallback: both count",
            "order of arrival defeats it",
        )
    } else {
        ("a retry, or a server event that is faster, counts twice", "held by the fallback")
    };
    Some(
        Offence::new(
            format!(
                "{} has no event ID on either side; only {key} ties the two, and {how}",
                browser.name()
            ),
            "send the same event ID on both sides",
        )
        .because(cause),
    )
}

fn shared(browser: &Event, server: &Event, key: MatchKey) -> bool {
    browser.key(key).is_some_and(|value| !value.is_empty() && server.key(key) == Some(value))
}
