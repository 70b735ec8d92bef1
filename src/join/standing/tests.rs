use super::*;
use crate::event::Expectation;

fn event(channel: Channel, id: &str) -> Event {
    let mut event = Event::new(channel, 1, "1");
    event.session = Some(1);
    event.name = Some("Purchase".into());
    event.id = Some(id.into());
    event
}

fn truth(count: u32) -> SessionFacts {
    SessionFacts {
        recording: 0,
        session: 1,
        scenario: "s".into(),
        file: String::new(),
        profile: "clean".into(),
        opened: 0,
        closed: None,
        marks: vec![],
        persona: Default::default(),
        expect: vec![Expectation {
            event: "Purchase".into(),
            count,
            channels: Channel::ALL.to_vec(),
            value: None,
            currency: None,
            keys: Default::default(),
            open: false,
            place: Default::default(),
        }],
        never: vec![],
        played: true,
        site_answers: 1,
        visit: Default::default(),
    }
}

fn sorted(events: &[Event], sessions: &[SessionFacts], pairs: &[&str]) -> Vec<&'static str> {
    let paired = |event: &Event| event.id.as_deref().is_some_and(|id| pairs.contains(&id));
    standings(events, sessions, &paired).0.into_iter().map(Standing::name).collect()
}

#[test]
fn one_too_many_is_a_surplus_and_not_a_missing_partner() {
    let events = [
        event(Channel::Browser, "order-1"),
        event(Channel::Browser, "fired-again"),
        event(Channel::Server, "order-1"),
    ];
    assert_eq!(sorted(&events, &[truth(1)], &["order-1"]), ["paired", "surplus", "paired"]);
    assert_eq!(sorted(&events, &[truth(2)], &["order-1"]), ["paired", "alone", "paired"]);
}

#[test]
fn a_second_copy_is_a_repeat_but_a_refused_first_try_is_none() {
    let mut refused = event(Channel::Server, "a");
    refused.refused = Some(crate::event::Refusal { code: 1, subcode: None, title: "again".into() });
    let events = [refused, event(Channel::Server, "a"), event(Channel::Server, "a")];
    assert_eq!(sorted(&events, &[truth(1)], &["a"]), ["paired", "paired", "repeat"]);
}

#[test]
fn without_a_scenario_likeness_within_seconds_tells_a_twin() {
    let twin = |id: &str, caught: i64| {
        let mut event = event(Channel::Browser, id);
        event.session = None;
        event.caught = caught;
        event.keys.insert(MatchKey::BrowserId, vec!["fb.1.2.3".into()]);
        event
    };
    assert_eq!(sorted(&[twin("a", 0), twin("b", 900)], &[], &[]), ["alone", "surplus"]);
    assert_eq!(sorted(&[twin("a", 0), twin("b", 90_000)], &[], &[]), ["alone", "alone"]);
}

#[test]
fn a_gateways_copy_stands_apart_from_what_the_site_tells() {
    let copy = || event(Channel::Server, "ob3_plugin-set_0f4a");
    let (own, page) = (|| event(Channel::Server, "order-1"), || event(Channel::Browser, "order-1"));
    assert_eq!(
        sorted(&[page(), own(), copy()], &[truth(1)], &["order-1"]),
        ["paired", "paired", "gateway copy"],
        "beside the site's own server event"
    );
    assert_eq!(
        sorted(&[page(), copy()], &[truth(1)], &[]),
        ["near miss", "gateway copy"],
        "in its place"
    );
    assert_eq!(sorted(&[copy()], &[truth(1)], &[]), ["alone"], "all there is");
    let bridged = event(Channel::Browser, "ob3_plugin-set_0f4a");
    assert_eq!(
        sorted(&[bridged, copy()], &[truth(1)], &["ob3_plugin-set_0f4a"]),
        ["paired", "paired"],
        "under the id that the page has as well"
    );
}

#[test]
fn an_id_of_another_visitor_is_no_repeat_where_a_half_is_missing() {
    let of = |session: u32, mut event: Event| {
        event.session = Some(session);
        event
    };
    let second = SessionFacts { session: 2, ..truth(1) };
    let events = [
        of(1, event(Channel::Browser, "order-1")),
        of(1, event(Channel::Server, "order-1")),
        of(2, event(Channel::Browser, "order-1")),
        of(2, event(Channel::Server, "order-2")),
    ];
    assert_eq!(
        sorted(&events, &[truth(1), second.clone()], &["order-1"]),
        ["paired", "paired", "near miss", "near miss"]
    );
    assert_eq!(
        sorted(&events[..3], &[truth(1), second], &["order-1"]),
        ["paired", "paired", "repeat"]
    );
    let mut agreed = events;
    agreed[3].id = Some("order-1".into());
    assert_eq!(
        sorted(&agreed, &[truth(1), SessionFacts { session: 2, ..truth(1) }], &["order-1"]),
        ["paired", "paired", "repeat", "repeat"]
    );
}

#[test]
fn a_retry_that_is_taken_is_no_second_conversion() {
    let mut first = event(Channel::Server, "order-1");
    first.refused = Some(crate::event::Refusal { code: 2, subcode: None, title: String::new() });
    let events = [first, event(Channel::Server, "order-1")];
    let (found, _) = standings(&events, &[truth(1)], &|_| false);
    assert_eq!(found, [Standing::Alone, Standing::Alone]);
}
