//! ## What it checks
//! A currency that is sent is a code of ISO 4217, in upper or lower case. An absent or
//! empty one is a rule of its own.
//!
//! ## Why it matters
//! A sign (`$`), a name (`Euro`) or a slip (`EURO`) is no currency: the value cannot be
//! added up, and return on ad spend is wrong or empty.
//!
//! ## How to fix
//! Send the three-letter code: `USD`, `EUR`, `GBP`.
//!
//! ## Source
//! Meta, standard parameters: currency is an ISO 4217 code. The pixel compares in either
//! case (observed).

use crate::event::{Event, mask_and_cut};
use crate::finding::Severity;
use crate::platform::meta::vocabulary::is_currency;
use crate::rule::literal::says_nothing;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "invalid-currency",
    title: "a currency that is no ISO 4217 code",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("invalid_currency.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let Some(code) = event.parameter_text("currency") else { return Vec::new() };
    if event.automatic || says_nothing(&code) || is_currency(&code) {
        return Vec::new();
    }
    let cause = if is_currency(code.trim()) {
        "white space"
    } else if code.trim().chars().count() == 3 && code.trim().chars().all(char::is_alphabetic) {
        "unknown code"
    } else if code.chars().any(|c| !c.is_alphanumeric() && !c.is_whitespace()) {
        "currency sign"
    } else {
        "no code"
    };
    let shown = mask_and_cut(&code, 12);
    vec![
        Offence::new(
            format!("{} from the {} names the currency \"{shown}\"", event.name(), event.channel),
            "send the ISO 4217 code, such as USD or EUR",
        )
        .because(cause),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;

    #[test]
    fn codes_pass_in_either_case_and_everything_else_is_named() {
        let cause = |code: &str| {
            let mut event = Event::new(Channel::Server, 1, "1");
            event.parameters.insert("currency".into(), serde_json::json!(code));
            ask(&event).first().and_then(|offence| offence.cause.clone())
        };
        for code in ["USD", "eur", "KWD", "", "undefined"] {
            assert_eq!(cause(code), None, "{code}");
        }
        assert_eq!(cause("$").as_deref(), Some("currency sign"));
        assert_eq!(cause("US$").as_deref(), Some("currency sign"));
        assert_eq!(cause("Euro").as_deref(), Some("no code"));
        assert_eq!(cause("XYZ").as_deref(), Some("unknown code"));
        assert_eq!(cause("USD ").as_deref(), Some("white space"));
    }
}
