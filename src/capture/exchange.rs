//! One request and its answer, and what a tap needs to know to give that answer.
//!
//! A [`Responder`] is handed to the taps by the run, so that the code that holds
//! sockets stays ignorant of any platform.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::event::{Channel, Injected};

/// Header names (lower case) and values, in order.
pub type Headers = Vec<(String, String)>;

/// A request as it arrived at a tap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// Method, upper case.
    pub method: String,
    /// Absolute address, whichever door it came through.
    pub url: String,
    /// Headers; names in lower case.
    pub headers: Headers,
    /// Body bytes, content encoding removed.
    #[serde(serialize_with = "write_bytes", deserialize_with = "read_bytes")]
    #[schemars(with = "String")]
    pub body: Vec<u8>,
}

impl Request {
    /// First header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// Host name of the address, lower case, without port.
    pub fn host(&self) -> Option<String> {
        url::Url::parse(&self.url).ok()?.host_str().map(str::to_ascii_lowercase)
    }

    /// Path of the address.
    pub fn path(&self) -> String {
        url::Url::parse(&self.url).map(|url| url.path().to_owned()).unwrap_or_default()
    }

    /// Query of the address, verbatim, without the question mark.
    pub fn query(&self) -> Option<&str> {
        let without_fragment = self.url.split('#').next()?;
        without_fragment.split_once('?').map(|(_, query)| query)
    }
}

/// The answer a tap gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers; names in lower case.
    pub headers: Headers,
    /// Body bytes.
    #[serde(serialize_with = "write_bytes", deserialize_with = "read_bytes")]
    #[schemars(with = "String")]
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer with a content type and a body.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        Answer {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.into(),
        }
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }
}

fn find<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
}

/// The door through which a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// The session's own proxy listener.
    Browser,
    /// The server tap addressed directly as base URL.
    BaseUrl,
    /// The server tap used as a forward proxy (plain or CONNECT).
    ForwardProxy,
    /// TLS without CONNECT, host by SNI.
    Tls,
}

/// One request of a platform and the answer it got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exchange {
    /// Number on the tape, from 1; evidence names it.
    pub number: u64,
    /// Which side was caught.
    pub channel: Channel,
    /// Through which door.
    pub door: Door,
    /// The session, where the listener knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<u32>,
    /// When the request was complete, Unix milliseconds.
    pub at: i64,
    /// Request.
    pub request: Request,
    /// Answer; status 0 and empty where none went out.
    pub answer: Answer,
    /// What was done to it on purpose, where something was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub injected: Option<Injected>,
}

/// An event seen in passing: enough to know that what a scenario awaits has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Event name.
    pub event: String,
    /// Opaque texts that tie it to a visitor (event id, browser id, digests).
    pub marks: Vec<String>,
}

/// What to answer, whether to keep it, and what was seen in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The answer.
    pub answer: Answer,
    /// True when the exchange belongs on the tape; scripts and configuration do not.
    pub record: bool,
    /// Events it carried.
    pub sightings: Vec<Sighting>,
}

/// Answers the requests that are a platform's; `None` leaves the request to the site or the network.
pub type Responder = Arc<dyn Fn(&Request) -> Option<Reply> + Send + Sync>;

/// Text where the bytes are UTF-8, otherwise base64 with a prefix, so that tapes stay readable.
fn write_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.starts_with(BASE64) => serializer.serialize_str(text),
        _ => serializer.serialize_str(&format!("{BASE64}{}", STANDARD.encode(bytes))),
    }
}

fn read_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.strip_prefix(BASE64) {
        Some(coded) => STANDARD.decode(coded).map_err(serde::de::Error::custom),
        None => Ok(text.into_bytes()),
    }
}

const BASE64: &str = "base64:";

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} {}", self.number, self.request.method, self.request.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_survive_the_tape_whatever_their_bytes() {
        for body in [b"plain".to_vec(), vec![0xff, 0x00, 0x80], b"base64:looks like one".to_vec()] {
            let answer = Answer { status: 200, headers: vec![], body };
            let line = serde_json::to_string(&answer).expect("serialises");
            assert_eq!(serde_json::from_str::<Answer>(&line).expect("reads"), answer);
        }
    }
}
