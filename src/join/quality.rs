//! The estimate of match quality per event type, over the server events of a capture.
//! Never a threshold; the model is the platform's room's.

use std::collections::{BTreeMap, BTreeSet};

use super::standing::Standing;
use super::tables::Tables;
use crate::event::{Channel, Event, MatchKey};
use crate::platform::meta::quality::{
    Calibration, Improvement, MODEL, OwnFigure, Quality, improvements, mean,
};

/// Match quality of one event type.
#[derive(Debug, Clone, PartialEq)]
pub struct EventQuality {
    /// Event name.
    pub event: String,
    /// Server events that were looked at.
    pub events: u32,
    /// The estimate; never the platform's own score.
    pub quality: Quality,
    /// Share of those events that carry each key, and a good one, 0 to 1.
    pub coverage: BTreeMap<MatchKey, f64>,
    /// True where real scores set it right.
    pub calibrated: bool,
    /// What would raise it most, best first, of what visitors of the capture make known.
    pub improvements: Vec<Improvement>,
}

/// Keys that every web server has or can be handed, whatever the visitor types.
const ALWAYS_AT_HAND: [MatchKey; 3] =
    [MatchKey::ClientIp, MatchKey::ClientUserAgent, MatchKey::BrowserId];

impl Tables {
    /// The estimate per event type, by name, set right by real scores where the user has
    /// some. Only server events have one, as with the platform; repeats and automatic
    /// events do not count.
    pub fn quality(&self) -> Vec<EventQuality> {
        self.quality_in(&|_| true)
    }

    /// The same over some of the sessions.
    pub fn quality_in(&self, within: &dyn Fn(Option<u32>) -> bool) -> Vec<EventQuality> {
        let mut found = self.estimates(within);
        if let Some(calibration) = self.calibration() {
            for one in &mut found {
                one.quality = calibration.apply(&one.event, one.quality);
                one.calibrated = true;
                for improvement in &mut one.improvements {
                    improvement.gain *= calibration.slope();
                }
            }
        }
        found
    }

    /// What the user's real scores teach; `None` without any that apply.
    pub fn calibration(&self) -> Option<Calibration> {
        self.settings.scores.as_ref()?;
        self.calibration_of(&self.estimates(&|_| true))
    }

    /// What the estimates rest on, in a sentence: the model, and the real scores that set
    /// it right, where there are some.
    pub fn quality_basis(&self) -> String {
        let how = match &self.settings.scores {
            None => "not calibrated".to_owned(),
            Some(scores) => match self.calibration() {
                None => format!("not calibrated: no event type of {} was caught", scores.file),
                Some(calibration) => calibration.method(&scores.file),
            },
        };
        format!("our own model ({MODEL}), never Meta's score; {how}")
    }

    fn calibration_of(&self, estimates: &[EventQuality]) -> Option<Calibration> {
        let own = |event: &str| {
            let of = estimates.iter().find(|one| one.event == event)?;
            Some(OwnFigure { estimate: of.quality.estimate, coverage: of.coverage.clone() })
        };
        Calibration::new(self.settings.scores.as_ref()?, own)
    }

    /// From what the platform took: what it refuses matches nobody.
    fn estimates(&self, within: &dyn Fn(Option<u32>) -> bool) -> Vec<EventQuality> {
        let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (row, event) in self.events.iter().enumerate() {
            let counts = within(event.session)
                && event.refused.is_none()
                && !matches!(self.standings[row], Standing::Repeat | Standing::Automatic);
            if event.channel == Channel::Server && counts && event.name.is_some() {
                rows.entry(event.name()).or_default().push(row);
            }
        }
        rows.into_iter()
            .filter_map(|(name, rows)| {
                let good: Vec<BTreeSet<MatchKey>> =
                    rows.iter().filter_map(|row| self.proofs.good(*row).cloned()).collect();
                let quality = mean(&good)?;
                Some(EventQuality {
                    event: name.to_owned(),
                    events: good.len() as u32,
                    quality,
                    coverage: shares(&good),
                    calibrated: false,
                    improvements: improvements(&good, &self.within_reach(&rows)),
                })
            })
            .collect()
    }

    /// Keys that are known somewhere in the sessions of these events: carried by any of
    /// their events, or plain data of their test person.
    pub fn within_reach(&self, rows: &[usize]) -> BTreeSet<MatchKey> {
        let sessions: BTreeSet<Option<u32>> =
            rows.iter().map(|row| self.events[*row].session).collect();
        let of_sessions = |event: &&Event| sessions.contains(&event.session);
        let carried = self.events.iter().filter(of_sessions).flat_map(|event| event.keys.keys());
        let mut found: BTreeSet<MatchKey> = carried.copied().chain(ALWAYS_AT_HAND).collect();
        for session in sessions {
            let known = MatchKey::ALL.iter().filter(|key| self.proofs.knows(session, **key));
            // The shop's own id of a person is none that the person types.
            found.extend(known.filter(|key| **key != MatchKey::ExternalId));
        }
        found
    }
}

/// Share of the events that carry each key.
fn shares(events: &[BTreeSet<MatchKey>]) -> BTreeMap<MatchKey, f64> {
    let mut shares: BTreeMap<MatchKey, f64> = BTreeMap::new();
    for key in events.iter().flatten() {
        *shares.entry(*key).or_default() += 1.0 / events.len() as f64;
    }
    shares
}
