//! The report: everything a run has to say, as plain structs that every format reads.
//!
//! Sums are methods, never fields, so that no two figures of a report can contradict
//! each other. Texts arrive masked; formats only have to escape them.
//! Never a data frame, never colour, never a policy.

mod baseline;
mod behaviour;
mod brand;
mod browser_ids;
mod build;
mod counting;
mod cutover;
mod events;
mod excerpt;
mod findings;
mod headline;
mod ids;
mod ledger;
mod log;
mod matrix;
mod pairs;
mod profiles;
mod rules;
mod scenarios;
mod timeline;
mod verdict;
mod visitors;

use std::collections::BTreeMap;

use crate::event::{Channel, Defect};
use crate::finding::Severity;

pub use baseline::{Accepted, BaselineCheck, Change, ChangeKind};
pub use behaviour::{Behaviour, Shape, pairing_word};
pub use brand::{Brand, Colour, Logo};
pub use browser_ids::{IdLife, IdValue};
pub use build::{Material, build};
pub use counting::CountingRules;
pub use cutover::{Board, BoardRow, Stage};
pub use events::{Duplicates, EventRow, Improvement, MatchQuality, PerChannel, Share};
pub use excerpt::{Excerpt, Field, Witnesses};
pub use findings::{Location, ReportedFinding, Standing};
pub use ids::{AutomaticRow, IdRow, MADE_BY_GATEWAY, MADE_BY_IMAGE, MADE_BY_SCRIPT};
pub use ledger::{Booked, Conversion, UnattributedCall};
pub use log::{Drift, LogInput, LogPlace, LogReport, OrderFigures, Period, Timings};
pub use matrix::{CellOutcome, MatrixCell, MatrixRow};
pub use pairs::{Half, MOST_PAIRS, PairRow, PairState};
pub use profiles::ProfileRow;
pub use rules::RulePage;
pub use scenarios::{
    Attempt, ExpectationResult, Met, NeverResult, PLAIN_PROFILE, ScenarioRun, Status, title,
};
pub use timeline::{Caught, Joined, Picture, Pictures, Shot, StepRun};
pub use verdict::{Criterion, Outcome, Unit, Verdict};
pub use visitors::{BlockedRow, RecoveryRow, VisitorRow};

/// Format number of the report: it grows only when a field changes its meaning.
pub const REPORT_FORMAT: u32 = 1;

/// Everything a run has to say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// Program and version that judged.
    pub tool: String,
    /// Short name of the run, as in its folder.
    pub name: String,
    /// Which pixel script ran: `stand-in`, or `real` with its version.
    pub pixel_script: String,
    /// Address of the site; empty where there was none (production logs).
    pub site: String,
    /// Browser and version; empty where there was none.
    pub browser: String,
    /// When the run began, Unix milliseconds.
    pub started: i64,
    /// How long it took, wall time.
    pub seconds: f64,
    /// The tape it was judged from, as the user would write the path.
    pub tape: Option<String>,
    /// SHA-256 of that tape, in hexadecimal digits.
    pub tape_hash: Option<String>,
    /// One row per event name, in the order in which a flow meets them.
    pub events: Vec<EventRow>,
    /// The times by which copies were counted.
    pub counting: Option<CountingRules>,
    /// What the estimates of match quality rest on; empty where there are none.
    pub quality_basis: String,
    /// The same for each profile by itself.
    pub profiles: Vec<ProfileRow>,
    /// What was merged with what, conversion by conversion.
    pub pairs: Vec<PairRow>,
    /// What each scenario was seen to send, without values.
    pub behaviour: Vec<Behaviour>,
    /// The health of event ids, by event name and side.
    pub ids: Vec<IdRow>,
    /// The life of browser ids and click ids, by session.
    pub browser_ids: Vec<IdLife>,
    /// Events that the platform made by itself.
    pub automatic: Vec<AutomaticRow>,
    /// What is wrong with the site, in [`crate::finding::Finding::order`].
    pub findings: Vec<ReportedFinding>,
    /// The rules of these findings, by id.
    pub rules: Vec<RulePage>,
    /// The ledger: what really happened against what the platform would count.
    pub conversions: Vec<Conversion>,
    /// Payloads that could not be read.
    pub defects: Vec<Defect>,
    /// Scenarios as judged: the last attempt of each scenario and profile.
    pub scenarios: Vec<ScenarioRun>,
    /// What each event type loses and keeps in each profile, the flow as written.
    pub visitors: Vec<VisitorRow>,
    /// Requests that visitors' browsers kept back, by rule.
    pub blocked: Vec<BlockedRow>,
    /// Shares of the site's visitors by profile, as the user gives them; empty where unknown.
    pub traffic: BTreeMap<String, f64>,
    /// Filter lists that blocking visitors had; empty where none was needed.
    pub filter_lists: String,
    /// Steps of the judged sessions, in order.
    pub steps: Vec<StepRun>,
    /// Every event that was caught, in order of arrival.
    pub caught: Vec<Caught>,
    /// Payloads of events that findings cite, fit to be shown.
    pub excerpts: Vec<Excerpt>,
    /// Pictures of the pages that visitors came to, in order.
    pub shots: Vec<Shot>,
    /// Their pictures, and those of broken steps, by file; never in a machine format.
    pub pictures: Pictures,
    /// Server calls that no session could be made out for.
    pub unattributed: Vec<UnattributedCall>,
    /// Production logs, where the report is of some.
    pub log: Option<LogReport>,
    /// What this run cannot prove, a sentence each.
    pub limits: Vec<String>,
    /// How the run stands to the baseline, where there is one.
    pub baseline: Option<BaselineCheck>,
    /// How far each event may move to the server.
    pub board: Option<Board>,
    /// How the sender wants it to look, where that was said.
    pub brand: Option<Brand>,
    /// What the gate decided.
    pub verdict: Verdict,
}

/// Sums over a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Events caught on both channels, refused ones included.
    pub events: u64,
    /// Conversions that really happened, where that is known.
    pub conversions: Option<u64>,
    /// How often the platform would count the event types whose truth is known.
    pub counted: u64,
    /// Errors that are not in the baseline.
    pub errors: usize,
    /// Warnings that are not in the baseline.
    pub warnings: usize,
    /// Remarks that are not in the baseline.
    pub infos: usize,
    /// Findings that the baseline accepts.
    pub known: usize,
    /// Scenarios that did what they should.
    pub passed: usize,
    /// Scenarios with an error.
    pub failed: usize,
    /// Scenarios that could not be played to the end.
    pub broken: usize,
    /// Scenarios that the user stopped.
    pub stopped: usize,
    /// Combinations that passed, but not at the first attempt or not each time.
    pub flaky: usize,
    /// Combinations that cannot be played with their flow.
    pub not_applicable: usize,
}

impl Report {
    /// Adds up the report.
    pub fn totals(&self) -> Totals {
        let fresh = |severity: Severity| {
            self.findings
                .iter()
                .filter(|found| {
                    found.standing == Standing::New && found.finding.severity == severity
                })
                .count()
        };
        let with =
            |status: Status| self.scenarios.iter().filter(|run| run.status == status).count();
        let truths = || self.events.iter().filter(|row| row.conversions.is_some());
        Totals {
            events: self.events.iter().map(|row| row.browser + row.server).sum(),
            conversions: truths()
                .next()
                .is_some()
                .then(|| truths().filter_map(|row| row.conversions).sum()),
            counted: truths().map(|row| row.counted).sum(),
            errors: fresh(Severity::Error),
            warnings: fresh(Severity::Warn),
            infos: fresh(Severity::Info),
            known: self.findings.iter().filter(|found| found.standing != Standing::New).count(),
            passed: with(Status::Passed),
            failed: with(Status::Failed),
            broken: with(Status::Broken),
            stopped: with(Status::Stopped),
            flaky: self.cells(CellOutcome::Flaky),
            not_applicable: with(Status::NotApplicable),
        }
    }

    /// When the run began, RFC 3339 in UTC, to the second; empty where it cannot be a time.
    pub fn started_text(&self) -> String {
        jiff::Timestamp::from_second(self.started.div_euclid(1000))
            .map(|time| time.to_string())
            .unwrap_or_default()
    }

    /// The rule of a finding.
    pub fn rule(&self, id: &str) -> Option<&RulePage> {
        self.rules.iter().find(|page| page.id == id)
    }

    /// The scenario played in a session, among those that were judged.
    pub fn scenario_of(&self, session: u32) -> Option<&ScenarioRun> {
        self.scenarios.iter().find(|run| run.session == session)
    }

    /// Events of one channel, over all names.
    pub fn events_on(&self, channel: Channel) -> u64 {
        self.events.iter().map(|row| row.on(channel)).sum()
    }

    /// True when every conversion whose truth is known is counted exactly once.
    pub fn counts_are_exact(&self) -> bool {
        self.events.iter().all(|row| row.conversions.is_none_or(|truth| truth == row.counted))
            && self.conversions.iter().all(|entry| entry.expected == entry.counted)
    }
}
