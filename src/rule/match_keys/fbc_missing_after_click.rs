//! ## What it checks
//! After a landing with `fbclid`, every event of the visit carries `fbc`: on the server
//! always, in the browser where first-party cookies work (the hit has an `fbp`). That
//! there was a click is known from the addresses of the visit's events and from its
//! browser events; in logs, from the browser half of the pair.
//!
//! ## Why it matters
//! The click id is what ties the conversion to the very ad. Without it the platform has
//! to find the person by other means, and often does not.
//!
//! ## How to fix
//! On the server, read the `_fbc` cookie; on the landing request itself it is not there
//! yet, so make `fbc` of the `fbclid` parameter. Keep it with the order for calls that
//! are made later, without the visitor's request at hand.
//!
//! ## Source
//! Meta, "fbp and fbc parameters": send fbc with server events; without a cookie, build it
//! from the fbclid query parameter.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::click;
use super::too_few_match_keys::is_too_broad;
use crate::event::{Channel, Event, MatchKey};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::suspects::{Suspect, event_of, frame, pairs, told_in};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "fbc-missing-after-click",
    title: "no click id although the visitor clicked an ad",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("fbc_missing_after_click.rs"),
};

fn carries(event: &Event, key: MatchKey) -> bool {
    event.keys.get(&key).is_some_and(|values| values.iter().any(|value| !value.is_empty()))
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let mut suspects = Vec::new();
    for facts in &tables.sessions {
        let of_visit = || told_in(tables, facts.session);
        let since = of_visit()
            .filter(|(_, event)| {
                event.page.as_deref().and_then(click::in_address).is_some()
                    || event.channel == Channel::Browser && carries(event, MatchKey::ClickId)
            })
            .map(|(_, event)| event.caught)
            .min();
        let Some(since) = since else { continue };
        // When the browser told of an action: a server's event can overtake the hit of the
        // landing, and one of an earlier visit has no click to carry.
        let told: BTreeMap<&str, i64> = of_visit()
            .filter(|(_, event)| event.channel == Channel::Browser)
            .filter_map(|(_, event)| Some((event.id.as_deref()?, event.caught)))
            .collect();
        for (row, event) in of_visit() {
            let partner = event.id.as_deref().and_then(|id| told.get(id)).copied();
            let after = partner.unwrap_or(event.caught) >= since
                || (partner.is_none() && event.channel == Channel::Server);
            let able = event.channel == Channel::Server || carries(event, MatchKey::BrowserId);
            if after && able && !carries(event, MatchKey::ClickId) && from_the_site(event) {
                suspects.push(Suspect::event(row, "visit"));
            }
        }
    }
    let known: BTreeSet<usize> = suspects.iter().map(|suspect| suspect.row).collect();
    for pair in pairs(tables)? {
        if !known.contains(&pair.server_row)
            && pair.session().is_none()
            && carries(pair.browser, MatchKey::ClickId)
            && !carries(pair.server, MatchKey::ClickId)
        {
            suspects.push(Suspect::event(pair.server_row, "pair"));
        }
    }
    frame(tables, &suspects)
}

/// Events of a shop counter or a call centre have no click; and an event that is refused
/// for want of any key has another trouble.
fn from_the_site(event: &Event) -> bool {
    !is_too_broad(event) && event.action_source.as_deref().is_none_or(|source| source == "website")
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (_, event) = event_of(row, tables)?;
    let message = format!(
        "{} from the {} carries no fbc, although the visitor came with a click id",
        event.name(),
        event.channel
    );
    let fix = match event.channel {
        Channel::Browser => {
            "let the pixel set its first-party cookie before the event, on the page with fbclid"
        }
        Channel::Server => {
            "send the _fbc cookie; without one, make fbc of the landing's fbclid and keep it with the visit"
        }
    };
    Some(Offence::new(message, fix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{browser, causes, server, visit, with};

    const ID: &str = "fbc-missing-after-click";

    fn landing() -> Event {
        let mut landing = browser("PageView", "page-1");
        landing.page = Some("https://shop.test/?fbclid=IwARlanding".into());
        landing.caught -= 10_000;
        landing
    }

    #[test]
    fn events_after_the_click_must_carry_it() {
        let bare = || with(server("Purchase", "order-1"), MatchKey::ClickId, "");
        assert_eq!(causes(ID, vec![landing(), bare()], vec![visit()]).len(), 1);
        assert!(causes(ID, vec![landing(), server("Purchase", "1")], vec![visit()]).is_empty());
        let mut in_shop = bare();
        in_shop.action_source = Some("physical_store".into());
        assert!(causes(ID, vec![landing(), in_shop], vec![visit()]).is_empty());
    }

    #[test]
    fn without_a_click_or_without_cookies_nothing_is_missing() {
        let bare = |event| with(event, MatchKey::ClickId, "");
        let organic = vec![bare(browser("Purchase", "1")), bare(server("Purchase", "1"))];
        assert!(causes(ID, organic, vec![visit()]).is_empty());
        let cookieless = with(bare(landing()), MatchKey::BrowserId, "");
        assert!(causes(ID, vec![cookieless], vec![visit()]).is_empty());
    }

    #[test]
    fn in_logs_the_pair_shows_it() {
        let outside = |mut event: Event| {
            event.session = None;
            event
        };
        let pair = |server_event: Event| {
            let events = vec![outside(browser("Purchase", "order-1")), outside(server_event)];
            causes(ID, events, vec![]).len()
        };
        assert_eq!(pair(with(server("Purchase", "order-1"), MatchKey::ClickId, "")), 1);
        assert_eq!(pair(server("Purchase", "order-1")), 0);
    }
}
