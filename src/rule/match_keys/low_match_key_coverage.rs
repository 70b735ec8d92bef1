//! ## What it checks
//! Events carry the match keys that the scenario's `keys` name for their channel, and a
//! server event carries those that its own browser half carries.
//!
//! ## Why it matters
//! Each key that is missing makes it less likely that the platform recognises the person.
//! A conversion that matches nobody is not attributed, however well it was counted.
//!
//! ## How to fix
//! Pass on what the server knows at that moment: the checkout form, the account, the `_fbp`
//! and `_fbc` cookies, the visitor's address and user agent from the request.
//!
//! ## Source
//! Meta, "Conversions API best practices": send as many customer information parameters
//! as you have. Limits per event type and channel come from the policy.

use polars::prelude::*;

use super::click::Clicks;
use super::missing_client_user_agent;
use super::too_few_match_keys::is_too_broad;
use super::wrong_match_key_name::meant;
use crate::event::{Channel, Event, MatchKey};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "low-match-key-coverage",
    title: "match keys missing on events that should carry them",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("low_match_key_coverage.rs"),
};

/// Keys that a server can always take over from what the browser side knows. A missing
/// click id is a rule of its own.
const SHARED: &[MatchKey] =
    &[MatchKey::Email, MatchKey::Phone, MatchKey::ExternalId, MatchKey::BrowserId];

/// One row per event, with its partner where it has one.
fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let partners = tables
        .identities
        .clone()
        .lazy()
        .filter(col("paired"))
        .select([col("server_row").alias("row"), col("browser_row").alias("partner")]);
    let clicks = Clicks::new(tables);
    let clicked: Vec<bool> =
        tables.events.iter().map(|event| clicks.happened(event.session)).collect();
    let mut facts = tables.facts.clone();
    facts.with_column(Column::new("clicked".into(), clicked))?;
    Ok(facts
        .lazy()
        .filter(col("automatic").not().and(col("name").is_not_null()))
        .select([
            col("row"),
            col("session"),
            col("name").alias("event"),
            col("channel"),
            col("exchange").alias("evidence"),
            col("clicked"),
        ])
        .join(partners, [col("row")], [col("row")], JoinArgs::new(JoinType::Left))
        .sort(["row"], SortMultipleOptions::default()))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let event = tables.events.get(row.count("row")? as usize)?;
    let demanded: Vec<MatchKey> = tables
        .sessions
        .iter()
        .find(|facts| Some(facts.session) == event.session)
        .and_then(|facts| facts.expectation(event.name()))
        .map(|expectation| expectation.keys(event.channel).collect())
        .unwrap_or_default();
    let missing = lacking(event, &demanded);
    let missing: Vec<&str> = missing
        .into_iter()
        .filter(|name| !is_told_elsewhere(event, row.flag("clicked"), name))
        .collect();
    if !missing.is_empty() {
        return Some(
            Offence::new(
                format!(
                    "{} from the {} lacks {}, which the scenario names",
                    event.name(),
                    event.channel,
                    missing.join(", ")
                ),
                "pass on what is known at that moment",
            )
            .because(missing.join(" ")),
        );
    }
    let partner = tables.events.get(row.count("partner")? as usize)?;
    if event.channel != Channel::Server {
        return None;
    }
    let known: Vec<MatchKey> =
        SHARED.iter().copied().filter(|key| carries(partner, *key)).collect();
    let missing: Vec<&str> = lacking(event, &known)
        .into_iter()
        .filter(|name| !is_told_elsewhere(event, row.flag("clicked"), name))
        .collect();
    (!missing.is_empty()).then(|| {
        Offence::new(
            format!(
                "{} from the server lacks {}, which its browser half carries",
                event.name(),
                missing.join(", ")
            ),
            "hand on to the server what the page knows",
        )
        .because(missing.join(" "))
    })
}

/// True for keys whose absence is a rule of its own.
fn is_told_elsewhere(event: &Event, clicked: bool, name: &str) -> bool {
    let misnamed =
        |(unknown, _): &(String, String)| meant(unknown).is_some_and(|key| key.name() == name);
    if is_too_broad(event) || event.unknown_keys.iter().any(misnamed) {
        return true;
    }
    if name == MatchKey::ClientUserAgent.name() {
        return missing_client_user_agent::lacks_one(event);
    }
    name == MatchKey::ClickId.name() && clicked
}

fn carries(event: &Event, key: MatchKey) -> bool {
    event.keys.get(&key).is_some_and(|values| values.iter().any(|value| !value.is_empty()))
}

fn lacking(event: &Event, keys: &[MatchKey]) -> Vec<&'static str> {
    keys.iter().filter(|key| !carries(event, **key)).map(|key| key.name()).collect()
}
