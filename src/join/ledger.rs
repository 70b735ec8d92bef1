//! The ledger: for every kind of conversion in a session, how many really happened
//! and how many the platform would count.
//!
//! Where a scenario tells the truth, that is the expected figure; elsewhere it is
//! inferred from the events (pairs, near misses and lone events are one each).
//! Never whether a difference is bad.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::SessionFacts;
use super::mirror::mirrors;
use super::near_miss::NearMiss;
use super::standing::Standing;
use crate::event::{Channel, Event};
use crate::platform::{Counted, Counting, Platform};

/// One kind of conversion in one session: events of one exact name. What the platform
/// counts stands where the copy that it keeps came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    /// Session; `None` for events that belong to none.
    pub session: Option<u32>,
    /// Event name.
    pub event: String,
    /// How many really happened, where a scenario says so.
    pub expected: Option<u32>,
    /// How many conversions the events show: each pair, near miss and lone event is one.
    pub seen: u32,
    /// Distinct events on the browser side (repeats of one id are one).
    pub browser: u32,
    /// Distinct events on the server side.
    pub server: u32,
    /// What the platform would count, group by group.
    pub groups: Vec<Counted>,
    /// Exchanges of all its events.
    pub evidence: Vec<u64>,
}

impl Conversion {
    /// How many conversions the platform would count.
    pub fn counted(&self) -> u32 {
        self.groups.len() as u32
    }

    /// How many conversions there are to count: the truth, or what the events show.
    pub fn real(&self) -> u32 {
        self.expected.unwrap_or(self.seen)
    }
}

/// All conversions, by session and event name.
pub type Ledger = Vec<Conversion>;

/// Draws up the ledger.
pub(super) fn ledger(
    platform: &Platform,
    counting: Counting,
    events: &[Event],
    standings: &[Standing],
    near: &[NearMiss],
    sessions: &[SessionFacts],
) -> Ledger {
    let mut rows: BTreeMap<(Option<u32>, String), Vec<usize>> = BTreeMap::new();
    for session in sessions {
        for expected in &session.expect {
            rows.entry((Some(session.session), expected.event.clone())).or_default();
        }
    }
    let places: HashMap<u32, &SessionFacts> =
        sessions.iter().map(|facts| (facts.session, facts)).collect();
    let facts = |session: Option<u32>| places.get(&session?).copied();
    let told = |row: usize| {
        let event = &events[row];
        facts(event.session).is_some_and(|facts| facts.expectation(event.name()).is_some())
    };
    // A near miss is one conversion: of the name that the scenario has for it, otherwise of
    // the browser's.
    let one_of_two: HashSet<usize> = near
        .iter()
        .map(
            |near| {
                if told(near.server) && !told(near.browser) { near.server } else { near.browser }
            },
        )
        .collect();
    let mirrors = mirrors(events);
    // The platform knows no sessions: one visitor's event ID merges with another's. Two
    // recordings never met the platform together.
    let mut met: BTreeMap<u32, Vec<(usize, &Event)>> = BTreeMap::new();
    for (row, event) in events.iter().enumerate() {
        if event.automatic || event.name.is_none() || mirrors[row] {
            continue;
        }
        rows.entry((event.session, event.name().to_owned())).or_default().push(row);
        met.entry(event.recording).or_default().push((row, event));
    }
    let mut groups: HashMap<(Option<u32>, String), Vec<Counted>> = HashMap::new();
    for group in met.values().flat_map(|copies| (platform.count)(copies, counting)) {
        let kept = &events[group.kept];
        groups.entry((kept.session, kept.name().to_owned())).or_default().push(group);
    }
    rows.into_iter()
        .map(|(key, rows)| {
            let groups = groups.remove(&key).unwrap_or_default();
            let (session, event) = key;
            let seen = seen(&rows, events, standings, &one_of_two);
            let expected = facts(session).and_then(|facts| match facts.expectation(&event) {
                Some(told) if told.open => Some(told.count.max(seen)),
                Some(told) => Some(told.count),
                None => facts.never.contains(&event).then_some(0),
            });
            let of = |channel: Channel| {
                rows.iter()
                    .filter(|row| {
                        events[**row].channel == channel && standings[**row] != Standing::Repeat
                    })
                    .count() as u32
            };
            let mut evidence: Vec<u64> = rows.iter().map(|row| events[*row].exchange).collect();
            evidence.dedup();
            Conversion {
                session,
                expected,
                seen,
                browser: of(Channel::Browser),
                server: of(Channel::Server),
                groups,
                evidence,
                event,
            }
        })
        .collect()
}

/// Pairs and near misses stand on both sides but are one conversion each; so are a refused
/// attempt and its retry, which are no repeats of each other.
fn seen(
    rows: &[usize],
    events: &[Event],
    standings: &[Standing],
    one_of_two: &HashSet<usize>,
) -> u32 {
    let mut identities = std::collections::BTreeSet::new();
    let mut seen = 0;
    for &row in rows {
        match standings[row] {
            Standing::Paired => {
                let event = &events[row];
                if identities.insert((&event.pixel, &event.name, &event.id)) {
                    seen += 1;
                }
            }
            Standing::Alone => {
                let event = &events[row];
                let named = event.id.as_deref().is_some_and(|id| !id.is_empty());
                let fresh = identities.insert((&event.pixel, &event.name, &event.id));
                seen += u32::from(fresh || !named);
            }
            Standing::NearMiss if one_of_two.contains(&row) => seen += 1,
            Standing::NearMiss
            | Standing::Repeat
            | Standing::Surplus
            | Standing::Gateway
            | Standing::Automatic => {}
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_attempt_and_its_retry_are_one_conversion_and_nameless_ones_are_not() {
        let call = |id: Option<&str>| {
            let mut event = Event::new(Channel::Server, 1, "1");
            event.name = Some("Lead".into());
            event.id = id.map(str::to_owned);
            event
        };
        let count = |events: &[Event]| {
            let rows: Vec<usize> = (0..events.len()).collect();
            let alone = vec![Standing::Alone; events.len()];
            seen(&rows, events, &alone, &HashSet::new())
        };
        assert_eq!(count(&[call(Some("a")), call(Some("a"))]), 1);
        assert_eq!(count(&[call(Some("a")), call(Some("b"))]), 2);
        assert_eq!(count(&[call(None), call(None)]), 2);
    }
}
