//! What the value of a parameter is to event rules, as a number.
//!
//! As in `sign`: a class may hold only values of which no event rule can tell two apart.
//! Never a verdict.

use super::field::Kind;
use super::hash::{Hash, mix};
use super::scan::{Raw, Scan, items};
use super::sign::{self, Class, says_something};

/// The sign of a number, where its kind does not matter.
pub(super) const NUMBER: u64 = Class::Number as u64;

/// What a value is to event rules, where a parameter of that kind has it.
pub(super) fn sign(kind: Kind, value: Raw<'_>) -> u64 {
    let class = match (kind, value) {
        (Kind::Currency | Kind::Word, _) => return itself(value),
        (Kind::Contents, Raw::Array(list)) => {
            let sign = items(list).and_then(|mut scan| contents(&mut scan));
            return sign.unwrap_or_else(|| itself(value));
        }
        (Kind::ContentIds, Raw::Array(list)) => {
            let sign = items(list).and_then(|mut scan| content_ids(&mut scan));
            return sign.unwrap_or_else(|| itself(value));
        }
        (Kind::Contents | Kind::ContentIds, Raw::Text(..) | Raw::Object(_)) => {
            return itself(value);
        }
        (Kind::Value | Kind::Amount, Raw::Text(text, _)) => {
            if !is_decimal(text) {
                return itself(value);
            }
            Class::Decimal
        }
        // Whatever else stands where a figure belongs: findings show its shape.
        (Kind::Value | Kind::Amount, Raw::Array(_) | Raw::Object(_)) => return itself(value),
        (_, Raw::Text(text, escaped)) => {
            let says = if escaped {
                value.text().is_some_and(|text| says_something(&text))
            } else {
                says_something(text)
            };
            if !says {
                return itself(value);
            }
            Class::Text
        }
        (_, Raw::Number(_)) => Class::Number,
        (_, Raw::Flag(_)) => Class::Flag,
        (_, Raw::Null) => Class::Null,
        (_, Raw::Object(_)) => Class::Object,
        (_, Raw::Array(_)) => Class::Array,
    };
    class as u64
}

/// A value that is only like itself.
pub(super) fn itself(value: Raw<'_>) -> u64 {
    let mut hash = Hash::new();
    raw(&mut hash, value);
    hash.finish()
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
    sign::itself(hash, text);
}

fn is_decimal(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    [whole, fraction]
        .iter()
        .all(|part| (1..16).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
}

/// The items of `content_ids`, read to their end; `None` where they are not all of the usual
/// kind.
pub(super) fn content_ids(list: &mut Scan<'_>) -> Option<u64> {
    let mut count = 0;
    while list.more()? {
        count += 1;
        match list.value()? {
            Raw::Text(text, false) if says_something(text) => {}
            Raw::Number(_) => {}
            _ => return None,
        }
    }
    (count > 0 && list.is_done()).then_some(Class::ListOfIds as u64)
}

/// The items of `contents`, read to their end, each by what its fields are; equal ones in a
/// row once. `None` where they are not all of the usual kind.
pub(super) fn contents(list: &mut Scan<'_>) -> Option<u64> {
    let mut hash = Hash::seeded(Class::Array as u64);
    let mut last = 0;
    while list.more()? {
        let sign = match usual_content(list) {
            Some(sign) => sign,
            None => {
                let mut item = list.enter(true)?;
                let sign = content(&mut item)?;
                list.leave(&item)?;
                sign
            }
        };
        if sign != last {
            hash.add(sign);
        }
        last = sign;
    }
    list.is_done().then(|| hash.finish())
}

/// What [`content`] says of an item whose fields stand in the usual order and without blanks;
/// `None`, and nothing is passed, where they do not.
#[inline]
fn usual_content(list: &mut Scan<'_>) -> Option<u64> {
    let mut item = list.clone();
    let number = Class::Number as u64;
    item.passes(b"{\"id\":").then_some(())?;
    let id = match item.plain() {
        Some(text) => says_something(text).then_some(Class::Text as u64)?,
        None => item.whole_number().map(|_| number)?,
    };
    item.passes(b",\"quantity\":").then_some(())?;
    item.whole_number().filter(|count| *count > 0)?;
    let mut sum = (Class::Item as u64).wrapping_add(mix(id, 1)).wrapping_add(mix(number, 2));
    if item.passes(b",\"item_price\":") {
        item.amount()?;
        sum = sum.wrapping_add(mix(number, 4));
    }
    item.passes(b"}").then_some(())?;
    *list = item;
    Some(sum)
}

fn content(item: &mut Scan<'_>) -> Option<u64> {
    let mut seen = 0u32;
    // Order does not matter to rules, so the parts are added up; a field twice is unusual.
    let mut sum = Class::Item as u64;
    while let Some((name, value)) = item.field() {
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
        let sign = match (name, value) {
            ("id", Raw::Text(text, false)) if says_something(text) => Class::Text as u64,
            ("quantity", Raw::Number(text)) if is_count(text) => Class::Number as u64,
            ("id" | "item_price", Raw::Number(_)) => Class::Number as u64,
            ("item_price" | "quantity", Raw::Text(..)) => Class::Text as u64,
            (_, other) => itself(other),
        };
        sum = sum.wrapping_add(mix(sign, u64::from(place)));
    }
    item.is_done().then_some(sum)
}

/// A whole number from one on, of less than sixteen digits.
fn is_count(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes[0] != b'0' && bytes.len() < 16 && bytes.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_say_the_same_in_the_usual_order_and_in_any_other() {
        let sign = |list: &str| contents(&mut items(list).expect("a list"));
        for (usual, other) in [
            (r#"[{"id":"a","quantity":1}]"#, r#"[{"quantity":1,"id":"a"}]"#),
            (r#"[{"id":7,"quantity":12}]"#, r#"[{ "id":7,"quantity":12}]"#),
            (
                r#"[{"id":"a","quantity":2,"item_price":1.50}]"#,
                r#"[{"item_price":1.50,"id":"a","quantity":2}]"#,
            ),
            (
                r#"[{"id":"a","quantity":2},{"id":"b","quantity":3,"item_price":2}]"#,
                r#"[{"quantity":2,"id":"a"}, {"id":"b","item_price":2,"quantity":3}]"#,
            ),
            (
                r#"[{"id":"a","quantity":2,"item_price":1,"title":"x"}]"#,
                r#"[{"title":"x","id":"a","quantity":2,"item_price":1}]"#,
            ),
        ] {
            assert!(sign(usual).is_some(), "{usual}");
            assert_eq!(sign(usual), sign(other), "{usual}");
        }
        let plain = sign(r#"[{"id":"a","quantity":1}]"#);
        for odd in [
            r#"[{"id":"","quantity":1}]"#,
            r#"[{"id":"a","quantity":0}]"#,
            r#"[{"id":"a","quantity":1.5}]"#,
            r#"[{"id":"a","quantity":1,"item_price":"x"}]"#,
        ] {
            assert_ne!(sign(odd), plain, "{odd}");
        }
        assert_eq!(sign(r#"[{"id":"a","quantity":1"#), None);
    }
}
