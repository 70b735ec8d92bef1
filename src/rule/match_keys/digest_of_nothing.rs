//! ## What it checks
//! No hashed key holds the digest of the empty text or of a literal that programs make
//! of a missing value: "null", "undefined", "None", "NaN", "0", "[object Object]",
//! "undefined@gmail.com" and their like; nor such a literal itself.
//!
//! ## Why it matters
//! The platform takes it for a person. Everybody without a value becomes that one
//! person, events of strangers look alike, and match quality drops without any error.
//!
//! ## How to fix
//! Leave the key out when there is no value. Check for it before normalising, and after:
//! a value of spaces or punctuation can be empty only then.
//!
//! ## Source
//! Meta, "Customer information parameters". Observed: the Python SDK digests the empty
//! text for a blank city, and the pixel turns `undefined` into "undefined@gmail.com".

use crate::event::{Event, MatchKey, Secrecy};
use crate::finding::Severity;
use crate::platform::meta::proof::{Shape, nothing, shape};
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "digest-of-nothing",
    title: "the digest of a missing value",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("digest_of_nothing.rs"),
};

/// Literals that stand for a missing value where they travel in clear.
const LITERALS: [&str; 8] =
    ["null", "undefined", "none", "nan", "nil", "[object object]", "undefined@gmail.com", "n/a"];

/// The literal that a value of a hashed key stands for, in clear or digested.
pub(super) fn literal(key: MatchKey, value: &str) -> Option<&'static str> {
    match shape(value) {
        Shape::Empty => None,
        Shape::Plain => {
            let value = value.trim().to_lowercase();
            LITERALS.into_iter().find(|literal| *literal == value)
        }
        _ => nothing(key, value),
    }
}

fn ask(event: &Event) -> Vec<Offence> {
    let mut offences = Vec::new();
    for (key, values) in &event.keys {
        if key.secrecy() == Secrecy::Plain || event.automatic {
            continue;
        }
        let Some((value, literal)) =
            values.iter().find_map(|value| Some((value, literal(*key, value)?)))
        else {
            continue;
        };
        let what = if literal.trim().is_empty() { "an empty text" } else { literal };
        let how = if shape(value) == Shape::Plain { "is" } else { "is the digest of" };
        let quoted =
            if literal.trim().is_empty() { what.to_owned() } else { format!("\"{what}\"") };
        let offence = Offence::new(
            format!("{key} of {} from the {} {how} {quoted}", event.name(), event.channel),
            format!("leave {key} out when there is no value"),
        )
        .because(what);
        // Beside a good value it costs nothing but tidiness.
        let alone =
            values.iter().all(|value| value.is_empty() || self::literal(*key, value).is_some());
        offences.push(if alone { offence } else { offence.weighing(Severity::Warn) });
    }
    offences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::meta::normalise::digest;
    use crate::rule::trial::{server, with};

    #[test]
    fn every_literal_is_named_and_people_are_left_alone() {
        for (value, expected) in [
            (digest(""), "an empty text"),
            (digest("undefined"), "undefined"),
            (digest("undefined").to_uppercase(), "undefined"),
            (digest("[object Object]"), "[object Object]"),
            ("undefined".to_owned(), "undefined"),
        ] {
            let found = ask(&with(server("Lead", "1"), MatchKey::Email, &value));
            assert_eq!(found.len(), 1, "{value}");
            assert_eq!(found[0].cause.as_deref(), Some(expected));
        }
        assert!(ask(&server("Lead", "1")).is_empty());
        assert!(ask(&with(server("Lead", "1"), MatchKey::FirstName, &digest("nan"))).is_empty());
        assert!(ask(&with(server("Lead", "1"), MatchKey::ExternalId, "17")).is_empty());
    }

    #[test]
    fn beside_a_good_value_it_is_a_warning() {
        let mut event = server("Lead", "1");
        event.keys.insert(MatchKey::Email, vec![digest("ann@example.com"), digest("")]);
        assert_eq!(ask(&event)[0].severity, Some(Severity::Warn));
    }
}
