//! Real scores of match quality, as a platform told them.
//!
//! Facts, as an event is one. Never an estimate, never how they were fetched.

use std::collections::BTreeMap;

use super::MatchKey;

/// Real scores of match quality, as the platform gave them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scores {
    /// The file, as the user would write it.
    pub file: String,
    /// One per event name.
    pub events: Vec<Score>,
    /// Names of keys that are not known here and were left out of account.
    pub unknown: Vec<String>,
}

/// The real score of one event name.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Event name.
    pub event: String,
    /// The platform's score, 0 to 10.
    pub score: f64,
    /// Share of events that carried each key when the score was taken, 0 to 1; empty
    /// where the platform did not say.
    pub coverage: BTreeMap<MatchKey, f64>,
}
