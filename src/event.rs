//! The vocabulary: what a hit or one entry of a call says, whichever side sent it.
//!
//! Facts only. The channel of an event is where it was caught; a payload that
//! cannot be read is a [`Defect`], kept as data.
//! Never HTTP, never a data frame, never a platform's field names.

mod caller;
mod expectation;
mod mask;
mod match_key;
mod score;
mod server_fault;
mod span;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use caller::Caller;
pub use expectation::{Expectation, Order, Place};
pub use mask::{mask, mask_and_cut, mask_personal, mask_url};
pub use match_key::{MatchKey, Secrecy};
pub use score::{Score, Scores};
pub use server_fault::{FaultAnswer, Injected, ServerFault};
pub use span::{Span, rough_span, span, span_text, window};

/// The side on which an event was caught.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// The pixel in the visitor's browser.
    Browser,
    /// The site's server.
    Server,
}

impl Channel {
    /// Both channels, browser first.
    pub const ALL: [Channel; 2] = [Channel::Browser, Channel::Server];

    /// The word users see and write.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Browser => "browser",
            Channel::Server => "server",
        }
    }

    /// The channel of that name.
    pub fn from_name(name: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// The opposite side.
    pub fn other(self) -> Channel {
        match self {
            Channel::Browser => Channel::Server,
            Channel::Server => Channel::Browser,
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One event as one side told it. Texts are verbatim: nothing is trimmed or folded,
/// because the platform compares them exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Number of the exchange that carried it: the evidence.
    pub exchange: u64,
    /// Position among the events of that exchange, from 0.
    pub entry: u32,
    /// Where it was caught.
    pub channel: Channel,
    /// Session of the listener that caught it; `None` on the server side until the join attributes it.
    pub session: Option<u32>,
    /// When the tap received it, Unix milliseconds.
    pub caught: i64,
    /// Pixel (dataset) id it was sent to.
    pub pixel: String,
    /// Event name; `None` when the payload has none.
    pub name: Option<String>,
    /// Event id; `None` when absent, `Some("")` when sent empty.
    pub id: Option<String>,
    /// An id found where the platform does not look for one.
    pub misplaced_id: Option<MisplacedId>,
    /// When it happened, as the payload says.
    pub time: Option<EventTime>,
    /// Address of the page it happened on.
    pub page: Option<String>,
    /// Where it happened, in the platform's words (`website`, `app` …); server side only.
    pub action_source: Option<String>,
    /// True for events the platform makes by itself, which cannot carry the site's event id.
    pub automatic: bool,
    /// Match keys, verbatim; several values where the payload lists several.
    pub keys: BTreeMap<MatchKey, Vec<String>>,
    /// The same keys digested by an older normaliser, where the sender gives both.
    pub older_keys: BTreeMap<MatchKey, Vec<String>>,
    /// Entries of the user data that are no match key of the platform: name and value.
    pub unknown_keys: Vec<(String, String)>,
    /// Event parameters (value, currency, contents …), as sent.
    pub parameters: BTreeMap<String, serde_json::Value>,
    /// Why the platform refuses it, with the whole request; `None` when accepted.
    pub refused: Option<Refusal>,
    /// How it travelled: `GET`, `form POST`, `beacon`, `fetch`, `call`.
    pub transport: &'static str,
    /// User agent of the request that carried it.
    pub sender: Option<String>,
    /// Number of the merged run that it was caught in; 0 where there is only one.
    pub recording: u32,
    /// Who caused it, where the browser told.
    pub caller: Option<Caller>,
    /// Whatever else the sender says about itself, by the platform's own names.
    pub marks: BTreeMap<String, String>,
}

impl Event {
    /// An event with nothing but its place; decoders fill the rest in.
    pub fn new(channel: Channel, exchange: u64, pixel: impl Into<String>) -> Event {
        Event {
            exchange,
            entry: 0,
            channel,
            session: None,
            caught: 0,
            pixel: pixel.into(),
            name: None,
            id: None,
            misplaced_id: None,
            time: None,
            page: None,
            action_source: None,
            automatic: false,
            keys: BTreeMap::new(),
            older_keys: BTreeMap::new(),
            unknown_keys: Vec::new(),
            parameters: BTreeMap::new(),
            refused: None,
            transport: "",
            sender: None,
            recording: 0,
            caller: None,
            marks: BTreeMap::new(),
        }
    }

    /// Event name, or the empty text where there is none.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("")
    }

    /// First value of a match key.
    pub fn key(&self, key: MatchKey) -> Option<&str> {
        self.keys.get(&key)?.first().map(String::as_str)
    }

    /// A parameter, where it is there and not JSON null.
    pub fn parameter(&self, name: &str) -> Option<&serde_json::Value> {
        self.parameters.get(name).filter(|value| !value.is_null())
    }

    /// A parameter as text: strings as they are, everything else as JSON.
    pub fn parameter_text(&self, name: &str) -> Option<String> {
        self.parameter(name).map(|value| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }

    /// The conversion value, where it reads as a plain decimal number.
    pub fn value(&self) -> Option<f64> {
        let text = self.parameter_text("value")?;
        text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
    }
}

/// An event id in a place where the platform ignores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MisplacedId {
    /// The place, as the sender wrote it.
    pub place: String,
    /// The id found there.
    pub id: String,
}

/// A time as a payload gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTime {
    /// The text or number as sent.
    pub text: String,
    /// Unix milliseconds, where it reads as a time in the unit that belongs there.
    pub millis: Option<i64>,
    /// True when the figure only makes sense in milliseconds where seconds belong.
    pub milliseconds_for_seconds: bool,
}

/// Why the platform would refuse a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The platform's error code.
    pub code: u32,
    /// Its finer code, where there is one.
    pub subcode: Option<u32>,
    /// Its title or message.
    pub title: String,
}

/// A payload, or a part of one, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// Number of the exchange.
    pub exchange: u64,
    /// Where it was caught.
    pub channel: Channel,
    /// Session, where the listener knows it.
    pub session: Option<u32>,
    /// What is wrong with it and where, without personal data.
    pub what: String,
}
