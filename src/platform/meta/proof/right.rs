//! The texts whose digests are right: what implementations that Meta accepts make of
//! the spellings of a value that a site may hand to them.
//!
//! A text is right only where it is also what the documentation asks for: an SDK that
//! digests "female" as it stands is no excuse.
//! Never a mistake; those are in `wrong`.

use super::super::normalise::{Implementation, normalise};
use super::{Maker, Plain};
use crate::event::MatchKey;

/// Countries whose states Meta wants as two-letter codes; it has their names (meta-facts 3.1, 1.6).
const WITH_STATE_CODES: [&str; 2] = ["us", "ca"];

/// Every right text for a key, with its makers; none where the person has no such value.
pub(super) fn texts(key: MatchKey, person: Plain<'_>) -> Vec<(String, Maker)> {
    let mut found = Vec::new();
    for input in inputs(key, person) {
        for implementation in Implementation::ALL {
            if let Some(text) = normalise(implementation, key, &input)
                && is_right(key, &text, person)
            {
                found.push((text, Maker::Known(implementation)));
            }
        }
        for (text, maker) in [
            (tag_template(key, &input), Maker::TagTemplate),
            (documented(key, &input), Maker::Documented),
        ] {
            if is_right(key, &text, person) {
                found.push((text, maker));
            }
        }
        if key == MatchKey::ExternalId {
            found.push((input, Maker::AsGiven));
        }
    }
    found.retain(|(text, _)| !text.is_empty());
    found
}

/// Spellings of the value that a site may hand to an implementation.
pub(super) fn inputs(key: MatchKey, person: Plain<'_>) -> Vec<String> {
    let fields: &[&str] = match key {
        MatchKey::Email => &["email"],
        MatchKey::Phone => &["phone", "phone_national"],
        MatchKey::FirstName => &["first_name"],
        MatchKey::LastName => &["last_name"],
        MatchKey::Gender => &["gender"],
        MatchKey::BirthDate => &["birth_date"],
        MatchKey::City => &["city"],
        MatchKey::State => &["state", "state_name"],
        MatchKey::Zip => &["zip"],
        MatchKey::Country => &["country", "country_name"],
        MatchKey::ExternalId => &["external_id"],
        _ => &[],
    };
    let mut found: Vec<String> =
        fields.iter().filter_map(|field| person.get(field)).map(str::to_owned).collect();
    if key == MatchKey::BirthDate
        && let Some(digits) = found.first().and_then(|date| compact_date(date))
    {
        found.push(digits);
    }
    found
}

/// True where a text is what the documentation asks for, as far as it is strict.
fn is_right(key: MatchKey, text: &str, person: Plain<'_>) -> bool {
    match key {
        MatchKey::Email => {
            person.get("email").is_some_and(|email| email.trim().to_lowercase() == text)
        }
        MatchKey::Phone => digits(person, "phone").is_some_and(|phone| phone == text),
        MatchKey::Gender => matches!(text, "f" | "m"),
        MatchKey::BirthDate => {
            person.get("birth_date").and_then(compact_date).is_some_and(|date| date == text)
        }
        MatchKey::State if has_state_codes(person) => {
            person.get("state").is_none_or(|state| state.trim().to_lowercase() == text)
        }
        MatchKey::Country => {
            person.get("country").is_none_or(|country| country.trim().to_lowercase() == text)
        }
        _ => true,
    }
}

/// True where the person's country is one whose states have codes for Meta.
pub(super) fn has_state_codes(person: Plain<'_>) -> bool {
    person
        .get("country")
        .is_some_and(|country| WITH_STATE_CODES.contains(&country.trim().to_lowercase().as_str()))
}

/// The digits of a field, zeros in front dropped.
pub(super) fn digits(person: Plain<'_>, field: &str) -> Option<String> {
    let digits: String = person.get(field)?.chars().filter(char::is_ascii_digit).collect();
    Some(digits.trim_start_matches('0').to_owned()).filter(|digits| !digits.is_empty())
}

/// `YYYYMMDD` of a date as personas write it (`YYYY-MM-DD`) or already in that form.
pub(super) fn compact_date(date: &str) -> Option<String> {
    let digits: String = date.chars().filter(char::is_ascii_digit).collect();
    (digits.len() == 8 && date.as_bytes().iter().take(4).all(u8::is_ascii_digit)).then_some(digits)
}

/// Server tag templates trim and lower-case; phones lose what is no digit and cities
/// their spaces (meta-facts 3.2, last column).
fn tag_template(key: MatchKey, input: &str) -> String {
    let lower = input.trim().to_lowercase();
    match key {
        MatchKey::Phone => lower.chars().filter(char::is_ascii_digit).collect(),
        MatchKey::City => lower.chars().filter(|c| !c.is_whitespace()).collect(),
        _ => lower,
    }
}

/// The letter of Meta, "Customer information parameters".
fn documented(key: MatchKey, input: &str) -> String {
    let lower = input.trim().to_lowercase();
    let kept = |keep: fn(&char) -> bool| lower.chars().filter(keep).collect::<String>();
    match key {
        MatchKey::Phone => kept(char::is_ascii_digit).trim_start_matches('0').to_owned(),
        MatchKey::FirstName | MatchKey::LastName => kept(|c| !c.is_ascii_punctuation()),
        MatchKey::City | MatchKey::State => kept(|c| c.is_alphanumeric()),
        MatchKey::Zip => kept(|c| !c.is_whitespace() && *c != '-'),
        _ => lower,
    }
}
