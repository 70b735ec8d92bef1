//! The frozen shapes of JSON format 1, for writing and for reading back. Their doc comments
//! are the schema's descriptions.
//!
//! What is written has every field. Reading takes a field that an older version did not
//! write as empty.

pub(super) mod course;
pub(super) mod events;
pub(super) mod findings;
pub(super) mod gate;
pub(super) mod log;
pub(super) mod scenarios;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use course::{CaughtV1, ExcerptV1, PictureV1, StepV1};
use events::{AutomaticV1, CountingV1, EventV1, IdLifeV1, IdV1};
use findings::{ConversionV1, DefectV1, FindingV1, UnattributedV1};
use scenarios::{BlockedV1, MatrixV1, RecoveryV1, ScenarioV1, VisitorV1};

/// A countonce report: whether every conversion of a site reaches the platform exactly once.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
#[schemars(title = "countonce report, format 1")]
pub(super) struct V1 {
    /// Format number; fields are added without changing it.
    #[schemars(range(min = 1, max = 1))]
    pub(super) format: u32,
    /// Program and version.
    pub(super) tool: String,
    /// The decision.
    pub(super) verdict: Verdict,
    /// Exit code of the run: 0 passed, 1 failed, 3 empty or incomplete.
    pub(super) exit_code: u8,
    /// The decision in one sentence.
    pub(super) headline: String,
    /// Which pixel script ran: `stand-in`, or `real` with its version.
    pub(super) pixel_script: String,
    /// Short name of the run.
    pub(super) name: String,
    /// Address of the site; empty for production logs.
    pub(super) site: String,
    /// Browser and version; empty for production logs.
    pub(super) browser: String,
    /// Start of the run, RFC 3339.
    pub(super) started: String,
    /// Wall time.
    pub(super) seconds: f64,
    /// The tape it was judged from.
    pub(super) tape: Option<String>,
    /// SHA-256 of that tape.
    pub(super) tape_sha256: Option<String>,
    /// Sums.
    pub(super) totals: Totals,
    /// What the gate looked at.
    pub(super) criteria: Vec<CriterionV1>,
    /// One entry per event name.
    pub(super) events: Vec<EventV1>,
    /// The times by which copies were counted; null where nothing was counted.
    pub(super) counting: Option<CountingV1>,
    /// What the estimates of match quality rest on: the model, and the real scores that set it right.
    pub(super) match_quality_basis: String,
    /// The health of event ids, per event name and side.
    pub(super) event_ids: Vec<IdV1>,
    /// The life of browser ids (`fbp`) and click ids (`fbc`), per visit. Never an id itself.
    pub(super) browser_ids: Vec<IdLifeV1>,
    /// Events that the platform made by itself; they stand outside all figures on ids and pairs.
    pub(super) automatic: Vec<AutomaticV1>,
    /// What is wrong with the site, gravest first.
    pub(super) findings: Vec<FindingV1>,
    /// The ledger: what really happened against what the platform would count.
    pub(super) conversions: Vec<ConversionV1>,
    /// Payloads that could not be read.
    pub(super) defects: Vec<DefectV1>,
    /// One entry per scenario and profile.
    pub(super) scenarios: Vec<ScenarioV1>,
    /// Scenario by profile by variant: a verdict for each combination that was played.
    pub(super) matrix: Vec<MatrixV1>,
    /// What each event type loses and keeps in each profile, in the flows as written.
    pub(super) visitors: Vec<VisitorV1>,
    /// Loss and recovery over the site's traffic; empty where no shares are configured.
    pub(super) recovery: Vec<RecoveryV1>,
    /// Shares of the site's visitors by profile, 0 to 1, as configured; empty where unknown.
    pub(super) traffic: BTreeMap<String, f64>,
    /// Requests that visitors' browsers kept back, by profile and rule.
    pub(super) blocked: Vec<BlockedV1>,
    /// Filter lists that blocking visitors had; empty where none was needed.
    pub(super) filter_lists: String,
    /// Steps of the judged sessions, in order.
    pub(super) steps: Vec<StepV1>,
    /// Pictures of the pages that visitors came to, by the names of their files.
    pub(super) pictures: Vec<PictureV1>,
    /// Every event that was caught, in order of arrival.
    pub(super) caught: Vec<CaughtV1>,
    /// Payloads of events that findings cite, personal data under pseudonyms.
    pub(super) excerpts: Vec<ExcerptV1>,
    /// Server calls for which no session could be made out.
    pub(super) unattributed: Vec<UnattributedV1>,
    /// What this run cannot prove.
    pub(super) limits: Vec<String>,
    /// The events of each profile by itself.
    pub(super) profiles: Vec<gate::ProfileV1>,
    /// What was merged with what, conversion by conversion.
    pub(super) pairs: Vec<gate::PairV1>,
    /// What each scenario was seen to send, without values.
    pub(super) behaviour: Vec<gate::BehaviourV1>,
    /// The rules of the findings in words.
    pub(super) rules: Vec<gate::RuleV1>,
    /// How the run stands to its baseline; null where there is none.
    pub(super) baseline: Option<gate::BaselineV1>,
    /// How far each event may move to the server.
    pub(super) cutover: Vec<gate::CutoverV1>,
    /// Production logs, where the report is of some; null for a test run.
    pub(super) log: Option<log::LogV1>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// Every criterion is met.
    Passed,
    /// The site does not meet the policy.
    Failed,
    /// Nothing was caught, so nothing is proven.
    #[default]
    Empty,
    /// Some scenario was not played to the end, and what was played has no error.
    Incomplete,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(super) struct Totals {
    /// Events caught on both channels.
    pub(super) events: u64,
    /// Events caught in the browser.
    pub(super) browser: u64,
    /// Events caught on the server.
    pub(super) server: u64,
    /// Conversions that really happened, where known.
    pub(super) conversions: Option<u64>,
    /// How often the platform would count those.
    pub(super) counted: u64,
    /// Errors that the baseline does not accept.
    pub(super) errors: usize,
    /// Warnings that the baseline does not accept.
    pub(super) warnings: usize,
    /// Remarks that the baseline does not accept.
    pub(super) infos: usize,
    /// Findings that the baseline accepts.
    pub(super) known: usize,
    /// Scenarios, by how they went.
    pub(super) scenarios: ScenarioTotals,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(super) struct ScenarioTotals {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) broken: usize,
    pub(super) stopped: usize,
    /// Combinations that passed only at a later attempt, or not in each repetition.
    pub(super) flaky: usize,
    /// Combinations that cannot be played with their flow.
    pub(super) not_applicable: usize,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(super) struct CriterionV1 {
    /// `errors`, `warnings`, or the figure as the policy writes it.
    pub(super) name: String,
    /// The figure; null where the run has nothing to compute it from.
    pub(super) figure: Option<f64>,
    /// `count`, `rate` (0 to 1) or `score` (0 to 10).
    pub(super) unit: String,
    /// The limit, as the policy writes it.
    pub(super) limit: String,
    pub(super) passed: bool,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(super) struct Sides<T: Default> {
    pub(super) browser: T,
    pub(super) server: T,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(super) struct Part {
    pub(super) count: u64,
    pub(super) of: u64,
}
