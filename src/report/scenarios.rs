//! Scenarios as they went: what was expected and what came of it.
//!
//! Never a step, never a browser.

use super::ReportedFinding;
use crate::event::{Expectation, Place};

/// How a scenario went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    /// Played to the end, and no new error concerns it.
    #[default]
    Passed,
    /// Played to the end, with an error.
    Failed,
    /// Could not be played to the end: a step failed, or the site or the browser did.
    Broken,
    /// The user stopped it.
    Stopped,
    /// The profile or variant cannot be played with this flow, so nothing is proven by it.
    NotApplicable,
}

impl Status {
    /// The word users see.
    pub fn name(self) -> &'static str {
        match self {
            Status::Passed => "passed",
            Status::Failed => "failed",
            Status::Broken => "broken",
            Status::Stopped => "stopped",
            Status::NotApplicable => "not applicable",
        }
    }

    /// True when something kept it from being played to its end.
    pub fn cut_short(self) -> bool {
        matches!(self, Status::Broken | Status::Stopped)
    }

    /// True when every step was carried out, so that absence means something.
    pub fn complete(self) -> bool {
        matches!(self, Status::Passed | Status::Failed)
    }
}

/// Whether an expectation was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Met {
    /// It was.
    Yes,
    /// It was not.
    No,
    /// The scenario did not get that far.
    #[default]
    Unknown,
}

impl Met {
    /// The word users see.
    pub fn name(self) -> &'static str {
        match self {
            Met::Yes => "passed",
            Met::No => "failed",
            Met::Unknown => "unknown",
        }
    }

    /// Met, or not.
    pub fn from_bool(met: bool) -> Met {
        if met { Met::Yes } else { Met::No }
    }
}

/// An expectation and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectationResult {
    /// What the scenario expects.
    pub expectation: Expectation,
    /// Events of that name caught in the browser.
    pub browser: u64,
    /// Events of that name caught on the server.
    pub server: u64,
    /// How often the platform would count it.
    pub counted: u64,
    /// Whether that is what was expected.
    pub met: Met,
}

impl ExpectationResult {
    /// The expectation in a few words: `Purchase ×1 on browser and server`.
    pub fn title(&self) -> String {
        let Expectation { event, count, channels, .. } = &self.expectation;
        let channels: Vec<&str> = channels.iter().map(|channel| channel.name()).collect();
        match channels.len() {
            0 => format!("{event} ×{count}"),
            _ => format!("{event} ×{count} on {}", channels.join(" and ")),
        }
    }
}

/// An event that must not come, and whether it stayed away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeverResult {
    /// Event name.
    pub event: String,
    /// Where the scenario says so.
    pub place: Place,
    /// How many were caught, on both channels.
    pub caught: u64,
    /// Whether it stayed away.
    pub met: Met,
}

/// An attempt that another one followed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attempt {
    /// Which one, from 1.
    pub attempt: u32,
    /// How it went.
    pub status: Status,
    /// How long it took.
    pub seconds: f64,
    /// What went wrong.
    pub error: Option<String>,
    /// The errors that were found in it, where it was played to the end.
    pub errors: Vec<ReportedFinding>,
}

/// One scenario in one profile, as judged.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScenarioRun {
    /// Session number of the attempt that was judged.
    pub session: u32,
    /// Its name.
    pub name: String,
    /// Its file, as given.
    pub file: String,
    /// Profile of the visitor.
    pub profile: String,
    /// Variant of the flow; empty for the flow as written.
    pub variant: String,
    /// Which repetition, from 1; 0 where nothing is repeated.
    pub repeat: u32,
    /// How it went.
    pub status: Status,
    /// How long the judged attempt took.
    pub seconds: f64,
    /// Number of the judged attempt, from 1.
    pub attempt: u32,
    /// The attempts before it.
    pub earlier: Vec<Attempt>,
    /// What broke it, with `file:line:column` and address.
    pub error: Option<String>,
    /// Screenshot of the broken step, as the user would write the path.
    pub screenshot: Option<String>,
    /// How many requests the site itself answered.
    pub site_answers: u64,
    /// What was expected and what came of it.
    pub expectations: Vec<ExpectationResult>,
    /// What must not come, and whether it stayed away.
    pub never: Vec<NeverResult>,
}

impl ScenarioRun {
    /// Name, profile, variant and repetition: what tells it from the others.
    pub fn title(&self) -> String {
        let mut parts = vec![self.profile.clone(), self.variant.clone()];
        if self.repeat > 0 {
            parts.push(format!("no. {}", self.repeat));
        }
        parts.retain(|part| !part.is_empty());
        match parts.len() {
            0 => self.name.clone(),
            _ => format!("{} ({})", self.name, parts.join(", ")),
        }
    }

    /// The name under which baselines know it.
    pub fn key(&self) -> String {
        title(&self.name, &self.profile, &self.variant)
    }

    /// True when it passed, but not at the first attempt.
    pub fn flaky(&self) -> bool {
        let failed = |attempt: &Attempt| {
            matches!(attempt.status, Status::Failed | Status::Broken | Status::Stopped)
        };
        self.status == Status::Passed && self.earlier.iter().any(failed)
    }

    /// True when it passed, but errors were found in an earlier attempt: the site does not
    /// always do the same.
    pub fn wavers(&self) -> bool {
        let failed = |attempt: &Attempt| attempt.status == Status::Failed;
        self.status == Status::Passed && self.earlier.iter().any(failed)
    }

    /// True when the scenario says that nothing must be sent: it expects no event and
    /// names at least one that must stay away.
    pub fn expects_silence(&self) -> bool {
        self.expectations.iter().all(|result| result.expectation.count == 0)
            && (!self.never.is_empty() || !self.expectations.is_empty())
    }
}

/// Profile of a visitor without any peculiarity: it goes without saying.
pub const PLAIN_PROFILE: &str = "clean";

/// Name of a scenario with what is not plain about its visitor and its flow.
pub fn title(scenario: &str, profile: &str, variant: &str) -> String {
    let profile = if profile == PLAIN_PROFILE { "" } else { profile };
    let parts: Vec<&str> = [profile, variant].into_iter().filter(|part| !part.is_empty()).collect();
    match parts.len() {
        0 => scenario.to_owned(),
        _ => format!("{scenario} ({})", parts.join(", ")),
    }
}
