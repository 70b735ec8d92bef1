//! ## What it checks
//! `client_ip_address` is the visitor's own public address: not a private or loopback
//! one, not that of the server, of a proxy or of a documentation range. During a run the
//! taps tell the site the test person's public address (X-Forwarded-For), so the right
//! answer is known, and any other public address is somebody else's.
//!
//! ## Why it matters
//! Address and user agent carry the matching of visitors who are not logged in. A
//! private address matches nobody; the server's own makes one person of all visitors.
//!
//! ## How to fix
//! Behind a load balancer, take the visitor's address from the header it sets
//! (X-Forwarded-For: the leftmost public one; or CF-Connecting-IP and the like) and tell
//! the framework to trust that proxy. A test set-up on loopback without such a header
//! shows 127.0.0.1 here, rightly: so would production.
//!
//! ## Source
//! Meta, "Customer information parameters": the IP address of the browser; must be
//! valid and public.

use polars::prelude::*;

use crate::event::{Channel, Event, MatchKey};
use crate::finding::Severity;
use crate::join::{SessionFacts, Tables};
use crate::platform::meta::client::{Reach, reach, read_address};
use crate::rule::suspects::{Suspect, event_of, frame, told_by};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "private-client-ip",
    title: "an address that is not the visitor's",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("private_client_ip.rs"),
};

/// Cause where the address is public but another one than the visitor's.
const NOT_THE_VISITORS: &str = "not the visitor's address";
/// Cause where another visitor of the run has that address.
const ANOTHER_VISITORS: &str = "another visitor's address";

fn fault(
    event: &Event,
    facts: Option<&SessionFacts>,
    all: &[SessionFacts],
) -> Option<&'static str> {
    let address = read_address(event.key(MatchKey::ClientIp)?).ok()?;
    let own: Vec<_> = facts
        .map(SessionFacts::addresses)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|text| read_address(text).ok())
        .collect();
    if own.contains(&address) {
        return None;
    }
    let anybodys = |address| {
        let known = all.iter().flat_map(SessionFacts::addresses);
        known.into_iter().any(|text| read_address(text) == Ok(address))
    };
    match reach(address) {
        Reach::Public if own.is_empty() => None,
        _ if anybodys(address) => Some(ANOTHER_VISITORS),
        Reach::Public => Some(NOT_THE_VISITORS),
        other => Some(other.name()),
    }
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let suspects: Vec<Suspect> = told_by(tables, Channel::Server)
        .filter_map(|(row, event)| {
            let facts = tables.session(event.session);
            Some(Suspect::event(row, fault(event, facts, &tables.sessions)?))
        })
        .collect();
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (_, event) = event_of(row, tables)?;
    let cause = row.text("what")?;
    let told = tables.session(event.session).is_some_and(|facts| !facts.addresses().is_empty());
    let name = event.name();
    let (hop, fix) = match cause.as_str() {
        NOT_THE_VISITORS => (
            "a public address that no visitor of this run has: the server's own, or that of a proxy or content network on the way".to_owned(),
            "take the leftmost public address of X-Forwarded-For, not the connection's and not a later hop",
        ),
        ANOTHER_VISITORS => (
            "the address of another visitor of this run, kept from an earlier request".to_owned(),
            "take the address from the request of this very event; keep it with the visit, not with the worker or the page cache",
        ),
        "documentation address" => (
            "an address out of a documentation range".to_owned(),
            "send the visitor's own address; this one comes from an example or a fixture",
        ),
        "loopback address" => (
            "the loopback address: the server took the last hop, its own connection, for the visitor".to_owned(),
            "take the visitor's address from the header that the load balancer sets, and trust that proxy",
        ),
        other => (
            format!("a {other}: the server took a hop inside its own network for the visitor"),
            "take the visitor's address from the header that the load balancer sets, and trust that proxy",
        ),
    };
    let right = if told { "; the visitor's own stood in X-Forwarded-For" } else { "" };
    let message = format!("{name} from the server names {hop}{right}");
    let offence = Offence::new(message, fix).because(cause.clone());
    Some(if cause == "documentation address" { offence.weighing(Severity::Warn) } else { offence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{IP, browser, causes, of_server, second_visit, server, visit, with};

    const ID: &str = "private-client-ip";

    #[test]
    fn whatever_is_not_the_visitors_is_found() {
        let of =
            |ip: &str| of_server(ID, with(server("Purchase", "order-1"), MatchKey::ClientIp, ip));
        assert!(of(IP).is_empty());
        assert!(of(&format!("{IP}.ABcDEFGh")).is_empty(), "Meta's library was here");
        assert_eq!(of("127.0.0.1"), ["loopback address"]);
        assert_eq!(of("::1"), ["loopback address"]);
        assert_eq!(of("10.1.2.3"), ["private address"]);
        assert_eq!(of("203.0.113.7"), ["documentation address"]);
        assert_eq!(of("34.117.59.81"), [NOT_THE_VISITORS]);
        let stale = with(server("Purchase", "order-1"), MatchKey::ClientIp, "73.162.41.10");
        let both = vec![visit(), second_visit()];
        assert_eq!(
            causes(ID, vec![browser("Purchase", "order-1"), stale], both),
            [ANOTHER_VISITORS]
        );
        assert!(of("73.162.41.9, 10.0.0.1").is_empty(), "malformed-client-ip says it");
    }

    #[test]
    fn without_a_known_visitor_any_public_address_will_do() {
        let mut nobody = visit();
        nobody.persona.clear();
        let event = with(server("Purchase", "order-1"), MatchKey::ClientIp, "34.117.59.81");
        assert!(causes(ID, vec![event], vec![nobody]).is_empty());
    }

    #[test]
    fn a_test_person_in_a_documentation_range_is_taken_at_its_word() {
        let mut fictional = visit();
        fictional.persona.insert("ip".into(), "203.0.113.7".into());
        let event = with(server("Purchase", "order-1"), MatchKey::ClientIp, "203.0.113.7");
        assert!(causes(ID, vec![event], vec![fictional]).is_empty());
    }
}
