//! Who played what and with which result, in JSON format 1.
//! Doc comments are the schema's descriptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct ScenarioV1 {
    pub(in crate::format::json) name: String,
    pub(in crate::format::json) file: String,
    pub(in crate::format::json) profile: String,
    /// Variant name; empty for the flow as written.
    pub(in crate::format::json) variant: String,
    /// Which repetition, from 1; 0 where nothing is repeated.
    pub(in crate::format::json) repeat: u32,
    /// `passed`, `failed`, `broken`, `stopped` or `not applicable`.
    pub(in crate::format::json) status: String,
    pub(in crate::format::json) seconds: f64,
    pub(in crate::format::json) session: u32,
    /// Number of the attempt that was judged.
    pub(in crate::format::json) attempt: u32,
    /// Passed, but not at the first attempt.
    pub(in crate::format::json) flaky: bool,
    /// What broke it.
    pub(in crate::format::json) error: Option<String>,
    pub(in crate::format::json) screenshot: Option<String>,
    /// Attempts that were not judged, because another one followed.
    pub(in crate::format::json) earlier: Vec<AttemptV1>,
    /// Requests that the site itself answered.
    pub(in crate::format::json) site_answers: u64,
    pub(in crate::format::json) expectations: Vec<ExpectationV1>,
    /// What must not come.
    pub(in crate::format::json) never: Vec<NeverV1>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct AttemptV1 {
    pub(in crate::format::json) attempt: u32,
    pub(in crate::format::json) status: String,
    pub(in crate::format::json) seconds: f64,
    pub(in crate::format::json) error: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct ExpectationV1 {
    pub(in crate::format::json) event: String,
    /// How many conversions really happen.
    pub(in crate::format::json) count: u32,
    /// True where more of it may happen: views in a flow with a twist.
    pub(in crate::format::json) open: bool,
    pub(in crate::format::json) channels: Vec<String>,
    pub(in crate::format::json) value: Option<f64>,
    pub(in crate::format::json) currency: Option<String>,
    /// Line of the scenario file; 0 where unknown.
    pub(in crate::format::json) line: u32,
    pub(in crate::format::json) column: u32,
    pub(in crate::format::json) browser: u64,
    pub(in crate::format::json) server: u64,
    pub(in crate::format::json) counted: u64,
    /// `passed`, `failed`, or `unknown` where the scenario did not get that far.
    pub(in crate::format::json) result: String,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct NeverV1 {
    pub(in crate::format::json) event: String,
    pub(in crate::format::json) line: u32,
    pub(in crate::format::json) column: u32,
    pub(in crate::format::json) caught: u64,
    /// `passed`, `failed`, or `unknown` where the scenario did not get that far.
    pub(in crate::format::json) result: String,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct MatrixV1 {
    pub(in crate::format::json) scenario: String,
    pub(in crate::format::json) file: String,
    pub(in crate::format::json) profile: String,
    /// Variant name; empty for the flow as written.
    pub(in crate::format::json) variant: String,
    /// `passed`, `flaky`, `failed`, `broken`, `stopped` or `not applicable`.
    pub(in crate::format::json) verdict: String,
    /// Sessions judged, a repetition each.
    pub(in crate::format::json) sessions: Vec<u32>,
    /// New errors that concern it.
    pub(in crate::format::json) errors: usize,
    /// New warnings that concern it.
    pub(in crate::format::json) warnings: usize,
    /// Rules that its findings are of, gravest first.
    pub(in crate::format::json) rules: Vec<String>,
    /// Numbers of the exchanges on the tape that show them.
    pub(in crate::format::json) evidence: Vec<u64>,
    /// What broke it, or why it is not applicable, with the step.
    pub(in crate::format::json) why: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct VisitorV1 {
    pub(in crate::format::json) event: String,
    pub(in crate::format::json) profile: String,
    /// How many really happened.
    pub(in crate::format::json) conversions: u64,
    /// How many of them the browser told.
    pub(in crate::format::json) browser: u64,
    /// How many of them the server told.
    pub(in crate::format::json) server: u64,
    /// How often the platform would count them.
    pub(in crate::format::json) counted: u64,
    /// Share that a pixel alone would lose, 0 to 1; null where nothing may be told.
    pub(in crate::format::json) lost_by_pixel_alone: Option<f64>,
    /// Share that the server recovers, 0 to 1; null where nothing may be told.
    pub(in crate::format::json) recovered: Option<f64>,
    /// Events caught on either side that the visitor's consent forbids.
    pub(in crate::format::json) forbidden: u64,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct RecoveryV1 {
    pub(in crate::format::json) event: String,
    /// Share of all conversions that a pixel alone would lose, weighted by the traffic, 0 to 1.
    pub(in crate::format::json) lost_by_pixel_alone: f64,
    /// Share of all conversions that the server recovers, weighted by the traffic, 0 to 1.
    pub(in crate::format::json) recovered: f64,
    /// Share of the visitors whose profiles were played, 0 to 1.
    pub(in crate::format::json) covered: f64,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct BlockedV1 {
    pub(in crate::format::json) profile: String,
    /// The rule, as it stands in its list.
    pub(in crate::format::json) rule: String,
    /// An address that it blocked, without the values of its query.
    pub(in crate::format::json) example: String,
    pub(in crate::format::json) requests: u64,
    /// A session in which it did.
    pub(in crate::format::json) session: u32,
}
