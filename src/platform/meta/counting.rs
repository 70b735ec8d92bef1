//! What Meta counts when it gets several copies of a conversion.
//!
//! One call judges the events of one pixel and one event name. Copies that share an
//! event id are one; without ids a server event is dropped when a browser event of the
//! same visitor came before it. Everything else is counted by itself.
//! Never which conversion really happened: that is the scenario's word.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::event::{Channel, Event, MatchKey, span_text};
use crate::platform::{Counted, Counting};

const SECOND: i64 = 1_000;
const HOUR: i64 = 60 * 60 * SECOND;
/// Copies merge when they arrive within this time of the first one, in milliseconds.
/// Meta, deduplicate pixel and server events, as of September 2026: "within 48 hours".
pub const WINDOW: i64 = 48 * HOUR;
/// A browser copy is kept if it arrives within this time of the first one, in milliseconds.
/// Meta, server event parameters, as of September 2026: about 5 minutes (older pages: 15 seconds).
pub const BROWSER_PREFERRED: i64 = 5 * 60 * SECOND;
/// What Meta publishes; a configuration may say otherwise.
pub const PUBLISHED: Counting =
    Counting { dedup_window: WINDOW, browser_preference: BROWSER_PREFERRED };

/// One event as far as counting is concerned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Copy {
    /// When the platform received it, Unix milliseconds.
    pub received: i64,
    /// The side that sent it.
    pub channel: Channel,
    /// Event id, verbatim; an empty one is no id.
    pub id: Option<String>,
    /// Browser id.
    pub fbp: Option<String>,
    /// External ids, as they travelled: a call may list several.
    pub external_ids: Vec<String>,
    /// False when the platform refused the request that carried it.
    pub accepted: bool,
}

impl Copy {
    fn id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }
}

/// Copies that are counted once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Positions of the copies in what was given, in order of arrival.
    pub copies: Vec<usize>,
    /// Position of the copy that is kept; its value is what is reported.
    pub kept: usize,
    /// What holds the group together and decides which copy is kept.
    pub why: Why,
}

/// Why a group is one and why its kept copy is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// No other copy.
    Alone,
    /// Same id; the first copy received is kept.
    FirstOfId,
    /// Same id; a browser copy came soon after the first and is preferred.
    BrowserOfId,
    /// No ids; the browser event came first and the server event shares its `fbp`.
    BrowserFirstByFbp,
    /// No ids; the browser event came first and the server event shares its `external_id`.
    BrowserFirstByExternalId,
}

impl Why {
    /// How reports say it.
    pub fn text(self, counting: Counting) -> Cow<'static, str> {
        match self {
            Why::Alone => "no other copy".into(),
            Why::FirstOfId => "same event id: the first copy received is kept".into(),
            Why::BrowserOfId => format!(
                "same event id: the browser copy came within {} and is preferred",
                span_text(counting.browser_preference)
            )
            .into(),
            Why::BrowserFirstByFbp => "no event id: dropped by fbp after the browser event".into(),
            Why::BrowserFirstByExternalId => {
                "no event id: dropped by external_id after the browser event".into()
            }
        }
    }
}

/// The groups that the platform makes of the copies of one event name of one pixel; it
/// counts as many conversions as there are groups. Refused copies are in none.
///
/// Groups come in the order in which their first copy was received. The result does not
/// depend on the order of the input.
pub fn groups(all: &[Copy], counting: Counting) -> Vec<Group> {
    let mut order: Vec<usize> = (0..all.len()).filter(|at| all[*at].accepted).collect();
    order.sort_by(|a, b| all[*a].cmp(&all[*b]).then(a.cmp(b)));
    let mut found = by_id(all, &order, counting);
    found.extend(without_id(all, &order, counting));
    found.sort_by(|a, b| {
        let first = |group: &Group| group.copies.first().map(|at| (&all[*at], *at));
        first(a).cmp(&first(b))
    });
    found
}

/// [`groups`] for events of whatever names, to whatever pixels: only those of one pixel and
/// one exact name are compared. Rows and copies come back as the caller's own row numbers.
pub(super) fn count(events: &[(usize, &Event)], counting: Counting) -> Vec<Counted> {
    let mut alike: BTreeMap<(&str, &str), (Vec<usize>, Vec<Copy>)> = BTreeMap::new();
    for (row, event) in events {
        let (rows, copies) = alike.entry((&event.pixel, event.name())).or_default();
        rows.push(*row);
        copies.push(copy_of(event));
    }
    let mut counted = Vec::new();
    for (rows, copies) in alike.into_values() {
        counted.extend(groups(&copies, counting).into_iter().map(|group| Counted {
            copies: group.copies.iter().map(|at| rows[*at]).collect(),
            kept: rows[group.kept],
            why: group.why.text(counting),
        }));
    }
    counted
}

fn copy_of(event: &Event) -> Copy {
    Copy {
        received: event.caught,
        channel: event.channel,
        id: event.id.clone(),
        fbp: event.key(MatchKey::BrowserId).map(str::to_owned),
        external_ids: event.keys.get(&MatchKey::ExternalId).cloned().unwrap_or_default(),
        accepted: event.refused.is_none(),
    }
}

/// Copies with the same id within the window of the first of them.
fn by_id(all: &[Copy], order: &[usize], counting: Counting) -> Vec<Group> {
    // Groups in the making, by id; only the latest of an id can still take copies.
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found: Vec<Group> = Vec::new();
    for at in order {
        let Some(id) = all[*at].id() else { continue };
        let within = open.get(id).copied().filter(|group| {
            let first = found[*group].copies[0];
            all[*at].received.saturating_sub(all[first].received) <= counting.dedup_window
        });
        if let Some(group) = within {
            found[group].copies.push(*at);
        } else {
            open.insert(id, found.len());
            found.push(Group { copies: vec![*at], kept: *at, why: Why::Alone });
        }
    }
    for group in &mut found {
        let first = group.copies[0];
        let limit = all[first].received.saturating_add(counting.browser_preference);
        let browser = group
            .copies
            .iter()
            .copied()
            .find(|at| all[*at].channel == Channel::Browser && all[*at].received <= limit);
        match browser {
            _ if group.copies.len() == 1 => {}
            Some(browser) if browser != first => {
                (group.kept, group.why) = (browser, Why::BrowserOfId);
            }
            _ => group.why = Why::FirstOfId,
        }
    }
    found
}

/// Copies without an id: each server event may fall to one earlier browser event, the
/// latest that shares the visitor. Two events of one side never merge.
fn without_id(all: &[Copy], order: &[usize], counting: Counting) -> Vec<Group> {
    let mut found: Vec<Group> = Vec::new();
    let same = |a: &Option<String>, b: &Option<String>| {
        a.as_deref().is_some_and(|text| !text.is_empty()) && a == b
    };
    let common = |a: &[String], b: &[String]| a.iter().any(|id| !id.is_empty() && b.contains(id));
    for at in order.iter().filter(|at| all[**at].id().is_none()) {
        let copy = &all[*at];
        let partner = (copy.channel == Channel::Server)
            .then(|| {
                found.iter().enumerate().rev().find_map(|(place, group)| {
                    let browser = &all[group.copies[0]];
                    let open = group.copies.len() == 1
                        && browser.channel == Channel::Browser
                        && copy.received.saturating_sub(browser.received) <= counting.dedup_window;
                    match () {
                        () if !open => None,
                        () if same(&browser.fbp, &copy.fbp) => {
                            Some((place, Why::BrowserFirstByFbp))
                        }
                        () if common(&browser.external_ids, &copy.external_ids) => {
                            Some((place, Why::BrowserFirstByExternalId))
                        }
                        () => None,
                    }
                })
            })
            .flatten();
        match partner {
            Some((place, why)) => {
                found[place].copies.push(*at);
                found[place].why = why;
            }
            None => found.push(Group { copies: vec![*at], kept: *at, why: Why::Alone }),
        }
    }
    found
}

#[cfg(test)]
mod tests;
