//! ## What it checks
//! A digest of the test person's data was made by the right normalisation. Where it was
//! made by a known wrong one, the rule says by which: hashed twice, not trimmed, not
//! lower-cased, plus sign, spaces or punctuation kept, names swapped, date in another
//! order, a word for a gender, the name of a country, accents lost, MD5 first and many
//! more, also two at once. Official implementations that differ from each other are all
//! right. A phone that only lacks its country code is a rule of its own.
//!
//! ## Why it matters
//! The digest looks perfect and matches nobody. No tool of the platform can say so,
//! because only the plain value shows it.
//!
//! ## How to fix
//! The finding names the step. Best hand plain values to an official SDK or to Meta's
//! parameter builder and hash nothing yourself; mind that SDKs leave some values alone
//! (a word for a gender, a date with hyphens) and digest them as they are.
//!
//! ## Source
//! Meta, "Customer information parameters"; what each implementation makes of which
//! input was observed by running it. `countonce digest` shows all of them.

use polars::prelude::*;

use super::phone_without_country_code::is_country_code_only;
use super::{seen_shape, shorten};
use crate::event::{Channel, MatchKey};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::proof::{Mistake, Proof, Shape, shape};
use crate::rule::suspects::{Suspect, event_of, frame, key_of, told};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "digest-misnormalised",
    title: "a digest of the right value, wrongly normalised",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("digest_misnormalised.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let mut suspects = Vec::new();
    for (row, event) in told(tables) {
        for (key, proof) in tables.proofs.all(row) {
            let wrong = match proof {
                Proof::Mistake(mistake) => !is_country_code_only(mistake),
                // The pixel copies dates into the phone by itself; a server does not.
                Proof::PixelCopy(_) => event.channel == Channel::Server,
                _ => false,
            };
            let digests = event.keys.get(&key).map(Vec::as_slice).unwrap_or_default();
            let of_right_kind = digests
                .iter()
                .any(|value| matches!(shape(value), Shape::Sha256 | Shape::UpperSha256));
            if wrong && of_right_kind && key != MatchKey::ExternalId {
                suspects.push(Suspect::event(row, key.name()));
            }
        }
    }
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (at, event) = event_of(row, tables)?;
    let key = key_of(row)?;
    let value = shorten(event.key(key)?);
    let (cause, fix, by) = match tables.proofs.of(at, key)? {
        Proof::Mistake(mistake) => (mistake.cause(), mistake.fix(key), indulgent(mistake)),
        Proof::PixelCopy(other) => (
            format!("value of {other}"),
            format!("{key} holds the value of {other}: put each value under its own key"),
            String::new(),
        ),
        _ => return None,
    };
    let message = format!(
        "{key} of {} from the {} ({value}) is a digest of the test person's value, but: {cause}{by}{}",
        event.name(),
        event.channel,
        seen_shape(event, key),
    );
    Some(Offence::new(message, fix).because(format!("{key}: {cause}")))
}

/// Which implementations make such a digest without complaint.
fn indulgent(mistake: &Mistake) -> String {
    let names: Vec<&str> = mistake.by.iter().map(|one| one.name()).collect();
    if names.is_empty() {
        return String::new();
    }
    format!(" (what the {} makes of such a value)", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::meta::normalise::digest;
    use crate::rule::trial::{of_server, server, with};

    const ID: &str = "digest-misnormalised";

    #[test]
    fn the_step_that_went_wrong_is_named() {
        for (key, value, expected) in [
            (MatchKey::Email, digest("Ann.Lee+7@Example.com"), "em: not lower-cased"),
            (MatchKey::Email, digest(&digest("ann.lee+7@example.com")), "em: hashed twice"),
            (MatchKey::Phone, digest("+16505550112"), "ph: plus sign kept"),
            (MatchKey::FirstName, digest("o'lee"), "fn: names swapped"),
            (MatchKey::Gender, digest("female"), "ge: raw gender word"),
            (MatchKey::BirthDate, digest("1997-02-16"), "db: date format"),
            (MatchKey::Phone, digest("19970216"), "ph: value of db"),
        ] {
            let event = with(server("Purchase", "order-1"), key, &value);
            assert_eq!(of_server(ID, event), [expected]);
        }
    }

    #[test]
    fn right_ones_of_any_implementation_and_other_offences_are_left_alone() {
        for (key, value) in [
            (MatchKey::LastName, digest("o'lee")),
            (MatchKey::LastName, digest("olee")),
            (MatchKey::City, digest("newhaven")),
            (MatchKey::Phone, digest("6505550112")),
            (MatchKey::Email, digest("someone@example.com")),
            (MatchKey::Email, digest("undefined")),
            (MatchKey::ExternalId, digest(&digest("User-7"))),
            (MatchKey::ExternalId, digest("ann.lee+7@example.com")),
        ] {
            let event = with(server("Purchase", "order-1"), key, &value);
            assert!(of_server(ID, event).is_empty(), "{key} {value}");
        }
    }
}
