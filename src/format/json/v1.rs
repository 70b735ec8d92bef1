//! The frozen shapes of JSON format 1. Their doc comments are the schema's descriptions.

pub(super) mod gate;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// A countonce report: whether every conversion of a site reaches the platform exactly once.
#[derive(Serialize, JsonSchema)]
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
    /// Requests that visitors' browsers kept back, by profile and rule.
    pub(super) blocked: Vec<BlockedV1>,
    /// Filter lists that blocking visitors had; empty where none was needed.
    pub(super) filter_lists: String,
    /// Steps of the judged sessions, in order.
    pub(super) steps: Vec<StepV1>,
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
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// Every criterion is met.
    Passed,
    /// The site does not meet the policy.
    Failed,
    /// Nothing was caught, so nothing is proven.
    Empty,
    /// Some scenario was not played to the end, and what was played has no error.
    Incomplete,
}

#[derive(Serialize, JsonSchema)]
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

#[derive(Serialize, JsonSchema)]
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

#[derive(Serialize, JsonSchema)]
pub(super) struct MatrixV1 {
    pub(super) scenario: String,
    pub(super) file: String,
    pub(super) profile: String,
    /// Variant name; empty for the flow as written.
    pub(super) variant: String,
    /// `passed`, `flaky`, `failed`, `broken`, `stopped` or `not applicable`.
    pub(super) verdict: String,
    /// Sessions judged, a repetition each.
    pub(super) sessions: Vec<u32>,
    /// New errors that concern it.
    pub(super) errors: usize,
    /// New warnings that concern it.
    pub(super) warnings: usize,
    /// Rules that its findings are of, gravest first.
    pub(super) rules: Vec<String>,
    /// Numbers of the exchanges on the tape that show them.
    pub(super) evidence: Vec<u64>,
    /// What broke it, or why it is not applicable, with the step.
    pub(super) why: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct VisitorV1 {
    pub(super) event: String,
    pub(super) profile: String,
    /// How many really happened.
    pub(super) conversions: u64,
    /// How many of them the browser told.
    pub(super) browser: u64,
    /// How many of them the server told.
    pub(super) server: u64,
    /// How often the platform would count them.
    pub(super) counted: u64,
    /// Share that a pixel alone would lose, 0 to 1; null where nothing may be told.
    pub(super) lost_by_pixel_alone: Option<f64>,
    /// Share that the server recovers, 0 to 1; null where nothing may be told.
    pub(super) recovered: Option<f64>,
    /// Events caught on either side that the visitor's consent forbids.
    pub(super) forbidden: u64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct RecoveryV1 {
    pub(super) event: String,
    /// Share of all conversions that a pixel alone would lose, weighted by the traffic, 0 to 1.
    pub(super) lost_by_pixel_alone: f64,
    /// Share of all conversions that the server recovers, weighted by the traffic, 0 to 1.
    pub(super) recovered: f64,
    /// Share of the visitors whose profiles were played, 0 to 1.
    pub(super) covered: f64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct BlockedV1 {
    pub(super) profile: String,
    /// The rule, as it stands in its list.
    pub(super) rule: String,
    /// An address that it blocked, without the values of its query.
    pub(super) example: String,
    pub(super) requests: u64,
    /// A session in which it did.
    pub(super) session: u32,
}

#[derive(Serialize, JsonSchema)]
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

#[derive(Serialize, JsonSchema)]
pub(super) struct IdV1 {
    /// Event name.
    pub(super) event: String,
    /// `browser` or `server`.
    pub(super) channel: String,
    /// Events that could carry an id.
    pub(super) events: u64,
    /// Events that do.
    pub(super) present: u64,
    /// Distinct ids.
    pub(super) distinct: u64,
    /// Ids that more than one session uses.
    pub(super) collisions: u64,
    /// Shortest id, in characters.
    pub(super) shortest: u64,
    /// Longest id, in characters.
    pub(super) longest: u64,
    /// How many ids of each scheme: UUID, order number, time stamp, counter, random, constant …
    pub(super) schemes: BTreeMap<String, u64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct AutomaticV1 {
    /// Event name.
    pub(super) event: String,
    /// What made it: `automatic` (the platform's script), `gateway copy` or `image` (for
    /// browsers without scripts).
    pub(super) kind: String,
    /// `browser` or `server`.
    pub(super) channel: String,
    /// How many.
    pub(super) events: u64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct EventV1 {
    /// Event name.
    pub(super) event: String,
    /// How many really happened; null where no scenario says so.
    pub(super) conversions: Option<u64>,
    /// Events caught in the browser.
    pub(super) browser: u64,
    /// Events caught on the server.
    pub(super) server: u64,
    /// Conversions that came over both channels and would be merged.
    pub(super) paired: u64,
    /// Conversions that came from the browser alone.
    pub(super) browser_only: u64,
    /// Conversions that came from the server alone.
    pub(super) server_only: u64,
    /// One-sided conversions that the scenario or the profile explains.
    pub(super) explained: u64,
    /// Events beyond the first of each conversion.
    pub(super) duplicates: Sides<u64>,
    /// How often the platform would count it.
    pub(super) counted: u64,
    /// Cost per conversion as the platform would show it, as a share of the real one; null where the truth is unknown.
    pub(super) cost_seen: Option<f64>,
    /// Events that the platform would refuse.
    pub(super) refused: u64,
    /// Paired conversions of all that should come over both channels, 0 to 1.
    pub(super) dedup_rate: Option<f64>,
    /// Share of the events that carry a match key, 0 to 1; null where there is no event.
    pub(super) coverage: Sides<BTreeMap<String, Option<f64>>>,
    /// The same with numerator and denominator.
    pub(super) coverage_counts: Sides<BTreeMap<String, Part>>,
    /// Share of the events that carry a parameter, 0 to 1; null where there is no event.
    pub(super) parameters: Sides<BTreeMap<String, Option<f64>>>,
    /// The same with numerator and denominator.
    pub(super) parameter_counts: Sides<BTreeMap<String, Part>>,
    /// Estimated match quality of the server's events, 0 to 10.
    pub(super) match_quality: Option<MatchQuality>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Sides<T> {
    pub(super) browser: T,
    pub(super) server: T,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Part {
    pub(super) count: u64,
    pub(super) of: u64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct MatchQuality {
    pub(super) estimate: f64,
    /// Lower end of the band.
    pub(super) low: f64,
    /// Upper end of the band.
    pub(super) high: f64,
    /// True where real scores of the platform set the estimate right.
    pub(super) calibrated: bool,
    /// What would raise the estimate most, best first.
    pub(super) improvements: Vec<ImprovementV1>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ImprovementV1 {
    /// Match keys to add where they are missing.
    pub(super) add: Vec<String>,
    /// By how much the estimate would rise.
    pub(super) gain: f64,
    /// The same in words.
    pub(super) text: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct IdLifeV1 {
    pub(super) session: u32,
    pub(super) scenario: String,
    pub(super) profile: String,
    /// `fbp` or `fbc`.
    pub(super) key: String,
    /// True where the visit has one value throughout.
    pub(super) stable: bool,
    /// Its values, in the order in which they were seen first.
    pub(super) values: Vec<IdValueV1>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct IdValueV1 {
    /// A letter for the value, which itself stays on the tape.
    pub(super) label: String,
    /// Where it was seen first: `browser`, `server` or `cookie`.
    pub(super) first: String,
    /// How long after the visit began that was.
    pub(super) after_seconds: f64,
    /// How many browser events, server events and steps' cookies carry it.
    pub(super) browser: u64,
    pub(super) server: u64,
    pub(super) cookie: u64,
    /// Creation time as the id gives it, RFC 3339; null where it cannot be read.
    pub(super) created: Option<String>,
    /// Unit of the creation time; milliseconds are right.
    pub(super) unit: String,
    pub(super) subdomain_index: Option<u8>,
    /// Number of parts; the fifth is the mark of the platform's libraries.
    pub(super) parts: u64,
    /// True where one of the platform's libraries made or changed it.
    pub(super) library: bool,
    /// What is wrong with its form.
    pub(super) fault: Option<String>,
    /// For a click id, how it relates to the click id of the landing page; empty for `fbp`.
    pub(super) landing: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CountingV1 {
    /// Copies merged within this time of the first one.
    pub(super) dedup_window_seconds: f64,
    /// The browser's copy was kept if it came within this time of the first one.
    pub(super) browser_preference_seconds: f64,
    /// True where these are the times that the platform publishes.
    pub(super) as_published: bool,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FindingV1 {
    /// Rule id.
    pub(super) rule: String,
    /// Title of the rule.
    pub(super) title: String,
    /// `error`, `warn` or `info`.
    pub(super) severity: String,
    /// The same without the policy.
    pub(super) own_severity: String,
    /// Event name concerned.
    pub(super) event: Option<String>,
    /// Side to mend: `browser` or `server`.
    pub(super) channel: Option<String>,
    /// Session concerned.
    pub(super) session: Option<u32>,
    /// Scenario concerned.
    pub(super) scenario: Option<String>,
    /// Profile of the session.
    pub(super) profile: Option<String>,
    /// Variant of the session; empty for the flow as written.
    pub(super) variant: Option<String>,
    /// Scenario file and line.
    pub(super) location: Option<LocationV1>,
    /// The named cause, in stable words.
    pub(super) cause: Option<String>,
    /// What is wrong.
    pub(super) message: String,
    /// What to change.
    pub(super) fix: String,
    /// How many times.
    pub(super) count: u32,
    /// Numbers of the exchanges on the tape that show it.
    pub(super) evidence: Vec<u64>,
    /// `new`, or `known` where the baseline accepts it.
    pub(super) status: String,
    /// Why the baseline accepts it.
    pub(super) reason: Option<String>,
    /// What makes it the same finding in another run.
    pub(super) fingerprint: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct LocationV1 {
    pub(super) file: String,
    /// From 1; 0 where unknown.
    pub(super) line: u32,
    pub(super) column: u32,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ConversionV1 {
    pub(super) scenario: String,
    pub(super) session: Option<u32>,
    pub(super) event: String,
    /// How many really happened.
    pub(super) expected: u64,
    /// How many the platform would count.
    pub(super) counted: u64,
    /// Which copy survives; empty where none does.
    pub(super) kept: String,
    /// Why it is counted so often.
    pub(super) why: String,
    /// Numbers of the exchanges that show it.
    pub(super) evidence: Vec<u64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct DefectV1 {
    /// Number of the exchange on the tape.
    pub(super) exchange: u64,
    /// `browser` or `server`.
    pub(super) channel: String,
    pub(super) session: Option<u32>,
    /// What could not be read, and where.
    pub(super) what: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ScenarioV1 {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) profile: String,
    /// Variant name; empty for the flow as written.
    pub(super) variant: String,
    /// Which repetition, from 1; 0 where nothing is repeated.
    pub(super) repeat: u32,
    /// `passed`, `failed`, `broken`, `stopped` or `not applicable`.
    pub(super) status: String,
    pub(super) seconds: f64,
    pub(super) session: u32,
    /// Number of the attempt that was judged.
    pub(super) attempt: u32,
    /// Passed, but not at the first attempt.
    pub(super) flaky: bool,
    /// What broke it.
    pub(super) error: Option<String>,
    pub(super) screenshot: Option<String>,
    /// Attempts that were not judged, because another one followed.
    pub(super) earlier: Vec<AttemptV1>,
    /// Requests that the site itself answered.
    pub(super) site_answers: u64,
    pub(super) expectations: Vec<ExpectationV1>,
    /// What must not come.
    pub(super) never: Vec<NeverV1>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct AttemptV1 {
    pub(super) attempt: u32,
    pub(super) status: String,
    pub(super) seconds: f64,
    pub(super) error: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ExpectationV1 {
    pub(super) event: String,
    /// How many conversions really happen.
    pub(super) count: u32,
    /// True where more of it may happen: views in a flow with a twist.
    pub(super) open: bool,
    pub(super) channels: Vec<String>,
    pub(super) value: Option<f64>,
    pub(super) currency: Option<String>,
    /// Line of the scenario file; 0 where unknown.
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) browser: u64,
    pub(super) server: u64,
    pub(super) counted: u64,
    /// `passed`, `failed`, or `unknown` where the scenario did not get that far.
    pub(super) result: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct NeverV1 {
    pub(super) event: String,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) caught: u64,
    /// `passed`, `failed`, or `unknown` where the scenario did not get that far.
    pub(super) result: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct UnattributedV1 {
    pub(super) exchange: u64,
    pub(super) pixel: String,
    pub(super) events: Vec<String>,
    pub(super) why: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct StepV1 {
    pub(super) session: u32,
    /// Line of the scenario file.
    pub(super) line: u32,
    /// The line as written, personal data masked.
    pub(super) text: String,
    /// When it began, Unix milliseconds.
    pub(super) at: i64,
    /// How long it took, milliseconds.
    pub(super) millis: u64,
    /// Address of the page afterwards, without query values.
    pub(super) page: String,
    /// What went wrong, where something did.
    pub(super) error: Option<String>,
    /// The platform's cookies that came, changed or went meanwhile.
    pub(super) cookies: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CaughtV1 {
    /// Number of the exchange on the tape.
    pub(super) exchange: u64,
    /// Position among the events of that exchange, from 0.
    pub(super) entry: u32,
    /// `browser` or `server`.
    pub(super) channel: String,
    pub(super) session: Option<u32>,
    /// Event name; empty where it has none.
    pub(super) event: String,
    /// When the tap received it, Unix milliseconds.
    pub(super) at: i64,
    /// How it travelled.
    pub(super) transport: String,
    /// `paired`, `repeat`, `surplus`, `near miss`, `alone` or `automatic`.
    pub(super) standing: String,
    /// The other half of the same conversion.
    pub(super) joined: Option<JoinedV1>,
    /// Why the platform would refuse it.
    pub(super) refused: Option<String>,
    /// What sent it, where that is known.
    pub(super) sender: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct JoinedV1 {
    pub(super) exchange: u64,
    pub(super) entry: u32,
    /// True where the platform would merge the two; false where they were meant to be one.
    pub(super) merged: bool,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ExcerptV1 {
    /// Number of the exchange on the tape.
    pub(super) exchange: u64,
    pub(super) entry: u32,
    /// `browser` or `server`.
    pub(super) channel: String,
    pub(super) event: String,
    pub(super) fields: Vec<FieldV1>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FieldV1 {
    pub(super) name: String,
    /// Equal texts stand for equal values.
    pub(super) value: String,
}
