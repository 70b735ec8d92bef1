//! The frozen shapes of JSON format 1. Their doc comments are the schema's descriptions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::event::Channel;
use crate::gate;
use crate::report::{
    Conversion, Criterion, EventRow, ExpectationResult, NeverResult, PerChannel, REPORT_FORMAT,
    Report, ReportedFinding, ScenarioRun, Share, Standing,
};

/// A countonce report: whether every conversion of a site reaches the platform exactly once.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "countonce report, format 1")]
pub(super) struct V1 {
    /// Format number; fields are added without changing it.
    #[schemars(range(min = 1, max = 1))]
    format: u32,
    /// Program and version.
    tool: String,
    /// The decision.
    verdict: Verdict,
    /// Exit code of the run: 0 passed, 1 failed, 3 empty or incomplete.
    exit_code: u8,
    /// The decision in one sentence.
    headline: String,
    /// Which pixel script ran: `stand-in`, or `real` with its version.
    pixel_script: String,
    /// Short name of the run.
    name: String,
    /// Address of the site; empty for production logs.
    site: String,
    /// Browser and version; empty for production logs.
    browser: String,
    /// Start of the run, RFC 3339.
    started: String,
    /// Wall time.
    seconds: f64,
    /// The tape it was judged from.
    tape: Option<String>,
    /// Sums.
    totals: Totals,
    /// What the gate looked at.
    criteria: Vec<CriterionV1>,
    /// One entry per event name.
    events: Vec<EventV1>,
    /// What is wrong with the site, gravest first.
    findings: Vec<FindingV1>,
    /// The ledger: what really happened against what the platform would count.
    conversions: Vec<ConversionV1>,
    /// Payloads that could not be read.
    defects: Vec<DefectV1>,
    /// One entry per scenario and profile.
    scenarios: Vec<ScenarioV1>,
    /// Server calls for which no session could be made out.
    unattributed: Vec<UnattributedV1>,
    /// What this run cannot prove.
    limits: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Verdict {
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
struct Totals {
    /// Events caught on both channels.
    events: u64,
    /// Events caught in the browser.
    browser: u64,
    /// Events caught on the server.
    server: u64,
    /// Conversions that really happened, where known.
    conversions: Option<u64>,
    /// How often the platform would count those.
    counted: u64,
    /// Errors that the baseline does not accept.
    errors: usize,
    /// Warnings that the baseline does not accept.
    warnings: usize,
    /// Remarks that the baseline does not accept.
    infos: usize,
    /// Findings that the baseline accepts.
    known: usize,
    /// Scenarios, by how they went.
    scenarios: ScenarioTotals,
}

#[derive(Serialize, JsonSchema)]
struct ScenarioTotals {
    passed: usize,
    failed: usize,
    broken: usize,
    stopped: usize,
    /// Those among the passed that needed more than one attempt.
    flaky: usize,
}

#[derive(Serialize, JsonSchema)]
struct CriterionV1 {
    /// `errors`, `warnings`, or the figure as the policy writes it.
    name: String,
    /// The figure; null where the run has nothing to compute it from.
    figure: Option<f64>,
    /// The limit, as the policy writes it.
    limit: String,
    passed: bool,
}

#[derive(Serialize, JsonSchema)]
struct EventV1 {
    /// Event name.
    event: String,
    /// How many really happened; null where no scenario says so.
    conversions: Option<u64>,
    /// Events caught in the browser.
    browser: u64,
    /// Events caught on the server.
    server: u64,
    /// Conversions that came over both channels and would be merged.
    paired: u64,
    /// Conversions that came from the browser alone.
    browser_only: u64,
    /// Conversions that came from the server alone.
    server_only: u64,
    /// One-sided conversions that the scenario or the profile explains.
    explained: u64,
    /// Events beyond the first of each conversion.
    duplicates: Sides<u64>,
    /// How often the platform would count it.
    counted: u64,
    /// Events that the platform would refuse.
    refused: u64,
    /// Paired conversions of all that should come over both channels, 0 to 1.
    dedup_rate: Option<f64>,
    /// Share of the events that carry a match key, 0 to 1; null where there is no event.
    coverage: Sides<BTreeMap<String, Option<f64>>>,
    /// The same with numerator and denominator.
    coverage_counts: Sides<BTreeMap<String, Part>>,
    /// Share of the events that carry a parameter, 0 to 1; null where there is no event.
    parameters: Sides<BTreeMap<String, Option<f64>>>,
    /// The same with numerator and denominator.
    parameter_counts: Sides<BTreeMap<String, Part>>,
    /// Estimated match quality of the server's events, 0 to 10.
    match_quality: Option<MatchQuality>,
}

#[derive(Serialize, JsonSchema)]
struct Sides<T> {
    browser: T,
    server: T,
}

#[derive(Serialize, JsonSchema)]
struct Part {
    count: u64,
    of: u64,
}

#[derive(Serialize, JsonSchema)]
struct MatchQuality {
    estimate: f64,
    /// Lower end of the band.
    low: f64,
    /// Upper end of the band.
    high: f64,
}

#[derive(Serialize, JsonSchema)]
struct FindingV1 {
    /// Rule id.
    rule: String,
    /// Title of the rule.
    title: String,
    /// `error`, `warn` or `info`.
    severity: String,
    /// Event name concerned.
    event: Option<String>,
    /// Side to mend: `browser` or `server`.
    channel: Option<String>,
    /// Session concerned.
    session: Option<u32>,
    /// Scenario concerned.
    scenario: Option<String>,
    /// Profile of the session.
    profile: Option<String>,
    /// Scenario file and line.
    location: Option<LocationV1>,
    /// The named cause, in stable words.
    cause: Option<String>,
    /// What is wrong.
    message: String,
    /// What to change.
    fix: String,
    /// How many times.
    count: u32,
    /// Numbers of the exchanges on the tape that show it.
    evidence: Vec<u64>,
    /// `new`, or `known` where the baseline accepts it.
    status: String,
    /// Why the baseline accepts it.
    reason: Option<String>,
    /// What makes it the same finding in another run.
    fingerprint: String,
}

#[derive(Serialize, JsonSchema)]
struct LocationV1 {
    file: String,
    /// From 1; 0 where unknown.
    line: u32,
    column: u32,
}

#[derive(Serialize, JsonSchema)]
struct ConversionV1 {
    scenario: String,
    session: Option<u32>,
    event: String,
    /// How many really happened.
    expected: u64,
    /// How many the platform would count.
    counted: u64,
    /// Which copy survives; empty where none does.
    kept: String,
    /// Why it is counted so often.
    why: String,
    /// Numbers of the exchanges that show it.
    evidence: Vec<u64>,
}

#[derive(Serialize, JsonSchema)]
struct DefectV1 {
    /// Number of the exchange on the tape.
    exchange: u64,
    /// `browser` or `server`.
    channel: String,
    session: Option<u32>,
    /// What could not be read, and where.
    what: String,
}

#[derive(Serialize, JsonSchema)]
struct ScenarioV1 {
    name: String,
    file: String,
    profile: String,
    /// `passed`, `failed`, `broken` or `stopped`.
    status: String,
    seconds: f64,
    session: u32,
    /// Number of the attempt that was judged.
    attempt: u32,
    /// Passed, but not at the first attempt.
    flaky: bool,
    /// What broke it.
    error: Option<String>,
    screenshot: Option<String>,
    /// Attempts that were not judged, because another one followed.
    earlier: Vec<AttemptV1>,
    /// Requests that the site itself answered.
    site_answers: u64,
    expectations: Vec<ExpectationV1>,
    /// What must not come.
    never: Vec<NeverV1>,
}

#[derive(Serialize, JsonSchema)]
struct AttemptV1 {
    attempt: u32,
    status: String,
    seconds: f64,
    error: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct ExpectationV1 {
    event: String,
    /// How many conversions really happen.
    count: u32,
    channels: Vec<String>,
    value: Option<f64>,
    currency: Option<String>,
    /// Line of the scenario file; 0 where unknown.
    line: u32,
    browser: u64,
    server: u64,
    counted: u64,
    /// `passed`, `failed`, or `unknown` where the scenario did not get that far.
    result: String,
}

#[derive(Serialize, JsonSchema)]
struct NeverV1 {
    event: String,
    line: u32,
    caught: u64,
    /// `passed`, `failed`, or `unknown` where the scenario did not get that far.
    result: String,
}

#[derive(Serialize, JsonSchema)]
struct UnattributedV1 {
    exchange: u64,
    pixel: String,
    events: Vec<String>,
    why: String,
}

impl V1 {
    pub(super) fn of(report: &Report) -> V1 {
        V1 {
            format: REPORT_FORMAT,
            tool: report.tool.clone(),
            verdict: match report.verdict.outcome {
                gate::Outcome::Passed => Verdict::Passed,
                gate::Outcome::Failed => Verdict::Failed,
                gate::Outcome::Empty => Verdict::Empty,
                gate::Outcome::Incomplete => Verdict::Incomplete,
            },
            exit_code: gate::exit_code(&report.verdict),
            headline: report.headline(),
            pixel_script: report.pixel_script.clone(),
            name: report.name.clone(),
            site: report.site.clone(),
            browser: report.browser.clone(),
            started: report.started_text(),
            seconds: round(report.seconds),
            tape: report.tape.clone(),
            totals: totals(report),
            criteria: report.verdict.criteria.iter().map(criterion).collect(),
            events: report.events.iter().map(event).collect(),
            findings: report.findings.iter().map(finding).collect(),
            conversions: report.conversions.iter().map(conversion).collect(),
            defects: report
                .defects
                .iter()
                .map(|defect| DefectV1 {
                    exchange: defect.exchange,
                    channel: defect.channel.to_string(),
                    session: defect.session,
                    what: defect.what.clone(),
                })
                .collect(),
            scenarios: report.scenarios.iter().map(scenario).collect(),
            unattributed: report
                .unattributed
                .iter()
                .map(|call| UnattributedV1 {
                    exchange: call.exchange,
                    pixel: call.pixel.clone(),
                    events: call.events.clone(),
                    why: call.why.clone(),
                })
                .collect(),
            limits: report.limits.clone(),
        }
    }
}

fn totals(report: &Report) -> Totals {
    let sums = report.totals();
    Totals {
        events: sums.events,
        browser: report.events_on(Channel::Browser),
        server: report.events_on(Channel::Server),
        conversions: sums.conversions,
        counted: sums.counted,
        errors: sums.errors,
        warnings: sums.warnings,
        infos: sums.infos,
        known: sums.known,
        scenarios: ScenarioTotals {
            passed: sums.passed,
            failed: sums.failed,
            broken: sums.broken,
            stopped: sums.stopped,
            flaky: sums.flaky,
        },
    }
}

fn criterion(criterion: &Criterion) -> CriterionV1 {
    CriterionV1 {
        name: criterion.name.clone(),
        figure: criterion.figure.map(round),
        limit: criterion.limit.clone(),
        passed: criterion.passed,
    }
}

fn event(row: &EventRow) -> EventV1 {
    EventV1 {
        event: row.event.clone(),
        conversions: row.conversions,
        browser: row.browser,
        server: row.server,
        paired: row.paired,
        browser_only: row.browser_only,
        server_only: row.server_only,
        explained: row.explained,
        duplicates: Sides { browser: row.duplicates.browser, server: row.duplicates.server },
        counted: row.counted,
        refused: row.refused,
        dedup_rate: row.dedup_rate().ratio().map(round),
        coverage: sides(&row.coverage, ratio),
        coverage_counts: sides(&row.coverage, part),
        parameters: sides(&row.parameters, ratio),
        parameter_counts: sides(&row.parameters, part),
        match_quality: row.match_quality.map(|quality| MatchQuality {
            estimate: round(quality.estimate),
            low: round(quality.low),
            high: round(quality.high),
        }),
    }
}

fn sides<K: ToString, T>(
    shares: &PerChannel<BTreeMap<K, Share>>,
    show: fn(Share) -> T,
) -> Sides<BTreeMap<String, T>> {
    let side = |channel| {
        shares.of(channel).iter().map(|(key, share)| (key.to_string(), show(*share))).collect()
    };
    Sides { browser: side(Channel::Browser), server: side(Channel::Server) }
}

fn ratio(share: Share) -> Option<f64> {
    share.ratio().map(round)
}

fn part(share: Share) -> Part {
    Part { count: share.count, of: share.of }
}

fn finding(reported: &ReportedFinding) -> FindingV1 {
    let finding = &reported.finding;
    FindingV1 {
        rule: finding.rule.clone(),
        title: reported.title.clone(),
        severity: finding.severity.to_string(),
        event: finding.event.clone(),
        channel: finding.channel.map(|channel| channel.to_string()),
        session: finding.session,
        scenario: finding.scenario.clone(),
        profile: reported.profile.clone(),
        location: reported.location.as_ref().map(|location| LocationV1 {
            file: location.file.clone(),
            line: location.place.line,
            column: location.place.column,
        }),
        cause: finding.cause.clone(),
        message: finding.message.clone(),
        fix: finding.fix.clone(),
        count: finding.count,
        evidence: finding.evidence.clone(),
        status: reported.standing.name().to_owned(),
        reason: match &reported.standing {
            Standing::New => None,
            Standing::Known { reason } => Some(reason.clone()),
        },
        fingerprint: finding.fingerprint().to_string(),
    }
}

fn conversion(entry: &Conversion) -> ConversionV1 {
    ConversionV1 {
        scenario: entry.scenario.clone(),
        session: entry.session,
        event: entry.event.clone(),
        expected: entry.expected,
        counted: entry.counted,
        kept: entry.kept.clone(),
        why: entry.why.clone(),
        evidence: entry.evidence.clone(),
    }
}

fn scenario(run: &ScenarioRun) -> ScenarioV1 {
    ScenarioV1 {
        name: run.name.clone(),
        file: run.file.clone(),
        profile: run.profile.clone(),
        status: run.status.name().to_owned(),
        seconds: round(run.seconds),
        session: run.session,
        attempt: run.attempt,
        flaky: run.flaky(),
        error: run.error.clone(),
        screenshot: run.screenshot.clone(),
        earlier: run
            .earlier
            .iter()
            .map(|attempt| AttemptV1 {
                attempt: attempt.attempt,
                status: attempt.status.name().to_owned(),
                seconds: round(attempt.seconds),
                error: attempt.error.clone(),
            })
            .collect(),
        site_answers: run.site_answers,
        expectations: run.expectations.iter().map(expectation).collect(),
        never: run.never.iter().map(never).collect(),
    }
}

fn expectation(result: &ExpectationResult) -> ExpectationV1 {
    let expectation = &result.expectation;
    ExpectationV1 {
        event: expectation.event.clone(),
        count: expectation.count,
        channels: expectation.channels.iter().map(ToString::to_string).collect(),
        value: expectation.value,
        currency: expectation.currency.clone(),
        line: expectation.place.line,
        browser: result.browser,
        server: result.server,
        counted: result.counted,
        result: result.met.name().to_owned(),
    }
}

fn never(result: &NeverResult) -> NeverV1 {
    NeverV1 {
        event: result.event.clone(),
        line: result.place.line,
        caught: result.caught,
        result: result.met.name().to_owned(),
    }
}

/// Four decimals: more would only show that a share is a quotient of binary numbers.
fn round(figure: f64) -> f64 {
    (figure * 10_000.0).round() / 10_000.0
}
