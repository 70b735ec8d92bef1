//! Hits as the real script sends them, as people write them by hand, and broken ones.

use serde_json::json;

use super::*;
use crate::capture::{Answer, Door};
use crate::event::Channel;

fn exchange(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Exchange {
    Exchange {
        number: 3,
        channel: Channel::Browser,
        door: Door::Browser,
        session: Some(2),
        at: 1_795_395_219_999,
        request: Request {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: body.to_vec(),
        },
        answer: Answer { status: 200, headers: vec![], body: vec![] },
        injected: None,
    }
}

fn get(query: &str) -> Decoded {
    decode(&exchange(
        "GET",
        &format!("https://www.facebook.com/tr/?{query}"),
        &[("user-agent", "UA")],
        b"",
    ))
}

#[track_caller]
fn one(decoded: Decoded) -> Event {
    assert_eq!(decoded.defects, []);
    let [event] = <[Event; 1]>::try_from(decoded.events).expect("one event");
    event
}

#[test]
fn every_recorded_hit_is_read() {
    let mut hits = 0;
    for line in include_str!("../../../../tests/wire/pixel-calls.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("a recorded case");
        for hit in case["hits"].as_array().expect("hits") {
            hits += 1;
            let url = hit["url"].as_str().expect("an address");
            let event = match hit.get("body").and_then(serde_json::Value::as_array) {
                None => one(decode(&exchange("GET", url, &[], b""))),
                Some(fields) => {
                    let part = |field: &serde_json::Value| {
                        let (name, value) = (&field[0].as_str(), &field[1].as_str());
                        let (name, value) = (name.expect("a name"), value.expect("a value"));
                        format!(
                            "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                        )
                    };
                    let body = fields.iter().map(part).collect::<String>() + "--b--\r\n";
                    let headers = [("content-type", "multipart/form-data; boundary=b")];
                    let event = one(decode(&exchange("POST", url, &headers, body.as_bytes())));
                    assert_eq!(event.transport, "beacon");
                    event
                }
            };
            assert_eq!(event.pixel, "1234567890");
            assert!(
                event
                    .page
                    .as_deref()
                    .is_some_and(|page| page.starts_with("https://shop.example.com/thanks"))
            );
            assert!(
                event
                    .time
                    .as_ref()
                    .and_then(|time| time.millis)
                    .is_some_and(|ms| ms > 1_795_000_000_000)
            );
            assert!(!event.automatic);
        }
    }
    assert!(hits > 100, "{hits}");
}

#[test]
fn a_hit_is_read_in_full() {
    let event = one(get(
        "id=12&ev=Purchase&dl=https%3A%2F%2Fshop.test%2F%3Fa%3D1&rl=&if=false&ts=1795395219888\
        &cd[value]=10.5&cd%5Bcurrency%5D=USD&cd[contents]=%5B%7B%22id%22%3A%22a%22%7D%5D&sw=800&cud[em]=%5E**%40%5E&cud[fn]=Ann\
        &ud[em]=62a1&udff[ph]=e323&aud[em]=0ld&ud[foo]=x&v=2.9.324&r=stable&a=tmtest&ec=2&o=4126&fbp=fb.1.2.3&fbc=fb.1.2.c\
        &it=1&coo=false&dpo=LDU&dpoco=1&dpost=1000&eid=%20E5%20&expv2[0]=pl0&rqm=GET",
    ));
    assert_eq!(event.exchange, 3);
    assert_eq!((event.session, event.caught), (Some(2), 1_795_395_219_999));
    assert_eq!(event.name(), "Purchase");
    assert_eq!(event.id.as_deref(), Some(" E5 "));
    assert_eq!(event.page.as_deref(), Some("https://shop.test/?a=1"));
    assert_eq!(event.time.as_ref().and_then(|time| time.millis), Some(1_795_395_219_888));
    assert_eq!(event.value(), Some(10.5));
    assert_eq!(event.parameters["contents"], json!([{"id": "a"}]));
    assert_eq!(event.key(MatchKey::Email), Some("62a1"));
    assert_eq!(event.key(MatchKey::Phone), Some("e323"));
    assert_eq!(event.key(MatchKey::BrowserId), Some("fb.1.2.3"));
    assert_eq!(event.key(MatchKey::ClickId), Some("fb.1.2.c"));
    assert_eq!(event.older_keys[&MatchKey::Email], ["0ld"]);
    assert_eq!(event.unknown_keys, [("foo".to_owned(), "x".to_owned())]);
    assert_eq!((event.transport, event.sender.as_deref()), ("GET", Some("UA")));
    for (name, value) in [
        ("o", "4126"),
        ("ec", "2"),
        ("v", "2.9.324"),
        ("a", "tmtest"),
        ("dpo", "LDU"),
        ("dpost", "1000"),
        ("rqm", "GET"),
        ("cud[em]", "^**@^"),
    ] {
        assert_eq!(event.marks[name], value, "{name}");
    }
    // A shape that still holds letters is masked here.
    assert_eq!(event.marks["cud[fn]"], "Aaa");
    assert!(!event.marks.keys().any(|name| name.starts_with("expv2")));
}

#[test]
fn ids_are_found_in_every_spelling_and_misplaced_ones_called_so() {
    for (query, id) in [("eid=a", "a"), ("eid[]=a", "a"), ("eid%5B%5D=a", "a"), ("eid=", "")] {
        assert_eq!(one(get(&format!("id=1&ev=Lead&{query}"))).id.as_deref(), Some(id), "{query}");
    }
    for (query, place) in [
        ("eid[a]=1", "eid[a]"),
        ("cd[eventID]=1", "cd[eventID]"),
        ("cd%5Bevent_id%5D=1", "cd[event_id]"),
        ("cd[eventId]=1", "cd[eventId]"),
    ] {
        let event = one(get(&format!("id=1&ev=Lead&{query}")));
        assert_eq!(event.id, None, "{query}");
        assert_eq!(
            event.misplaced_id,
            Some(MisplacedId { place: place.into(), id: "1".into() }),
            "{query}"
        );
    }
    assert_eq!(one(get("id=1&ev=Lead")).id, None);
}

#[test]
fn automatic_events_are_known() {
    for query in [
        "ev=SubscribedButtonClick",
        "ev=Microdata",
        "ev=PixelInitialized",
        "ev=Lead&es=automatic&tm=3",
        "ev=Lead&cs_est=true&est_source=1",
    ] {
        assert!(one(get(&format!("id=1&{query}"))).automatic, "{query}");
    }
    assert!(!one(get("id=1&ev=PageView")).automatic);
}

#[test]
fn query_and_body_are_read_together() {
    let event = one(decode(&exchange(
        "POST",
        "https://www.facebook.com/tr?id=1&ev=Lead",
        &[("content-type", "application/x-www-form-urlencoded")],
        b"cd%5Bvalue%5D=1&eid=x&rqm=formPOST",
    )));
    assert_eq!(
        (event.id.as_deref(), event.value(), event.transport),
        (Some("x"), Some(1.0), "form POST")
    );
}

#[test]
fn the_transport_is_seen_without_the_scripts_word() {
    let multipart = b"--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n1\r\n--b--";
    let post = |headers: &[(&str, &str)], body: &[u8]| {
        one(decode(&exchange("POST", "https://www.facebook.com/tr/", headers, body))).transport
    };
    assert_eq!(post(&[("content-type", "multipart/form-data; boundary=b")], multipart), "beacon");
    assert_eq!(post(&[("content-type", "text/plain;charset=UTF-8")], b"id=1&ev=Lead"), "beacon");
    let form = ("content-type", "application/x-www-form-urlencoded");
    assert_eq!(post(&[form, ("sec-fetch-mode", "navigate")], b"id=1&ev=Lead"), "form POST");
    assert_eq!(post(&[form, ("sec-fetch-mode", "no-cors")], b"id=1&ev=Lead"), "fetch");
    assert_eq!(post(&[form], b"id=1&ev=Lead&rqm=fetch"), "fetch");
}

#[test]
fn what_is_no_hit_is_no_event() {
    for url in [
        "https://www.facebook.com/privacy_sandbox/pixel/register/trigger/?id=1&ev=Lead&ts=1&ec=0&rqm=FGET",
        "https://www.facebook.com/privacy_sandbox/topics/registration/?id=1",
        "https://connect.facebook.net/signals/config/1?v=2.9.1",
        "https://connect.facebook.net/en_US/fbevents.js",
        "https://connect.facebook.net/log/error?p=pixel&v=2.9.1",
        "https://www.facebook.com/signals/iwl.js",
        "https://shop.test/tr/",
    ] {
        assert_eq!(decode(&exchange("GET", url, &[], b"")), Decoded::default(), "{url}");
    }
    assert_eq!(
        decode(&exchange("OPTIONS", "https://www.facebook.com/tr/?id=1&ev=Lead", &[], b"")),
        Decoded::default()
    );
}

#[test]
fn forced_copies_of_a_hit_are_dropped_and_lone_ones_kept() {
    let hit = |rqm: &str, ts: &str| one(get(&format!("id=1&ev=Lead&ts={ts}&ec=0&rqm={rqm}")));
    let events = vec![hit("FGET", "1"), hit("GET", "1"), hit("FGET", "2"), hit("GET", "3")];
    let kept: Vec<_> = without_twins(events)
        .iter()
        .map(|event| (event.marks["rqm"].clone(), event.time.as_ref().map(|t| t.text.clone())))
        .collect();
    assert_eq!(
        kept,
        [
            ("GET".into(), Some("1".into())),
            ("FGET".into(), Some("2".into())),
            ("GET".into(), Some("3".into()))
        ]
    );
}

#[test]
fn malformed_hits_are_defects_and_what_can_be_read_is_read() {
    for (url, body, fault, events) in [
        ("https://www.facebook.com/tr/?ev=Lead", &b""[..], "without a pixel id", 1),
        ("https://www.facebook.com/tr/?id=abc&ev=Lead", b"", "the pixel id `aaa`", 1),
        (
            "https://www.facebook.com/tr/?id=1&ev=%zz",
            b"",
            "broken percent-encoding in the query at byte 8",
            1,
        ),
        ("https://www.facebook.com/tr/", b"", "without a pixel id", 0),
        (
            "https://www.facebook.com/tr/",
            b"id=1&ev=\xff\xfe",
            "the body is not UTF-8 after byte 8",
            1,
        ),
        (
            "https://www.facebook.com/tr/",
            b"--x\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n1",
            "without its closing boundary",
            1,
        ),
    ] {
        let method = if url.contains('?') { "GET" } else { "POST" };
        let decoded = decode(&exchange(method, url, &[], body));
        assert!(
            decoded.defects.iter().any(|defect| defect.what.contains(fault)),
            "{url}: {:?}",
            decoded.defects
        );
        assert_eq!(decoded.events.len(), events, "{url}");
        assert!(
            decoded.defects.iter().all(|defect| defect.exchange == 3 && defect.session == Some(2))
        );
    }
}
