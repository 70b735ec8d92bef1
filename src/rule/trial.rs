//! For tests of rules: a visit in order on both sides, and what one rule says of a change.

use std::collections::BTreeMap;

use super::{judge, rules};
use crate::event::{Channel, Event, EventTime, Expectation, MatchKey};
use crate::finding::Finding;
use crate::join::{SessionFacts, tables};
use crate::platform::PLATFORMS;
use crate::platform::meta::normalise::digest;

/// 2026-03-02 12:00:00 UTC in milliseconds.
pub(super) const START: i64 = 1_772_452_800_000;
pub(super) const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
pub(super) const IP: &str = "73.162.41.9";
pub(super) const CLICK: &str = "IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk";
pub(super) const EMAIL: &str = "Ann.Lee+7@Example.com";

/// The test person of session 1.
pub(super) fn visit() -> SessionFacts {
    let persona: BTreeMap<String, String> = [
        ("email", EMAIL),
        ("phone", "+16505550112"),
        ("phone_national", "(650) 555-0112"),
        ("first_name", "Ann"),
        ("last_name", "O'Lee"),
        ("gender", "f"),
        ("birth_date", "1997-02-16"),
        ("city", "New Haven"),
        ("state", "CT"),
        ("state_name", "Connecticut"),
        ("zip", "06511"),
        ("country", "US"),
        ("country_name", "United States"),
        ("external_id", "User-7"),
        ("click_id", CLICK),
        ("ip", IP),
    ]
    .map(|(field, value)| (field.to_owned(), value.to_owned()))
    .into();
    SessionFacts {
        recording: 0,
        session: 1,
        scenario: "Guest checkout".into(),
        file: String::new(),
        profile: "clean".into(),
        opened: START,
        closed: Some(START + 900_000),
        marks: vec![],
        persona,
        expect: vec![Expectation {
            event: "Purchase".into(),
            count: 1,
            channels: Channel::ALL.to_vec(),
            value: None,
            currency: None,
            keys: BTreeMap::default(),
            open: false,
            place: Default::default(),
        }],
        never: vec![],
        played: true,
        site_answers: 3,
        visit: Default::default(),
    }
}

/// A second visitor's session.
pub(super) fn second_visit() -> SessionFacts {
    let mut facts = visit();
    facts.session = 2;
    facts.opened += 1_000_000;
    facts.closed = Some(START + 1_900_000);
    for (field, value) in [
        ("email", "bob@example.org"),
        ("phone", "+16505550113"),
        ("phone_national", "(650) 555-0113"),
        ("first_name", "Bob"),
        ("click_id", "IwAR0Other"),
        ("ip", "73.162.41.10"),
        ("external_id", "User-8"),
    ] {
        facts.persona.insert(field.into(), value.into());
    }
    facts
}

fn event(channel: Channel, exchange: u64, name: &str, id: &str) -> Event {
    let mut event = Event::new(channel, exchange, "1234567890");
    event.session = Some(1);
    event.caught = START + 1_000 * exchange as i64;
    event.name = Some(name.to_owned());
    event.id = Some(id.to_owned());
    event.page = Some("https://shop.test/thank-you".into());
    let mut put = |key: MatchKey, value: &str| {
        event.keys.insert(key, vec![value.to_owned()]);
    };
    put(MatchKey::Email, &digest("ann.lee+7@example.com"));
    put(MatchKey::Phone, &digest("16505550112"));
    put(MatchKey::BrowserId, "fb.1.1772452790000.1098115397");
    put(MatchKey::ClickId, &format!("fb.1.1772452790000.{CLICK}"));
    event.parameters.insert("value".into(), serde_json::json!(42.0));
    event.parameters.insert("currency".into(), serde_json::json!("USD"));
    event
}

/// A browser event as it should be.
pub(super) fn browser(name: &str, id: &str) -> Event {
    let mut event = event(Channel::Browser, 1, name, id);
    event.sender = Some(AGENT.into());
    event.transport = "GET";
    event.time = Some(EventTime {
        text: event.caught.to_string(),
        millis: Some(event.caught),
        milliseconds_for_seconds: false,
    });
    event
}

/// A server event as it should be.
pub(super) fn server(name: &str, id: &str) -> Event {
    let mut event = event(Channel::Server, 2, name, id);
    event.sender = Some("shop-backend/1.0".into());
    event.action_source = Some("website".into());
    event.transport = "call";
    event.keys.insert(MatchKey::ClientIp, vec![IP.into()]);
    event.keys.insert(MatchKey::ClientUserAgent, vec![AGENT.into()]);
    let seconds = event.caught / 1000;
    event.time = Some(EventTime {
        text: seconds.to_string(),
        millis: Some(seconds * 1000),
        milliseconds_for_seconds: false,
    });
    event
}

/// The event with one value for a key; an empty one drops it.
pub(super) fn with(mut event: Event, key: MatchKey, value: &str) -> Event {
    if value.is_empty() {
        event.keys.remove(&key);
    } else {
        event.keys.insert(key, vec![value.to_owned()]);
    }
    event
}

/// What one rule finds.
#[track_caller]
pub(super) fn findings(
    rule: &str,
    events: Vec<Event>,
    sessions: Vec<SessionFacts>,
) -> Vec<Finding> {
    assert!(rules().any(|known| known.id == rule), "no rule {rule}");
    let tables = tables(PLATFORMS[0], events, vec![], sessions).expect("tables");
    judge(&tables).expect("judged").into_iter().filter(|finding| finding.rule == rule).collect()
}

/// The causes that one rule names, in the order of its findings.
#[track_caller]
pub(super) fn causes(rule: &str, events: Vec<Event>, sessions: Vec<SessionFacts>) -> Vec<String> {
    findings(rule, events, sessions)
        .into_iter()
        .map(|finding| finding.cause.unwrap_or_default())
        .collect()
}

/// The causes for one server event in the session of the test person.
#[track_caller]
pub(super) fn of_server(rule: &str, event: Event) -> Vec<String> {
    causes(rule, vec![browser("Purchase", "order-1"), event], vec![visit()])
}

/// The causes for a pair in the session of the test person.
#[track_caller]
pub(super) fn of_pair(rule: &str, browser: Event, server: Event) -> Vec<String> {
    causes(rule, vec![browser, server], vec![visit()])
}
