//! A finding as a reader meets it: with its rule's title, its line in the scenario
//! file and its standing against the baseline.
//!
//! Never which rules exist.

use std::fmt;

use super::title;
use crate::event::Place;
use crate::finding::{Finding, Fingerprint, Severity};

/// A line in a scenario file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Location {
    /// The file, as given.
    pub file: String,
    /// Line and column; line 0 where unknown.
    pub place: Place,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.line {
            0 => f.write_str(&self.file),
            _ => write!(f, "{}:{}", self.file, self.place),
        }
    }
}

/// Whether a finding was accepted earlier.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Standing {
    /// It is not in the baseline.
    #[default]
    New,
    /// The baseline accepts it.
    Known {
        /// Why, in the words of whoever accepted it; may be empty.
        reason: String,
    },
}

impl Standing {
    /// The word users see.
    pub fn name(&self) -> &'static str {
        match self {
            Standing::New => "new",
            Standing::Known { .. } => "known",
        }
    }
}

/// A finding with what a reader needs around it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedFinding {
    /// The finding.
    pub finding: Finding,
    /// Title of its rule, in a few words; may be empty.
    pub title: String,
    /// Where the scenario speaks of the event concerned.
    pub location: Option<Location>,
    /// Profile of the session concerned.
    pub profile: Option<String>,
    /// Variant of the session it was seen in; empty for the flow as written.
    pub variant: Option<String>,
    /// Its weight without the policy, where that is known.
    pub own: Option<Severity>,
    /// Whether it was accepted earlier.
    pub standing: Standing,
}

impl ReportedFinding {
    /// A finding of which nothing else is known.
    pub fn new(finding: Finding) -> ReportedFinding {
        ReportedFinding {
            finding,
            title: String::new(),
            location: None,
            profile: None,
            variant: None,
            own: None,
            standing: Standing::New,
        }
    }

    /// What makes it the same finding in another run: rule, event, side, scenario with its
    /// profile, and cause. Never a number, a time or an id.
    pub fn fingerprint(&self) -> Fingerprint {
        self.finding.fingerprint_in(self.scenario_title().as_deref())
    }

    /// The scenario with what is not plain about its visitor and its flow.
    pub fn scenario_title(&self) -> Option<String> {
        let profile = self.profile.as_deref().unwrap_or_default();
        let variant = self.variant.as_deref().unwrap_or_default();
        self.finding.scenario.as_deref().map(|name| title(name, profile, variant))
    }

    /// True when the baseline does not accept it.
    pub fn is_new(&self) -> bool {
        self.standing == Standing::New
    }
}
