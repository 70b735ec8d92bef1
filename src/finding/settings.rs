//! What users set of the questions that rules ask: windows, tolerances, wanted figures.
//!
//! `None` leaves the dated constant of whoever asks. Plain figures, so that they can
//! travel from the configuration to the join and the rules.
//! Never a default, never where a figure was written.

use std::collections::BTreeMap;

use crate::event::{Channel, MatchKey, Scores};

/// Stands for every event name.
pub const EVERY_EVENT: &str = "*";

/// The settings of a judgement.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// Copies merge within this time of the first, milliseconds.
    pub dedup_window: Option<i64>,
    /// The browser's copy is preferred within this time of the first, milliseconds.
    pub browser_preference: Option<i64>,
    /// How far the times of two halves may differ, milliseconds.
    pub event_time_skew: Option<i64>,
    /// How long the server's half may take, milliseconds.
    pub slow_server_event: Option<i64>,
    /// Wanted match quality, 0 to 10.
    pub match_quality: Figures,
    /// Wanted share of pairs, 0 to 1.
    pub dedup_rate: Figures,
    /// Wanted server events per browser event, 0 to 1.
    pub server_coverage: Figures,
    /// Wanted shares of events that carry a match key.
    pub key_coverage: Vec<WantedCoverage>,
    /// Real scores against which match quality is calibrated.
    pub scores: Option<Scores>,
}

/// A figure per event name, with one for all others under [`EVERY_EVENT`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures(pub BTreeMap<String, f64>);

impl Figures {
    /// The figure for an event name.
    pub fn of(&self, event: &str) -> Option<f64> {
        self.0.get(event).or_else(|| self.0.get(EVERY_EVENT)).copied()
    }
}

/// A share of events that should carry a match key.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedCoverage {
    /// Event name; `None` for every one.
    pub event: Option<String>,
    /// Side.
    pub channel: Channel,
    /// Match key.
    pub key: MatchKey,
    /// Least share, 0 to 1.
    pub share: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_its_own_is_stronger_than_the_star() {
        let figures = Figures(BTreeMap::from([("*".to_owned(), 6.0), ("Lead".to_owned(), 7.0)]));
        assert_eq!(figures.of("Lead"), Some(7.0));
        assert_eq!(figures.of("Purchase"), Some(6.0));
        assert_eq!(Figures::default().of("Lead"), None);
    }
}
