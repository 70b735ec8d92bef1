//! Pairing: the two halves of a conversion find each other.

pub(super) mod dedup_window_exceeded;
pub(super) mod duplicate_browser_event;
pub(super) mod duplicate_server_event;
pub(super) mod empty_event_id;
pub(super) mod event_id_guessable;
pub(super) mod event_id_in_wrong_place;
pub(super) mod event_id_mismatch;
pub(super) mod event_id_reused;
pub(super) mod event_name_mismatch;
pub(super) mod fallback_dedup_only;
pub(super) mod missing_browser_event;
pub(super) mod missing_event_id;
pub(super) mod missing_server_event;
pub(super) mod pixel_id_mismatch;
pub(super) mod reuse;
pub(super) mod server_before_browser;

/// Its rules, in the order of the catalogue.
pub(super) const RULES: &[&super::Rule] = &[
    &missing_server_event::RULE,
    &missing_browser_event::RULE,
    &missing_event_id::RULE,
    &empty_event_id::RULE,
    &event_id_in_wrong_place::RULE,
    &event_id_mismatch::RULE,
    &event_name_mismatch::RULE,
    &pixel_id_mismatch::RULE,
    &event_id_reused::RULE,
    &event_id_guessable::RULE,
    &duplicate_browser_event::RULE,
    &duplicate_server_event::RULE,
    &dedup_window_exceeded::RULE,
    &fallback_dedup_only::RULE,
    &server_before_browser::RULE,
];

use std::collections::BTreeSet;

use polars::prelude::*;

use super::pick::{events_at, events_where};
use super::privacy::refused_by;
use super::transport::{after_withheld, changed_retries, page_view_twins};
use super::words::callers;
use super::{Offence, Row};
use crate::event::{Channel, Event};
use crate::join::{Standing, Tables};

/// Events of a side that stand alone where the other side is wanted: one row per
/// session and event name, with their number and evidence.
///
/// Left out is what another rule names (calls of the page itself, events without a name, halves that came too late,
/// page views told twice, events against a refusal) and what has no other half: events of
/// other sources than the site, unless a scenario names them, and server events of visitors
/// whose browser lets no pixel through.
fn alone(tables: &Tables, side: Channel) -> PolarsResult<LazyFrame> {
    let twins = page_view_twins(tables);
    let facts = |event: &Event| tables.session(event.session);
    let asked = |row: usize, event: &Event| {
        let facts = facts(event);
        let told = facts.is_some_and(|facts| facts.expectation(event.name()).is_some());
        let of_site = event.action_source.as_deref().is_none_or(|source| source == "website");
        let blocked = side == Channel::Server
            && facts.is_some_and(|facts| NO_PIXEL.contains(&facts.profile.as_str()));
        event.channel == side
            && !is_call_of_page(event)
            && !event.name().is_empty()
            && (told || of_site)
            && !blocked
            && !twins.contains(&row)
            && refused_by(tables, event).is_none()
    };
    let wanted = format!("wanted_{}", side.other());
    let both_came = tables
        .identities
        .clone()
        .lazy()
        .filter(col("browser").gt(lit(0)).and(col("server").gt(lit(0))))
        .select([col("pixel"), col("name"), col("id")]);
    let identity = [col("pixel"), col("name"), col("id")];
    Ok(events_where(tables, asked)?
        .rename(["event", "evidence"], ["name", "exchange"], true)
        .join(both_came, identity.clone(), identity, JoinArgs::new(JoinType::Anti))
        .sort(["row"], SortMultipleOptions::default())
        .filter(col("standing").eq(lit("alone")).and(col(wanted)).and(col("played")))
        .group_by_stable([col("session"), col("name"), col("pixel")])
        .agg([col("exchange").alias("evidence"), len().alias("times")])
        .rename(["name"], ["event"], true))
}

/// True for a call to the server's API that a page makes itself: a token in the browser,
/// which is a rule of its own, and neither half of a pair.
pub(in crate::rule) fn is_call_of_page(event: &Event) -> bool {
    event.channel == Channel::Browser && event.transport == "call"
}

/// Profiles of visitors whose browser lets no hit through, or runs no script that makes one.
const NO_PIXEL: &[&str] = &["adblock", "brave-like", "firefox-strict", "pixel-down", "no-script"];

/// Copies beyond the first and surplus events of a side, one row per session, name and standing.
///
/// Left out is what another rule names: a reused ID, a page view fired twice, a retry that
/// was made anew; and a gateway's copy that is the only other half of what the page told.
fn duplicates(tables: &Tables, side: Channel) -> PolarsResult<LazyFrame> {
    let copies: Vec<usize> = (0..tables.events.len())
        .filter(|row| {
            tables.events[*row].channel == side
                && matches!(
                    tables.standings[*row],
                    Standing::Repeat | Standing::Surplus | Standing::Gateway
                )
        })
        .collect();
    let named = if copies.is_empty() { BTreeSet::new() } else { named_elsewhere(tables, side) };
    let frame = events_at(tables, copies.into_iter().filter(|row| !named.contains(row)))?;
    Ok(frame
        .rename(["event", "evidence"], ["name", "exchange"], true)
        .group_by_stable([col("session"), col("name"), col("standing")])
        .agg([col("exchange").alias("evidence"), col("row").alias("rows"), len().alias("times")])
        .rename(["name"], ["event"], true)
        .with_column(lit(side.name()).alias("channel")))
}

/// Rows of a side that another rule than that on duplicates names.
fn named_elsewhere(tables: &Tables, side: Channel) -> BTreeSet<usize> {
    let mut named: BTreeSet<usize> =
        reuse::reused(tables).into_values().flat_map(|(_, rows)| rows).collect();
    named.extend(tables.near.iter().map(|near| near.server));
    match side {
        Channel::Browser => named.extend(page_view_twins(tables)),
        Channel::Server => {
            named.extend(changed_retries(tables));
            named.extend(after_withheld(tables));
        }
    }
    named
}

/// The event of a row number column.
fn event_at<'a>(tables: &'a Tables, row: &Row<'_>, column: &str) -> Option<&'a Event> {
    tables.events.get(row.count(column)? as usize)
}

/// `n events` in words that fit a sentence.
fn times(count: u32, event: &str) -> String {
    if count == 1 { format!("one {event} event") } else { format!("{count} {event} events") }
}

/// The first event of the same name and session on a side: what copies are copies of.
fn original<'a>(tables: &'a Tables, copy: &Event, copies: &[u64]) -> Option<&'a Event> {
    let same = |event: &Event| {
        event.channel == copy.channel && event.session == copy.session && event.name == copy.name
    };
    let found = tables.events.iter().enumerate().find(|(row, event)| {
        same(event)
            && !copies.contains(&(*row as u64))
            && matches!(tables.standings[*row], Standing::Paired | Standing::Alone)
    });
    found.map(|(_, event)| event)
}

/// What ends a gateway's double reporting.
const FIX_GATEWAY: &str = "let one of the two report: switch the event off in the gateway, or on the server; where both must run, hand the page's ID to fbq as eventID, which the gateway takes over";

/// The words for a row of [`duplicates`].
fn tell_duplicate(row: &Row<'_>, tables: &Tables, fix: &str) -> Option<Offence> {
    let (count, event, side) = (row.count("times")?, row.event(), row.channel()?);
    let copies: Vec<&Event> =
        row.list("rows").into_iter().filter_map(|at| tables.events.get(at as usize)).collect();
    let first = original(tables, copies.first()?, &row.list("rows"));
    let by = callers(first.into_iter().chain(copies.iter().copied()));
    let more = if count == 1 { "once more".to_owned() } else { format!("{count} times more") };
    if row.text("standing").as_deref() == Some("repeat") {
        let id = copies.first()?.id.as_deref().unwrap_or_default();
        return Some(
            Offence::new(
                format!("the {side} sent {event} \"{id}\" {more} under the same event ID; the platform merges the copies{by}"),
                fix,
            )
            .because("same event ID"),
        );
    }
    if row.text("standing").as_deref() == Some(Standing::Gateway.name()) {
        let id = copies.first()?.id.as_deref().unwrap_or_default();
        return Some(
            Offence::new(
                format!("a gateway of the platform reports {event} {more} beside the site's own {side} event, under an event ID of its own (\"{id}\"); nothing merges the two, so both count{by}"),
                FIX_GATEWAY,
            )
            .because("gateway beside the server"),
        );
    }
    let with_id = copies.iter().any(|copy| copy.id.as_deref().is_some_and(|id| !id.is_empty()));
    let (how, cause) = if with_id {
        ("under another event ID", "another event ID")
    } else {
        ("without an event ID", "no event ID")
    };
    Some(
        Offence::new(
            format!(
                "the {side} sent {event} {more} {how}; nothing merges the copies, so they count{by}"
            ),
            fix,
        )
        .because(cause),
    )
}
