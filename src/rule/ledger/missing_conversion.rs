//! ## What it checks
//! Every conversion that the scenario expects came on at least one channel. One that came
//! under a misspelt name, or fell together with others under one reused event ID, is
//! reported by those rules; in a visit without consent silence is right.
//!
//! ## Why it matters
//! What neither side reports does not exist for the platform: the campaign that brought
//! the customer gets no credit, and bidding learns from the wrong people.
//!
//! ## How to fix
//! Look at the page or request that should fire the event: is the tag there, does an
//! earlier script error stop it, does the server reach the line that sends it, has
//! consent held it back? Play the scenario with `--headed` to watch.
//!
//! ## Source
//! The scenario's own `expect` list.

use polars::prelude::*;

use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::vocabulary::meant_event;
use crate::rule::pairing::reuse::{identity, reused};
use crate::rule::privacy::without_consent;
use crate::rule::variants::explains_less;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "missing-conversion",
    title: "an expected event came on no channel",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("missing_conversion.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let reused = reused(tables);
    let merged = |session: Option<u32>, event: &str| {
        tables.rows_of(session).iter().map(|row| &tables.events[*row]).any(|sent| {
            sent.name() == event
                && identity(sent).is_some_and(|identity| reused.contains_key(&identity))
        })
    };
    let missing: Vec<u32> = tables
        .ledger
        .iter()
        .zip(0..)
        .filter(|(entry, _)| entry.expected.is_some_and(|expected| entry.seen < expected))
        .filter(|(entry, _)| !merged(entry.session, &entry.event))
        .map(|(_, position)| position)
        .collect();
    let missing = DataFrame::new(missing.len(), vec![Column::new("position".into(), missing)])?;
    Ok(tables
        .conversions
        .clone()
        .lazy()
        .filter(col("played"))
        .join(missing.lazy(), [col("position")], [col("position")], JoinArgs::new(JoinType::Semi))
        .sort(["position"], SortMultipleOptions::default()))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (expected, seen, event) = (row.count("expected")?, row.count("seen")?, row.event());
    let session = row.count("session");
    let silent = tables.session(session).is_some_and(|facts| without_consent(facts).is_some());
    let mut of_session = tables.rows_of(session).iter().map(|row| &tables.events[*row]);
    let misspelt = of_session.any(|sent| meant_event(sent.name()) == Some(event.as_str()));
    // What a blocker or a closed tab swallows is said by the rules on them.
    let elsewhere = tables.session(session).is_some_and(|facts| {
        let from_server = facts.expectation(&event).is_some_and(|it| it.wants(Channel::Server));
        explains_less(facts) && from_server
    });
    if silent || misspelt || elsewhere {
        return None;
    }
    let message = if seen == 0 {
        format!("{event} was expected {expected}× and came on no channel")
    } else {
        format!("{event} was expected {expected}× and only {seen} came, on whichever channel")
    };
    Some(
        Offence::new(
            message,
            "make the page and the server send the event when the action happens",
        )
        .because(if seen == 0 { "never sent" } else { "some not sent" }),
    )
}
