//! What each side sent and what the platform makes of it, per event name.
//!
//! Counts and shares only; whether a figure is good enough is the gate's business.
//! Never a value of an event.

use std::collections::BTreeMap;

use crate::event::{Channel, MatchKey};

/// The same thing for both channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PerChannel<T> {
    /// In the visitor's browser.
    pub browser: T,
    /// On the site's server.
    pub server: T,
}

impl<T> PerChannel<T> {
    /// The part of one channel.
    pub fn of(&self, channel: Channel) -> &T {
        match channel {
            Channel::Browser => &self.browser,
            Channel::Server => &self.server,
        }
    }

    /// The part of one channel, to be filled in.
    pub fn of_mut(&mut self, channel: Channel) -> &mut T {
        match channel {
            Channel::Browser => &mut self.browser,
            Channel::Server => &mut self.server,
        }
    }
}

/// Events that were sent again although they say the same.
pub type Duplicates = PerChannel<u64>;

/// A part of a whole, with its denominator: 2 of 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// The part.
    pub count: u64,
    /// The whole.
    pub of: u64,
}

impl Share {
    /// A part of a whole.
    pub fn new(count: u64, of: u64) -> Share {
        Share { count, of }
    }

    /// The share from 0 to 1; `None` where the whole is nothing.
    pub fn ratio(self) -> Option<f64> {
        (self.of > 0).then(|| self.count as f64 / self.of as f64)
    }
}

/// Our estimate of the platform's match quality, 0 to 10, with its band.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MatchQuality {
    /// The likeliest score.
    pub estimate: f64,
    /// Lower end of the band.
    pub low: f64,
    /// Upper end of the band.
    pub high: f64,
    /// True where real scores of the platform set it right.
    pub calibrated: bool,
    /// What would raise it most, best first.
    pub improvements: Vec<Improvement>,
}

/// Match keys that could be added to an event, and what that would gain.
#[derive(Debug, Clone, PartialEq)]
pub struct Improvement {
    /// Keys to add where they are missing.
    pub keys: Vec<MatchKey>,
    /// By how much the estimate would rise.
    pub gain: f64,
}

/// One event name on both channels.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EventRow {
    /// Event name.
    pub event: String,
    /// How many really happened; `None` where no scenario says so.
    pub conversions: Option<u64>,
    /// Events caught in the browser.
    pub browser: u64,
    /// Events caught on the server.
    pub server: u64,
    /// Conversions that came over both channels and would be merged.
    pub paired: u64,
    /// Conversions that came from the browser alone.
    pub browser_only: u64,
    /// Conversions that came from the server alone.
    pub server_only: u64,
    /// One-sided conversions that the scenario or the visitor's profile explains;
    /// they are not held against the dedup rate.
    pub explained: u64,
    /// Events beyond the first of each conversion, per side.
    pub duplicates: Duplicates,
    /// How often the platform would count it.
    pub counted: u64,
    /// Events that the platform would refuse.
    pub refused: u64,
    /// Pairs of which the platform took no server half: they are alike, and nothing merges.
    /// Counted in test runs; production logs leave it at zero.
    pub paired_refused: u64,
    /// Share of the events of each channel that carry a match key.
    pub coverage: PerChannel<BTreeMap<MatchKey, Share>>,
    /// Share of the events of each channel that carry a parameter.
    pub parameters: PerChannel<BTreeMap<String, Share>>,
    /// Estimated match quality of the server's events.
    pub match_quality: Option<MatchQuality>,
}

impl EventRow {
    /// A row with nothing but its name.
    pub fn new(event: impl Into<String>) -> EventRow {
        EventRow { event: event.into(), ..EventRow::default() }
    }

    /// Events caught on a channel.
    pub fn on(&self, channel: Channel) -> u64 {
        match channel {
            Channel::Browser => self.browser,
            Channel::Server => self.server,
        }
    }

    /// Conversions that would be merged, of all that should come over both channels.
    pub fn dedup_rate(&self) -> Share {
        let distinct = self.paired + self.browser_only + self.server_only;
        let asked = distinct.saturating_sub(self.explained).max(self.paired);
        Share::new(self.paired.saturating_sub(self.paired_refused), asked)
    }

    /// What a conversion would seem to cost, as a share of what it really costs: one half
    /// where each is counted twice. `None` where the truth is unknown or nothing is counted.
    pub fn cost_seen(&self) -> Option<f64> {
        let truth = self.conversions.filter(|truth| *truth > 0)?;
        (self.counted > 0).then(|| truth as f64 / self.counted as f64)
    }

    /// `add ph on Lead (server): +0.9`, an estimate too; `correct` where every event carries
    /// the keys and no good value in them.
    pub fn step(&self, one: &Improvement) -> String {
        let everywhere = |key: &MatchKey| {
            let share = self.coverage.server.get(key).copied().unwrap_or_default();
            share.of > 0 && share.count == share.of
        };
        let verb = if one.keys.iter().all(everywhere) { "correct" } else { "add" };
        let names: Vec<&str> = one.keys.iter().map(|key| key.name()).collect();
        format!("{verb} {} on {} (server): +{:.1}", names.join(" and "), self.event, one.gain)
    }

    /// Conversions of the browser that the server has too. The platform calls this
    /// event coverage and recommends three quarters (Meta, dataset quality API,
    /// `event_coverage.goal_percentage`).
    pub fn server_coverage(&self) -> Share {
        let taken = self.paired.saturating_sub(self.paired_refused);
        Share::new(taken, self.paired + self.browser_only)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_sent_without_a_good_value_is_corrected_and_not_added() {
        let mut row = EventRow::new("Lead");
        let one = Improvement { keys: vec![MatchKey::Phone], gain: 0.91 };
        assert_eq!(row.step(&one), "add ph on Lead (server): +0.9");
        row.coverage.server.insert(MatchKey::Phone, Share::new(1, 2));
        assert_eq!(row.step(&one), "add ph on Lead (server): +0.9");
        row.coverage.server.insert(MatchKey::Phone, Share::new(2, 2));
        assert_eq!(row.step(&one), "correct ph on Lead (server): +0.9");
    }

    #[test]
    fn explained_one_sidedness_is_not_held_against_the_dedup_rate() {
        let row = EventRow {
            paired: 2,
            browser_only: 1,
            server_only: 1,
            explained: 1,
            ..EventRow::new("Purchase")
        };
        assert_eq!(row.dedup_rate(), Share::new(2, 3));
        assert_eq!(row.server_coverage(), Share::new(2, 3));
    }

    #[test]
    fn a_share_of_nothing_is_unknown_rather_than_zero() {
        assert_eq!(EventRow::new("Lead").dedup_rate().ratio(), None);
        assert_eq!(Share::new(0, 4).ratio(), Some(0.0));
    }
}
