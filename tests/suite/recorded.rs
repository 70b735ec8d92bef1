//! What the rules say of hits that the real script sent: each case of the recording was a
//! page that called it in one way, right or wrong.

use std::collections::BTreeSet;

use countonce::capture::{Answer, Capture, Door, Exchange, Opening, Request, TAPE_FORMAT};
use countonce::event::Channel;
use countonce::run::judgement;
use serde_json::Value;

/// One side alone was recorded, and its page has an e-mail address in its own address.
const ALWAYS: &[&str] = &["missing-server-event", "personal-data-in-url"];

#[test]
fn hits_of_the_real_script_are_named_for_what_they_are() {
    let mut lines = BTreeSet::new();
    for line in include_str!("../wire/pixel-calls.jsonl").lines() {
        let case: Value = serde_json::from_str(line).expect("a recorded case");
        let hits = case["hits"].as_array().expect("hits");
        let exchanges = hits.iter().zip(1..).map(|(hit, number)| exchange(hit, number)).collect();
        let judged = judgement(&capture(exchanges)).expect("judged");
        let said: BTreeSet<String> = judged
            .findings
            .iter()
            .filter(|finding| !ALWAYS.contains(&finding.rule.as_str()))
            .map(|finding| match &finding.cause {
                Some(cause) => format!("{} [{cause}]", finding.rule),
                None => finding.rule.clone(),
            })
            .collect();
        let said: Vec<String> = said.into_iter().collect();
        let call = case["call"].as_str().expect("a call");
        lines.insert(format!("{call}\n    {}", said.join(", ")));
    }
    let lines: Vec<String> = lines.into_iter().collect();
    insta::with_settings!({prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("recorded_calls", lines.join("\n"));
    });
}

/// Ways of handing the event ID over that the script ignores in silence or takes as they
/// are, each with the rule that names it once the server tells the same event.
const ID_MISTAKES: &[(&str, &str)] = &[
    ("fbq('track','Lead',{},'E6')", "missing-event-id"),
    ("fbq('track','Lead',{},{eventId:'E3'})", "missing-event-id"),
    ("fbq('track','Lead',{},{eventid:'E3'})", "missing-event-id"),
    ("fbq('track','Lead',{},{eventID:null})", "missing-event-id"),
    ("fbq('track','Lead',{},{eventID:undefined})", "missing-event-id"),
    ("fbq('track','Lead',{},{eventID:''})", "empty-event-id"),
    ("fbq('track','Lead',{},{eventID:{a:1}})", "event-id-in-wrong-place"),
    ("fbq('track','Lead',{eventID:'E4'})", "event-id-in-wrong-place"),
    ("fbq('track','Lead',{event_id:'E4'})", "event-id-in-wrong-place"),
    ("fbq('track','Lead',{},{eventID:' E5 '})", "event-id-mismatch"),
];

#[test]
fn ids_that_never_arrive_are_named_once_the_server_tells_the_same_event() {
    let mut seen = BTreeSet::new();
    for line in include_str!("../wire/pixel-calls.jsonl").lines() {
        let case: Value = serde_json::from_str(line).expect("a recorded case");
        let call = case["call"].as_str().expect("a call");
        let Some((_, rule)) = ID_MISTAKES.iter().find(|(mistake, _)| *mistake == call) else {
            continue;
        };
        let hits = case["hits"].as_array().expect("hits");
        let mut exchanges: Vec<Exchange> =
            hits.iter().zip(1..).map(|(hit, number)| exchange(hit, number)).collect();
        exchanges.push(server_half(exchanges.len() as u64 + 1));
        let judged = judgement(&capture(exchanges)).expect("judged");
        let said: Vec<&str> = judged.findings.iter().map(|found| found.rule.as_str()).collect();
        assert!(said.contains(rule), "{call}: {said:?}");
        seen.insert(call.to_owned());
    }
    assert_eq!(seen.len(), ID_MISTAKES.len(), "not recorded: {seen:?}");
}

/// The server's word on the Lead of a recorded page.
fn server_half(number: u64) -> Exchange {
    let event = serde_json::json!({
        "event_name": "Lead",
        "event_time": 1_795_395_220,
        "event_id": "E5",
        "action_source": "website",
        "event_source_url": "https://shop.example.com/thanks",
        "user_data": {
            "client_user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0",
            "client_ip_address": "73.162.41.9",
        },
    });
    let body = serde_json::json!({ "data": [event] }).to_string();
    Exchange {
        number,
        channel: Channel::Server,
        door: Door::BaseUrl,
        session: None,
        at: 1_795_395_220_000 + number as i64,
        request: Request {
            method: "POST".into(),
            url: "https://graph.facebook.com/v25.0/1234567890/events".into(),
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.into_bytes(),
        },
        answer: Answer::new(200, "application/json", r#"{"events_received":1}"#),
        injected: None,
    }
}

fn capture(exchanges: Vec<Exchange>) -> Capture {
    Capture {
        opening: Opening {
            countonce_tape: TAPE_FORMAT,
            tool: "countonce tests".into(),
            started: 0,
            pixel_script: "real".into(),
            browser: String::new(),
            site: String::new(),
            filter_lists: String::new(),
        },
        sessions: vec![],
        exchanges,
        blocked: Vec::new(),
        steps: vec![],
        attempts: vec![],
        commands: vec![],
        recordings: vec![],
        shards: vec![],
        pictures: vec![],
        ends: vec![],
        troubles: vec![],
        orders: vec![],
        end: None,
    }
}

fn exchange(hit: &Value, number: u64) -> Exchange {
    let url = hit["url"].as_str().expect("an address").to_owned();
    let body = hit.get("body").and_then(Value::as_array).map(|fields| {
        let part = |field: &Value| {
            let (name, value) = (field[0].as_str(), field[1].as_str());
            format!(
                "--b\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n",
                name.expect("a name"),
                value.expect("a value")
            )
        };
        fields.iter().map(part).collect::<String>() + "--b--\r\n"
    });
    Exchange {
        number,
        channel: Channel::Browser,
        door: Door::Browser,
        session: None,
        at: 1_795_395_220_000 + number as i64,
        request: Request {
            method: if body.is_some() { "POST" } else { "GET" }.into(),
            url,
            headers: vec![("content-type".into(), "multipart/form-data; boundary=b".into())],
            body: body.unwrap_or_default().into_bytes(),
        },
        answer: Answer::new(200, "image/gif", Vec::new()),
        injected: None,
    }
}
