//! Script instances in one page, and the page views that are one view told twice.
//!
//! An instance is known by the time of its `init` (`it`), its version (`v`) and its own
//! count of events (`ec`).
//! Never a message.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Channel, Event, MatchKey};
use crate::join::Tables;

/// Two instances that begin within this time were loaded by one page: no visitor loads a
/// page again so soon. An engineering choice, milliseconds.
const ONE_LOAD_MS: i64 = 500;
/// Instances that begin farther apart than this are other pages or tabs, milliseconds.
const ONE_PAGE_MS: i64 = 5_000;
/// Views of one page within this time are one view, milliseconds.
const ONE_VIEW_MS: i64 = 5_000;

/// One visitor on one page with one pixel.
type Spot<'a> = (Option<u32>, Option<&'a str>, &'a str, &'a str);

/// What is known of an instance.
#[derive(Debug)]
struct Instance<'a> {
    /// Time of `init`.
    began: i64,
    /// Time of its last event.
    last: i64,
    /// Script version.
    version: Option<&'a str>,
    rows: Vec<usize>,
}

/// Rows of the instances that share a page with an earlier one, and the row before them.
pub(super) fn second_instances(tables: &Tables) -> Vec<(usize, Vec<usize>)> {
    let mut spots: BTreeMap<Spot<'_>, BTreeMap<i64, Instance<'_>>> = BTreeMap::new();
    for (row, event) in tables.events.iter().enumerate() {
        let (Some(spot), Some(began)) = (spot(event), number(event, "it")) else { continue };
        let at = moment(event);
        let instance = spots.entry(spot).or_default().entry(began).or_insert_with(|| Instance {
            began,
            last: at,
            version: event.marks.get("v").map(String::as_str),
            rows: Vec::new(),
        });
        instance.last = instance.last.max(at);
        instance.rows.push(row);
    }
    let mut found = Vec::new();
    for (spot, instances) in spots {
        // A played visitor is faster than any person, and loads a page again within a
        // tenth of a second: there, only what overlaps or differs shows two instances.
        let by_person = spot.0.is_none();
        let instances: Vec<Instance<'_>> = instances.into_values().collect();
        for pair in instances.windows(2) {
            let [first, second] = pair else { continue };
            let apart = second.began - first.began;
            let side_by_side = second.began < first.last;
            let versions = first.version != second.version;
            if (by_person && apart <= ONE_LOAD_MS)
                || (apart <= ONE_PAGE_MS && (side_by_side || versions))
            {
                found.push((first.rows[0], second.rows.clone()));
            }
        }
    }
    found
}

/// Page views that are one view of one page load: row of the one to keep, row of the other.
/// The one without an event ID is the other, whichever came first.
pub(super) fn repeated_views(tables: &Tables) -> Vec<(usize, usize)> {
    let second: BTreeSet<usize> =
        second_instances(tables).into_iter().flat_map(|(_, rows)| rows).collect();
    let views: Vec<usize> = (0..tables.events.len())
        .filter(|row| {
            let event = &tables.events[*row];
            let view = event.name() == "PageView" && !event.automatic;
            event.channel == Channel::Browser && view && !second.contains(row)
        })
        .collect();
    let mut found = Vec::new();
    let mut taken = BTreeSet::new();
    for (index, &first) in views.iter().enumerate() {
        if taken.contains(&first) {
            continue;
        }
        let near = views[index + 1..].iter().copied().take_while(|row| {
            tables.events[*row].caught - tables.events[first].caught <= ONE_VIEW_MS
        });
        for row in near.collect::<Vec<_>>() {
            if !taken.contains(&row) && is_one_view(&tables.events[first], &tables.events[row]) {
                taken.insert(row);
                let has_id =
                    |row: usize| tables.events[row].id.as_deref().is_some_and(|id| !id.is_empty());
                let later_is_better = has_id(row) && !has_id(first);
                found.push(if later_is_better { (row, first) } else { (first, row) });
            }
        }
    }
    found
}

/// Rows of page views that are told twice, by whichever cause.
pub(in crate::rule) fn page_view_twins(tables: &Tables) -> BTreeSet<usize> {
    let views = repeated_views(tables).into_iter().map(|(_, row)| row);
    let of_second = second_instances(tables)
        .into_iter()
        .flat_map(|(_, rows)| rows)
        .filter(|row| tables.events[*row].name() == "PageView");
    views.chain(of_second).collect()
}

/// True for two views by one script of one page, or one of them by the image for browsers
/// without scripts, which names no page.
fn is_one_view(first: &Event, second: &Event) -> bool {
    if first.pixel != second.pixel || first.session != second.session {
        return false;
    }
    let (left, right) = (is_image(first), is_image(second));
    if left != right {
        let named = |event: &Event| event.page.is_some();
        let same_page = first.page == second.page || !named(first) || !named(second);
        return first.session.is_some() && same_page;
    }
    let same_script = !left && first.marks.get("it") == second.marks.get("it");
    same_script && first.marks.contains_key("it") && spot(first) == spot(second)
}

/// True for the image that pages have for browsers without scripts.
pub(super) fn is_image(event: &Event) -> bool {
    event.marks.get("noscript").is_some_and(|value| value == "1")
}

fn spot(event: &Event) -> Option<Spot<'_>> {
    if event.channel != Channel::Browser || event.automatic {
        return None;
    }
    // Without a session only the browser's own id tells visitors apart.
    let visitor = event.key(MatchKey::BrowserId).filter(|_| event.session.is_none());
    let known = event.session.is_some() || visitor.is_some();
    known.then_some((event.session, visitor, event.pixel.as_str(), event.page.as_deref()?))
}

/// The browser's time of an event.
fn moment(event: &Event) -> i64 {
    event.time.as_ref().and_then(|time| time.millis).unwrap_or(event.caught)
}

fn number(event: &Event, mark: &str) -> Option<i64> {
    event.marks.get(mark)?.parse().ok()
}
