//! By what a test person is recognised in events of either channel.
//!
//! A session's persona is unique, so any digest of its data, in any implementation's
//! normalisation, ties an event to it. Marks are opaque texts to everyone else.
//! Never weighs evidence: the join does.

use std::collections::BTreeSet;

use super::normalise::{Implementation, digest, on_the_wire};
use crate::event::{Channel, Event, MatchKey};
use crate::persona::Persona;

/// The longest appendix of the parameter builder, and the other length it has (meta-facts 3.4).
const APPENDIX_LENGTHS: [usize; 2] = [8, 2];
/// Keys that identify one person; places and names are shared by too many.
const IDENTIFYING: [(MatchKey, &str); 4] = [
    (MatchKey::Email, "email"),
    (MatchKey::Phone, "phone"),
    (MatchKey::Phone, "phone_national"),
    (MatchKey::ExternalId, "external_id"),
];

/// Every mark that an event of this person may leave: what [`traces`] finds in it.
pub fn marks(persona: &Persona) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (key, field) in IDENTIFYING {
        let Some(plain) = persona.field(field).filter(|plain| !plain.is_empty()) else { continue };
        let mut add = |value: &str| {
            found.insert(mark(key, value));
        };
        for implementation in Implementation::ALL {
            if let Some(value) = on_the_wire(implementation, key, plain) {
                add(&value);
            }
        }
        // The faults that still point at the person: plain, digested as typed, digested twice.
        add(plain);
        add(&digest(plain));
        add(&digest(&plain.to_lowercase()));
        add(&digest(plain.trim()));
        add(&digest(&digest(&plain.trim().to_lowercase())));
    }
    if let Some(click) = persona.field("click_id").filter(|click| !click.is_empty()) {
        found.insert(format!("click:{click}"));
    }
    found.into_iter().collect()
}

/// The marks that an event carries: its id under its name, browser and click id,
/// identifying digests.
pub fn traces(event: &Event) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(id) = event.id.as_deref().filter(|id| !id.is_empty()) {
        found.push(format!("id:{}:{id}", event.name()));
    }
    for (key, values) in event.keys.iter().chain(&event.older_keys) {
        for value in values.iter().filter(|value| !value.is_empty()) {
            match key {
                MatchKey::BrowserId => found.push(format!("fbp:{}", without_appendix(*key, value))),
                MatchKey::ClickId => {
                    let plain = without_appendix(*key, value);
                    found.push(format!("fbc:{plain}"));
                    if let Some(click) = plain.splitn(4, '.').nth(3) {
                        // The pixel's cookie cannot hold the dots of a click id.
                        found.push(format!("click:{}", click.replace("__DOT__", ".")));
                    }
                }
                MatchKey::Email | MatchKey::Phone | MatchKey::ExternalId => {
                    found.push(mark(*key, without_appendix(*key, value)));
                }
                _ => {}
            }
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|mark| seen.insert(mark.clone()));
    found
}

/// The marks of a cookie that the platform's script and servers share; none for others.
pub(super) fn cookie_traces(name: &str, value: &str) -> Vec<String> {
    let key = match name {
        "_fbp" => MatchKey::BrowserId,
        "_fbc" => MatchKey::ClickId,
        _ => return Vec::new(),
    };
    let mut event = Event::new(Channel::Browser, 0, "");
    event.keys.insert(key, vec![value.to_owned()]);
    traces(&event)
}

/// A value without the token that Meta's parameter builder appends to digests, to `fbp`
/// and to `fbc` (meta-facts 3.4).
pub fn without_appendix(key: MatchKey, value: &str) -> &str {
    let Some((head, tail)) = value.rsplit_once('.') else { return value };
    let token = APPENDIX_LENGTHS.contains(&tail.len())
        && tail.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !token {
        return value;
    }
    let whole = match key {
        MatchKey::BrowserId | MatchKey::ClickId => head.split('.').count() == 4,
        MatchKey::ClientIp => head.parse::<std::net::IpAddr>().is_ok(),
        _ => matches!(head.len(), 32 | 64) && head.bytes().all(|b| b.is_ascii_hexdigit()),
    };
    if whole { head } else { value }
}

fn mark(key: MatchKey, value: &str) -> String {
    let digest = matches!(value.len(), 32 | 64) && value.bytes().all(|b| b.is_ascii_hexdigit());
    let value = if digest { value.to_ascii_lowercase() } else { value.to_owned() };
    format!("{}:{value}", key.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> Persona {
        let fields = [
            ("email", "Ann.Lee+7@example.com"),
            ("phone", "+1 650-555-1212"),
            ("external_id", "User-7"),
            ("click_id", "IwAR.Ab_9"),
            ("first_name", "Ann"),
        ];
        Persona {
            kind: "us_shopper".into(),
            fields: fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        }
    }

    fn with(key: MatchKey, value: &str) -> Event {
        let mut event = Event::new(Channel::Server, 1, "12");
        event.keys.insert(key, vec![value.to_owned()]);
        event
    }

    #[test]
    fn events_of_the_person_are_recognised_however_they_were_digested() {
        let marks = marks(&ann());
        let digest = |text: &str| super::digest(text);
        for (key, value) in [
            (MatchKey::Email, digest("ann.lee+7@example.com")),
            (MatchKey::Email, digest("ann.lee+7@example.com").to_uppercase()),
            (MatchKey::Email, format!("{}.AQQCAQIB", digest("ann.lee+7@example.com"))),
            (MatchKey::Email, digest("Ann.Lee+7@example.com")),
            (MatchKey::Email, "Ann.Lee+7@example.com".to_owned()),
            (MatchKey::Phone, digest("16505551212")),
            (MatchKey::ExternalId, digest("user-7")),
            (MatchKey::ExternalId, "User-7".to_owned()),
            (MatchKey::ClickId, "fb.1.1700000000000.IwAR.Ab_9".to_owned()),
            (MatchKey::ClickId, "fb.1.1700000000000.IwAR__DOT__Ab_9.AQICAQMC".to_owned()),
        ] {
            let found = traces(&with(key, &value));
            assert!(found.iter().any(|trace| marks.contains(trace)), "{key} {value}: {found:?}");
        }
    }

    #[test]
    fn other_people_and_shared_data_are_not() {
        let marks = marks(&ann());
        for (key, value) in [
            (MatchKey::Email, digest("bob@example.com")),
            (MatchKey::FirstName, digest("ann")),
            (MatchKey::ClickId, "fb.1.1700000000000.IwARother".to_owned()),
            (MatchKey::BrowserId, "fb.1.1700000000000.123".to_owned()),
        ] {
            let found = traces(&with(key, &value));
            assert!(!found.iter().any(|trace| marks.contains(trace)), "{key} {value}");
        }
        assert!(super::marks(&Persona { kind: String::new(), fields: vec![] }).is_empty());
    }

    #[test]
    fn only_whole_values_lose_an_appendix() {
        let digest = "a".repeat(64);
        for (key, value, expected) in [
            (MatchKey::Email, format!("{digest}.AQ"), digest.as_str()),
            (MatchKey::Email, format!("{digest}.AQQ"), &format!("{digest}.AQQ")),
            (MatchKey::BrowserId, "fb.1.2.3.AQICAQMC".into(), "fb.1.2.3"),
            (MatchKey::BrowserId, "fb.1.2.12345678".into(), "fb.1.2.12345678"),
            (MatchKey::ClientIp, "168.212.226.204.ABcDEFGh".into(), "168.212.226.204"),
            (MatchKey::ClientIp, "168.212.226.20".into(), "168.212.226.20"),
            (MatchKey::ExternalId, "customer.ab".into(), "customer.ab"),
        ] {
            assert_eq!(without_appendix(key, &value), expected);
        }
    }
}
