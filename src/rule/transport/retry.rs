//! Server events that are a second try of an earlier one, and what changed between the two.
//!
//! Shared by the rules that report them and by those that yield to them.
//! Never a message.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Channel, Event, MatchKey};
use crate::join::Tables;
use crate::platform::meta::INJECTED;
use crate::platform::meta::vocabulary::is_temporary;
use crate::rule::literal::says_nothing;
use crate::rule::pairing::reuse::{Identity, identity, reused};

/// What a second try changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It has an event ID of its own.
    Id,
    /// It has the time of the try, not of the action.
    Time,
}

/// A try and the one that repeats it, as rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Retry {
    /// The earlier one.
    pub(super) first: usize,
    /// The later one.
    pub(super) again: usize,
    /// What changed.
    pub(super) change: Change,
}

/// Rows of second tries that changed something.
pub(in crate::rule) fn changed_retries(tables: &Tables) -> Vec<usize> {
    retries(tables).into_iter().map(|retry| retry.again).collect()
}

/// Rows of second tries, unchanged, of a call whose answer a scenario had held back: the
/// client could not know better, and the ID merges the two.
pub(in crate::rule) fn after_withheld(tables: &Tables) -> Vec<usize> {
    let mut withheld: BTreeSet<Identity<'_>> = BTreeSet::new();
    let mut found = Vec::new();
    for (row, event) in tables.events.iter().enumerate() {
        let Some(identity) = identity(event).filter(|_| event.channel == Channel::Server) else {
            continue;
        };
        if withheld.contains(&identity) {
            found.push(row);
        } else if event.marks.contains_key(INJECTED) && event.refused.is_none() {
            withheld.insert(identity);
        }
    }
    found
}

/// Every second try that changed something.
pub(super) fn retries(tables: &Tables) -> Vec<Retry> {
    let reused = reused(tables);
    let mut found: Vec<Retry> = Vec::new();
    // The last event of an identity, against which the next one is held.
    let mut last: BTreeMap<Identity<'_>, usize> = BTreeMap::new();
    for (row, event) in tables.events.iter().enumerate() {
        let Some(identity) = identity(event).filter(|_| event.channel == Channel::Server) else {
            continue;
        };
        let Some(first) = last.insert(identity, row) else { continue };
        let earlier = &tables.events[first];
        let again = earlier.exchange != event.exchange && says_the_same(earlier, event);
        if again && time(earlier) != time(event) && !reused.contains_key(&identity) {
            found.push(Retry { first, again: row, change: Change::Time });
        }
    }
    let refused: Vec<usize> = (0..tables.events.len())
        .filter(|row| {
            let event = &tables.events[*row];
            event.channel == Channel::Server && event.refused.is_some()
        })
        .collect();
    if !refused.is_empty() {
        let tries = Tries::new(tables);
        let in_browser: BTreeSet<&str> = tables
            .events
            .iter()
            .filter(|event| event.channel == Channel::Browser)
            .filter_map(|event| event.id.as_deref())
            .collect();
        let other = |row| under_another_id(tables, &tries, &in_browser, row);
        found.extend(refused.into_iter().filter_map(other));
    }
    found.sort_by_key(|retry| (retry.again, retry.first));
    found.dedup_by_key(|retry| retry.again);
    found
}

/// The first later event that says what a refused one said, under an ID that no browser
/// event has: an ID with a browser half is another action.
fn under_another_id<'a>(
    tables: &'a Tables,
    tries: &Tries<'a>,
    in_browser: &BTreeSet<&str>,
    first: usize,
) -> Option<Retry> {
    let refused = &tables.events[first];
    let identity = identity(refused)?;
    if tries.accepted(identity).next().is_some() {
        return None;
    }
    let again = tries.alike(refused).find(|row| {
        let event = &tables.events[*row];
        let (id, other) = (refused.id.as_deref(), event.id.as_deref());
        event.caught > refused.caught
            && id != other
            && other.is_some_and(|other| !says_nothing(other) && !in_browser.contains(other))
    })?;
    Some(Retry { first, again, change: Change::Id })
}

/// What an event says besides its ID, its time and its parameters.
type Saying<'a> =
    (Option<u32>, &'a str, &'a str, Option<&'a str>, &'a BTreeMap<MatchKey, Vec<String>>);

/// The server's events by what they say and by what they are.
pub(super) struct Tries<'a> {
    tables: &'a Tables,
    sayings: BTreeMap<Saying<'a>, Vec<usize>>,
    identities: BTreeMap<Identity<'a>, Vec<usize>>,
}

impl<'a> Tries<'a> {
    /// Sorts the server's events.
    pub(super) fn new(tables: &'a Tables) -> Tries<'a> {
        let mut tries = Tries { tables, sayings: BTreeMap::new(), identities: BTreeMap::new() };
        for (row, event) in tables.events.iter().enumerate() {
            if event.channel == Channel::Server {
                tries.sayings.entry(saying(event)).or_default().push(row);
                if let Some(identity) = identity(event) {
                    tries.identities.entry(identity).or_default().push(row);
                }
            }
        }
        tries
    }

    /// Rows of events that say the same, itself among them.
    pub(super) fn alike(&self, event: &'a Event) -> impl Iterator<Item = usize> {
        let rows = self.sayings.get(&saying(event)).into_iter().flatten().copied();
        rows.filter(|row| self.tables.events[*row].parameters == event.parameters)
    }

    /// Rows of accepted events of an identity.
    pub(super) fn accepted(&self, identity: Identity<'a>) -> impl Iterator<Item = usize> {
        let rows = self.identities.get(&identity).into_iter().flatten().copied();
        rows.filter(|row| self.tables.events[*row].refused.is_none())
    }
}

fn saying(event: &Event) -> Saying<'_> {
    (event.session, event.pixel.as_str(), event.name(), event.page.as_deref(), &event.keys)
}

/// True where person, parameters and page are the same.
fn says_the_same(left: &Event, right: &Event) -> bool {
    left.session == right.session
        && left.keys == right.keys
        && left.parameters == right.parameters
        && left.page == right.page
}

fn time(event: &Event) -> Option<&str> {
    event.time.as_ref().map(|time| time.text.as_str())
}

/// True for a refusal that will pass by itself: overload, throttling, a failing server.
pub(in crate::rule) fn is_passing(event: &Event) -> bool {
    event.refused.as_ref().is_some_and(|refusal| is_temporary(refusal.code))
}
