//! What is wrong, in JSON format 1: findings, the ledger, what could not be read.
//! Doc comments are the schema's descriptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct FindingV1 {
    /// Rule id.
    pub(in crate::format::json) rule: String,
    /// Title of the rule.
    pub(in crate::format::json) title: String,
    /// `error`, `warn` or `info`.
    pub(in crate::format::json) severity: String,
    /// The same without the policy.
    pub(in crate::format::json) own_severity: String,
    /// Event name concerned.
    pub(in crate::format::json) event: Option<String>,
    /// Side to mend: `browser` or `server`.
    pub(in crate::format::json) channel: Option<String>,
    /// Session concerned.
    pub(in crate::format::json) session: Option<u32>,
    /// Scenario concerned.
    pub(in crate::format::json) scenario: Option<String>,
    /// Profile of the session.
    pub(in crate::format::json) profile: Option<String>,
    /// Variant of the session; empty for the flow as written.
    pub(in crate::format::json) variant: Option<String>,
    /// Scenario file and line.
    pub(in crate::format::json) location: Option<LocationV1>,
    /// The named cause, in stable words.
    pub(in crate::format::json) cause: Option<String>,
    /// What is wrong.
    pub(in crate::format::json) message: String,
    /// What to change.
    pub(in crate::format::json) fix: String,
    /// How many times.
    pub(in crate::format::json) count: u32,
    /// Numbers of the exchanges on the tape that show it.
    pub(in crate::format::json) evidence: Vec<u64>,
    /// `new`, or `known` where the baseline accepts it.
    pub(in crate::format::json) status: String,
    /// Why the baseline accepts it.
    pub(in crate::format::json) reason: Option<String>,
    /// What makes it the same finding in another run.
    pub(in crate::format::json) fingerprint: String,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct LocationV1 {
    pub(in crate::format::json) file: String,
    /// From 1; 0 where unknown.
    pub(in crate::format::json) line: u32,
    pub(in crate::format::json) column: u32,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct ConversionV1 {
    pub(in crate::format::json) scenario: String,
    pub(in crate::format::json) session: Option<u32>,
    pub(in crate::format::json) event: String,
    /// How many really happened.
    pub(in crate::format::json) expected: u64,
    /// How many the platform would count.
    pub(in crate::format::json) counted: u64,
    /// Which copy survives; empty where none does.
    pub(in crate::format::json) kept: String,
    /// The copies that the platform keeps: theirs are the value and the match keys that
    /// count. The first few.
    pub(in crate::format::json) booked: Vec<BookedV1>,
    /// Why it is counted so often.
    pub(in crate::format::json) why: String,
    /// Numbers of the exchanges that show it.
    pub(in crate::format::json) evidence: Vec<u64>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct BookedV1 {
    /// `browser` or `server`.
    pub(in crate::format::json) channel: String,
    /// Number of the exchange on the tape.
    pub(in crate::format::json) exchange: u64,
    pub(in crate::format::json) value: Option<f64>,
    pub(in crate::format::json) currency: String,
    /// Match keys that it carries.
    pub(in crate::format::json) keys: Vec<String>,
    /// Copies that were merged into it.
    pub(in crate::format::json) merged: u64,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct DefectV1 {
    /// Number of the exchange on the tape.
    pub(in crate::format::json) exchange: u64,
    /// `browser` or `server`.
    pub(in crate::format::json) channel: String,
    pub(in crate::format::json) session: Option<u32>,
    /// What could not be read, and where.
    pub(in crate::format::json) what: String,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct UnattributedV1 {
    pub(in crate::format::json) exchange: u64,
    pub(in crate::format::json) pixel: String,
    pub(in crate::format::json) events: Vec<String>,
    pub(in crate::format::json) why: String,
}
