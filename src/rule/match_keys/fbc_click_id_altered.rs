//! ## What it checks
//! The click id in `fbc` is the `fbclid` of the visit's landing page, character by
//! character: not lower-cased, cut, decoded or stripped, and not that of another visit.
//! The landing's click id is known from the addresses of the visit's own events and from
//! the test person. The mark that in-app browsers put behind it is fine.
//!
//! ## Why it matters
//! A click id is case-sensitive and only valid as a whole. An altered one belongs to no
//! click; the platform's diagnostics call it "modified fbclid value".
//!
//! ## How to fix
//! Copy it unmodified. Look for lower-casing of addresses (proxies, routers, analytics),
//! for columns that are too short, and for a second URL-decoding.
//!
//! ## Source
//! Meta, "fbp and fbc parameters": the fbclid is case-sensitive, do not modify it. Dataset
//! Quality diagnostics: "server sending modified fbclid value in fbc".

use polars::prelude::*;

use super::click;
use crate::event::{Channel, Event};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::suspects::{Suspect, event_of, frame, told};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "fbc-click-id-altered",
    title: "a click id that is not the landing's",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("fbc_click_id_altered.rs"),
};

/// What became of the click id of an event; `None` where it is the landing's, or where
/// nothing is known of a landing.
pub(in crate::rule) fn alteration(tables: &Tables, event: &Event) -> Option<&'static str> {
    let seen = click::of_event(event)?.payload;
    let person = click::of_person(tables, event.session);
    let landed = click::landed(tables, event.session);
    if let Some(change) = person.and_then(|real| click::alteration(seen, real)) {
        return Some(change);
    }
    // The person's own click id is right, whatever became of it in an address.
    if person.is_some_and(|real| click::is_same(seen, real)) {
        return None;
    }
    if landed.iter().any(|real| click::is_same(seen, real)) {
        return None;
    }
    if let Some(change) = landed.iter().find_map(|real| click::alteration(seen, real)) {
        return Some(change);
    }
    if !landed.is_empty() {
        return Some("another click's");
    }
    // A fresh browser whose own events carry none never clicked on an ad.
    let of_visit = |channel: Channel| {
        tables.events.iter().filter(move |other| {
            other.session == event.session && other.channel == channel && !other.automatic
        })
    };
    let invented = event.channel == Channel::Server
        && event.session.is_some()
        && person.is_some()
        && of_visit(Channel::Browser).count() > 0
        && of_visit(Channel::Browser).all(|other| click::of_event(other).is_none());
    invented.then_some("invented")
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let suspects: Vec<Suspect> = told(tables)
        .filter_map(|(row, event)| Some(Suspect::event(row, alteration(tables, event)?)))
        .collect();
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (_, event) = event_of(row, tables)?;
    let cause = row.text("what")?;
    let subject = format!("the click id in fbc of {} from the {}", event.name(), event.channel);
    let (message, fix) = match cause.as_str() {
        "case" => (
            format!("{subject} differs from the landing's in upper and lower case"),
            "hand fbclid on unchanged: something changes the case of addresses or values",
        ),
        "cut" => (
            format!("{subject} is only the beginning of the landing's"),
            "widen the column, cookie or field that cuts the click id",
        ),
        "another click's" => (
            format!("{subject} is not the one that this visit landed with"),
            "take the click id of this visit; look for caches and for values kept between requests",
        ),
        "invented" => (
            format!("{subject} belongs to no click: the visit had none"),
            "send no fbc where the visitor did not come from an ad",
        ),
        _ => (
            format!("{subject} is an altered form of the landing's ({cause})"),
            "hand fbclid on character by character, URL-decoded once",
        ),
    };
    Some(Offence::new(message, fix).because(cause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::MatchKey;
    use crate::rule::trial::{CLICK, browser, causes, server, visit, with};

    const ID: &str = "fbc-click-id-altered";

    fn of(click: &str) -> Vec<String> {
        let value = format!("fb.1.1772452790000.{click}");
        let event = with(server("Purchase", "order-1"), MatchKey::ClickId, &value);
        causes(ID, vec![browser("Purchase", "order-1"), event], vec![visit()])
    }

    #[test]
    fn every_change_is_named_and_the_landings_own_passes() {
        assert!(of(CLICK).is_empty());
        assert!(of(&format!("{CLICK}.AQQCAQIB")).is_empty());
        assert!(of(&format!("{CLICK}_aem_AbC")).is_empty());
        assert_eq!(of(&CLICK.to_lowercase()), ["case"]);
        assert_eq!(of(&CLICK[..30]), ["cut"]);
    }

    #[test]
    fn another_click_is_told_by_the_address_of_the_landing() {
        let mut landing = browser("PageView", "page-1");
        landing.page = Some("https://shop.test/?fbclid=IwARlanding".into());
        let landing = with(landing, MatchKey::ClickId, "fb.1.1772452790000.IwARlanding");
        let stale = with(
            server("Purchase", "order-1"),
            MatchKey::ClickId,
            "fb.1.1772452790000.IwARyesterday",
        );
        assert_eq!(causes(ID, vec![landing, stale], vec![visit()]), ["another click's"]);
    }

    #[test]
    fn a_click_id_out_of_nowhere_is_invented_unless_the_browser_has_it_too() {
        let foreign = "fb.1.1772452790000.IwARnowhere";
        let server = with(server("Purchase", "order-1"), MatchKey::ClickId, foreign);
        let without = with(browser("Purchase", "order-1"), MatchKey::ClickId, "");
        let also = with(browser("Purchase", "order-1"), MatchKey::ClickId, foreign);
        assert_eq!(causes(ID, vec![without, server.clone()], vec![visit()]), ["invented"]);
        assert!(causes(ID, vec![also, server], vec![visit()]).is_empty());
    }
}
