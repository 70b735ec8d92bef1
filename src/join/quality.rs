//! The estimate of match quality per event type, over the server events of a capture.
//! Never a threshold; the model is the platform's room's.

use std::collections::{BTreeMap, BTreeSet};

use super::standing::Standing;
use super::tables::Tables;
use crate::event::{Channel, Event, MatchKey};
use crate::platform::meta::quality::{Improvement, Quality, improvements, mean};

/// Match quality of one event type.
#[derive(Debug, Clone, PartialEq)]
pub struct EventQuality {
    /// Event name.
    pub event: String,
    /// Server events that were looked at.
    pub events: u32,
    /// The estimate; never the platform's own score.
    pub quality: Quality,
    /// What would raise it most, best first, of what visitors of the capture make known.
    pub improvements: Vec<Improvement>,
}

/// Keys that every web server has or can be handed, whatever the visitor types.
const ALWAYS_AT_HAND: [MatchKey; 3] =
    [MatchKey::ClientIp, MatchKey::ClientUserAgent, MatchKey::BrowserId];

impl Tables {
    /// The estimate per event type, by name. Only server events have one, as with the
    /// platform; repeats and automatic events do not count.
    pub fn quality(&self) -> Vec<EventQuality> {
        self.quality_in(&|_| true)
    }

    /// The same over some of the sessions.
    pub fn quality_in(&self, within: &dyn Fn(Option<u32>) -> bool) -> Vec<EventQuality> {
        let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (row, event) in self.events.iter().enumerate() {
            let counts = within(event.session)
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
