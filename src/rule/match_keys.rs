//! Match keys: the platform can recognise the person.

pub(super) mod click;
pub(super) mod client_ip_shared_by_visitors;
pub(super) mod digest_misnormalised;
pub(super) mod digest_not_of_persona;
pub(super) mod digest_of_nothing;
pub(super) mod fbc_click_id_altered;
pub(super) mod fbc_missing_after_click;
pub(super) mod fbc_time_unit;
pub(super) mod fbp_shared_by_visitors;
pub(super) mod hashed_plain_key;
pub(super) mod invalid_birth_date;
pub(super) mod invalid_country;
pub(super) mod invalid_gender;
pub(super) mod low_match_key_coverage;
pub(super) mod low_match_quality;
pub(super) mod malformed_client_ip;
pub(super) mod malformed_digest;
pub(super) mod malformed_fbc;
pub(super) mod malformed_fbp;
pub(super) mod missing_client_user_agent;
pub(super) mod phone_without_country_code;
pub(super) mod placeholder_identity;
pub(super) mod private_client_ip;
pub(super) mod too_few_match_keys;
pub(super) mod unhashed_personal_data;
pub(super) mod unstable_fbp;
pub(super) mod user_agent_of_http_client;
pub(super) mod wrong_match_key_name;

/// Its rules, in the order of the catalogue.
pub(super) const RULES: &[&super::Rule] = &[
    &unhashed_personal_data::RULE,
    &hashed_plain_key::RULE,
    &malformed_digest::RULE,
    &digest_of_nothing::RULE,
    &digest_not_of_persona::RULE,
    &digest_misnormalised::RULE,
    &phone_without_country_code::RULE,
    &placeholder_identity::RULE,
    &malformed_fbp::RULE,
    &malformed_fbc::RULE,
    &fbc_time_unit::RULE,
    &fbc_click_id_altered::RULE,
    &fbc_missing_after_click::RULE,
    &unstable_fbp::RULE,
    &fbp_shared_by_visitors::RULE,
    &private_client_ip::RULE,
    &malformed_client_ip::RULE,
    &client_ip_shared_by_visitors::RULE,
    &missing_client_user_agent::RULE,
    &user_agent_of_http_client::RULE,
    &wrong_match_key_name::RULE,
    &invalid_country::RULE,
    &invalid_gender::RULE,
    &invalid_birth_date::RULE,
    &too_few_match_keys::RULE,
    &low_match_key_coverage::RULE,
    &low_match_quality::RULE,
];

use polars::prelude::*;

use super::suspects::{Suspect, event_of, frame, key_of, told};
use super::{Offence, Row};
use crate::event::{Event, MatchKey};
use crate::join::Tables;
use crate::platform::meta::proof::{Meaning, Proof, meaning};

/// How many hex digits of a digest a message shows.
const SHOWN_DIGITS: usize = 8;

/// The beginning of a digest: enough to find it in the evidence, too little to be one.
pub(super) fn shorten(value: &str) -> String {
    let head: String = value.trim().chars().take(SHOWN_DIGITS).collect();
    format!("{head}…")
}

/// What the pixel's own masks say of the text that it hashed, for the end of a sentence;
/// empty where the hit has none. The mask has `^` for capitals, `*` for other letters and
/// `#` for digits (meta-facts 1.6).
pub(super) fn seen_shape(event: &Event, key: MatchKey) -> String {
    let mask = |stems: [&str; 2]| {
        stems.into_iter().find_map(|stem| event.marks.get(&format!("{stem}[{key}]")))
    };
    match (mask(["cud", "cudff"]), mask(["ncud", "ncudff"])) {
        (Some(given), Some(hashed)) if given == hashed => {
            format!("; the pixel was given a text of the shape {given} and hashed it unchanged")
        }
        (Some(given), Some(hashed)) => {
            format!("; the pixel was given a text of the shape {given} and hashed {hashed}")
        }
        (None, Some(hashed)) => format!("; the pixel hashed a text of the shape {hashed}"),
        (Some(given), None) => format!("; the pixel was given a text of the shape {given}"),
        (None, None) => String::new(),
    }
}

/// Events whose digest of a key with few values stands for none of them. Yields to the
/// proof where that says what happened.
fn invalid(tables: &Tables, key: MatchKey) -> PolarsResult<LazyFrame> {
    let suspects: Vec<Suspect> = told(tables)
        .filter(|(row, event)| {
            matches!(tables.proofs.of(*row, key), Some(Proof::Unknown))
                && event.keys.get(&key).is_some_and(|values| {
                    values
                        .iter()
                        .all(|value| !matches!(meaning(key, value), None | Some(Meaning::Valid)))
                })
        })
        .map(|(row, _)| Suspect::event(row, key.name()))
        .collect();
    frame(tables, &suspects)
}

/// The words for a row of [`invalid`].
fn tell_invalid(row: &Row<'_>, tables: &Tables, what: &str, fix: &str) -> Option<Offence> {
    let (_, event) = event_of(row, tables)?;
    let key = key_of(row)?;
    let value = event.key(key)?;
    let (cause, how) = match meaning(key, value)? {
        Meaning::Misformed(slips) => {
            let words: Vec<&str> = slips.iter().map(|slip| slip.words()).collect();
            (words.join(", "), format!(": {}", words.join(", ")))
        }
        Meaning::Invalid => ("no known value".to_owned(), String::new()),
        Meaning::Valid => return None,
    };
    let message = format!(
        "{key} of {} from the {} ({}) is the digest of {what}{how}",
        event.name(),
        event.channel,
        shorten(value)
    );
    Some(Offence::new(message, fix).because(cause))
}
