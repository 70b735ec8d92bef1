//! The standing of each event: paired, repeated, surplus, near miss or alone.
//!
//! Pairs and repeats come from the identities; what is left is sorted out here with
//! the help of what really happened, so that one cause shows as one thing: an event
//! too many is a surplus, not a missing partner.
//! Never good or bad.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::SessionFacts;
use super::gateway::is_gateway_copy;
use super::mirror::mirrors;
use super::near_miss::{NearMiss, Truth, near_misses};
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
    /// A gateway's copy, under an id of its own, of what the site tells by itself.
    Gateway,
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
            Standing::Gateway => "gateway copy",
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
    let aside = aside(events);
    let near = find_near_misses(events, sessions, &aside, &mut standing);
    mark_surplus(events, sessions, &aside, &mut standing);
    mark_twins(events, sessions, &aside, &mut standing);
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

/// True for standings of events that are no action by themselves.
fn is_no_action(standing: Standing) -> bool {
    matches!(standing, Standing::Repeat | Standing::Gateway | Standing::Automatic)
}

/// Rows of both sides, by session.
type Sides = BTreeMap<Option<u32>, [Vec<usize>; 2]>;

fn sides(events: &[Event], wanted: impl Fn(usize) -> bool) -> Sides {
    let mut sides = Sides::new();
    for (row, event) in events.iter().enumerate().filter(|(row, _)| wanted(*row)) {
        sides.entry(event.session).or_default()[event.channel as usize].push(row);
    }
    sides
}

/// Looks within each session, and within the events that belong to none: first at what the
/// site tells by itself, then at the copies of gateways.
fn find_near_misses(
    events: &[Event],
    sessions: &[SessionFacts],
    aside: &[bool],
    standing: &mut [Standing],
) -> Vec<NearMiss> {
    let borrowed = borrowed(events, standing);
    let truth = truth(events, sessions, aside, standing, &borrowed);
    let truth =
        |event: &Event| truth.get(&(event.session, event.name())).copied().unwrap_or(Truth::Untold);
    let near = |sides: Sides, truth: &dyn Fn(&Event) -> Truth| -> Vec<NearMiss> {
        let both =
            sides.values().filter(|[browser, server]| !browser.is_empty() && !server.is_empty());
        both.flat_map(|[browser, server]| near_misses(events, browser, server, truth)).collect()
    };
    let alone = |row: usize, standing: &[Standing]| {
        standing[row] == Standing::Alone || borrowed.contains(&row)
    };
    let own = |row: usize| alone(row, standing) && !is_gateway_copy(&events[row]);
    let mut found = near(sides(events, own), &truth);
    for miss in &found {
        standing[miss.browser] = Standing::NearMiss;
        standing[miss.server] = Standing::NearMiss;
    }
    let gateway = |row: &usize| is_gateway_copy(&events[*row]) && standing[*row] == Standing::Alone;
    let copies: Vec<usize> = (0..events.len()).filter(gateway).collect();
    if copies.is_empty() {
        return found;
    }
    let told: HashSet<(Option<u32>, &str)> = events
        .iter()
        .zip(standing.iter())
        .filter(|(event, standing)| {
            event.channel == Channel::Server && !is_gateway_copy(event) && !is_no_action(**standing)
        })
        .map(|(event, _)| (event.session, event.name()))
        .collect();
    // Beside the site's own server event a gateway's copy is one too many, and no half of
    // anything; where the site's server is silent, it is the other half of what the page told.
    for row in &copies {
        let event = &events[*row];
        if event.session.is_some() && told.contains(&(event.session, event.name())) {
            standing[*row] = Standing::Gateway;
        }
    }
    let left = |row: usize| standing[row] == Standing::Alone;
    // How often the action happened says nothing of a copy beside it.
    let late = near(sides(events, left), &|_| Truth::Untold);
    for miss in &late {
        standing[miss.browser] = Standing::NearMiss;
        standing[miss.server] = Standing::Gateway;
    }
    found.extend(late);
    found
}

/// Rows that repeat on their side what another visitor's event has for an id: a cached id,
/// whose event is one by itself all the same.
fn borrowed(events: &[Event], standing: &[Standing]) -> HashSet<usize> {
    let mut owners: HashMap<(Channel, &str, &str, &str), Option<u32>> = HashMap::new();
    let mut borrowed = HashSet::new();
    for (row, event) in events.iter().enumerate().filter(|(_, event)| !event.automatic) {
        let Some(id) = event.id.as_deref().filter(|id| !id.is_empty()) else { continue };
        let identity = (event.channel, event.pixel.as_str(), event.name(), id);
        let owner = *owners.entry(identity).or_insert(event.session);
        let another = matches!((owner, event.session), (Some(a), Some(b)) if a != b);
        if another && standing[row] == Standing::Repeat {
            borrowed.insert(row);
        }
    }
    // Where both sides have it, they agree, and nothing is missing between the two.
    let place = |row: &usize| {
        let event = &events[*row];
        (event.session, event.pixel.as_str(), event.name(), event.id.as_deref())
    };
    let of = |side: Channel| -> HashSet<_> {
        borrowed.iter().filter(|row| events[**row].channel == side).map(place).collect()
    };
    let (browser, server) = (of(Channel::Browser), of(Channel::Server));
    borrowed
        .into_iter()
        .filter(|row| !(browser.contains(&place(row)) && server.contains(&place(row))))
        .collect()
}

/// What really happened of each kind in each session, against the actions there would be if
/// none of the unpaired events belonged together.
fn truth<'a>(
    events: &'a [Event],
    sessions: &'a [SessionFacts],
    aside: &[bool],
    standing: &[Standing],
    borrowed: &HashSet<usize>,
) -> HashMap<Group<'a>, Truth> {
    let mut apart: HashMap<Group<'_>, u32> = HashMap::new();
    for (row, event) in events.iter().enumerate() {
        // A pair is one action: its browser half stands for it.
        let half = standing[row] == Standing::Paired && event.channel == Channel::Server;
        let action = !is_no_action(standing[row]) || borrowed.contains(&row);
        if !aside[row] && !half && action && !is_gateway_copy(event) {
            *apart.entry((event.session, event.name())).or_default() += 1;
        }
    }
    let told = sessions.iter().flat_map(|facts| {
        let sure = facts.expect.iter().filter(|expected| !expected.open);
        sure.map(|expected| ((Some(facts.session), expected.event.as_str()), expected.count))
    });
    told.map(|(group, count)| {
        let apart = apart.get(&group).copied().unwrap_or(0);
        (group, if apart > count { Truth::Fewer } else { Truth::Enough })
    })
    .collect()
}

/// Events that stand for another one: copies for a further pixel, and refused attempts whose
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
fn mark_surplus(
    events: &[Event],
    sessions: &[SessionFacts],
    aside: &[bool],
    standing: &mut [Standing],
) {
    let truth: HashMap<Group<'_>, u32> =
        sessions
            .iter()
            .flat_map(|session| {
                session.expect.iter().filter(|expected| !expected.open).map(|expected| {
                    ((Some(session.session), expected.event.as_str()), expected.count)
                })
            })
            .collect();
    let mut count: HashMap<(Group<'_>, Channel), u32> = HashMap::new();
    for (row, event) in events.iter().enumerate() {
        if !aside[row] && !is_no_action(standing[row]) {
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
fn mark_twins(
    events: &[Event],
    sessions: &[SessionFacts],
    aside: &[bool],
    standing: &mut [Standing],
) {
    let places: HashMap<u32, &SessionFacts> =
        sessions.iter().map(|facts| (facts.session, facts)).collect();
    let told = |event: &Event| {
        let facts = event.session.and_then(|session| places.get(&session));
        facts.is_some_and(|facts| facts.expectation(event.name()).is_some())
    };
    let mut last: HashMap<(Channel, &str, &str, &str), usize> = HashMap::new();
    for (row, event) in events.iter().enumerate() {
        let Some(visitor) = event.key(MatchKey::BrowserId) else { continue };
        if aside[row] || is_no_action(standing[row]) {
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
mod tests;
