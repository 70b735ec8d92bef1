//! ## What it checks
//! E-mail, phone, names and external_id belong to one visitor: none is a well-known
//! placeholder (test@test.com, 1234567890, guest), and none is the same for visitors who
//! are different people. In logs without test people, one value for a large share of
//! many visitors is taken for a placeholder.
//!
//! ## Why it matters
//! Events of many people under one identity are attributed to nobody, or all to the same
//! account; an external_id that everyone shares also lets the platform's fallback drop
//! real conversions as duplicates.
//!
//! ## How to fix
//! Leave the key out for guests and unknown visitors. Look for defaults in templates and
//! for values kept in a cache or in a variable that outlives the request.
//!
//! ## Source
//! Seen in the wild: placeholder addresses reused for everyone. Meta, "Deduplicate pixel
//! and server events": the fallback compares external_id and fbp.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::shorten;
use crate::event::MatchKey;
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::proof::{Proof, nothing, placeholder};
use crate::rule::suspects::{Suspect, event_of, frame, key_of, told};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "placeholder-identity",
    title: "an identity that belongs to nobody in particular",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("placeholder_identity.rs"),
};

const KEYS: [MatchKey; 5] = [
    MatchKey::Email,
    MatchKey::Phone,
    MatchKey::ExternalId,
    MatchKey::FirstName,
    MatchKey::LastName,
];
/// Of these, the ones that identify by themselves; people may share a name.
const IDENTIFYING: [MatchKey; 3] = [MatchKey::Email, MatchKey::Phone, MatchKey::ExternalId];
/// In logs: so many visitors with one value are no family. An engineering choice.
const MANY_VISITORS: usize = 5;
/// And they are at least this share of all visitors that carry the key.
const LARGE_SHARE: f64 = 0.2;

/// True for the digest of a well-known placeholder.
pub(super) fn is_placeholder(key: MatchKey, value: &str) -> bool {
    placeholder(key, value).is_some()
}

/// Values of a key that different people share, with how many visitors do.
pub(super) fn shared_digests(tables: &Tables) -> BTreeMap<(MatchKey, &str), usize> {
    let mut people: BTreeMap<(MatchKey, &str), BTreeSet<&str>> = BTreeMap::new();
    let mut browsers: BTreeMap<(MatchKey, &str), BTreeSet<&str>> = BTreeMap::new();
    let mut all_browsers: BTreeMap<MatchKey, BTreeSet<&str>> = BTreeMap::new();
    for (row, event) in told(tables) {
        let person = event
            .session
            .and_then(|number| tables.session(Some(number)))
            .and_then(|facts| facts.persona.get("email"));
        for key in IDENTIFYING {
            for value in event.keys.get(&key).into_iter().flatten() {
                let own = matches!(tables.proofs.of(row, key), Some(Proof::Accepted(_)));
                if value.trim().is_empty() || own || nothing(key, value).is_some() {
                    continue;
                }
                if let Some(person) = person {
                    people.entry((key, value)).or_default().insert(person);
                } else if let Some(browser) = event.key(MatchKey::BrowserId) {
                    browsers.entry((key, value)).or_default().insert(browser);
                    all_browsers.entry(key).or_default().insert(browser);
                }
            }
        }
    }
    let of_people = people
        .into_iter()
        .map(|(value, people)| (value, people.len()))
        .filter(|(_, count)| *count > 1);
    let of_browsers = browsers.into_iter().filter_map(|((key, value), some)| {
        let all = all_browsers.get(&key).map_or(0, BTreeSet::len);
        let many = some.len() >= MANY_VISITORS && some.len() as f64 >= LARGE_SHARE * all as f64;
        many.then_some(((key, value), some.len()))
    });
    of_people.chain(of_browsers).collect()
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let shared = shared_digests(tables);
    let mut suspects = Vec::new();
    for (row, event) in told(tables) {
        for key in KEYS {
            let values = event.keys.get(&key).into_iter().flatten();
            let bad = |value: &String| {
                is_placeholder(key, value) || shared.contains_key(&(key, value.as_str()))
            };
            // The test person may have a name that others use as a placeholder.
            let own = matches!(tables.proofs.of(row, key), Some(Proof::Accepted(_)));
            if !own && values.clone().any(bad) {
                suspects.push(Suspect::event(row, key.name()));
            }
        }
    }
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (_, event) = event_of(row, tables)?;
    let key = key_of(row)?;
    let values = event.keys.get(&key)?;
    let fix = format!("leave {key} out for visitors whose value is not known");
    if let Some(text) = values.iter().find_map(|value| placeholder(key, value)) {
        let message = format!(
            "{key} of {} from the {} is the digest of the placeholder \"{text}\"",
            event.name(),
            event.channel
        );
        return Some(Offence::new(message, fix).because(format!("{key}: placeholder")));
    }
    let value = values.first()?;
    Some(
        Offence::new(
            format!(
                "{key} of {} from the {} ({}) is the same for different visitors",
                event.name(),
                event.channel,
                shorten(value)
            ),
            fix,
        )
        .because(format!("{key}: same for different visitors")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::meta::normalise::digest;
    use crate::rule::trial::{causes, of_server, second_visit, server, visit, with};

    const ID: &str = "placeholder-identity";

    #[test]
    fn placeholders_are_named_and_real_addresses_pass() {
        let email =
            |text: &str| with(server("Purchase", "order-1"), MatchKey::Email, &digest(text));
        assert_eq!(of_server(ID, email("test@test.com")), ["em: placeholder"]);
        assert!(of_server(ID, email("ann.lee+7@example.com")).is_empty());
        assert!(of_server(ID, email("somebody@example.com")).is_empty());
    }

    #[test]
    fn one_value_for_two_people_is_found_and_their_own_values_are_not() {
        let second = |event: crate::event::Event| {
            let mut event = event;
            event.session = Some(2);
            event.caught += 1_000_000;
            with(event, MatchKey::BrowserId, "fb.1.1772453790000.77")
        };
        let own = |event| with(event, MatchKey::Email, &digest("bob@example.org"));
        let shop = digest("shop@example.com");
        let same = [
            with(server("Purchase", "order-1"), MatchKey::Email, &shop),
            second(with(server("Purchase", "order-2"), MatchKey::Email, &shop)),
        ];
        let expected = "em: same for different visitors";
        let sessions = || vec![visit(), second_visit()];
        assert_eq!(causes(ID, same.into(), sessions()), [expected, expected]);
        let apart = [
            with(server("Purchase", "order-1"), MatchKey::Phone, ""),
            with(second(own(server("Purchase", "order-2"))), MatchKey::Phone, ""),
        ];
        assert!(causes(ID, apart.into(), sessions()).is_empty());
    }

    #[test]
    fn in_logs_a_family_may_share_but_a_crowd_may_not() {
        let crowd = |size: usize| {
            let events = (0..size)
                .map(|number| {
                    let mut event = server("Lead", &format!("lead-{number}"));
                    event.session = None;
                    let event = with(event, MatchKey::Phone, "");
                    with(event, MatchKey::BrowserId, &format!("fb.1.1772452790000.{number}"))
                })
                .collect();
            causes(ID, events, vec![]).len()
        };
        assert_eq!(crowd(3), 0);
        assert_eq!(crowd(6), 1);
    }
}
