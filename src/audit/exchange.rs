//! Events of logs as exchanges, for the platform's full decoder.
//!
//! What a log does not say is filled in so that the decoder says nothing of it, and taken
//! back afterwards. Never reads a line.

use std::borrow::Cow;
use std::sync::Arc;

use crate::capture::{Answer, Door, Exchange, Request};
use crate::event::{Channel, Event};
use crate::platform::Platform;
use crate::platform::meta::lean::first;

use super::Spot;
use super::envelope::Envelope;

/// Stands for the pixel id where a log names none, while an event is decoded in full.
const NO_PIXEL: &str = "1";

/// An event that is decoded when somebody asks for it.
#[derive(Debug)]
pub(super) enum Whole {
    /// Decoded already.
    Event(Box<Event>),
    /// The one event of an exchange, and the pixel of its log.
    Text(Box<Exchange>, Option<String>),
    /// The one event of a line.
    Line(Box<Line>),
}

/// A line with one event.
#[derive(Debug)]
pub(super) struct Line {
    /// The event, with the log's own fields where they stand among its own; what is left of
    /// the line may stand behind it.
    pub(super) text: String,
    /// The names of these.
    pub(super) own: Arc<[String]>,
    pub(super) channel: Channel,
    pub(super) envelope: Envelope<'static>,
    pub(super) spot: Spot,
    pub(super) caught: Option<i64>,
}

impl Whole {
    /// An event that is there.
    pub(super) fn of(event: Event) -> Whole {
        Whole::Event(Box::new(event))
    }

    /// The event.
    pub(super) fn decode(self, platform: &Platform) -> Option<Event> {
        match self {
            Whole::Event(event) => Some(*event),
            Whole::Text(exchange, pixel) => only(&exchange, pixel.as_deref(), platform),
            Whole::Line(line) => {
                let body = body_of(&[first(&line.text).into()], &line.own);
                let exchange =
                    call(line.channel, &line.envelope, body, true, line.spot, line.caught);
                only(&exchange, line.envelope.pixel.as_deref(), platform)
            }
        }
    }
}

fn only(exchange: &Exchange, pixel: Option<&str>, platform: &Platform) -> Option<Event> {
    let mut events = (platform.decode)(exchange).events;
    mend(&mut events, exchange.channel, pixel);
    events.into_iter().next()
}

/// What a log cannot know of an event, taken back.
pub(super) fn mend(events: &mut [Event], channel: Channel, pixel: Option<&str>) {
    for event in events {
        if event.transport == "call" && channel == Channel::Browser {
            // An event of the page in the form of the API is no call of the page.
            event.transport = "log";
            event.refused = None;
        }
        if event.pixel == NO_PIXEL {
            event.pixel = pixel.filter(|pixel| *pixel != NO_PIXEL).unwrap_or("").to_owned();
        }
    }
}

/// A body of events out of their texts, fields of the log itself left out.
pub(super) fn body_of(texts: &[Cow<'_, str>], own: &[String]) -> Vec<u8> {
    let mut body = String::from("{\"data\":[");
    for (place, text) in texts.iter().enumerate() {
        if place > 0 {
            body.push(',');
        }
        let parsed = (!own.is_empty())
            .then(|| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).ok())
            .flatten();
        match parsed {
            Some(mut event) => {
                event.retain(|name, _| !own.contains(name));
                body.push_str(&serde_json::Value::Object(event).to_string());
            }
            None => body.push_str(text),
        }
    }
    body.push_str("]}");
    body.into_bytes()
}

/// A call of the server API with that body.
pub(super) fn call(
    channel: Channel,
    envelope: &Envelope<'_>,
    body: Vec<u8>,
    json: bool,
    spot: Spot,
    caught: Option<i64>,
) -> Exchange {
    let pixel = envelope.pixel.as_deref().unwrap_or(NO_PIXEL);
    let mut headers = Vec::new();
    if channel == Channel::Server {
        // A log holds no token; that a call came without one cannot be told from it.
        headers.push(("authorization".to_owned(), "[removed]".to_owned()));
    }
    if let Some(kind) = envelope.content_type.as_deref().or(json.then_some("application/json")) {
        headers.push(("content-type".to_owned(), kind.to_owned()));
    }
    if let Some(agent) = &envelope.agent {
        headers.push(("user-agent".to_owned(), agent.clone().into_owned()));
    }
    Exchange {
        number: spot.0,
        channel,
        door: Door::ForwardProxy,
        session: None,
        at: caught.unwrap_or(0),
        request: Request {
            method: "POST".to_owned(),
            url: format!("https://graph.facebook.com/{pixel}/events"),
            headers,
            body,
        },
        answer: answer(envelope),
        injected: None,
    }
}

/// The answer as far as the log has it.
fn answer(envelope: &Envelope<'_>) -> Answer {
    let with =
        |status: u16, body: String| Answer { status, headers: vec![], body: body.into_bytes() };
    match (envelope.status, envelope.response.as_deref()) {
        (None, None) => with(0, String::new()),
        (status, Some(body)) => with(status.unwrap_or(0), body.to_owned()),
        (Some(200..=299), None) => with(200, r#"{"events_received":1}"#.to_owned()),
        (Some(status), None) => with(
            status,
            serde_json::json!({"error": {"code": status, "message": format!("answered with status {status}")}})
                .to_string(),
        ),
    }
}

/// A hit of the pixel.
pub(super) fn hit(
    url: &str,
    method: &str,
    envelope: &Envelope<'_>,
    caught: Option<i64>,
    spot: Spot,
) -> Exchange {
    let url = if url.starts_with('/') {
        format!("https://www.facebook.com{url}")
    } else {
        url.to_owned()
    };
    let mut headers = Vec::new();
    for (name, value) in [("user-agent", &envelope.agent), ("content-type", &envelope.content_type)]
    {
        if let Some(value) = value {
            headers.push((name.to_owned(), value.clone().into_owned()));
        }
    }
    Exchange {
        number: spot.0,
        channel: Channel::Browser,
        door: Door::Browser,
        session: None,
        at: caught.unwrap_or(0),
        request: Request {
            method: method.to_ascii_uppercase(),
            url,
            headers,
            body: envelope.body.as_deref().unwrap_or("").as_bytes().to_vec(),
        },
        answer: Answer { status: envelope.status.unwrap_or(0), headers: vec![], body: vec![] },
        injected: None,
    }
}
