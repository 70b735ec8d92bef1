//! Which identities (pixel, name, event ID) stand on different conversions or visitors.
//!
//! Shared by the rule that reports them and by those that yield to it, so that one
//! constant ID shows as one thing.
//! Never a message.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Channel, Event, MatchKey};
use crate::join::{SessionFacts, Standing, Tables};
use crate::rule::literal::says_nothing;

/// Why an ID is taken to be reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rule) enum Reuse {
    /// Several visitors.
    Visitors,
    /// Different values or contents, or more conversions than IDs.
    Conversions,
    /// Different pages.
    Pages,
    /// Views that lie far apart.
    FarApart,
}

impl Reuse {
    /// The cause in findings.
    pub(in crate::rule) fn name(self) -> &'static str {
        match self {
            Reuse::Visitors => "several visitors",
            Reuse::Conversions => "several conversions",
            Reuse::Pages => "several pages",
            Reuse::FarApart => "far apart in time",
        }
    }
}

/// Two tags that report one action do so within this time; what differs by more was
/// another action. An engineering choice, milliseconds.
const ONE_ACTION_MS: i64 = 10_000;
/// A page that is viewed again after this time is viewed a second time. The length of a
/// visit in web analytics (30 minutes of rest), milliseconds.
const ONE_VISIT_MS: i64 = 30 * 60 * 1000;
/// Events that a visitor causes anew each time, by looking; a conversion that comes again
/// under its own ID is a repeat of itself.
const VIEWS: &[&str] = &["PageView", "ViewContent", "Search"];

/// The identity of an event.
pub(in crate::rule) type Identity<'a> = (&'a str, &'a str, &'a str);

/// The identity of an event that has one to share.
pub(in crate::rule) fn identity(event: &Event) -> Option<Identity<'_>> {
    let id = event.id.as_deref().filter(|id| !says_nothing(id))?;
    let name = event.name.as_deref()?;
    (!event.automatic).then_some((event.pixel.as_str(), name, id))
}

/// Every reused identity with its rows.
pub(in crate::rule) fn reused(tables: &Tables) -> BTreeMap<Identity<'_>, (Reuse, Vec<usize>)> {
    let events = tables.events.iter().enumerate();
    let mut rows: Vec<(Identity<'_>, usize)> =
        events.filter_map(|(row, event)| Some((identity(event)?, row))).collect();
    // IDs tell most of them apart, names and pixels hardly any.
    rows.sort_unstable_by_key(|((pixel, name, id), row)| (*id, *name, *pixel, *row));
    let groups = || rows.chunk_by(|(one, _), (other, _)| one == other);
    let distinct = distinct_per_session(tables, groups());
    groups()
        .filter(|group| group.len() > 1)
        .filter_map(|group| {
            let rows: Vec<usize> = group.iter().map(|(_, row)| *row).collect();
            let why = look(tables, &rows, &distinct)?;
            Some((group[0].0, (why, rows)))
        })
        .collect()
}

/// How many different IDs an event type has on a side in a session.
type Distinct<'a> = BTreeMap<(Option<u32>, Channel, &'a str), u32>;

fn distinct_per_session<'a: 'g, 'g>(
    tables: &'a Tables,
    groups: impl Iterator<Item = &'g [(Identity<'a>, usize)]>,
) -> Distinct<'a> {
    let mut distinct = Distinct::new();
    let mut places: Vec<(Option<u32>, Channel)> = Vec::new();
    for group in groups {
        let event = |row: usize| &tables.events[row];
        places.clear();
        places.extend(group.iter().map(|(_, row)| (event(*row).session, event(*row).channel)));
        places.sort_unstable();
        places.dedup();
        for (session, channel) in &places {
            *distinct.entry((*session, *channel, group[0].0.1)).or_default() += 1;
        }
    }
    distinct
}

fn look(tables: &Tables, rows: &[usize], distinct: &Distinct<'_>) -> Option<Reuse> {
    let events = || rows.iter().map(|row| &tables.events[*row]);
    let sessions: BTreeSet<u32> = events().filter_map(|event| event.session).collect();
    // Without sessions the browser's own id tells visitors apart; a server may make one up.
    let visitors: BTreeSet<&str> = events()
        .filter(|event| event.channel == Channel::Browser && event.session.is_none())
        .filter_map(|event| event.key(MatchKey::BrowserId))
        .collect();
    if sessions.len() > 1 || visitors.len() > 1 {
        return Some(Reuse::Visitors);
    }
    Channel::ALL.into_iter().find_map(|channel| {
        let side: Vec<&Event> = events().filter(|event| event.channel == channel).collect();
        one_side(&side).or_else(|| {
            let repeats = rows.iter().any(|row| {
                tables.standings[*row] == Standing::Repeat && tables.events[*row].channel == channel
            });
            let first = side.first().filter(|_| repeats)?;
            let session = tables.session(first.session);
            let seen = distinct.get(&(first.session, channel, first.name())).copied().unwrap_or(0);
            (expected(session, first.name()) > seen.max(1)).then_some(Reuse::Conversions)
        })
    })
}

fn expected(session: Option<&SessionFacts>, name: &str) -> u32 {
    session.and_then(|facts| facts.expectation(name)).map_or(0, |expectation| expectation.count)
}

/// Compares each event of one side with the first; in order of arrival.
fn one_side(side: &[&Event]) -> Option<Reuse> {
    let (first, rest) = side.split_first()?;
    rest.iter().find_map(|event| {
        let gap = event.caught - first.caught;
        let elsewhere = differ(page(first), page(event));
        let other_action = gap > ONE_ACTION_MS || elsewhere;
        let contents = differ(first.value().map(f64::to_bits), event.value().map(f64::to_bits))
            || differ(first.parameter("content_ids"), event.parameter("content_ids"))
            || differ(first.parameter("contents"), event.parameter("contents"));
        let view = VIEWS.contains(&first.name());
        match () {
            () if contents && other_action => Some(Reuse::Conversions),
            () if view && elsewhere => Some(Reuse::Pages),
            () if view && gap > ONE_VISIT_MS => Some(Reuse::FarApart),
            () => None,
        }
    })
}

/// True where both say something and not the same.
fn differ<T: PartialEq>(left: Option<T>, right: Option<T>) -> bool {
    matches!((left, right), (Some(a), Some(b)) if a != b)
}

/// Address without its fragment.
fn page(event: &Event) -> Option<&str> {
    event.page.as_deref().and_then(|page| page.split('#').next())
}
