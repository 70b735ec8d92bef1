//! ## What it checks
//! The server reports the visitor's address in the family (IPv4 or IPv6) under which the
//! browser's own record has the visitor, where it has an address at all (logs of
//! first-party endpoints, hits made by hand). During a run the test person has one of
//! each, and either is right.
//!
//! ## Why it matters
//! The platform sees the browser's own connection. When the server names an address of
//! the other family, the two cannot be compared, and the match rests on the other keys.
//!
//! ## How to fix
//! Nothing is broken. Serve the site over IPv6 too, so that both connections use it; the
//! platform prefers IPv6.
//!
//! ## Source
//! Meta, Dataset Quality diagnostics: update IPv4 to IPv6; Meta's parameter builder
//! prefers an IPv6 address.

use polars::prelude::*;

use crate::event::{Channel, Event, MatchKey};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::client::{Reach, reach, read_address};
use crate::rule::suspects::{Pair, Suspect, frame, pair_of, pairs};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "ip-family-mismatch",
    title: "browser and server know the visitor by IPv4 and by IPv6",
    severity: Severity::Info,
    check: Check::Table { query, tell },
    source: include_str!("ip_family_mismatch.rs"),
};

/// True for IPv6, of a public address.
fn is_six(text: &str) -> Option<bool> {
    let address = read_address(text).ok()?;
    (reach(address) == Reach::Public).then(|| address.is_ipv6())
}

fn reported(event: &Event) -> Option<bool> {
    is_six(event.key(MatchKey::ClientIp)?)
}

/// Families of browser and server, where both are known and differ.
fn families(pair: &Pair<'_>) -> Option<(bool, bool)> {
    let families = (reported(pair.browser)?, reported(pair.server)?);
    (families.0 != families.1).then_some(families)
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let suspects: Vec<Suspect> = pairs(tables)?
        .iter()
        .filter(|pair| families(pair).is_some())
        .map(|pair| Suspect::pair(pair, ""))
        .collect();
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (browser, server) = families(&pair_of(row, tables)?)?;
    let name = |six: bool| if six { "IPv6" } else { "IPv4" };
    Some(
        Offence::new(
            format!(
                "the browser of {} comes by {}, the server names an {} address",
                row.event(),
                name(browser),
                name(server)
            ),
            "serve the site over IPv6 as well, so that both connections use the same family",
        )
        .because(format!("{} and {}", name(browser), name(server)))
        .on(Channel::Server),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{IP, browser, of_pair, server, with};

    #[test]
    fn only_two_public_addresses_of_two_families_are_told() {
        let of = |left: &str, right: &str| {
            of_pair(
                "ip-family-mismatch",
                with(browser("Purchase", "1"), MatchKey::ClientIp, left),
                with(server("Purchase", "1"), MatchKey::ClientIp, right),
            )
        };
        assert_eq!(of(IP, "2601:645::1"), ["IPv4 and IPv6"]);
        assert_eq!(of("2601:645::1", IP), ["IPv6 and IPv4"]);
        assert!(of(IP, "73.162.41.10").is_empty());
        assert!(of(IP, "::1").is_empty() && of("", "2601:645::1").is_empty());
    }
}
