//! The frozen shapes of what gates, baselines and comparisons need of a stored report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CriterionV1;
use super::events::EventV1;

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct ProfileV1 {
    /// Profile of the visitors.
    pub(in crate::format::json) profile: String,
    /// As `events`, for this profile alone.
    pub(in crate::format::json) events: Vec<EventV1>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct PairV1 {
    /// Event name.
    pub(in crate::format::json) event: String,
    pub(in crate::format::json) pixel: String,
    /// Event id as sent, the browser's where both differ; empty where there is none.
    pub(in crate::format::json) event_id: String,
    /// The server's id, where it differs.
    pub(in crate::format::json) other_id: Option<String>,
    /// `paired`, `near miss`, `alone`, `duplicate` or `automatic`.
    pub(in crate::format::json) state: String,
    pub(in crate::format::json) session: Option<u32>,
    pub(in crate::format::json) scenario: String,
    pub(in crate::format::json) profile: String,
    /// The browser's half.
    pub(in crate::format::json) browser: Option<HalfV1>,
    /// The server's half.
    pub(in crate::format::json) server: Option<HalfV1>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct HalfV1 {
    /// Number of the exchange on the tape.
    pub(in crate::format::json) exchange: u64,
    /// When the tap received it, Unix milliseconds.
    pub(in crate::format::json) at: i64,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct BehaviourV1 {
    /// Scenario, with what is not plain about its visitor and its flow.
    pub(in crate::format::json) scenario: String,
    pub(in crate::format::json) event: String,
    /// How its events pair up.
    pub(in crate::format::json) pairing: Vec<String>,
    /// Match keys of the browser's events; `?` where only some carry it.
    pub(in crate::format::json) browser_keys: Vec<String>,
    pub(in crate::format::json) browser_parameters: Vec<String>,
    pub(in crate::format::json) server_keys: Vec<String>,
    pub(in crate::format::json) server_parameters: Vec<String>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct RuleV1 {
    /// Rule id.
    pub(in crate::format::json) id: String,
    pub(in crate::format::json) title: String,
    /// Weight without a policy.
    pub(in crate::format::json) severity: String,
    /// Manual page, Markdown.
    pub(in crate::format::json) manual: String,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct BaselineV1 {
    /// The baseline's file.
    pub(in crate::format::json) file: String,
    /// What is sent otherwise than the baseline says.
    pub(in crate::format::json) changes: Vec<ChangeV1>,
    /// Accepted findings that this run could have met with and did not.
    pub(in crate::format::json) mended: Vec<AcceptedV1>,
    /// Accepted findings whose day is past: they count again.
    pub(in crate::format::json) expired: Vec<AcceptedV1>,
    /// Accepted findings whose scenario was not played to the end.
    pub(in crate::format::json) unplayed: usize,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct ChangeV1 {
    pub(in crate::format::json) scenario: String,
    /// Event name; empty where the whole scenario is meant.
    pub(in crate::format::json) event: String,
    /// `gained` or `lost`.
    pub(in crate::format::json) kind: String,
    pub(in crate::format::json) what: String,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct AcceptedV1 {
    /// Fingerprint of the finding.
    pub(in crate::format::json) finding: String,
    pub(in crate::format::json) reason: String,
    /// Last day on which it is accepted.
    pub(in crate::format::json) expires: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct CutoverV1 {
    pub(in crate::format::json) event: String,
    /// Farthest stage for which this run gives all the evidence: `pixel-only`, `shadow`, `dual`, `server-leads`, `pixel-reduced`.
    pub(in crate::format::json) stage: String,
    /// Its number, 0 to 4.
    pub(in crate::format::json) number: usize,
    /// Stage that was asked for.
    pub(in crate::format::json) asked: Option<String>,
    /// Criteria of the stages beyond it, with their figures.
    pub(in crate::format::json) criteria: Vec<StageCriterionV1>,
    /// What blocks the next stage.
    pub(in crate::format::json) blocks: Vec<String>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct StageCriterionV1 {
    /// Stage that asks for it.
    pub(in crate::format::json) stage: String,
    #[serde(flatten)]
    pub(in crate::format::json) criterion: CriterionV1,
}
