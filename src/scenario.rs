//! Scenarios: YAML files that say what a visitor does and what really happens by it.
//!
//! Every error has a file, a line and a column, the offending line and a suggestion.
//! Never network, never platforms.

mod bind;
mod config;
mod consent;
mod error;
mod expect;
mod faults;
mod filter;
mod load;
mod manual;
mod node;
mod read;
mod reader;
mod schema;
mod source;
mod steps;
mod syntax;
mod template;
#[cfg(test)]
mod tests;
mod words;

use std::path::PathBuf;

use crate::event::{Expectation, Place, ServerFault};
use crate::step::Action;
use crate::visitor::{PROFILES, VARIANTS};

pub use config::{
    AuditConfig, BrowserConfig, CONFIG_FILE, Config, Entry, LogNames, PlatformConfig, Site,
    SiteCommand, Wait, config_schema,
};
pub use consent::{Answer, Consent};
pub use error::ScenarioError;
pub use filter::{Filter, FilterError};
pub use load::{load, parse};
pub use manual::{Part, manual};
pub use schema::scenario_schema;

/// What a scenario file may refer to outside itself.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    lookup: &'a (dyn Fn(&str) -> Option<String> + 'a),
    profiles: &'a [String],
}

impl<'a> Environment<'a> {
    /// An environment that knows variables by this function.
    pub fn new(lookup: &'a (dyn Fn(&str) -> Option<String> + 'a)) -> Environment<'a> {
        Environment { lookup, profiles: &[] }
    }

    /// Adds profiles of the user's own to those that are always known.
    #[must_use]
    pub fn with_profiles(self, profiles: &'a [String]) -> Environment<'a> {
        Environment { profiles, ..self }
    }
}

/// Names of the profiles that are known without configuration, the default first.
pub fn profile_names() -> impl Iterator<Item = &'static str> + Clone {
    PROFILES.iter().map(|profile| profile.name)
}

/// Names of the variants.
pub fn variant_names() -> impl Iterator<Item = &'static str> + Clone {
    VARIANTS.iter().map(|variant| variant.name)
}

/// One scenario file, checked, with its variables still unbound where they name the persona.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The file it was read from, as given.
    pub file: PathBuf,
    /// Its name.
    pub name: String,
    /// Free words to select by.
    pub tags: Vec<String>,
    /// Site address, or `demo`; `None` when the command line gives it.
    pub site: Option<String>,
    /// Kind of test person.
    pub persona: String,
    /// Profiles to play it in.
    pub profiles: Vec<String>,
    /// Variants to play besides the flow as written.
    pub variants: Vec<String>,
    /// How the banner of its site is answered.
    pub consent: Consent,
    /// What the visitor does.
    pub steps: Vec<Step>,
    /// What really happens by it.
    pub expect: Vec<Expectation>,
    /// Event names that must not be caught.
    pub never: Vec<Never>,
    /// What the server tap does to calls of its sessions.
    pub server_faults: Vec<ServerFault>,
    /// How long to wait for late events after the last step, milliseconds.
    pub settle: Option<u64>,
    /// What looks like a mistake and may be meant.
    pub warnings: Vec<ScenarioError>,
}

/// One line of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Keyword.
    pub keyword: &'static str,
    /// Where it stands.
    pub place: Place,
    /// The line as written, trimmed.
    pub text: String,
    /// What the browser is asked to do; texts may hold `${persona.…}`.
    pub actions: Vec<Action>,
}

/// An event that must not be caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Never {
    /// Event name.
    pub event: String,
    /// Where the scenario says so.
    pub place: Place,
}
