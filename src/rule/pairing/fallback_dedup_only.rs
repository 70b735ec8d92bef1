//! ## What it checks
//! Pairs are held together by an event ID. A pair without IDs on both sides that shares
//! `fbp` or `external_id` merges only by the platform's fallback; the finding says whether
//! the order of arrival lets it, and where an `external_id` that should have tied the two
//! does not: one side sends a digest of what the other sends plain, or each another one.
//!
//! ## Why it matters
//! The fallback drops a server event when a browser event of the same visitor and name came
//! first, and nothing else: a server event that is faster counts twice, and so does every
//! retry. Two purchases of one visitor within two days look like one.
//!
//! ## How to fix
//! Send the same event ID on both sides. Keep `fbp` and `external_id` besides, as a net, and
//! `external_id` in the same form on both: the pixel digests it, some server SDKs do not.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": the alternative by fbp or external_id
//! works browser first, server second only.

use polars::prelude::*;

use super::event_at;
use crate::event::{Event, MatchKey};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::proof::{Shape, shape};
use crate::rule::parity::identity_mismatch::comparable;
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
    let name = browser.name();
    let keys = [MatchKey::BrowserId, MatchKey::ExternalId];
    let Some(key) = keys.into_iter().find(|key| shared(browser, server, *key)) else {
        return untied(browser, server);
    };
    let (how, cause) = if server.caught < browser.caught {
        (
            "the server event came first, which defeats the fallback: both count",
            "order of arrival defeats it",
        )
    } else {
        ("a retry, or a server event that is faster, counts twice", "held by the fallback")
    };
    let message =
        format!("{name} has no event ID on either side; only {key} ties the two, and {how}");
    Some(Offence::new(message, "send the same event ID on both sides").because(cause))
}

/// What is wrong with an external id that both sides send and that does not tie them.
fn untied(browser: &Event, server: &Event) -> Option<Offence> {
    let key = MatchKey::ExternalId;
    let (left, right) = (values(browser, key)?, values(server, key)?);
    let plain = |values: &[String]| values.iter().any(|value| shape(value) == Shape::Plain);
    let one_person = !comparable(key, left).is_disjoint(&comparable(key, right));
    let (what, cause, fix) = match (plain(left), plain(right)) {
        (false, true) if one_person => (
            "the browser sends the digest of what the server sends plain",
            "external_id digested on one side",
            "digest external_id on the server as the pixel does: lower case, without white space, SHA-256",
        ),
        (true, false) if one_person => (
            "the server sends the digest of what the browser sends plain",
            "external_id digested on one side",
            "hand the pixel the plain external_id, which it digests itself, and send the same digest from the server",
        ),
        _ => (
            "the two sides send different ones",
            "external_id differs",
            "send the same external_id on both sides, in the same form",
        ),
    };
    let message = format!(
        "{} has no event ID on either side, and external_id does not tie the two: {what}, and the platform compares them as they are, so both count",
        browser.name()
    );
    Some(Offence::new(message, format!("{fix}; better, send the same event ID")).because(cause))
}

fn values(event: &Event, key: MatchKey) -> Option<&[String]> {
    let values = event.keys.get(&key)?;
    values.iter().any(|value| !value.is_empty()).then_some(values)
}

fn shared(browser: &Event, server: &Event, key: MatchKey) -> bool {
    let (Some(left), Some(right)) = (values(browser, key), values(server, key)) else {
        return false;
    };
    left.iter().any(|value| !value.is_empty() && right.contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::meta::normalise::digest;
    use crate::rule::trial::{browser, of_pair, server, with};

    fn of(left: &str, right: &[&str]) -> Vec<String> {
        let bare = |mut event: Event| {
            event.id = None;
            with(event, MatchKey::BrowserId, "")
        };
        let browser = with(bare(browser("Purchase", "")), MatchKey::ExternalId, left);
        let mut server = bare(server("Purchase", ""));
        let right = right.iter().map(|value| (*value).to_owned()).collect();
        server.keys.insert(MatchKey::ExternalId, right);
        of_pair("fallback-dedup-only", browser, server)
    }

    #[test]
    fn an_external_id_that_does_not_tie_is_named_with_its_reason() {
        let hashed = digest("user-7");
        assert_eq!(of(&hashed, &["User-7"]), ["external_id digested on one side"]);
        assert_eq!(of("User-7", &[&hashed]), ["external_id digested on one side"]);
        assert_eq!(of(&hashed, &[&digest("user-8")]), ["external_id differs"]);
    }

    #[test]
    fn any_of_several_external_ids_ties() {
        let hashed = digest("user-7");
        assert_eq!(of(&hashed, &[&digest("x9"), &hashed]), ["held by the fallback"]);
    }
}
