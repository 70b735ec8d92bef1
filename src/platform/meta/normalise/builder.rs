//! The pixel and the parameter builder: one family of rules with small differences.
//!
//! Where a value normalises to nothing the parameter builder sends nothing and the
//! pixel digests the raw text (observed, meta-facts 1.6).
//! Never the SDKs' own normalisers.

use super::{email, places, text};
use crate::event::MatchKey;

/// Years between which a birth date is believed. The library's upper bound is next
/// year by the clock; a verdict on a tape must not depend on the clock.
const BIRTH_YEARS: std::ops::RangeInclusive<u64> = 1800..=2100;

/// Words that the parameter builder reads as male (Meta, parameter builder, gender rules).
const MALE: &str = "man male boy gentleman guy sir mister mr son father dad daddy papa uncle \
    nephew brother husband boyfriend groom widower king prince duke count emperor god lord lad \
    fellow chap bloke dude he him his himself m";
/// Words that the parameter builder reads as female.
const FEMALE: &str = "woman female girl lady miss ms mrs madam ma'am daughter mother mom mama \
    mommy aunt niece sister wife girlfriend bride widow queen princess duchess countess empress \
    goddess maiden lass gal chick dame belle she her hers herself f";

/// The pixel script.
pub(super) fn pixel(key: MatchKey, input: &str) -> Option<String> {
    if input.is_empty() {
        return None;
    }
    if text::is_sha256(input) || (text::is_md5(input) && key != MatchKey::Email) {
        return Some(input.to_ascii_lowercase());
    }
    let normalised = match key {
        MatchKey::Email => return repaired_address(input),
        // Words are left alone: only a bare letter is a gender to the pixel (observed).
        MatchKey::Gender => Some(input.trim_matches(text::js_space).to_lowercase())
            .filter(|letter| matches!(letter.as_str(), "m" | "f")),
        other => shared(other, input, false),
    };
    Some(normalised.unwrap_or_else(|| input.to_owned()))
}

/// The parameter builder for Node and browsers.
pub(super) fn parameter_builder(key: MatchKey, input: &str) -> Option<String> {
    if text::is_sha256(input) || text::is_md5(input) {
        return Some(input.to_owned());
    }
    match key {
        MatchKey::Email => Some(input.trim_matches(text::js_space).to_lowercase())
            .filter(|address| email::is_address(address)),
        MatchKey::Gender => gender(&input.trim_matches(text::js_space).to_lowercase()),
        other => shared(other, input, false),
    }
}

/// The parameter builder for PHP: another `trim()`, and MD5 only in lower case.
pub(super) fn parameter_builder_php(key: MatchKey, input: &str) -> Option<String> {
    if text::is_sha256(input) || text::is_lower_md5(input) {
        return Some(input.to_owned());
    }
    match key {
        MatchKey::Email => Some(input.trim_matches(text::php_trimmed).to_lowercase())
            .filter(|address| email::is_php_address(address)),
        MatchKey::Gender => gender(&input.trim_matches(text::php_trimmed).to_lowercase()),
        other => shared(other, input, true),
    }
}

/// The rules the whole family has in common. `None` and the empty text both mean nothing.
fn shared(key: MatchKey, input: &str, php: bool) -> Option<String> {
    let normalised = match key {
        MatchKey::Phone => {
            text::without(input, |c| !c.is_ascii_digit()).trim_start_matches('0').to_owned()
        }
        MatchKey::FirstName | MatchKey::LastName => {
            text::without(input, |c| text::js_space(c) || c.is_ascii_punctuation()).to_lowercase()
        }
        MatchKey::BirthDate => birth_date(input)?,
        MatchKey::City => {
            let city = text::without(input, |c| !c.is_ascii_alphanumeric()).to_ascii_lowercase();
            if city.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            city
        }
        MatchKey::State => places::state(input),
        MatchKey::Country => places::country(input),
        MatchKey::Zip => zip(input, php)?,
        MatchKey::ExternalId => text::without(input, text::js_space).to_lowercase(),
        // The callers have dealt with e-mail and gender; no other key is normalised.
        _ => input.to_owned(),
    };
    Some(normalised).filter(|normalised| !normalised.is_empty())
}

/// The pixel appends a domain to a text without one (observed from 2.9.300 on).
fn repaired_address(input: &str) -> Option<String> {
    let mut address = input.trim_matches(text::js_space).to_lowercase();
    if let Some(kept) = address.strip_suffix(',') {
        address.truncate(kept.len());
    }
    if !address.contains('@') {
        address.push_str("@gmail.com");
    }
    Some(address).filter(|address| email::is_address(address))
}

fn gender(word: &str) -> Option<String> {
    let among = |list: &str| list.split_whitespace().any(|known| known == word);
    if among(MALE) {
        Some("m".to_owned())
    } else if among(FEMALE) {
        Some("f".to_owned())
    } else {
        None
    }
}

/// The part before the first hyphen, two characters at least; PHP counts bytes.
fn zip(input: &str, php: bool) -> Option<String> {
    let lower = input.to_lowercase();
    let first = lower.split('-').next().unwrap_or_default();
    let (code, length) = if php {
        let code = first.trim_matches(text::php_trimmed);
        (code, code.len())
    } else {
        let code = first.trim_matches(text::js_space);
        (code, code.encode_utf16().count())
    };
    (length >= 2).then(|| code.to_owned())
}

/// `YYYYMMDD` out of the first three groups of digits, or a lone group of eight.
fn birth_date(input: &str) -> Option<String> {
    let groups: Vec<&str> =
        input.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    if let [first, second, third, ..] = groups[..] {
        let number = |group: &str| group.parse::<u64>().unwrap_or(u64::MAX);
        return ordered_date(number(first), number(second), number(third));
    }
    match groups[..] {
        [only] if only.len() == 8 => Some(only.to_owned()),
        _ => None,
    }
}

/// The year is the number over 31, otherwise the last; a month over 12 is the day.
fn ordered_date(first: u64, second: u64, third: u64) -> Option<String> {
    let (year, one, other) = if first > 31 {
        (first, second, third)
    } else if second > 31 {
        (second, third, first)
    } else {
        (third, first, second)
    };
    let (month, day) = if one > 12 { (other, one) } else { (one, other) };
    let believed =
        BIRTH_YEARS.contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    believed.then(|| format!("{year:04}{month:02}{day:02}"))
}
