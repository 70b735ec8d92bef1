//! One hit or call in the making: complete, with single fields set or dropped.

use countonce::capture::{Answer, Door, Exchange, Request};
use countonce::event::Channel;
use serde_json::{Value, json};

use super::{AGENT, EM, FBC, FBP, IP, PH, PIXEL, START};

/// One event on the wire, browser or server side.
pub enum Sent {
    Hit {
        session: Option<u32>,
        after: i64,
        parameters: Vec<(String, String)>,
        agent: String,
    },
    Call {
        after: i64,
        path: String,
        events: Vec<Value>,
        top: Vec<(String, Value)>,
        raw: Option<String>,
        status: Option<u16>,
        error: Option<Value>,
        page: bool,
    },
}

/// A hit as the real pixel script sends it.
pub fn hit(name: &str, id: &str) -> Sent {
    let mut parameters: Vec<(String, String)> = [
        ("id", PIXEL),
        ("ev", name),
        ("dl", "https://shop.test/thank-you"),
        ("rl", "https://shop.test/checkout"),
        ("if", "false"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .to_vec();
    for (key, value) in custom(name) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        parameters.push((format!("cd[{key}]"), text));
    }
    for (key, value) in [
        ("ud[em]", EM),
        ("ud[ph]", PH),
        ("v", "2.9.324"),
        ("r", "stable"),
        ("ec", "1"),
        ("o", "4126"),
    ] {
        parameters.push((key.to_owned(), value.to_owned()));
    }
    for (key, value) in [
        ("fbp", FBP),
        ("fbc", FBC),
        ("it", "1772452795000"),
        ("coo", "false"),
        ("eid", id),
        ("rqm", "GET"),
    ] {
        parameters.push((key.to_owned(), value.to_owned()));
    }
    Sent::Hit { session: Some(1), after: 1_000, parameters, agent: AGENT.to_owned() }
}

/// A call with one event as a careful back end sends it.
pub fn call(name: &str, id: &str) -> Sent {
    let mut event = json!({
        "event_name": name,
        "event_time": START / 1000 + 1,
        "event_id": id,
        "event_source_url": "https://shop.test/thank-you",
        "action_source": "website",
        "user_data": {
            "em": [EM], "ph": [PH], "client_ip_address": IP, "client_user_agent": AGENT, "fbp": FBP, "fbc": FBC,
        },
    });
    let custom: serde_json::Map<String, Value> = custom(name).into_iter().collect();
    if !custom.is_empty() {
        event["custom_data"] = Value::Object(custom);
    }
    Sent::Call {
        after: 1_200,
        path: format!("/v26.0/{PIXEL}/events"),
        events: vec![event],
        top: vec![],
        raw: None,
        status: None,
        error: None,
        page: false,
    }
}

/// What events of that name carry besides the person.
fn custom(name: &str) -> Vec<(String, Value)> {
    let pairs: Vec<(&str, Value)> = match name {
        "Purchase" | "AddToCart" | "InitiateCheckout" | "AddPaymentInfo" => vec![
            ("value", json!(42.0)),
            ("currency", json!("USD")),
            ("content_ids", json!(["mug-blue"])),
            ("content_type", json!("product")),
            ("contents", json!([{"id": "mug-blue", "quantity": 2, "item_price": 21.0}])),
        ],
        "ViewContent" => vec![
            ("value", json!(21.0)),
            ("currency", json!("USD")),
            ("content_ids", json!(["mug-blue"])),
            ("content_type", json!("product")),
        ],
        "Search" => vec![("search_string", json!("mug"))],
        _ => vec![],
    };
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

impl Sent {
    /// Sets a hit's parameter (by its wire name) or a call's field (by JSON pointer within
    /// the event), in the first event of a call.
    pub fn set(mut self, place: &str, value: impl Into<Value>) -> Sent {
        let value = value.into();
        match &mut self {
            Sent::Hit { parameters, .. } => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                match parameters.iter_mut().find(|(key, _)| key == place) {
                    Some((_, old)) => *old = text,
                    None => parameters.insert(parameters.len() - 1, (place.to_owned(), text)),
                }
            }
            Sent::Call { events, .. } => {
                let (parent, key) = place.rsplit_once('/').expect("a JSON pointer");
                let slot = events[0].pointer_mut(parent).expect("the parent is there");
                slot[key] = value;
            }
        }
        self
    }

    /// Drops a parameter or field.
    pub fn without(mut self, place: &str) -> Sent {
        match &mut self {
            Sent::Hit { parameters, .. } => parameters.retain(|(key, _)| key != place),
            Sent::Call { events, .. } => {
                let (parent, key) = place.rsplit_once('/').expect("a JSON pointer");
                events[0]
                    .pointer_mut(parent)
                    .and_then(Value::as_object_mut)
                    .expect("an object")
                    .remove(key);
            }
        }
        self
    }

    /// Sets a top-level field of a call's body.
    pub fn top(mut self, key: &str, value: impl Into<Value>) -> Sent {
        if let Sent::Call { top, .. } = &mut self {
            top.push((key.to_owned(), value.into()));
        }
        self
    }

    /// Puts the events of another call into the same request.
    pub fn and(mut self, other: Sent) -> Sent {
        if let (Sent::Call { events, .. }, Sent::Call { events: more, .. }) = (&mut self, other) {
            events.extend(more);
        }
        self
    }

    /// Sends the call to another path (version, pixel, query).
    pub fn to(mut self, new: &str) -> Sent {
        if let Sent::Call { path, .. } = &mut self {
            new.clone_into(path);
        }
        self
    }

    /// Replaces the whole body of a call.
    pub fn raw(mut self, text: &str) -> Sent {
        if let Sent::Call { raw, .. } = &mut self {
            *raw = Some(text.to_owned());
        }
        self
    }

    /// Gives the call another status than the platform would.
    pub fn answered(mut self, code: u16) -> Sent {
        if let Sent::Call { status, .. } = &mut self {
            *status = Some(code);
        }
        self
    }

    /// Makes the call one that the page makes itself.
    pub fn sent_from_page(mut self) -> Sent {
        if let Sent::Call { page, .. } = &mut self {
            *page = true;
        }
        self
    }

    /// Has the call refused by the platform, with its codes and title.
    pub fn refused(mut self, code: u32, subcode: Option<u32>, title: &str) -> Sent {
        if let Sent::Call { status, error, .. } = &mut self {
            *status = Some(if matches!(code, 1 | 2) { 500 } else { 400 });
            let mut fields = json!({
                "message": "Invalid parameter", "type": "OAuthException", "code": code,
                "error_user_title": title, "fbtrace_id": "A1b2C3",
            });
            if let Some(subcode) = subcode {
                fields["error_subcode"] = json!(subcode);
            }
            *error = Some(json!({ "error": fields }));
        }
        self
    }

    /// Moves it to that many milliseconds after the start of the tape.
    pub fn at(mut self, millis: i64) -> Sent {
        match &mut self {
            Sent::Hit { after, .. } | Sent::Call { after, .. } => *after = millis,
        }
        self
    }

    /// Sends the hit from another session; `None` for a capture without sessions.
    pub fn in_session(mut self, number: Option<u32>) -> Sent {
        if let Sent::Hit { session, .. } = &mut self {
            *session = number;
        }
        self
    }

    /// Sends the hit with another user agent.
    pub fn by(mut self, text: &str) -> Sent {
        if let Sent::Hit { agent, .. } = &mut self {
            text.clone_into(agent);
        }
        self
    }
}

/// What stands on the tape for it.
pub(super) fn exchange(sent: Sent) -> Exchange {
    match sent {
        Sent::Hit { session, after, mut parameters, agent } => {
            let at = START + after;
            if !parameters.iter().any(|(key, _)| key == "ts") {
                parameters.insert(5, ("ts".to_owned(), (at - 20).to_string()));
            }
            let query: Vec<String> = parameters
                .iter()
                .map(|(key, value)| {
                    let value = percent_encoding::utf8_percent_encode(
                        value,
                        percent_encoding::NON_ALPHANUMERIC,
                    );
                    format!("{key}={value}")
                })
                .collect();
            Exchange {
                number: 0,
                channel: Channel::Browser,
                door: Door::Browser,
                session,
                at,
                request: Request {
                    method: "GET".into(),
                    url: format!("https://www.facebook.com/tr/?{}", query.join("&")),
                    headers: vec![
                        ("user-agent".into(), agent),
                        ("referer".into(), "https://shop.test/".into()),
                        ("sec-fetch-dest".into(), "image".into()),
                    ],
                    body: vec![],
                },
                answer: Answer::new(200, "image/gif", Vec::new()),
                injected: None,
            }
        }
        Sent::Call { after, path, events, top, raw, status, error, page } => {
            let count = events.len();
            let mut body = json!({"data": events, "access_token": "EAATESTTOKEN"});
            for (key, value) in top {
                body[key] = value;
            }
            let request = Request {
                method: "POST".into(),
                url: format!("https://graph.facebook.com{path}"),
                headers: vec![
                    ("content-type".into(), "application/json".into()),
                    ("user-agent".into(), "shop-backend/1.0".into()),
                ],
                body: raw.unwrap_or_else(|| body.to_string()).into_bytes(),
            };
            let answer = match status {
                Some(status) => match error {
                    Some(error) => Answer::new(status, "application/json", error.to_string()),
                    None => Answer::new(status, "text/plain", ""),
                },
                None => {
                    let text =
                        json!({"events_received": count, "messages": [], "fbtrace_id": "A1b2C3"})
                            .to_string();
                    Answer::new(200, "application/json", text)
                }
            };
            Exchange {
                number: 0,
                channel: if page { Channel::Browser } else { Channel::Server },
                door: if page { Door::Browser } else { Door::BaseUrl },
                session: page.then_some(1),
                at: START + after,
                request,
                answer,
                injected: None,
            }
        }
    }
}
