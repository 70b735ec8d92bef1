//! What a browser itself tells of its pages: the second witness beside the tap.
//!
//! An attempt is a request that a page made, whether or not it got out; a command is
//! what a page told a platform's script. Both carry the call stack where there is one.
//! Neither is evidence of a conversion: what was delivered is in the exchanges.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One place of a call stack, innermost first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Frame {
    /// Address of the script, or of the page for a script that stands in it.
    pub url: String,
    /// Name of the function; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub function: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// A request of a platform's that a page made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// Session number.
    pub session: u32,
    /// When it was made, Unix milliseconds, by the browser's clock.
    pub at: i64,
    /// Method, upper case.
    pub method: String,
    /// Absolute address.
    pub url: String,
    /// What made it, in the browser's word: `script`, `parser`, `preflight`, `other`.
    pub by: String,
    /// Stack of the script that made it; empty where the browser does not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<Frame>,
    /// Why the browser says that it failed. A request that nobody reads may be said to
    /// have failed although it was delivered; the exchanges know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What a page told a platform's script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Command {
    /// Session number.
    pub session: u32,
    /// When, Unix milliseconds, by the browser's clock.
    pub at: i64,
    /// Its first word: `track`, `consent` …
    pub verb: String,
    /// Its second word: the event's name, `grant` or `revoke`.
    pub event: String,
    /// Event ID, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The one pixel that was meant; all of the page where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pixel: Option<String>,
    /// Stack of the script that gave the command.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<Frame>,
}

/// One of the runs that a merged tape holds; its lines follow until the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recording {
    /// Which, from 1.
    pub number: u32,
    /// The run as it was given.
    pub source: String,
    /// Its sessions have higher numbers than this one.
    pub after_session: u32,
    /// Its exchanges have higher numbers than this one.
    pub after_exchange: u64,
}

/// State of a cookie or another memory of consent after a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CookieRecord {
    /// Its name.
    pub name: String,
    /// Its value, for cookies of a platform; for all others only that there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Domain that it is set for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub domain: String,
    /// When it ends, Unix seconds; `None` with the browser session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    /// True when scripts cannot read it: it was set by an answer of the server.
    #[serde(default)]
    pub http_only: bool,
}
