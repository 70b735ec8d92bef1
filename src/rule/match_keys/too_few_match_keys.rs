//! ## What it checks
//! A server event carries more than one of the combinations of user data that the
//! platform calls too broad: only city, country, state, postal code, gender and user
//! agent; only birth date and user agent; only first name and gender; only last name and
//! gender; or nothing at all.
//!
//! ## Why it matters
//! Such an event is invalid. The whole request is refused, with every other event in it.
//!
//! ## How to fix
//! Add what a web server always has, the visitor's address beside the user agent and the
//! `_fbp` cookie, or send the event only when something of the person is known.
//!
//! ## Source
//! Meta, "Conversions API best practices": combinations of customer information that are
//! too broad, enforced since version 13.0; error 100/2804050.

use crate::event::{Channel, Event, MatchKey};
use crate::finding::Severity;
use crate::platform::meta::vocabulary;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "too-few-match-keys",
    title: "user data too broad to be accepted",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("too_few_match_keys.rs"),
};

/// True where the platform refuses the event for its user data.
pub(super) fn is_too_broad(event: &Event) -> bool {
    let carried: Vec<MatchKey> = event
        .keys
        .iter()
        .filter(|(_, values)| values.iter().any(|value| !value.trim().is_empty()))
        .map(|(key, _)| *key)
        .collect();
    event.channel == Channel::Server && vocabulary::is_too_broad(&carried)
}

fn ask(event: &Event) -> Vec<Offence> {
    // User data under wrong names or of unknown kinds are other findings.
    if !is_too_broad(event) || !event.unknown_keys.is_empty() {
        return Vec::new();
    }
    let carried: Vec<&str> = event.keys.keys().map(|key| key.name()).collect();
    let (message, cause) = if carried.is_empty() {
        ("no user data at all".to_owned(), "no user data")
    } else {
        (format!("only {}", carried.join(", ")), "too broad")
    };
    vec![
        Offence::new(
            format!(
                "{} from the server carries {message}; the whole request is refused",
                event.name()
            ),
            "add client_ip_address and fbp, which every request of a visitor has, or an e-mail or phone",
        )
        .because(cause),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{browser, server};

    fn of(names: &str) -> usize {
        let mut event = server("Lead", "1");
        event.keys.clear();
        for name in names.split_whitespace() {
            let key = MatchKey::from_name(name).expect("a key");
            event.keys.insert(key, vec!["x".into()]);
        }
        ask(&event).len()
    }

    #[test]
    fn broad_combinations_are_found_and_one_real_key_saves_them() {
        for broad in
            ["", "client_user_agent", "ct st zp country ge", "db client_user_agent", "fn ge", "ln"]
        {
            assert_eq!(of(broad), 1, "{broad}");
        }
        for fine in ["client_ip_address client_user_agent", "em", "fn ln", "fbp", "db ct", "fn db"]
        {
            assert_eq!(of(fine), 0, "{fine}");
        }
        let mut hit = browser("Lead", "1");
        hit.keys.clear();
        assert!(ask(&hit).is_empty());
    }
}
