//! ## What it checks
//! The same match key has the same digest on both halves of a pair. Lists are compared
//! by what they have in common; Meta's addition to a digest does not matter; the digest
//! under the pixel's older normaliser counts as a second chance; and an `external_id`
//! that one side hashes and the other sends plain is understood. Where both digests are
//! right and only the implementations differ, it is a warning, and the finding says which
//! one each side used. Where one side made a mistake, the finding on that digest says it
//! alone.
//!
//! ## Why it matters
//! Browser and server describe one person in two ways. Each half matches by itself at
//! best, and the fallback that removes duplicates without event IDs compares external_id
//! as it is.
//!
//! ## How to fix
//! Normalise in one place, or with one library on both sides: Meta's parameter builder
//! makes what the pixel makes. Where names or places differ by spaces or accents only,
//! hand the pixel and the server the same prepared text.
//!
//! ## Source
//! What the pixel, the parameter builder and the SDKs make of which input was observed by
//! running them; Meta, "Customer information parameters": use one format on all channels.

use std::collections::BTreeSet;

use polars::prelude::*;

use crate::event::{MatchKey, Secrecy};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::normalise::{Implementation, digest, on_the_wire};
use crate::platform::meta::proof::{
    Maker, PROVABLE, Proof, Shape, Slip, made_of, nothing, placeholder, shape,
};
use crate::platform::meta::without_appendix;
use crate::rule::match_keys::{seen_shape, shorten};
use crate::rule::suspects::{Pair, Suspect, frame, key_of, pair_of, pairs};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "identity-mismatch",
    title: "the two halves of a conversion describe the person differently",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("identity_mismatch.rs"),
};

/// Keys on which implementations that Meta accepts disagree (meta-facts 3.2): without the
/// plain value, a difference there need be nobody's fault.
const DISPUTED: [MatchKey; 6] = [
    MatchKey::FirstName,
    MatchKey::LastName,
    MatchKey::City,
    MatchKey::State,
    MatchKey::Zip,
    MatchKey::Country,
];

/// Values of a key as they are compared: digests in lower case, without addition; a plain
/// external_id as every digest that is made of it.
pub(in crate::rule) fn comparable(key: MatchKey, values: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for value in values.iter().filter(|value| !value.trim().is_empty()) {
        let bare = without_appendix(key, value.trim());
        if shape(bare) == Shape::Plain {
            if key == MatchKey::ExternalId {
                found.extend(
                    [Implementation::Pixel, Implementation::ParameterBuilder]
                        .into_iter()
                        .filter_map(|one| on_the_wire(one, key, bare)),
                );
                found.insert(digest(bare));
                found.insert(digest(&bare.to_lowercase()));
            }
            found.insert(bare.to_owned());
        } else {
            found.insert(bare.to_ascii_lowercase());
        }
    }
    found
}

/// True where both sides carry the key and nothing they say is the same.
fn differs(pair: &Pair<'_>, key: MatchKey) -> bool {
    let (Some(browser), Some(server)) = (pair.browser.keys.get(&key), pair.server.keys.get(&key))
    else {
        return false;
    };
    if browser == server {
        return false;
    }
    let (left, right) = (comparable(key, browser), comparable(key, server));
    if left.is_empty() || right.is_empty() || !left.is_disjoint(&right) {
        return false;
    }
    let older = pair.browser.older_keys.get(&key).map(|values| comparable(key, values));
    older.is_none_or(|older| older.is_disjoint(&right))
}

/// True where a value of either side is an offence of its own.
fn is_explained(tables: &Tables, pair: &Pair<'_>, key: MatchKey) -> bool {
    let values = |side: &crate::event::Event| side.keys.get(&key).cloned().unwrap_or_default();
    [(pair.browser_row, values(pair.browser)), (pair.server_row, values(pair.server))]
        .into_iter()
        .any(|(row, values)| {
            let malformed = key.secrecy() == Secrecy::Hashed
                && values.iter().any(|value| {
                    !matches!(shape(value), Shape::Sha256 | Shape::UpperSha256)
                        || placeholder(key, value).is_some()
                });
            let empty = values.iter().any(|value| nothing(key, value).is_some());
            let proof = match tables.proofs.of(row, key) {
                _ if key == MatchKey::ExternalId => false,
                Some(Proof::Mistake(_) | Proof::PixelCopy(_) | Proof::Nothing(_)) => true,
                Some(Proof::Unknown) => tables.proofs.knows(pair.session(), key),
                _ => false,
            };
            malformed || empty || proof
        })
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let mut suspects = Vec::new();
    for pair in pairs(tables)? {
        for key in PROVABLE {
            if differs(&pair, key) && !is_explained(tables, &pair, key) {
                suspects.push(Suspect::pair(&pair, key.name()));
            }
        }
    }
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let pair = pair_of(row, tables)?;
    let key = key_of(row)?;
    let name = pair.browser.name();
    let proofs = (tables.proofs.of(pair.browser_row, key), tables.proofs.of(pair.server_row, key));
    if let (Some(Proof::Accepted(left)), Some(Proof::Accepted(right))) = proofs
        && key != MatchKey::ExternalId
    {
        let message = format!(
            "{key} of {name} is right on both sides and still not the same: the browser's digest is what the {} makes, the server's what the {} makes",
            names(left),
            names(right)
        );
        let fix = format!(
            "prepare {key} once and hand the same text to both, or use Meta's parameter builder on the server"
        );
        return Some(
            Offence::new(message, fix)
                .because(format!("{key}: normalisations differ"))
                .weighing(Severity::Warn),
        );
    }
    let (browser, server) = (pair.browser.key(key)?, pair.server.key(key)?);
    let bare = |value: &str| without_appendix(key, value.trim()).to_owned();
    let made = match made_of(&bare(server), &bare(browser)) {
        Some(slip) => Some((slip, "server")),
        None => made_of(&bare(browser), &bare(server)).map(|slip| (slip, "browser")),
    };
    if let Some((slip, side)) = made {
        let message = format!(
            "{key} of {name}: the {side}'s digest was made of the other side's digest ({})",
            Slip::words(slip)
        );
        return Some(
            Offence::new(message, slip.fix(key)).because(format!("{key}: {}", slip.words())),
        );
    }
    let plain = |value: &str| shape(value) == Shape::Plain;
    let what = match (plain(browser), plain(server)) {
        (false, false) => "different digests",
        (true, true) => "different values",
        _ => "a digest and a plain value that do not belong together",
    };
    let shown = |value: &str| {
        if plain(value) { crate::event::mask(value) } else { shorten(value) }
    };
    let message = format!(
        "{key} of {name}: browser and server send {what} ({} and {}){}",
        shown(browser),
        shown(server),
        seen_shape(pair.browser, key),
    );
    let offence = Offence::new(
        message,
        format!("hand the same {key} to both sides, normalised in the same way"),
    )
    .because(format!("{key}: {what}"));
    Some(if DISPUTED.contains(&key) { offence.weighing(Severity::Warn) } else { offence })
}

fn names(makers: &[Maker]) -> String {
    let names: Vec<&str> = makers.iter().map(|maker| maker.name()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{browser, causes, findings, of_pair, server, visit, with};

    const ID: &str = "identity-mismatch";

    fn of(key: MatchKey, left: &str, right: &str) -> Vec<String> {
        of_pair(
            ID,
            with(browser("Purchase", "1"), key, left),
            with(server("Purchase", "1"), key, right),
        )
    }

    #[test]
    fn two_right_digests_that_differ_are_a_warning_with_both_names() {
        let events = vec![
            with(browser("Purchase", "1"), MatchKey::LastName, &digest("olee")),
            with(server("Purchase", "1"), MatchKey::LastName, &digest("o'lee")),
        ];
        let found = findings(ID, events, vec![visit()]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::Warn);
        assert_eq!(found[0].cause.as_deref(), Some("ln: normalisations differ"));
        assert!(found[0].message.contains("pixel") && found[0].message.contains("Python SDK"));
    }

    #[test]
    fn what_is_the_same_in_another_dress_is_no_offence() {
        let em = digest("ann.lee+7@example.com");
        assert!(of(MatchKey::Email, &em, &em.to_uppercase()).is_empty());
        assert!(of(MatchKey::Email, &em, &format!("{em}.AQQCAQIB")).is_empty());
        assert!(of(MatchKey::ExternalId, &digest("user-7"), "User-7").is_empty());
        assert!(of(MatchKey::ExternalId, &digest("user-7"), "user-7").is_empty());
        let mut several = server("Purchase", "1");
        several.keys.insert(MatchKey::Email, vec![digest("old@example.com"), em.clone()]);
        assert!(
            of_pair(ID, with(browser("Purchase", "1"), MatchKey::Email, &em), several).is_empty()
        );
    }

    #[test]
    fn the_older_normaliser_is_a_second_chance() {
        let mut hit = with(browser("Purchase", "1"), MatchKey::State, &digest("ak"));
        hit.older_keys.insert(MatchKey::State, vec![digest("al")]);
        let mut nobody = visit();
        nobody.persona.clear();
        let pair = |server_says: &str| {
            let server = with(server("Purchase", "1"), MatchKey::State, &digest(server_says));
            causes(ID, vec![hit.clone(), server], vec![nobody.clone()])
        };
        assert!(pair("al").is_empty());
        assert_eq!(pair("zz"), ["st: different digests"]);
    }

    #[test]
    fn the_pixels_masks_are_evidence_of_what_it_was_given() {
        let mut nobody = visit();
        nobody.persona.clear();
        let said = |marks: &[(&str, &str)]| {
            let mut hit =
                with(browser("Purchase", "1"), MatchKey::Email, &digest("ann@example.com"));
            for (name, mask) in marks {
                hit.marks.insert((*name).into(), (*mask).into());
            }
            let server = with(server("Purchase", "1"), MatchKey::Email, &digest("b@example.com"));
            findings(ID, vec![hit, server], vec![nobody.clone()])[0].message.clone()
        };
        assert!(!said(&[]).contains("shape"));
        let both = said(&[("cud[em]", "^**@*******.***"), ("ncud[em]", "***@*******.***")]);
        assert!(
            both.ends_with("a text of the shape ^**@*******.*** and hashed ***@*******.***"),
            "{both}"
        );
        assert!(said(&[("ncudff[em]", "*@*.**")]).ends_with("hashed a text of the shape *@*.**"));
    }

    #[test]
    fn a_plain_mistake_of_one_side_is_told_once_elsewhere() {
        let em = digest("ann.lee+7@example.com");
        for wrong in [digest("Ann.Lee+7@Example.com"), digest(""), digest("x@example.com")] {
            assert!(of(MatchKey::Email, &em, &wrong).is_empty());
        }
        assert!(of(MatchKey::Email, &em, "ann.lee+7@example.com").is_empty());
        assert!(of(MatchKey::Email, &em, &em[..32]).is_empty());
    }

    #[test]
    fn without_a_person_the_digests_speak_for_themselves() {
        let em = digest("somebody@example.com");
        let pair = |key, left: &str, right: &str| {
            let mut nobody = visit();
            nobody.persona.clear();
            let events = vec![
                with(browser("Purchase", "1"), key, left),
                with(server("Purchase", "1"), key, right),
            ];
            let found = findings(ID, events, vec![nobody]);
            found
                .into_iter()
                .map(|one| (one.cause.unwrap_or_default(), one.severity))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            pair(MatchKey::Email, &em, &digest(&em)),
            [("em: hashed twice".to_owned(), Severity::Error)]
        );
        assert_eq!(
            pair(MatchKey::Email, &em, &digest("other@example.com")),
            [("em: different digests".to_owned(), Severity::Error)]
        );
        assert_eq!(
            pair(MatchKey::City, &digest("sopaulo"), &digest("sãopaulo")),
            [("ct: different digests".to_owned(), Severity::Warn)]
        );
        assert_eq!(
            pair(MatchKey::ExternalId, &digest("user-7"), "User-8"),
            [(
                "external_id: a digest and a plain value that do not belong together".to_owned(),
                Severity::Error
            )]
        );
    }
}
