//! Server events that are a second try of an earlier one, and what changed between the two.
//!
//! Shared by the rules that report them and by those that yield to them.
//! Never a message.

use std::collections::BTreeMap;

use crate::event::{Channel, Event};
use crate::join::Tables;
use crate::platform::meta::vocabulary::is_temporary;
use crate::rule::pairing::reuse::{identity, reused};

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

/// Every second try that changed something.
pub(super) fn retries(tables: &Tables) -> Vec<Retry> {
    let reused = reused(tables);
    let mut alike: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (row, event) in tables.events.iter().enumerate() {
        if event.channel == Channel::Server && event.name.is_some() {
            alike.entry((event.pixel.as_str(), event.name())).or_default().push(row);
        }
    }
    let mut found: Vec<Retry> = Vec::new();
    for rows in alike.values() {
        // The last accepted event of an ID, against which the next one of that ID is held.
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for &row in rows {
            let event = &tables.events[row];
            let Some((_, _, id)) = identity(event) else { continue };
            let earlier = last.insert(id, row);
            let first = earlier.filter(|first| {
                let first = &tables.events[*first];
                first.exchange != event.exchange && says_the_same(first, event)
            });
            let constant = identity(event).is_some_and(|identity| reused.contains_key(&identity));
            if let Some(first) = first.filter(|_| !constant)
                && time(&tables.events[first]) != time(event)
            {
                found.push(Retry { first, again: row, change: Change::Time });
            }
        }
        found.extend(
            rows.iter()
                .filter(|row| tables.events[**row].refused.is_some())
                .filter_map(|row| under_another_id(tables, rows, *row)),
        );
    }
    found.sort_by_key(|retry| (retry.again, retry.first));
    found.dedup_by_key(|retry| retry.again);
    found
}

/// The first later event that says what a refused one said, under an ID that no browser
/// event has: an ID with a browser half is another action.
fn under_another_id(tables: &Tables, rows: &[usize], first: usize) -> Option<Retry> {
    let refused = &tables.events[first];
    let (_, _, id) = identity(refused)?;
    let came_through = rows.iter().any(|row| {
        let event = &tables.events[*row];
        event.refused.is_none() && event.id.as_deref() == Some(id)
    });
    if came_through {
        return None;
    }
    let again = rows.iter().copied().find(|row| {
        let event = &tables.events[*row];
        let own_half = tables
            .events
            .iter()
            .any(|half| half.channel == Channel::Browser && half.id == event.id);
        event.caught > refused.caught
            && identity(event).is_some_and(|(_, _, other)| other != id)
            && says_the_same(refused, event)
            && !own_half
    })?;
    Some(Retry { first, again, change: Change::Id })
}

/// True where person, parameters and page are the same.
pub(super) fn says_the_same(left: &Event, right: &Event) -> bool {
    left.session == right.session
        && left.keys == right.keys
        && left.parameters == right.parameters
        && left.page == right.page
}

fn time(event: &Event) -> Option<&str> {
    event.time.as_ref().map(|time| time.text.as_str())
}

/// True for a refusal that will pass by itself: overload, throttling, a failing server.
pub(super) fn is_passing(event: &Event) -> bool {
    event.refused.as_ref().is_some_and(|refusal| is_temporary(refusal.code))
}
