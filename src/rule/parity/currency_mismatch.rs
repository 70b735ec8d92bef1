//! ## What it checks
//! Both halves of a pair name the same currency, and the one that the scenario names.
//! Upper and lower case are the same here; a code that is none is a rule of its own.
//!
//! ## Why it matters
//! The platform keeps one of the two copies. Which one decides whether the same figure
//! counts as dollars or as yen.
//!
//! ## How to fix
//! Take value and currency on both sides from the same stored order. Where a shop shows
//! prices in the visitor's currency and books in its own, agree on one of them.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": the later copy is discarded.

use polars::prelude::*;

use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "currency-mismatch",
    title: "the two halves of a conversion name different currencies",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("currency_mismatch.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    Ok(tables
        .identities
        .clone()
        .lazy()
        .filter(col("browser_currency").is_not_null().or(col("server_currency").is_not_null()))
        .rename(["name"], ["event"], true))
}

/// A currency to compare by; an empty text is none.
fn code(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_uppercase()).filter(|text| !text.is_empty())
}

/// True where both halves of a row of identities name a currency, and not the same.
pub(super) fn differs(row: &Row<'_>) -> bool {
    let (browser, server) = (code(row.text("browser_currency")), code(row.text("server_currency")));
    row.flag("paired") && browser.is_some() && server.is_some() && browser != server
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (browser, server) = (code(row.text("browser_currency")), code(row.text("server_currency")));
    let fix = "take currency and value on both sides from the stored order";
    if differs(row) {
        let message = format!(
            "the browser says {}, the server says {} for the same {}",
            shown(&browser?),
            shown(&server?),
            row.event()
        );
        return Some(Offence::new(message, fix).because("currencies differ"));
    }
    let session = row.count("session")?;
    let facts = tables.session(Some(session))?;
    let truth = code(facts.expectation(&row.event())?.currency.clone())?;
    let wrong = |currency: &Option<String>| currency.as_ref().is_some_and(|one| *one != truth);
    let (side, channel) = match (wrong(&browser), wrong(&server)) {
        (true, true) => ("both sides say", None),
        (true, false) => ("the browser says", Some(Channel::Browser)),
        (false, true) => ("the server says", Some(Channel::Server)),
        (false, false) => return None,
    };
    let said = if wrong(&browser) { browser } else { server }?;
    let message =
        format!("{side} {} for {}, and the scenario says {truth}", shown(&said), row.event());
    let offence = Offence::new(message, fix).because("not what the scenario says");
    Some(match channel {
        Some(channel) => offence.on(channel),
        None => offence,
    })
}

/// A currency as messages show it: what is no code may be anything.
fn shown(code: &str) -> String {
    if code.len() == 3 { code.to_owned() } else { crate::event::mask(code) }
}

#[cfg(test)]
mod tests {
    use crate::event::Event;
    use crate::rule::trial::{browser, causes, of_pair, server, visit};

    const ID: &str = "currency-mismatch";

    fn saying(mut event: Event, currency: &str) -> Event {
        event.parameters.insert("currency".into(), serde_json::json!(currency));
        event
    }

    #[test]
    fn different_codes_are_found_and_different_cases_are_not() {
        let of = |server_says: &str| {
            of_pair(ID, browser("Purchase", "1"), saying(server("Purchase", "1"), server_says))
        };
        assert_eq!(of("EUR"), ["currencies differ"]);
        assert!(of("USD").is_empty() && of("usd").is_empty() && of("").is_empty());
    }

    #[test]
    fn the_scenario_knows_better_than_both() {
        let mut facts = visit();
        facts.expect[0].currency = Some("EUR".into());
        let events = vec![browser("Purchase", "1"), server("Purchase", "1")];
        assert_eq!(causes(ID, events, vec![facts]), ["not what the scenario says"]);
    }
}
