//! Captures of any size: visits to a shop whose two sides report four events each, with
//! the faults that real shops have, spread evenly.
//!
//! The same number of events always gives the same capture.

use std::collections::BTreeMap;

use countonce::capture::{
    Answer, Capture, Door, End, Exchange, Opening, Request, SessionEnd, SessionStart,
    SessionStatus, TAPE_FORMAT,
};
use countonce::event::{Channel, Expectation, Place};
use countonce::platform::meta::normalise::digest;
use serde_json::{Value, json};

/// 2026-03-02 12:00:00 UTC in milliseconds.
const START: i64 = 1_772_452_800_000;
const PIXEL: &str = "1234567890";
const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
/// What each visit reports, once on each side.
const FLOW: [&str; 4] = ["PageView", "ViewContent", "AddToCart", "Purchase"];
/// How long a visit lasts, and when the next one begins.
const VISIT_MS: i64 = 20_000;

/// What is wrong in one of these visits, by its number; the rest is as it should be.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    OtherId,
    OtherIds,
    UpperCase,
    NoServer,
    NoBrowser,
    Twice,
    NoServerId,
    Value,
    PlainEmail,
    PrivateAddress,
    NoCurrency,
}

fn fault(visit: usize) -> Fault {
    match visit % 40 {
        1 => Fault::OtherId,
        5 => Fault::UpperCase,
        9 => Fault::NoServer,
        13 => Fault::NoBrowser,
        17 => Fault::Twice,
        21 => Fault::NoServerId,
        25 => Fault::Value,
        29 => Fault::PlainEmail,
        33 => Fault::PrivateAddress,
        37 => Fault::NoCurrency,
        _ => Fault::None,
    }
}

/// A run with a scenario for each visit.
pub(crate) fn of_scenarios(events: usize) -> Capture {
    let visits = events.div_ceil(FLOW.len() * 2);
    let mut capture = empty();
    for visit in 0..visits {
        let session = visit as u32 + 1;
        let at = START + visit as i64 * VISIT_MS;
        capture.sessions.push(SessionStart {
            variant: String::new(),
            circumstances: None,
            repeat: 0,
            untold: Vec::new(),
            session,
            at,
            scenario: format!("Visit {session}"),
            file: "scenarios/visit.yaml".into(),
            profile: "clean".into(),
            attempt: 1,
            expect: FLOW.iter().map(|event| expected(event)).collect(),
            never: vec![],
            server_faults: vec![],
            persona: BTreeMap::from([
                ("email".into(), email(visit)),
                ("phone".into(), format!("+1650555{visit:04}")),
                ("ip".into(), address(visit)),
            ]),
            marks: vec![format!("em:{}", digest(&email(visit)))],
        });
        capture.ends.push(SessionEnd {
            session,
            at: at + VISIT_MS - 1,
            status: SessionStatus::Played,
            error: None,
            screenshot: None,
            site_answers: 5,
            millis: 2_000,
            browser_millis: 1_900,
        });
        visit_into(&mut capture.exchanges, visit, Some(session), fault(visit));
    }
    numbered(capture)
}

/// The same events as a log: no session is known.
pub(crate) fn of_log(events: usize) -> Capture {
    log(events, fault)
}

/// A log in which the server makes event IDs of its own.
pub(crate) fn of_broken_log(events: usize) -> Capture {
    log(events, |_| Fault::OtherIds)
}

fn log(events: usize, fault: fn(usize) -> Fault) -> Capture {
    let visits = events.div_ceil(FLOW.len() * 2);
    let mut capture = empty();
    for visit in 0..visits {
        visit_into(&mut capture.exchanges, visit, None, fault(visit));
    }
    numbered(capture)
}

fn empty() -> Capture {
    Capture {
        blocked: Vec::new(),
        opening: Opening {
            filter_lists: String::new(),
            countonce_tape: TAPE_FORMAT,
            tool: "countonce bench".into(),
            started: START,
            pixel_script: "stand-in".into(),
            browser: String::new(),
            site: "https://shop.test".into(),
        },
        sessions: vec![],
        exchanges: vec![],
        steps: vec![],
        attempts: Vec::new(),
        commands: Vec::new(),
        recordings: vec![],
        shards: Vec::new(),
        pictures: vec![],
        ends: vec![],
        troubles: vec![],
        orders: vec![],
        end: Some(End { at: START, stopped: false }),
    }
}

fn numbered(mut capture: Capture) -> Capture {
    capture.exchanges.sort_by_key(|exchange| exchange.at);
    for (exchange, number) in capture.exchanges.iter_mut().zip(1..) {
        exchange.number = number;
    }
    capture
}

fn expected(event: &str) -> Expectation {
    Expectation {
        open: false,
        event: event.to_owned(),
        count: 1,
        channels: Channel::ALL.to_vec(),
        value: None,
        currency: None,
        keys: BTreeMap::new(),
        place: Place { line: 12, column: 5 },
    }
}

fn email(visit: usize) -> String {
    format!("visitor{visit}@example.com")
}

fn address(visit: usize) -> String {
    format!("73.{}.{}.9", visit / 250 % 250 + 1, visit % 250 + 1)
}

fn visit_into(exchanges: &mut Vec<Exchange>, visit: usize, session: Option<u32>, fault: Fault) {
    for (place, name) in FLOW.iter().enumerate() {
        let at = START + visit as i64 * VISIT_MS + place as i64 * 3_000;
        let bites = |which: Fault| fault == which && *name == "Purchase";
        let id = format!("{name}-{visit}-{:08x}", visit * 2_654_435_761 % 4_294_967_296);
        let server_id = match () {
            () if bites(Fault::OtherId) || fault == Fault::OtherIds => {
                Some(format!("{:032x}", (visit * 4 + place) * 2_654_435_761 + 1))
            }
            () if bites(Fault::UpperCase) => Some(id.to_uppercase()),
            () if bites(Fault::NoServerId) => None,
            () => Some(id.clone()),
        };
        if !bites(Fault::NoBrowser) {
            exchanges.push(hit(visit, session, name, &id, at, fault));
            if bites(Fault::Twice) {
                exchanges.push(hit(visit, session, name, &format!("{id}-b"), at + 200, fault));
            }
        }
        if !bites(Fault::NoServer) {
            exchanges.push(call(visit, name, server_id, at + 300, fault));
        }
    }
}

fn custom(name: &str, value: f64, fault: Fault) -> Vec<(&'static str, Value)> {
    if name == "PageView" {
        return vec![];
    }
    let mut custom = vec![
        ("value", json!(value)),
        ("content_ids", json!(["mug-blue"])),
        ("content_type", json!("product")),
        ("contents", json!([{"id": "mug-blue", "quantity": 2, "item_price": 21.0}])),
    ];
    if fault != Fault::NoCurrency {
        custom.push(("currency", json!("USD")));
    }
    custom
}

fn fbp(visit: usize) -> String {
    format!("fb.1.1772452790000.{}", 1_000_000_000 + visit)
}

fn page(name: &str) -> String {
    format!("https://shop.test/{}?step=1", name.to_lowercase())
}

fn hit(
    visit: usize,
    session: Option<u32>,
    name: &str,
    id: &str,
    at: i64,
    fault: Fault,
) -> Exchange {
    let mut parameters: Vec<(String, String)> = vec![
        ("id".into(), PIXEL.into()),
        ("ev".into(), name.into()),
        ("dl".into(), page(name)),
        ("ts".into(), (at - 20).to_string()),
        ("v".into(), "2.9.324".into()),
        ("ud[em]".into(), digest(&email(visit))),
        ("fbp".into(), fbp(visit)),
        ("eid".into(), id.into()),
        ("rqm".into(), "GET".into()),
    ];
    for (key, value) in custom(name, 42.0, fault) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        parameters.push((format!("cd[{key}]"), text));
    }
    let query =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&parameters).finish();
    Exchange {
        number: 0,
        channel: Channel::Browser,
        door: Door::Browser,
        session,
        at,
        request: Request {
            method: "GET".into(),
            url: format!("https://www.facebook.com/tr/?{query}"),
            headers: vec![("user-agent".into(), AGENT.into())],
            body: vec![],
        },
        answer: Answer::new(200, "image/gif", Vec::new()),
        injected: None,
    }
}

fn call(visit: usize, name: &str, id: Option<String>, at: i64, fault: Fault) -> Exchange {
    let value = if fault == Fault::Value && name == "Purchase" { 39.5 } else { 42.0 };
    let custom: serde_json::Map<String, Value> = custom(name, value, fault)
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    let em = match fault {
        Fault::PlainEmail => email(visit),
        _ => digest(&email(visit)),
    };
    let ip = match fault {
        Fault::PrivateAddress => "10.0.0.7".to_owned(),
        _ => address(visit),
    };
    let mut event = json!({
        "event_name": name,
        "event_time": at / 1000,
        "event_source_url": page(name),
        "action_source": "website",
        "user_data": {
            "em": [em], "fbp": fbp(visit), "client_ip_address": ip, "client_user_agent": AGENT,
        },
        "custom_data": custom,
    });
    if let Some(id) = id {
        event["event_id"] = json!(id);
    }
    Exchange {
        number: 0,
        channel: Channel::Server,
        door: Door::BaseUrl,
        session: None,
        at,
        request: Request {
            method: "POST".into(),
            url: format!("https://graph.facebook.com/v26.0/{PIXEL}/events"),
            headers: vec![("content-type".into(), "application/json".into())],
            body: json!({ "data": [event] }).to_string().into_bytes(),
        },
        answer: Answer::new(200, "application/json", r#"{"events_received":1}"#),
        injected: None,
    }
}
