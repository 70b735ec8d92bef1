//! ## What it checks
//! The digests of a visit belong to its test person: each is what some implementation
//! makes of the person's data, or a known mistake makes of them (that is a rule of its
//! own). Keys of which the person has no value are not asked, nor external_id, which is
//! the site's to choose. Where both sides of a visit agree on the same foreign digest,
//! the site knows the visitor as somebody else, and it is a warning.
//!
//! ## Why it matters
//! A digest of something else matches somebody else or nobody: a form field that is
//! mapped to the wrong key, a cached visitor, a default from a template.
//!
//! ## How to fix
//! Follow the value from the form to the call. If the scenario types data of its own
//! instead of the persona's, let it type `${persona.…}`, or the proof has nothing to
//! stand on.
//!
//! ## Source
//! The persona's data are known, so its digests in every implementation are; see
//! `countonce digest`.

use std::collections::{BTreeSet, HashMap};

use polars::prelude::*;

use super::placeholder_identity::{is_placeholder, shared_digests};
use super::{seen_shape, shorten};
use crate::event::{Channel, MatchKey};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::proof::{Meaning, Proof, Shape, meaning, shape};
use crate::rule::suspects::{Suspect, event_of, frame, told};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "digest-not-of-persona",
    title: "a digest that nothing of the test person's leads to",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("digest_not_of_persona.rs"),
};

/// Keys that name the person; the others may come from the address of the visit.
const NAMING: [MatchKey; 4] =
    [MatchKey::Email, MatchKey::Phone, MatchKey::FirstName, MatchKey::LastName];

/// Marks a suspect whose digest both sides of the visit agree on.
const BOTH_SIDES: &str = "both sides: ";

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    if tables.sessions.is_empty() {
        // Nobody is known whose data a digest could be of.
        return frame(tables, &[]);
    }
    let shared = shared_digests(tables);
    let mut sides: HashMap<(Option<u32>, MatchKey, &str), BTreeSet<Channel>> = HashMap::new();
    for (_, event) in told(tables) {
        for (key, values) in &event.keys {
            for value in values {
                sides.entry((event.session, *key, value)).or_default().insert(event.channel);
            }
        }
    }
    let mut suspects = Vec::new();
    for (row, event) in told(tables) {
        for (key, proof) in tables.proofs.all(row) {
            let values = event.keys.get(&key).map(Vec::as_slice).unwrap_or_default();
            let foreign = *proof == Proof::Unknown
                && key != MatchKey::ExternalId
                && tables.proofs.knows(event.session, key)
                && values.iter().any(|value| {
                    matches!(shape(value), Shape::Sha256 | Shape::UpperSha256)
                        && matches!(meaning(key, value), None | Some(Meaning::Valid))
                });
            let named_elsewhere = values.iter().any(|value| {
                is_placeholder(key, value) || shared.contains_key(&(key, value.as_str()))
            });
            if foreign && !named_elsewhere {
                let on_both = values.iter().any(|value| {
                    sides.get(&(event.session, key, value.as_str())).is_some_and(|on| on.len() == 2)
                });
                let what = if on_both { BOTH_SIDES } else { "" };
                suspects.push(Suspect::event(row, format!("{what}{key}")));
            }
        }
    }
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (_, event) = event_of(row, tables)?;
    let what = row.text("what")?;
    let on_both = what.starts_with(BOTH_SIDES);
    let key = MatchKey::from_name(what.trim_start_matches(BOTH_SIDES))?;
    let value = event.key(key)?;
    let message = format!(
        "{key} of {} from the {} ({}) is the digest of nothing that the test person typed, right or wrong{}",
        event.name(),
        event.channel,
        shorten(value),
        seen_shape(event, key),
    );
    let fix = format!("find out where {key} comes from; it is not what this visitor entered");
    let offence = Offence::new(message, fix);
    Some(if on_both {
        offence.because(format!("{key}: another person on both sides")).weighing(Severity::Warn)
    } else if NAMING.contains(&key) {
        offence.because(key.name())
    } else {
        offence.because(key.name()).weighing(Severity::Warn)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::meta::normalise::digest;
    use crate::rule::trial::{browser, causes, of_server, server, visit, with};

    const ID: &str = "digest-not-of-persona";

    #[test]
    fn foreign_digests_are_found_and_the_persons_own_are_not() {
        let email =
            |text: &str| with(server("Purchase", "order-1"), MatchKey::Email, &digest(text));
        assert_eq!(of_server(ID, email("somebody@example.com")), ["em"]);
        for own in ["ann.lee+7@example.com", "Ann.Lee+7@Example.com", "", "test@test.com"] {
            assert!(of_server(ID, email(own)).is_empty(), "{own}");
        }
        let other = with(server("Purchase", "order-1"), MatchKey::ExternalId, &digest("4711"));
        assert!(of_server(ID, other).is_empty());
        let gender = with(server("Purchase", "order-1"), MatchKey::Gender, &digest("x9"));
        assert!(of_server(ID, gender).is_empty(), "invalid-gender says it");
    }

    #[test]
    fn a_second_value_of_the_person_is_no_offence() {
        let mut event = server("Purchase", "order-1");
        let good = digest("ann.lee+7@example.com");
        event.keys.insert(MatchKey::Email, vec![digest("old@example.com"), good]);
        assert!(of_server(ID, event).is_empty());
    }

    #[test]
    fn one_stranger_on_both_sides_is_a_warning() {
        let stranger = digest("account@example.com");
        let found = crate::rule::trial::findings(
            ID,
            vec![
                with(browser("Purchase", "order-1"), MatchKey::Email, &stranger),
                with(server("Purchase", "order-1"), MatchKey::Email, &stranger),
            ],
            vec![visit()],
        );
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|finding| finding.severity == Severity::Warn));
    }

    #[test]
    fn without_a_person_nothing_is_said() {
        let mut nobody = visit();
        nobody.persona.clear();
        let event = with(server("Purchase", "order-1"), MatchKey::Email, &digest("x@example.com"));
        assert!(causes(ID, vec![event], vec![nobody]).is_empty());
    }
}
