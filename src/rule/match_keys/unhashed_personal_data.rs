//! ## What it checks
//! Keys that hold personal data (e-mail, phone, names, address, birth date, gender) carry
//! digests. Anything that is no digest of any kind is plain text. Digests of the wrong
//! kind are a rule of their own, and so are literals of nothing ("undefined"). An external_id
//! may be plain, but not where it is an e-mail address.
//!
//! ## Why it matters
//! Plain personal data is against the platform's terms and, without a legal basis, against
//! the law; it matches nobody, since the platform compares digests.
//!
//! ## How to fix
//! Normalise the value (for an e-mail: trim, lower case) and send its SHA-256 in lower-case
//! hex. Official SDKs do both; do not bypass their setters.
//!
//! ## Source
//! Meta, "Customer information parameters": hashing required.

use super::digest_of_nothing::literal;
use crate::event::{Event, MatchKey, Secrecy, mask};
use crate::finding::Severity;
use crate::platform::meta::proof::{Shape, shape};
use crate::rule::privacy::has_email;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "unhashed-personal-data",
    title: "plain personal data where a digest belongs",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("unhashed_personal_data.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let mut offences = Vec::new();
    for (key, values) in &event.keys {
        // The site's own id may be plain, as long as it is one.
        let address = *key == MatchKey::ExternalId && values.iter().any(|value| has_email(value));
        if key.secrecy() != Secrecy::Hashed && !address {
            continue;
        }
        let plain = |value: &&String| {
            shape(value) == Shape::Plain
                && literal(*key, value).is_none()
                && (!address || has_email(value))
        };
        if let Some(value) = values.iter().find(plain) {
            offences.push(
                Offence::new(
                    format!("{key} of {} travels as plain text ({})", event.name(), mask(value)),
                    format!("normalise {key} and send its SHA-256 in lower-case hex"),
                )
                .because(key.name()),
            );
        }
    }
    offences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;

    #[test]
    fn digests_of_every_kind_pass_and_plain_text_is_shown_by_its_shape_only() {
        let hex = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f";
        let mut event = Event::new(Channel::Server, 1, "1");
        event.name = Some("Lead".into());
        for value in [
            hex.to_owned(),
            format!("{hex}.AQQCAQIB"),
            hex.to_uppercase(),
            hex[..32].to_owned(),
            "undefined".to_owned(),
        ] {
            event.keys.insert(MatchKey::Email, vec![value.clone()]);
            assert!(ask(&event).is_empty(), "{value}");
        }
        event.keys.insert(MatchKey::Email, vec!["ann@example.com".into()]);
        event.keys.insert(MatchKey::ClientIp, vec!["198.51.100.7".into()]);
        event.keys.insert(MatchKey::ExternalId, vec!["customer-7".into()]);
        let found = ask(&event);
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("aaa@aaaaaaa.aaa") && !found[0].message.contains("ann"));
        event.keys.insert(MatchKey::ExternalId, vec!["ann@example.com".into()]);
        let causes: Vec<_> = ask(&event).into_iter().filter_map(|offence| offence.cause).collect();
        assert_eq!(causes, ["em", "external_id"]);
    }
}
