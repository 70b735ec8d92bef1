//! What the value of a parameter is to event rules, as a number.
//!
//! As in `sign`: a class may hold only values of which no event rule can tell two apart.
//! Never a verdict.

use super::hash::Hash;
use super::scan::{Raw, fields, items};
use super::sign::{Class, class, itself, says_something};

/// Adds the value of a parameter.
pub(super) fn parameter(hash: &mut Hash, name: &str, value: Raw<'_>) {
    match (name, value) {
        // Few values, and rules that look at each.
        ("currency" | "content_type" | "delivery_category", _) => raw(hash, value),
        ("contents", Raw::Array(list)) => contents(hash, list),
        ("content_ids", Raw::Array(list)) => content_ids(hash, list),
        ("contents" | "content_ids", Raw::Text(..) | Raw::Object(_)) => raw(hash, value),
        ("value" | "predicted_ltv" | "net_revenue", Raw::Text(text, _)) => {
            if is_decimal(text) {
                class(hash, Class::Decimal);
            } else {
                itself(hash, text);
            }
        }
        // Whatever else stands where a figure belongs: findings show its shape.
        ("value" | "predicted_ltv" | "net_revenue", Raw::Array(_) | Raw::Object(_)) => {
            raw(hash, value);
        }
        (_, Raw::Text(text, escaped)) => {
            let says = if escaped {
                value.text().is_some_and(|text| says_something(&text))
            } else {
                says_something(text)
            };
            if says { class(hash, Class::Text) } else { raw(hash, value) }
        }
        (_, Raw::Number(_)) => class(hash, Class::Number),
        (_, Raw::Flag(_)) => class(hash, Class::Flag),
        (_, Raw::Null) => class(hash, Class::Null),
        (_, Raw::Object(_)) => class(hash, Class::Object),
        (_, Raw::Array(_)) => class(hash, Class::Array),
    }
}

/// Adds a value as it stands.
pub(super) fn raw(hash: &mut Hash, value: Raw<'_>) {
    let (kind, text) = match value {
        Raw::Text(text, _) => (1, text),
        Raw::Number(text) => (2, text),
        Raw::Flag(flag) => (3 + u64::from(flag), ""),
        Raw::Null => (5, ""),
        Raw::Object(text) => (6, text),
        Raw::Array(text) => (7, text),
    };
    hash.add(kind);
    itself(hash, text);
}

fn is_decimal(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    [whole, fraction]
        .iter()
        .all(|part| (1..16).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
}

/// The items of `content_ids`: all alike, or as they stand.
fn content_ids(hash: &mut Hash, list: &str) {
    let Some(mut scan) = items(list) else { return itself(hash, list) };
    let (mut usual, mut count) = (true, 0);
    while let Some(item) = scan.item() {
        count += 1;
        usual &= match item {
            Raw::Text(text, escaped) => !escaped && says_something(text),
            Raw::Number(_) => true,
            _ => false,
        };
    }
    if usual && count > 0 && scan.is_done() {
        class(hash, Class::ListOfIds);
    } else {
        itself(hash, list);
    }
}

/// The items of `contents`, each by what its fields are; equal ones in a row once.
fn contents(hash: &mut Hash, list: &str) {
    class(hash, Class::Array);
    let Some(mut scan) = items(list) else { return itself(hash, list) };
    let mut last = 0;
    while let Some(item) = scan.item() {
        let Raw::Object(text) = item else {
            return itself(hash, list);
        };
        let Some(sign) = content(text) else { return itself(hash, list) };
        if sign != last {
            hash.add(sign);
        }
        last = sign;
    }
    if !scan.is_done() {
        itself(hash, list);
    }
}

fn content(item: &str) -> Option<u64> {
    let mut hash = Hash::new();
    class(&mut hash, Class::Item);
    let (mut scan, mut seen) = (fields(item)?, 0u32);
    // Order does not matter to rules, so the parts are added up; a field twice is unusual.
    let mut sum = 0u64;
    while let Some((name, value)) = scan.field() {
        let place = match name {
            "id" => 1,
            "quantity" => 2,
            "item_price" => 4,
            "delivery_category" => 8,
            _ => continue,
        };
        if seen & place != 0 {
            return None;
        }
        seen |= place;
        let mut part = Hash::seeded(u64::from(place));
        match (name, value) {
            ("id", Raw::Text(text, false)) if says_something(text) => class(&mut part, Class::Text),
            ("quantity", Raw::Number(text))
                if text.starts_with(|c: char| ('1'..='9').contains(&c))
                    && text.bytes().all(|b| b.is_ascii_digit())
                    && text.len() < 16 =>
            {
                class(&mut part, Class::Number);
            }
            ("id" | "item_price", Raw::Number(_)) => class(&mut part, Class::Number),
            ("item_price" | "quantity", Raw::Text(..)) => class(&mut part, Class::Text),
            (_, other) => raw(&mut part, other),
        }
        sum = sum.wrapping_add(part.finish());
    }
    scan.is_done().then(|| {
        hash.add(sum);
        hash.finish()
    })
}
