//! ## What it checks
//! Amounts (`value`, `predicted_ltv`, `net_revenue`) are plain decimal numbers: digits, at
//! most one point, perhaps a sign in front. A text of that form is fine.
//!
//! ## Why it matters
//! `$ 42.00`, `42,00` and `1,234.50` are read as nothing or as another amount. Revenue and
//! bidding by value go wrong without any error on the page.
//!
//! ## How to fix
//! Send the number before it is formatted for people: `42.00`, from the cart or the order,
//! not from the text on the page.
//!
//! ## Source
//! Meta, standard parameters: value is a number. The script's own check is
//! `^[+-]?\d+(\.\d+)?$`; it warns and sends whatever it was given (observed).

use serde_json::Value;

use crate::event::{Event, mask};
use crate::finding::Severity;
use crate::rule::literal::null_literal;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "value-not-a-number",
    title: "an amount that is not a plain number",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("value_not_a_number.rs"),
};

/// Parameters that are amounts.
const AMOUNTS: &[&str] = &["value", "predicted_ltv", "net_revenue"];

fn ask(event: &Event) -> Vec<Offence> {
    if event.automatic {
        return Vec::new();
    }
    let mut offences = Vec::new();
    for name in AMOUNTS {
        let Some(cause) = event.parameter(name).and_then(cause) else { continue };
        let shown = event.parameter_text(name).map(|text| shown(&text)).unwrap_or_default();
        offences.push(
            Offence::new(
                format!(
                    "{name} of {} from the {} is \"{shown}\": {cause}",
                    event.name(),
                    event.channel
                ),
                format!("send {name} as a plain number such as 42.00, before it is formatted"),
            )
            .because(cause),
        );
    }
    offences
}

/// An amount as it was sent; whatever else stands there may be personal.
fn shown(text: &str) -> String {
    let short = text.chars().count() <= LONGEST_AMOUNT;
    let digits = text.chars().any(|c| c.is_ascii_digit()) && !text.contains('@');
    if short && digits { text.to_owned() } else { mask(text) }
}

/// Longest amount with its currency, in characters.
const LONGEST_AMOUNT: usize = 20;

/// What keeps it from being a number; `None` for numbers and for values that are missing.
fn cause(value: &Value) -> Option<&'static str> {
    let text = match value {
        Value::Number(_) | Value::Null => return None,
        Value::String(text) => text.trim(),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => return Some("wrong type"),
    };
    if text.is_empty() || is_plain(text) {
        return None;
    }
    match null_literal(text) {
        Some("NaN") => return Some("not a number"),
        // Words for nothing are a rule of their own.
        Some(_) => return None,
        None => {}
    }
    if matches!(text.trim_start_matches(['+', '-']), "Infinity" | "inf") {
        return Some("not a number");
    }
    let bare: String = text
        .chars()
        .filter(|c| {
            c.is_ascii_digit()
                || matches!(c, '.' | ',' | '+' | '-' | '\'' | ' ' | '\u{a0}' | '\u{202f}')
        })
        .collect();
    if bare.trim().len() != text.len() {
        let digits = text.chars().any(|c| c.is_ascii_digit());
        let exponent = text.parse::<f64>().is_ok();
        return Some(match (digits, exponent) {
            (true, true) => "exponent",
            (true, false) => "currency sign or text",
            _ => "text",
        });
    }
    let decimals = bare.rsplit([',', '.']).next().map_or(0, str::len);
    let commas = bare.matches(',').count();
    Some(if commas == 1 && !bare.contains('.') && decimals != 3 {
        "decimal comma"
    } else {
        "thousands separator"
    })
}

/// The form that the script itself checks for.
fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_people_read_is_told_from_what_machines_read() {
        for value in [json!(42), json!(42.5), json!("42.50"), json!("-1"), json!(" 7 "), json!("")]
        {
            assert_eq!(cause(&value), None, "{value}");
        }
        for (value, expected) in [
            (json!("$42.00"), "currency sign or text"),
            (json!("42.00 USD"), "currency sign or text"),
            (json!("42,00"), "decimal comma"),
            (json!("1,234.50"), "thousands separator"),
            (json!("1 234"), "thousands separator"),
            (json!("1,234"), "thousands separator"),
            (json!("1.234,50"), "thousands separator"),
            (json!("NaN"), "not a number"),
            (json!("1e+21"), "exponent"),
            (json!("free"), "text"),
            (json!([42]), "wrong type"),
            (json!(true), "wrong type"),
        ] {
            assert_eq!(cause(&value), Some(expected), "{value}");
        }
        assert_eq!(cause(&json!("undefined")), None);
    }
}
