//! Calls as real clients make them, and as broken ones do.

use serde_json::json;

use super::*;
use crate::capture::{Answer, Door, Reply, Request};
use crate::event::{Channel, MatchKey};

/// When the SDKs were recorded, Unix milliseconds.
const RECORDED: i64 = 1_795_394_400_000;

fn request(url: &str, content_type: &str, body: &str) -> Request {
    Request {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: vec![
            ("content-type".to_owned(), content_type.to_owned()),
            ("user-agent".to_owned(), "test".to_owned()),
        ],
        body: body.as_bytes().to_vec(),
    }
}

fn exchange(request: Request, answer: Answer) -> Exchange {
    Exchange {
        number: 7,
        channel: Channel::Server,
        door: Door::BaseUrl,
        session: None,
        at: RECORDED,
        request,
        answer,
        injected: None,
    }
}

fn played(request: Request) -> (Reply, Decoded) {
    let reply = answer::answer(&request, RECORDED).expect("a call");
    let decoded = decode(&exchange(request, reply.answer.clone()));
    (reply, decoded)
}

fn call(body: &serde_json::Value) -> (Reply, Decoded) {
    played(request(
        "https://graph.facebook.com/v26.0/12/events?access_token=T",
        "application/json",
        &body.to_string(),
    ))
}

fn good() -> serde_json::Value {
    json!({
        "event_name": "Purchase", "event_time": RECORDED / 1000 - 5, "event_id": "o-1",
        "action_source": "website", "event_source_url": "https://shop.test/thanks",
        "user_data": { "em": ["a".repeat(64)], "client_user_agent": "UA", "client_ip_address": "198.51.100.7" },
        "custom_data": { "value": 42.5, "currency": "USD" },
    })
}

/// The recorded request of a client: from the request line inside TLS to the client's result.
fn recorded(text: &str) -> Request {
    let from = text.rfind("POST /").expect("a request");
    let rest = text[from..].split("\n==== client").next().expect("a head");
    let (head, body) = rest.split_once("\n\n").expect("a body");
    let mut lines = head.lines();
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a path");
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let host = headers.iter().find(|(name, _)| name == "host").expect("a host").1.clone();
    Request {
        method: "POST".to_owned(),
        url: format!("http://{host}{path}"),
        headers,
        body: body.trim_end().as_bytes().to_vec(),
    }
}

#[test]
fn the_sdks_are_understood_as_they_were_recorded() {
    let python = include_str!("../../../../tests/wire/sdk-py-facebook_business-proxy.txt");
    let node =
        include_str!("../../../../tests/wire/sdk-node-facebook-nodejs-business-sdk-proxy.txt");
    for (text, version, currency) in [(python, "v26.0", "usd"), (node, "v24.0", "USD")] {
        let (reply, decoded) = played(recorded(text));
        assert_eq!(decoded.defects, []);
        let [event] = &decoded.events[..] else { panic!("one event") };
        assert_eq!(
            (event.name(), event.id.as_deref(), event.pixel.as_str()),
            ("Purchase", Some("p1"), "1234567890")
        );
        assert_eq!(event.action_source.as_deref(), Some("website"));
        assert_eq!(event.keys.len(), 13, "{:?}", event.keys);
        assert_eq!(event.key(MatchKey::ExternalId), Some("User-1"));
        assert_eq!(event.key(MatchKey::ClientIp), Some("203.0.113.7"));
        assert_eq!(event.parameters["value"], json!(42.5));
        assert_eq!(event.parameters["currency"], json!(currency));
        assert_eq!(event.marks["test_event_code"], "TEST123");
        assert_eq!(event.marks["api_version"], version);
        assert_eq!(event.marks["token_place"], "query");
        assert_eq!(event.refused, None);
        assert!(!event.marks.values().any(|value| value.contains("TESTTOKEN")));
        assert_eq!(reply.answer.status, 200);
        let receipt: serde_json::Value = serde_json::from_slice(&reply.answer.body).expect("JSON");
        assert_eq!(receipt["events_received"], 1);
        assert!(receipt["messages"].is_array() && receipt["fbtrace_id"].is_string());
    }
    let asynchronous =
        include_str!("../../../../tests/wire/sdk-py-facebook_business-async-override.txt");
    let (reply, decoded) = played(recorded(asynchronous));
    assert_eq!((decoded.defects.len(), decoded.events.len()), (0, 1));
    // It has no action_source, which the real API demands.
    assert_eq!(reply.answer.status, 400);
    assert_eq!(decoded.events[0].marks["token_place"], "body");
}

#[test]
fn every_encoding_of_data_gives_the_same_event() {
    let url = "http://127.0.0.1:9/v26.0/12/events";
    let array = json!([good()]).to_string();
    let texts = json!([good().to_string()]).to_string();
    let encode =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let multipart = |data: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n{data}\r\n--b\r\nContent-Disposition: form-data; name=\"access_token\"\r\n\r\nT\r\n--b--\r\n"
        )
    };
    let json_type = "application/json";
    let form_type = "application/x-www-form-urlencoded";
    let multipart_type = "multipart/form-data; boundary=b";
    let bodies = [
        (json_type, json!({ "data": [good()], "access_token": "T" }).to_string()),
        (json_type, json!({ "data": array, "access_token": "T" }).to_string()),
        (json_type, json!({ "data": [good().to_string()], "access_token": "T" }).to_string()),
        (form_type, format!("data={}&access_token=T", encode(&array))),
        (form_type, format!("data={}&access_token=T", encode(&texts))),
        (form_type, format!("data[0]={}&access_token=T", encode(&good().to_string()))),
        (multipart_type, multipart(&array)),
        (multipart_type, multipart(&texts)),
    ];
    let mut seen = None;
    for (content_type, body) in bodies {
        let (reply, decoded) = played(request(url, content_type, &body));
        assert_eq!(
            (reply.answer.status, decoded.events.len(), decoded.defects.len()),
            (200, 1, 0),
            "{body}"
        );
        let event = decoded.events[0].clone();
        assert_eq!(*seen.get_or_insert_with(|| event.clone()), event, "{body}");
    }
}

#[test]
fn odd_values_are_kept_and_misplaced_ids_are_found() {
    let mut odd = good();
    odd["event_id"] = json!(12345);
    odd["event_time"] = json!(RECORDED);
    odd["eventID"] = json!("top");
    odd["custom_data"]["event_id"] = json!("inner");
    odd["user_data"]["email"] = json!("a@b.test");
    odd["user_data"]["ph"] = json!(15_551_234_567_u64);
    odd["user_data"]["fn"] = json!(null);
    odd["user_data"]["ge"] = json!([]);
    let (reply, decoded) = call(&json!({ "data": [odd] }));
    let event = &decoded.events[0];
    assert_eq!(event.id.as_deref(), Some("12345"));
    let time = event.time.as_ref().expect("a time");
    assert!(time.milliseconds_for_seconds);
    assert_eq!(time.millis, Some(RECORDED));
    assert!(event.misplaced_id.is_some());
    assert_eq!(event.unknown_keys, [("email".to_owned(), "a@b.test".to_owned())]);
    assert_eq!(event.key(MatchKey::Phone), Some("15551234567"));
    assert!(
        !event.keys.contains_key(&MatchKey::FirstName)
            && !event.keys.contains_key(&MatchKey::Gender)
    );
    assert_eq!(reply.answer.status, 400);
}

#[test]
fn the_appendix_of_the_parameter_builder_stays_on_the_value() {
    let mut event = good();
    let value = format!("{}.AQQCAQIB", "a".repeat(64));
    event["user_data"]["em"] = json!(value);
    event["user_data"]["fbc"] = json!("fb.1.1779000000000.IwAR1.AQQCAQIB");
    let (reply, decoded) = call(&json!({ "data": [event] }));
    assert_eq!(decoded.events[0].key(MatchKey::Email), Some(value.as_str()));
    assert_eq!(reply.answer.status, 200);
    assert!(reply.sightings[0].marks.contains(&format!("em:{}", "a".repeat(64))));
    assert!(reply.sightings[0].marks.contains(&"click:IwAR1".to_owned()), "{:?}", reply.sightings);
}

#[test]
fn one_bad_event_takes_the_whole_request_down() {
    let change = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut event = good();
        change(&mut event);
        event
    };
    let drop = |name: &'static str| {
        move |event: &mut serde_json::Value| {
            event.as_object_mut().expect("an object").remove(name);
        }
    };
    let second = RECORDED / 1000;
    let day = 24 * 60 * 60;
    let refused: Vec<(serde_json::Value, Option<u32>)> = vec![
        (change(&drop("event_name")), None),
        (change(&drop("event_time")), None),
        (change(&drop("action_source")), None),
        (change(&|e| e["action_source"] = json!("web")), None),
        (change(&|e| e["event_time"] = json!("yesterday")), None),
        (change(&|e| e["event_time"] = json!(second - 8 * day)), Some(2_804_003)),
        (change(&|e| e["event_time"] = json!(second + 2 * day)), None),
        (change(&|e| e["event_time"] = json!(RECORDED)), None),
        (change(&|e| e["custom_data"] = json!({ "value": 1 })), Some(2_804_009)),
        (change(&|e| e["custom_data"] = json!({ "currency": "USD" })), Some(2_804_009)),
        (change(&|e| e["user_data"] = json!({})), Some(2_804_050)),
        (change(&drop("user_data")), Some(2_804_050)),
        (
            change(&|e| e["user_data"] = json!({ "ct": "x", "client_user_agent": "UA" })),
            Some(2_804_050),
        ),
        (change(&|e| e["user_data"] = json!({ "fn": "x", "ge": "f" })), Some(2_804_050)),
        (change(&|e| e["user_data"]["fbc"] = json!("IwAR1")), Some(2_804_001)),
        (change(&|e| e["user_data"]["fbc"] = json!("fb.1.soon.IwAR1")), Some(2_804_001)),
        (change(&|e| e["user_data"]["email"] = json!("x")), Some(2_804_019)),
        (change(&|e| e["eventId"] = json!("x")), Some(2_804_019)),
        (change(&|e| e["action_source"] = json!("app")), None),
        (
            change(&|e| {
                e["action_source"] = json!("business_messaging");
                e["event_name"] = json!("Lead");
            }),
            Some(2_804_066),
        ),
    ];
    for (bad, subcode) in refused {
        let (reply, decoded) = call(&json!({ "data": [good(), bad.clone()] }));
        assert_eq!(reply.answer.status, 400, "{bad}");
        let answer: serde_json::Value = serde_json::from_slice(&reply.answer.body).expect("JSON");
        assert_eq!(answer["error"]["code"], 100, "{bad}");
        assert_eq!(answer["error"]["error_subcode"].as_u64().map(|n| n as u32), subcode, "{bad}");
        for field in
            ["message", "type", "error_user_title", "error_user_msg", "fbtrace_id", "is_transient"]
        {
            assert!(!answer["error"][field].is_null(), "{field} of {bad}");
        }
        assert!(decoded.events.iter().all(|event| event.refused.is_some()), "{bad}");
        let culprits: Vec<bool> =
            decoded.events.iter().map(|event| event.marks.contains_key(CULPRIT)).collect();
        assert_eq!(culprits, [false, true], "{bad}");
        let (position, refusal) = refusal(&decoded.events, RECORDED).expect("refused");
        assert_eq!((position, refusal.subcode), (1, subcode), "{bad}");
    }
}

#[test]
fn app_events_need_their_extinfo() {
    let extinfo = |version: &str| {
        let mut list = vec![json!("x"); 16];
        list[0] = json!("i2");
        list[4] = json!(version);
        list
    };
    let data = |extinfo: serde_json::Value| json!({ "application_tracking_enabled": 1, "advertiser_tracking_enabled": 0, "extinfo": extinfo });
    for (app_data, status, subcode) in [
        (data(json!(extinfo("17.0"))), 200, None),
        (data(json!(extinfo(""))), 400, Some(2_804_043)),
        (data(json!(extinfo("17.0")[..15])), 400, None),
        (data(json!("i2")), 400, None),
        (json!({ "extinfo": extinfo("17.0") }), 400, None),
    ] {
        let mut event = good();
        event["action_source"] = json!("app");
        event["app_data"] = app_data.clone();
        let (reply, decoded) = call(&json!({ "data": [event] }));
        assert_eq!(reply.answer.status, status, "{app_data}");
        let refused = decoded.events[0].refused.as_ref();
        assert_eq!(
            (refused.is_some(), refused.and_then(|r| r.subcode)),
            (status == 400, subcode),
            "{app_data}"
        );
    }
}

#[test]
fn what_meta_takes_is_taken() {
    let day = 24 * 60 * 60;
    let second = RECORDED / 1000;
    for (name, value) in [
        ("event_time", json!(second - 7 * day + 60)),
        ("event_time", json!(second + 60)),
        ("user_data", json!({ "em": "x" })),
        ("user_data", json!({ "fn": "x", "ln": "y" })),
        ("user_data", json!({ "db": "x", "zp": "y" })),
        ("user_data", json!({ "fbp": "fb.1.2.3" })),
        ("custom_data", json!({ "value": 0, "currency": "usd", "anything": [1] })),
        ("opt_out", json!(false)),
        ("data_processing_options", json!([])),
        ("event_id", json!(null)),
    ] {
        let mut event = good();
        event[name] = value.clone();
        let (reply, _) = call(&json!({ "data": [event] }));
        assert_eq!(
            reply.answer.status,
            200,
            "{name}: {value} {}",
            String::from_utf8_lossy(&reply.answer.body)
        );
    }
    let mut event = good();
    event["action_source"] = json!("physical_store");
    event["event_time"] = json!(second - 60 * day);
    assert_eq!(call(&json!({ "data": [event] })).0.answer.status, 200);
}

#[test]
fn requests_are_refused_as_a_whole() {
    let url = "https://graph.facebook.com/v26.0/12/events?access_token=T";
    for (body, fault) in [
        ("{\"data\": [", "the body is not JSON: it ends too early at byte"),
        ("{\"data\": {}}x", "unexpected text at byte 12"),
        ("[]", "no object: an array"),
        ("{\"data\": 3}", "`data` is a number"),
        ("{\"data\": \"[{]\"}", "`data` is not JSON: unexpected text at byte 2"),
        ("{\"data\": [1]}", "event 0 of `data` is a number"),
    ] {
        let (reply, decoded) = played(request(url, "application/json", body));
        assert_eq!(reply.answer.status, 400, "{body}");
        assert!(decoded.defects[0].what.contains(fault), "{body}: {:?}", decoded.defects);
    }
    let many = vec![good(); 1001];
    let (reply, decoded) = call(&json!({ "data": many }));
    assert_eq!((reply.answer.status, decoded.events.len()), (400, 1001));
    assert!(decoded.events.iter().all(|event| event.refused.is_some()));
    let (reply, _) = call(&json!({ "data": [] }));
    assert_eq!(reply.answer.status, 400);

    let (reply, decoded) = played(request(
        "https://graph.facebook.com/v26.0/12/events",
        "application/json",
        &json!({ "data": [good()] }).to_string(),
    ));
    assert_eq!(reply.answer.status, 401);
    assert_eq!(decoded.events[0].refused.as_ref().map(|refused| refused.code), Some(190));
    assert_eq!(decoded.events[0].marks["token_place"], "none");
}

#[test]
fn one_object_for_data_is_read_and_called_a_defect() {
    let (reply, decoded) = call(&json!({ "data": good() }));
    assert_eq!((decoded.events.len(), decoded.defects.len()), (1, 1));
    assert_eq!(reply.answer.status, 200);
}

#[test]
fn what_was_answered_counts_more_than_the_rules() {
    let body = json!({ "data": [good()] }).to_string();
    let url = "https://graph.facebook.com/v26.0/12/events?access_token=T";
    let outage = json!({ "error": { "message": "Service temporarily unavailable", "code": 2 } });
    let decoded = decode(&exchange(
        request(url, "application/json", &body),
        Answer::new(503, "application/json", outage.to_string()),
    ));
    assert_eq!(decoded.events[0].refused.as_ref().map(|refused| refused.code), Some(2));
    // A log has no answers: the rules are asked.
    let mut old = good();
    old["event_time"] = json!(1_600_000_000);
    let silent = Answer { status: 0, headers: vec![], body: vec![] };
    let decoded = decode(&exchange(
        request(url, "application/json", &json!({ "data": [old] }).to_string()),
        silent,
    ));
    assert_eq!(
        decoded.events[0].refused.as_ref().and_then(|refused| refused.subcode),
        Some(2_804_003)
    );
}

#[test]
fn other_paths_of_the_api_are_answered_and_not_recorded() {
    let reply = answer::answer(&request("https://graph.facebook.com/v26.0/me", "", ""), RECORDED)
        .expect("Meta's");
    assert!(!reply.record && reply.answer.status == 400);
    assert_eq!(
        answer::answer(&request("https://api.stripe.com/v1/charges", "", ""), RECORDED),
        None
    );
}
