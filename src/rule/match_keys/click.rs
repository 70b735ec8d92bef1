//! Click ids of a visit: which ones its landing pages carried, and how a text relates to
//! one that it should equal.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Channel, Event, MatchKey};
use crate::join::Tables;
use crate::platform::meta::browser_ids::{BrowserId, read_fbc};

/// The parameter that a landing page carries after a click on an ad.
const PARAMETER: &str = "fbclid";
/// What in-app browsers on iOS put behind a click id (meta-facts 1.9).
const IN_APP_MARKS: [&str; 2] = ["_aem_", "_waaem_"];

/// The well-formed click id of an event.
pub(in crate::rule) fn of_event(event: &Event) -> Option<BrowserId<'_>> {
    event.keys.get(&MatchKey::ClickId)?.iter().find_map(|value| read_fbc(value).ok())
}

/// The click id in an address, percent-decoded once.
pub(super) fn in_address(address: &str) -> Option<String> {
    let query = address.split_once('?')?.1.split('#').next()?;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, _)| *name == PARAMETER)
        .map(|(_, value)| {
            percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned()
        })
        .filter(|value| !value.is_empty())
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
/// Cause where there was no click.
pub(in crate::rule) const INVENTED: &str = "invented";

/// How a click id was changed from the one it comes from; `None` where it does not come
/// from it, or is unchanged but for what in-app browsers add.
pub(in crate::rule) fn alteration(seen: &str, real: &str) -> Option<&'static str> {
    if is_same(seen, real) {
        return None;
    }
    if seen.eq_ignore_ascii_case(real) {
        return Some("case");
    }
    let decoded = percent_encoding::percent_decode_str(real).decode_utf8_lossy();
    let encoded = percent_encoding::percent_decode_str(seen).decode_utf8_lossy();
    if decoded == seen || encoded == real || seen.replace(' ', "+") == real {
        return Some("decoded or encoded once too often");
    }
    let kept = |c: char| c.is_ascii_alphanumeric();
    if seen.chars().filter(|c| kept(*c)).eq(real.chars().filter(|c| kept(*c))) {
        return Some("punctuation dropped or replaced");
    }
    if seen.len() >= SHORTEST_CUT && real.starts_with(seen) {
        return Some("cut");
    }
    if real.len() >= SHORTEST_CUT && seen.starts_with(real) {
        return Some("text behind it");
    }
    if seen.len() >= SHORTEST_CUT && real.to_lowercase().starts_with(&seen.to_lowercase()) {
        return Some("case");
    }
    None
}

/// True for the same click id, also with an in-app browser's mark behind it.
pub(in crate::rule) fn is_same(seen: &str, real: &str) -> bool {
    let bare = |text: &str| -> usize {
        IN_APP_MARKS.iter().filter_map(|mark| text.find(mark)).min().unwrap_or(text.len())
    };
    seen == real || seen[..bare(seen)] == real[..bare(real)]
}

/// Fewer characters than this are no remainder of a click id.
const SHORTEST_CUT: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_named_and_strangers_are_not() {
        let real = "IwAR2F4-dbP0l7Mn1_Iaw";
        for (seen, expected) in [
            ("IwAR2F4-dbP0l7Mn1_Iaw", None),
            ("IwAR2F4-dbP0l7Mn1_Iaw_aem_XyZ", None),
            ("iwar2f4-dbp0l7mn1_iaw", Some("case")),
            ("IwAR2F4-dbP0", Some("cut")),
            ("IwAR2F4dbP0l7Mn1Iaw", Some("punctuation dropped or replaced")),
            ("IwAR2F4-dbP0l7Mn1_Iaw?utm=1", Some("text behind it")),
            ("IwAR9xxxxxxxxxxxxxx", None),
            ("IwA", None),
        ] {
            assert_eq!(alteration(seen, real), expected, "{seen}");
        }
    }

    #[test]
    fn the_click_id_of_an_address_is_found_wherever_it_stands() {
        for (address, expected) in [
            ("https://shop.test/?fbclid=IwAR1", Some("IwAR1")),
            ("https://shop.test/a?b=1&fbclid=Iw%2DAR#top", Some("Iw-AR")),
            ("https://shop.test/?notfbclid=1", None),
            ("https://shop.test/?fbclid=", None),
            ("https://shop.test/#fbclid=1", None),
        ] {
            assert_eq!(in_address(address).as_deref(), expected, "{address}");
        }
    }
}
