//! The texts that real faults digest: one known mistake each, or two that go together.
//!
//! Made from the person's plain value by leaving a step of the normalisation out or
//! doing another one. Texts that are right are taken out at the end.
//! Never a text that only a guess leads to.

mod address;
mod calendar;
mod telephone;
mod words;

use std::collections::HashMap;

use super::super::normalise::{Implementation, normalise};
use super::slip::Slip;
use super::{Plain, Spelling, right};
use crate::event::MatchKey;

pub(super) use calendar::{common as common_dates, dates};
pub(super) use words::{common_name, country_forms, country_of};

/// A text in the making.
type Draft = (Vec<u8>, Vec<Slip>);

/// Every wrong spelling for a key, the likelier of two causes first.
pub(super) fn spellings(key: MatchKey, person: Plain<'_>) -> Vec<Spelling> {
    let rights: Vec<String> = right::texts(key, person).into_iter().map(|(text, _)| text).collect();
    let drafts = match key {
        MatchKey::Email => address::drafts(person),
        MatchKey::Phone => telephone::drafts(person),
        MatchKey::Gender => words::gender(person),
        MatchKey::BirthDate => dates(person),
        MatchKey::State => words::state(person),
        MatchKey::Country => words::country(person),
        MatchKey::Zip => words::zip(person),
        MatchKey::FirstName => words::name(person, "first_name", "last_name"),
        MatchKey::LastName => words::name(person, "last_name", "first_name"),
        MatchKey::City => words::city(person),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut add = |bytes: Vec<u8>, slips: Vec<Slip>| {
        let is_right = rights.iter().any(|text| text.as_bytes() == bytes);
        if bytes.is_empty() || is_right || places.contains_key(&bytes) {
            return;
        }
        places.insert(bytes.clone(), found.len());
        found.push(Spelling { bytes, slips, by: Vec::new() });
    };
    for (bytes, slips) in &drafts {
        add(bytes.clone(), slips.clone());
    }
    // White space around anything, right or wrong.
    let bases = rights.iter().map(|text| (text.clone().into_bytes(), Vec::new()));
    for (bytes, slips) in bases.chain(drafts.clone()) {
        for padded in padded(&bytes) {
            let mut slips = slips.clone();
            slips.push(Slip::NotTrimmed);
            add(padded, slips);
        }
    }
    name_makers(key, person, &drafts, &places, &mut found);
    found
}

/// Notes which implementations make such a text without complaint, of the value itself
/// or of a wrong spelling of it that a site hands to them.
fn name_makers(
    key: MatchKey,
    person: Plain<'_>,
    drafts: &[Draft],
    places: &HashMap<Vec<u8>, usize>,
    found: &mut [Spelling],
) {
    // Where the word itself is at fault, a site hands the wrong word over.
    let handed = drafts
        .iter()
        .filter(|_| matches!(key, MatchKey::Gender | MatchKey::BirthDate))
        .filter_map(|(bytes, _)| String::from_utf8(bytes.clone()).ok());
    for input in right::inputs(key, person).into_iter().chain(handed) {
        for implementation in Implementation::ALL {
            let Some(text) = normalise(implementation, key, &input) else { continue };
            if let Some(place) = places.get(text.as_bytes())
                && !found[*place].by.contains(&implementation)
            {
                found[*place].by.push(implementation);
            }
        }
    }
}

/// White space as it clings to values of forms, files and databases.
fn padded(bytes: &[u8]) -> [Vec<u8>; 6] {
    let with = |before: &[u8], after: &[u8]| [before, bytes, after].concat();
    [
        with(b" ", b""),
        with(b"", b" "),
        with(b" ", b" "),
        with(b"", b"\n"),
        with(b"", b"\r\n"),
        with("\u{a0}".as_bytes(), b""),
    ]
}

fn draft(text: impl Into<String>, slips: &[Slip]) -> Draft {
    (text.into().into_bytes(), slips.to_vec())
}

/// A text in the forms in which it travels before anyone thinks of hashing it.
fn encoded(text: &str, slips: &[Slip]) -> Vec<Draft> {
    let with = |slip: Slip| -> Vec<Slip> { slips.iter().copied().chain([slip]).collect() };
    let percent = percent_encoding::utf8_percent_encode(text, UNRESERVED).to_string();
    let mut found = Vec::new();
    let mut push = |made: String, slip: Slip| {
        if made != text {
            found.push((made.into_bytes(), with(slip)));
        }
    };
    push(percent.clone(), Slip::UrlEncoded);
    push(percent.to_lowercase(), Slip::UrlEncoded);
    push(percent.replace("%20", "+"), Slip::UrlEncoded);
    for apostrophe in ["&#39;", "&#039;", "&apos;", "&#x27;"] {
        push(text.replace('\'', apostrophe), Slip::HtmlEncoded);
    }
    push(text.replace('&', "&amp;"), Slip::HtmlEncoded);
    push(text.replace('\'', "\\'"), Slip::Quoted);
    push(text.replace('\'', "''"), Slip::Quoted);
    push(format!("\"{text}\""), Slip::Quoted);
    push(format!("'{text}'"), Slip::Quoted);
    push(format!("[\"{text}\"]"), Slip::Quoted);
    found
}

/// What `encodeURIComponent` leaves alone.
const UNRESERVED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'(')
    .remove(b')');
