//! The shapes that reading takes out of JSON format 1: what a report needs, nothing else.
//! Every field may be missing; one of another type is a fault.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Sides<T: Default> {
    pub(super) browser: T,
    pub(super) server: T,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Head {
    pub(super) format: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Report {
    pub(super) tool: String,
    pub(super) verdict: String,
    pub(super) pixel_script: String,
    pub(super) name: String,
    pub(super) site: String,
    pub(super) browser: String,
    pub(super) started: String,
    pub(super) seconds: f64,
    pub(super) tape: Option<String>,
    pub(super) tape_sha256: Option<String>,
    pub(super) criteria: Vec<Criterion>,
    pub(super) events: Vec<Event>,
    pub(super) match_quality_basis: String,
    pub(super) event_ids: Vec<Id>,
    pub(super) browser_ids: Vec<IdLife>,
    pub(super) automatic: Vec<Automatic>,
    pub(super) findings: Vec<Finding>,
    pub(super) conversions: Vec<Conversion>,
    pub(super) defects: Vec<Defect>,
    pub(super) scenarios: Vec<Scenario>,
    pub(super) visitors: Vec<Visitor>,
    pub(super) filter_lists: String,
    pub(super) unattributed: Vec<Unattributed>,
    pub(super) limits: Vec<String>,
    pub(super) profiles: Vec<Profile>,
    pub(super) pairs: Vec<Pair>,
    pub(super) behaviour: Vec<Behaviour>,
    pub(super) rules: Vec<Rule>,
    pub(super) baseline: Option<Baseline>,
    pub(super) cutover: Vec<Cutover>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Criterion {
    pub(super) name: String,
    pub(super) figure: Option<f64>,
    pub(super) unit: String,
    pub(super) limit: String,
    pub(super) passed: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Event {
    pub(super) event: String,
    pub(super) conversions: Option<u64>,
    pub(super) browser: u64,
    pub(super) server: u64,
    pub(super) paired: u64,
    pub(super) browser_only: u64,
    pub(super) server_only: u64,
    pub(super) explained: u64,
    pub(super) duplicates: Sides<u64>,
    pub(super) counted: u64,
    pub(super) refused: u64,
    pub(super) coverage_counts: Sides<BTreeMap<String, Part>>,
    pub(super) parameter_counts: Sides<BTreeMap<String, Part>>,
    pub(super) match_quality: Option<Quality>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Part {
    pub(super) count: u64,
    pub(super) of: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Quality {
    pub(super) estimate: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) calibrated: bool,
    pub(super) improvements: Vec<Improvement>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Improvement {
    pub(super) add: Vec<String>,
    pub(super) gain: f64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Id {
    pub(super) event: String,
    pub(super) channel: String,
    pub(super) events: u64,
    pub(super) present: u64,
    pub(super) distinct: u64,
    pub(super) collisions: u64,
    pub(super) shortest: u64,
    pub(super) longest: u64,
    pub(super) schemes: BTreeMap<String, u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct IdLife {
    pub(super) session: u32,
    pub(super) scenario: String,
    pub(super) profile: String,
    pub(super) key: String,
    pub(super) values: Vec<IdValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct IdValue {
    pub(super) label: String,
    pub(super) first: String,
    pub(super) after_seconds: f64,
    pub(super) browser: u64,
    pub(super) server: u64,
    pub(super) cookie: u64,
    pub(super) created: Option<String>,
    pub(super) unit: String,
    pub(super) subdomain_index: Option<u8>,
    pub(super) parts: u64,
    pub(super) library: bool,
    pub(super) fault: Option<String>,
    pub(super) landing: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Automatic {
    pub(super) event: String,
    pub(super) kind: String,
    pub(super) channel: String,
    pub(super) events: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Finding {
    pub(super) rule: String,
    pub(super) title: String,
    pub(super) severity: String,
    pub(super) own_severity: Option<String>,
    pub(super) event: Option<String>,
    pub(super) channel: Option<String>,
    pub(super) session: Option<u32>,
    pub(super) scenario: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) variant: Option<String>,
    pub(super) location: Option<Location>,
    pub(super) cause: Option<String>,
    pub(super) message: String,
    pub(super) fix: String,
    pub(super) count: u32,
    pub(super) evidence: Vec<u64>,
    pub(super) status: String,
    pub(super) reason: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Location {
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Conversion {
    pub(super) scenario: String,
    pub(super) session: Option<u32>,
    pub(super) event: String,
    pub(super) expected: u64,
    pub(super) counted: u64,
    pub(super) kept: String,
    pub(super) why: String,
    pub(super) evidence: Vec<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Defect {
    pub(super) exchange: u64,
    pub(super) channel: String,
    pub(super) session: Option<u32>,
    pub(super) what: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Scenario {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) profile: String,
    pub(super) variant: String,
    pub(super) repeat: u32,
    pub(super) status: String,
    pub(super) seconds: f64,
    pub(super) session: u32,
    pub(super) attempt: u32,
    pub(super) error: Option<String>,
    pub(super) screenshot: Option<String>,
    pub(super) earlier: Vec<Attempt>,
    pub(super) site_answers: u64,
    pub(super) expectations: Vec<Expectation>,
    pub(super) never: Vec<Never>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Attempt {
    pub(super) attempt: u32,
    pub(super) status: String,
    pub(super) seconds: f64,
    pub(super) error: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Expectation {
    pub(super) event: String,
    pub(super) count: u32,
    pub(super) open: bool,
    pub(super) channels: Vec<String>,
    pub(super) value: Option<f64>,
    pub(super) currency: Option<String>,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) browser: u64,
    pub(super) server: u64,
    pub(super) counted: u64,
    pub(super) result: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Never {
    pub(super) event: String,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) caught: u64,
    pub(super) result: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Visitor {
    pub(super) event: String,
    pub(super) profile: String,
    pub(super) conversions: u64,
    pub(super) browser: u64,
    pub(super) server: u64,
    pub(super) counted: u64,
    pub(super) lost_by_pixel_alone: Option<f64>,
    pub(super) recovered: Option<f64>,
    pub(super) forbidden: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Unattributed {
    pub(super) exchange: u64,
    pub(super) pixel: String,
    pub(super) events: Vec<String>,
    pub(super) why: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Profile {
    pub(super) profile: String,
    pub(super) events: Vec<Event>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Pair {
    pub(super) event: String,
    pub(super) pixel: String,
    pub(super) event_id: String,
    pub(super) other_id: Option<String>,
    pub(super) state: String,
    pub(super) session: Option<u32>,
    pub(super) scenario: String,
    pub(super) profile: String,
    pub(super) browser: Option<Half>,
    pub(super) server: Option<Half>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Half {
    pub(super) exchange: u64,
    pub(super) at: i64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Behaviour {
    pub(super) scenario: String,
    pub(super) event: String,
    pub(super) pairing: BTreeSet<String>,
    pub(super) browser_keys: BTreeSet<String>,
    pub(super) browser_parameters: BTreeSet<String>,
    pub(super) server_keys: BTreeSet<String>,
    pub(super) server_parameters: BTreeSet<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) severity: String,
    pub(super) manual: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Baseline {
    pub(super) file: String,
    pub(super) changes: Vec<Change>,
    pub(super) mended: Vec<Accepted>,
    pub(super) expired: Vec<Accepted>,
    pub(super) unplayed: usize,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Change {
    pub(super) scenario: String,
    pub(super) event: String,
    pub(super) kind: String,
    pub(super) what: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Accepted {
    pub(super) finding: String,
    pub(super) reason: String,
    pub(super) expires: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Cutover {
    pub(super) event: String,
    pub(super) stage: String,
    pub(super) asked: Option<String>,
    pub(super) criteria: Vec<StageCriterion>,
    pub(super) blocks: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct StageCriterion {
    pub(super) stage: String,
    #[serde(flatten)]
    pub(super) criterion: Criterion,
}
