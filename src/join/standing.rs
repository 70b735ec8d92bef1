//! The standing of each event: paired, repeated, surplus, near miss or alone.
//!
//! Pairs and repeats come from the identities; what is left is sorted out here with
//! the help of what really happened, so that one cause shows as one thing: an event
//! too many is a surplus, not a missing partner.
//! Never good or bad.

use std::collections::{HashMap, HashSet};

use super::SessionFacts;
use super::mirror::mirrors;
use super::near_miss::{NearMiss, near_misses};
use crate::event::{Channel, Event, MatchKey};

/// Where an event stands among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It has a partner on the other side.
    Paired,
    /// A further copy of an identity on the same side: same pixel, name and id.
    Repeat,
    /// One more than really happened, under an id of its own or none.
    Surplus,
    /// It was meant to be a pair with an event of the other side.
    NearMiss,
    /// It has no partner.
    Alone,
    /// Made by the platform itself; it needs no partner.
    Automatic,
}

impl Standing {
    /// The word in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Paired => "paired",
            Standing::Repeat => "repeat",
            Standing::Surplus => "surplus",
            Standing::NearMiss => "near miss",
            Standing::Alone => "alone",
            Standing::Automatic => "automatic",
        }
    }
}

/// Two like events of one visitor and side within this time were one action, where no
/// scenario says how many there were. An engineering choice, not a platform's rule.
const TWIN_MS: i64 = 10_000;

/// Group in which events are compared: session (or none), pixel-independent name.
type Group<'a> = (Option<u32>, &'a str);

/// Sorts out every event. `paired` says which identities have both sides.
pub(super) fn standings(
    events: &[Event],
    sessions: &[SessionFacts],
    paired: &dyn Fn(&Event) -> bool,
) -> (Vec<Standing>, Vec<NearMiss>) {
    let mut standing = first_look(events, paired);
    let near = find_near_misses(events, &standing);
    for miss in &near {
        standing[miss.browser] = Standing::NearMiss;
        standing[miss.server] = Standing::NearMiss;
    }
    mark_surplus(events, sessions, &mut standing);
    mark_twins(events, sessions, &mut standing);
    (standing, near)
}

fn first_look(events: &[Event], paired: &dyn Fn(&Event) -> bool) -> Vec<Standing> {
    let mut known: HashSet<(Channel, &str, &str, &str)> = HashSet::new();
    events
        .iter()
        .map(|event| {
            if event.automatic {
                return Standing::Automatic;
            }
            if let Some(id) = event.id.as_deref().filter(|id| !id.is_empty()) {
                let identity = (event.channel, event.pixel.as_str(), event.name(), id);
                // A refused first attempt is no copy: its retry is the first that counts.
                if event.refused.is_none() && !known.insert(identity) {
                    return Standing::Repeat;
                }
            }
            if paired(event) { Standing::Paired } else { Standing::Alone }
        })
        .collect()
}

/// Looks within each session, and within the events that belong to none.
fn find_near_misses(events: &[Event], standing: &[Standing]) -> Vec<NearMiss> {
    let mut sides: HashMap<Option<u32>, (Vec<usize>, Vec<usize>)> = HashMap::new();
    let mut order = Vec::new();
    for (row, event) in events.iter().enumerate() {
        if standing[row] != Standing::Alone {
            continue;
        }
        let (browser, server) = sides.entry(event.session).or_insert_with(|| {
            order.push(event.session);
            Default::default()
        });
        match event.channel {
            Channel::Browser => browser.push(row),
            Channel::Server => server.push(row),
        }
    }
    order
        .iter()
        .flat_map(|session| near_misses(events, &sides[session].0, &sides[session].1))
        .collect()
}

/// Events that stand for another one: copies of a gateway, and refused attempts whose
/// retry under the same identity was taken.
fn aside(events: &[Event]) -> Vec<bool> {
    let identity = |event: &'_ Event| {
        let id = event.id.clone().filter(|id| !id.is_empty())?;
        Some((event.channel, event.pixel.clone(), event.name().to_owned(), id))
    };
    let refused = |event: &Event| event.refused.is_some();
    if !events.iter().any(refused) {
        return mirrors(events);
    }
    let taken: HashSet<_> =
        events.iter().filter(|event| !refused(event)).filter_map(identity).collect();
    let retried = |event: &Event| {
        refused(event) && identity(event).is_some_and(|identity| taken.contains(&identity))
    };
    let mut aside = mirrors(events);
    for (row, event) in events.iter().enumerate() {
        aside[row] |= retried(event);
    }
    aside
}

/// With the truth at hand: what a side has beyond it, latest first, is surplus.
fn mark_surplus(events: &[Event], sessions: &[SessionFacts], standing: &mut [Standing]) {
    let truth: HashMap<Group<'_>, u32> =
        sessions
            .iter()
            .flat_map(|session| {
                session.expect.iter().filter(|expected| !expected.open).map(|expected| {
                    ((Some(session.session), expected.event.as_str()), expected.count)
                })
            })
            .collect();
    let aside = aside(events);
    let mut count: HashMap<(Group<'_>, Channel), u32> = HashMap::new();
    for (row, event) in events.iter().enumerate() {
        if !aside[row] && !matches!(standing[row], Standing::Repeat | Standing::Automatic) {
            *count.entry(((event.session, event.name()), event.channel)).or_default() += 1;
        }
    }
    for (row, event) in events.iter().enumerate().rev() {
        let group = (event.session, event.name());
        let (Some(expected), Some(seen)) =
            (truth.get(&group), count.get_mut(&(group, event.channel)))
        else {
            continue;
        };
        if !aside[row] && standing[row] == Standing::Alone && *seen > *expected {
            standing[row] = Standing::Surplus;
            *seen -= 1;
        }
    }
}

/// Without the truth: an unpaired event that says the same as an earlier one of the
/// same visitor a moment before.
fn mark_twins(events: &[Event], sessions: &[SessionFacts], standing: &mut [Standing]) {
    let places: HashMap<u32, &SessionFacts> =
        sessions.iter().map(|facts| (facts.session, facts)).collect();
    let told = |event: &Event| {
        let facts = event.session.and_then(|session| places.get(&session));
        facts.is_some_and(|facts| facts.expectation(event.name()).is_some())
    };
    let mut last: HashMap<(Channel, &str, &str, &str), usize> = HashMap::new();
    let aside = aside(events);
    for (row, event) in events.iter().enumerate() {
        let Some(visitor) = event.key(MatchKey::BrowserId) else { continue };
        if aside[row] || matches!(standing[row], Standing::Repeat | Standing::Automatic) {
            continue;
        }
        let twin = last.insert((event.channel, event.pixel.as_str(), event.name(), visitor), row);
        if let Some(earlier) = twin
            && standing[row] == Standing::Alone
            && !told(event)
            && event.caught - events[earlier].caught <= TWIN_MS
            && events[earlier].parameters == event.parameters
            && events[earlier].page == event.page
        {
            standing[row] = Standing::Surplus;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Expectation;

    fn event(channel: Channel, id: &str) -> Event {
        let mut event = Event::new(channel, 1, "1");
        event.session = Some(1);
        event.name = Some("Purchase".into());
        event.id = Some(id.into());
        event
    }

    fn truth(count: u32) -> SessionFacts {
        SessionFacts {
            recording: 0,
            session: 1,
            scenario: "s".into(),
            file: String::new(),
            profile: "clean".into(),
            opened: 0,
            closed: None,
            marks: vec![],
            persona: Default::default(),
            expect: vec![Expectation {
                event: "Purchase".into(),
                count,
                channels: Channel::ALL.to_vec(),
                value: None,
                currency: None,
                keys: Default::default(),
                open: false,
                place: Default::default(),
            }],
            never: vec![],
            played: true,
            site_answers: 1,
            visit: Default::default(),
        }
    }

    fn sorted(events: &[Event], sessions: &[SessionFacts], pairs: &[&str]) -> Vec<&'static str> {
        let paired = |event: &Event| event.id.as_deref().is_some_and(|id| pairs.contains(&id));
        standings(events, sessions, &paired).0.into_iter().map(Standing::name).collect()
    }

    #[test]
    fn one_too_many_is_a_surplus_and_not_a_missing_partner() {
        let events = [
            event(Channel::Browser, "order-1"),
            event(Channel::Browser, "fired-again"),
            event(Channel::Server, "order-1"),
        ];
        assert_eq!(sorted(&events, &[truth(1)], &["order-1"]), ["paired", "surplus", "paired"]);
        assert_eq!(sorted(&events, &[truth(2)], &["order-1"]), ["paired", "alone", "paired"]);
    }

    #[test]
    fn a_second_copy_is_a_repeat_but_a_refused_first_try_is_none() {
        let mut refused = event(Channel::Server, "a");
        refused.refused =
            Some(crate::event::Refusal { code: 1, subcode: None, title: "again".into() });
        let events = [refused, event(Channel::Server, "a"), event(Channel::Server, "a")];
        assert_eq!(sorted(&events, &[truth(1)], &["a"]), ["paired", "paired", "repeat"]);
    }

    #[test]
    fn without_a_scenario_likeness_within_seconds_tells_a_twin() {
        let twin = |id: &str, caught: i64| {
            let mut event = event(Channel::Browser, id);
            event.session = None;
            event.caught = caught;
            event.keys.insert(MatchKey::BrowserId, vec!["fb.1.2.3".into()]);
            event
        };
        assert_eq!(sorted(&[twin("a", 0), twin("b", 900)], &[], &[]), ["alone", "surplus"]);
        assert_eq!(sorted(&[twin("a", 0), twin("b", 90_000)], &[], &[]), ["alone", "alone"]);
    }

    #[test]
    fn a_retry_that_is_taken_is_no_second_conversion() {
        let mut first = event(Channel::Server, "order-1");
        first.refused =
            Some(crate::event::Refusal { code: 2, subcode: None, title: String::new() });
        let events = [first, event(Channel::Server, "order-1")];
        let (found, _) = standings(&events, &[truth(1)], &|_| false);
        assert_eq!(found, [Standing::Alone, Standing::Alone]);
    }
}
