//! ## What it checks
//! Events carry the match keys that the scenario's `keys` name for their channel, and a
//! server event carries those that its own browser half carries. Where the policy wants a
//! share of an event type and channel (`match_key_coverage` under `[policy.limits]`), the
//! type reaches it.
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
use crate::finding::{Severity, WantedCoverage};
use crate::join::{CoverageRow, Tables};
use crate::rule::suspects::told;
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

/// A share written in decimals may lie a hair beside a quotient.
const HAIR: f64 = 1e-9;
/// Exchanges that are named for a share.
const SHOWN_EVIDENCE: usize = 20;

/// One row per event, with its partner where it has one, and one per wish of the policy.
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
    let events = facts
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
        .sort(["row"], SortMultipleOptions::default())
        .with_columns([
            concat_list([col("evidence")])?.alias("evidence"),
            lit(NULL).cast(DataType::UInt32).alias("wish"),
        ]);
    concat([events, wishes(tables)?], UnionArgs::default())
}

/// Wishes of the policy that an event type does not fulfil, in the columns of the events:
/// `wish` is the place in the settings.
fn wishes(tables: &Tables) -> PolarsResult<LazyFrame> {
    let missed: Vec<(u32, &CoverageRow)> = tables
        .settings
        .key_coverage
        .iter()
        .zip(0..)
        .flat_map(|(wish, at)| {
            let own = move |event: &str| {
                tables.settings.key_coverage.iter().any(|other| {
                    other.event.as_deref() == Some(event)
                        && (other.channel, other.key) == (wish.channel, wish.key)
                })
            };
            tables
                .coverage
                .iter()
                .filter(move |row| row.channel == wish.channel && row.events > 0)
                .filter(move |row| match &wish.event {
                    Some(event) => row.event == *event,
                    None => !own(&row.event),
                })
                .filter(move |row| row.share(wish.key) + HAIR < wish.share)
                .map(move |row| (at, row))
        })
        .collect();
    let lacking = |row: &CoverageRow, key: MatchKey| -> Series {
        let numbers: Vec<u64> = told(tables)
            .filter(|(_, event)| event.name() == row.event && event.channel == row.channel)
            .filter(|(_, event)| !carries(event, key))
            .map(|(_, event)| event.exchange)
            .take(SHOWN_EVIDENCE)
            .collect();
        Series::new("".into(), numbers)
    };
    let nothing = || vec![None::<u32>; missed.len()];
    let evidence: Vec<Series> = missed
        .iter()
        .map(|(at, row)| lacking(row, tables.settings.key_coverage[*at as usize].key))
        .collect();
    let evidence = if evidence.is_empty() {
        Series::new_empty("evidence".into(), &DataType::List(Box::new(DataType::UInt64)))
    } else {
        Series::new("evidence".into(), evidence)
    };
    let channels: Vec<&str> = missed.iter().map(|(_, row)| row.channel.name()).collect();
    let events: Vec<&str> = missed.iter().map(|(_, row)| row.event.as_str()).collect();
    let wishes: Vec<u32> = missed.iter().map(|(at, _)| *at).collect();
    Ok(DataFrame::new(
        missed.len(),
        vec![
            Column::new("row".into(), nothing()),
            Column::new("session".into(), nothing()),
            Column::new("event".into(), events),
            Column::new("channel".into(), channels),
            evidence.into(),
            Column::new("clicked".into(), vec![false; missed.len()]),
            Column::new("partner".into(), nothing()),
            Column::new("wish".into(), wishes),
        ],
    )?
    .lazy())
}

/// The words for a wish that is not fulfilled.
fn tell_wish(row: &Row<'_>, wish: &WantedCoverage, tables: &Tables) -> Option<Offence> {
    let (event, channel) = (row.event(), row.channel()?);
    let of = tables.coverage.iter().find(|of| of.event == event && of.channel == channel)?;
    let key = wish.key;
    let count = of.keys.get(&key).copied().unwrap_or(0);
    Some(
        Offence::new(
            format!(
                "{count} of {} {event} events from the {channel} carry {key} ({:.0} %, at least {:.0} % wanted)",
                of.events,
                of.share(key) * 100.0,
                wish.share * 100.0
            ),
            "pass on what is known at that moment",
        )
        .because(format!("{key} below the policy")),
    )
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    if let Some(wish) = row.count("wish") {
        return tell_wish(row, tables.settings.key_coverage.get(wish as usize)?, tables);
    }
    let event = tables.events.get(row.count("row")? as usize)?;
    let demanded: Vec<MatchKey> = tables
        .session(event.session)
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
    // What is worth nothing in the browser is no loss on the server.
    let worth = tables.proofs.good(row.count("partner")? as usize)?;
    if event.channel != Channel::Server {
        return None;
    }
    let known: Vec<MatchKey> = SHARED.iter().copied().filter(|key| worth.contains(key)).collect();
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
