//! What each profile of visitors costs: conversions that happened, what each side saw of
//! them, what a pixel alone would lose and what the server recovers.
//!
//! Taken from the flows as written; variants twist them. Never a rule's business.

use std::collections::{BTreeMap, BTreeSet};

use super::{Report, Share};
use crate::visitor::CLEAN;

/// One event type in one profile, over all scenarios played as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VisitorRow {
    /// Event name.
    pub event: String,
    /// Profile name.
    pub profile: String,
    /// How many really happened.
    pub conversions: u64,
    /// How many of them the browser told.
    pub browser: u64,
    /// How many of them the server told.
    pub server: u64,
    /// How often the platform would count them.
    pub counted: u64,
    /// How many of them would be counted at all: no more than happened.
    pub kept: u64,
    /// Events caught on either side that the visitor's consent forbids.
    pub forbidden: u64,
    /// True where nothing may be told, so that nothing is lost by silence.
    pub silent: bool,
}

impl VisitorRow {
    /// Conversions that a pixel alone would lose, of those that happened.
    pub fn lost_by_pixel_alone(&self) -> Share {
        if self.silent {
            return Share::new(0, 0);
        }
        Share::new(self.conversions.saturating_sub(self.browser), self.conversions)
    }

    /// Conversions that the server recovers, of those that happened.
    pub fn recovered(&self) -> Share {
        if self.silent {
            return Share::new(0, 0);
        }
        Share::new(self.kept.saturating_sub(self.browser), self.conversions)
    }
}

/// One event type, over all profiles, weighted by the user's traffic.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecoveryRow {
    /// Event name.
    pub event: String,
    /// Share of all conversions that a pixel alone would lose, 0 to 1.
    pub lost_by_pixel_alone: f64,
    /// Share of all conversions that the server recovers, 0 to 1.
    pub recovered: f64,
    /// Share of the visitors whose profiles were played, 0 to 1.
    pub covered: f64,
}

/// Requests that a rule kept back in a profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlockedRow {
    /// Profile name.
    pub profile: String,
    /// The rule, as it stands in its list.
    pub rule: String,
    /// An address that it blocked, without the values of its query.
    pub example: String,
    /// How many requests.
    pub requests: u64,
    /// A session in which it did.
    pub session: u32,
}

impl Report {
    /// Loss and recovery over the site's traffic; empty where the user gave no shares.
    ///
    /// Visitors that no share speaks of are taken for `clean`. Profiles that were not
    /// played are left out, and `covered` says how much is left.
    pub fn recovery(&self) -> Vec<RecoveryRow> {
        if self.traffic.is_empty() {
            return Vec::new();
        }
        let mut shares: BTreeMap<&str, f64> =
            self.traffic.iter().map(|(name, share)| (name.as_str(), *share)).collect();
        let named: f64 = shares.iter().filter(|(name, _)| **name != CLEAN).map(|(_, s)| s).sum();
        shares.entry(CLEAN).or_insert((1.0 - named).max(0.0));
        let events: BTreeSet<&str> = self.visitors.iter().map(|row| row.event.as_str()).collect();
        let order = |event: &str| self.events.iter().position(|row| row.event == event);
        let mut rows: Vec<RecoveryRow> = events
            .into_iter()
            .filter_map(|event| {
                let mut row = RecoveryRow { event: event.to_owned(), ..RecoveryRow::default() };
                for of in self.visitors.iter().filter(|of| of.event == event) {
                    let Some(share) = shares.get(of.profile.as_str()) else { continue };
                    row.covered += share;
                    row.lost_by_pixel_alone +=
                        share * of.lost_by_pixel_alone().ratio().unwrap_or(0.0);
                    row.recovered += share * of.recovered().ratio().unwrap_or(0.0);
                }
                if row.covered <= 0.0 {
                    return None;
                }
                row.lost_by_pixel_alone /= row.covered;
                row.recovered /= row.covered;
                Some(row)
            })
            .collect();
        rows.sort_by_key(|row| order(&row.event).unwrap_or(usize::MAX));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(profile: &str, browser: u64, kept: u64) -> VisitorRow {
        VisitorRow {
            event: "Purchase".into(),
            profile: profile.into(),
            conversions: 2,
            browser,
            server: kept,
            counted: kept,
            kept,
            ..VisitorRow::default()
        }
    }

    #[test]
    fn loss_and_recovery_are_weighted_by_the_traffic() {
        let report = Report {
            visitors: vec![row("clean", 2, 2), row("adblock", 0, 1)],
            traffic: BTreeMap::from([("adblock".to_owned(), 0.25), ("itp".to_owned(), 0.25)]),
            ..Report::default()
        };
        let recovery = report.recovery();
        // Half of the visitors are clean, a quarter blocks, and those of `itp` were not played.
        assert!((recovery[0].covered - 0.75).abs() < 1e-9);
        assert!((recovery[0].lost_by_pixel_alone - 0.25 / 0.75).abs() < 1e-9);
        assert!((recovery[0].recovered - 0.125 / 0.75).abs() < 1e-9);
    }

    #[test]
    fn who_refuses_loses_nothing_by_silence() {
        let silent = VisitorRow { silent: true, ..row("consent-refused", 0, 0) };
        assert_eq!(silent.lost_by_pixel_alone().ratio(), None);
        assert_eq!(Report::default().recovery(), []);
    }
}
