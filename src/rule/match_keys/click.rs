//! Click ids of a visit: which ones its landing pages carried, and what became of them.
//! Never how two texts relate; the platform's room knows that.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Channel, Event, MatchKey};
use crate::join::Tables;
use crate::platform::meta::appendix::{Appendix, Change, appendix};
use crate::platform::meta::browser_ids::{BrowserId, read_fbc};
pub(in crate::rule) use crate::platform::meta::click::{alteration, in_address, is_same};

/// The well-formed click id of an event.
pub(in crate::rule) fn of_event(event: &Event) -> Option<BrowserId<'_>> {
    event.keys.get(&MatchKey::ClickId)?.iter().find_map(|value| read_fbc(value).ok())
}

/// The library that says to have put the click id of an event in the place of another one.
pub(super) fn replaced_by(event: &Event) -> Option<Appendix> {
    let values = event.keys.get(&MatchKey::ClickId)?;
    let mark = values.iter().find_map(|value| appendix(MatchKey::ClickId, value))?;
    (mark.change == Some(Change::Modified)).then_some(mark)
}

/// What is known of the clicks of each session.
pub(in crate::rule) struct Clicks<'a> {
    landed: BTreeMap<u32, BTreeSet<String>>,
    people: BTreeMap<u32, &'a str>,
    /// Sessions with browser events, and whether any of them carries a click id.
    browsers: BTreeMap<u32, bool>,
}

impl<'a> Clicks<'a> {
    /// Gathers the landings of a capture.
    pub(in crate::rule) fn new(tables: &'a Tables) -> Clicks<'a> {
        let mut clicks =
            Clicks { landed: BTreeMap::new(), people: BTreeMap::new(), browsers: BTreeMap::new() };
        for facts in &tables.sessions {
            if let Some(click) = facts.persona.get("click_id").filter(|click| !click.is_empty()) {
                clicks.people.insert(facts.session, click);
            }
        }
        for event in &tables.events {
            let Some(session) = event.session else { continue };
            if let Some(click) = event.page.as_deref().and_then(in_address) {
                clicks.landed.entry(session).or_default().insert(click);
            }
            if event.channel == Channel::Browser && !event.automatic {
                *clicks.browsers.entry(session).or_default() |= of_event(event).is_some();
            }
        }
        clicks
    }

    /// True where the visit is known to have come from an ad.
    pub(super) fn happened(&self, session: Option<u32>) -> bool {
        session.is_some_and(|session| {
            self.landed.contains_key(&session) || self.browsers.get(&session) == Some(&true)
        })
    }

    /// True where all that is known of a visit has one click: nothing to replace by another.
    pub(super) fn of_one(&self, tables: &Tables, session: Option<u32>) -> bool {
        let Some(number) = session else { return false };
        let person = self.people.get(&number).copied();
        let landed = self.landed.get(&number).into_iter().flatten().map(String::as_str);
        let events = tables.rows_of(session).iter().map(|row| &tables.events[*row]);
        let carried = events.filter_map(|event| of_event(event).map(|id| id.payload));
        let mut clicks = person.into_iter().chain(landed).chain(carried);
        let Some(first) = clicks.next() else { return false };
        clicks.all(|click| is_same(click, first))
    }

    /// What became of the click id of an event; `None` where it is the landing's, or
    /// where nothing is known of a landing.
    pub(in crate::rule) fn alteration(&self, event: &Event) -> Option<&'static str> {
        let seen = of_event(event)?.payload;
        let session = event.session?;
        let person = self.people.get(&session).copied();
        // The person's own click id is right, whatever became of it in an address.
        if let Some(real) = person {
            if is_same(seen, real) {
                return None;
            }
            if let Some(change) = alteration(seen, real) {
                return Some(change);
            }
        }
        if let Some(landed) = self.landed.get(&session) {
            if landed.iter().any(|real| is_same(seen, real)) {
                return None;
            }
            let change = landed.iter().find_map(|real| alteration(seen, real));
            return change.or(Some(ANOTHER));
        }
        // A fresh browser whose own events carry none never clicked on an ad.
        let invented = event.channel == Channel::Server
            && person.is_some()
            && self.browsers.get(&session) == Some(&false);
        invented.then_some(INVENTED)
    }
}

/// Cause where a click id belongs to another landing.
pub(in crate::rule) const ANOTHER: &str = "another click's";
/// Cause where a library says that it replaced the only click of a visit.
pub(in crate::rule) const REPLACED: &str = "marked as modified";
/// Cause where there was no click.
pub(in crate::rule) const INVENTED: &str = "invented";
