//! What happened when, in JSON format 1: steps, events, pictures, payloads.
//! Doc comments are the schema's descriptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct StepV1 {
    pub(in crate::format::json) session: u32,
    /// Line of the scenario file.
    pub(in crate::format::json) line: u32,
    /// The line as written, personal data masked.
    pub(in crate::format::json) text: String,
    /// When it began, Unix milliseconds.
    pub(in crate::format::json) at: i64,
    /// How long it took, milliseconds.
    pub(in crate::format::json) millis: u64,
    /// Address of the page afterwards, without query values.
    pub(in crate::format::json) page: String,
    /// What went wrong, where something did.
    pub(in crate::format::json) error: Option<String>,
    /// The platform's cookies that came, changed or went meanwhile.
    pub(in crate::format::json) cookies: Vec<String>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct CaughtV1 {
    /// Number of the exchange on the tape.
    pub(in crate::format::json) exchange: u64,
    /// Position among the events of that exchange, from 0.
    pub(in crate::format::json) entry: u32,
    /// `browser` or `server`.
    pub(in crate::format::json) channel: String,
    pub(in crate::format::json) session: Option<u32>,
    /// Event name; empty where it has none.
    pub(in crate::format::json) event: String,
    /// When the tap received it, Unix milliseconds.
    pub(in crate::format::json) at: i64,
    /// Address of the page it names, without query values.
    pub(in crate::format::json) page: String,
    /// How it travelled.
    pub(in crate::format::json) transport: String,
    /// `paired`, `repeat`, `surplus`, `near miss`, `alone` or `automatic`.
    pub(in crate::format::json) standing: String,
    /// The other half of the same conversion.
    pub(in crate::format::json) joined: Option<JoinedV1>,
    /// Why the platform would refuse it.
    pub(in crate::format::json) refused: Option<String>,
    /// What sent it, where that is known.
    pub(in crate::format::json) sender: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct JoinedV1 {
    pub(in crate::format::json) exchange: u64,
    pub(in crate::format::json) entry: u32,
    /// True where the platform would merge the two; false where they were meant to be one.
    pub(in crate::format::json) merged: bool,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct ExcerptV1 {
    /// Number of the exchange on the tape.
    pub(in crate::format::json) exchange: u64,
    pub(in crate::format::json) entry: u32,
    /// `browser` or `server`.
    pub(in crate::format::json) channel: String,
    pub(in crate::format::json) event: String,
    pub(in crate::format::json) fields: Vec<FieldV1>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct FieldV1 {
    pub(in crate::format::json) name: String,
    /// Equal texts stand for equal values.
    pub(in crate::format::json) value: String,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct PictureV1 {
    pub(in crate::format::json) session: u32,
    /// When it was taken, Unix milliseconds.
    pub(in crate::format::json) at: i64,
    /// Address of the page, without query values.
    pub(in crate::format::json) page: String,
    /// The file, beside the report.
    pub(in crate::format::json) file: String,
}
