//! ## What it checks
//! The click id in `fbc` is the `fbclid` of the visit's landing page, character by
//! character: not lower-cased, cut, decoded or stripped, and not that of another visit.
//! The landing's click id is known from the addresses of the visit's own events and from
//! the test person. The mark that in-app browsers put behind it is fine.
//! Meta's parameter builder writes behind `fbc` what it did. Where it says "modified" and
//! the visit has one click only, it found another one in the cookie: that is a warning.
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

use super::click::{ANOTHER, Clicks, INVENTED, REPLACED, replaced_by};
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

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let clicks = Clicks::new(tables);
    let suspects: Vec<Suspect> = told(tables)
        .filter_map(|(row, event)| {
            let replaced = || {
                replaced_by(event)?;
                clicks.of_one(tables, event.session).then_some(REPLACED)
            };
            let cause = clicks.alteration(event).or_else(replaced)?;
            Some(Suspect::event(row, cause))
        })
        .collect();
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (_, event) = event_of(row, tables)?;
    let cause = row.text("what")?;
    let subject = format!("the click id in fbc of {} from the {}", event.name(), event.channel);
    let mark = replaced_by(event);
    if let Some(mark) = mark
        && cause == REPLACED
    {
        return Some(
            Offence::new(
                format!("fbc of {} from the {} bears the mark of {mark}: it found another click id in the cookie and replaced it, and this visit has one click only", event.name(), event.channel),
                "look for what writes the _fbc cookie beside the pixel and the library, and for a library that is given the wrong cookie",
            )
            .because(REPLACED)
            .weighing(Severity::Warn),
        );
    }
    let (message, fix) = match cause.as_str() {
        "case" => (
            format!("{subject} differs from the landing's in upper and lower case"),
            "hand fbclid on unchanged: something changes the case of addresses or values",
        ),
        "cut" => (
            format!("{subject} is only the beginning of the landing's"),
            "widen the column, cookie or field that cuts the click id",
        ),
        ANOTHER => (
            format!("{subject} is not the one that this visit landed with"),
            "take the click id of this visit; look for caches and for values kept between requests",
        ),
        INVENTED => (
            format!("{subject} belongs to no click: the visit had none"),
            "send no fbc where the visitor did not come from an ad",
        ),
        _ => (
            format!("{subject} is an altered form of the landing's ({cause})"),
            "hand fbclid on character by character, URL-decoded once",
        ),
    };
    let proof = mark.map(|mark| format!("; its fifth part says so: {mark}")).unwrap_or_default();
    Some(Offence::new(message + &proof, fix).because(cause))
}

#[cfg(test)]
mod tests {
    use super::REPLACED;
    use crate::event::MatchKey;
    use crate::rule::trial::{CLICK, browser, causes, findings, server, visit, with};

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
    fn a_librarys_own_word_that_it_changed_the_click_is_evidence() {
        assert_eq!(of(&format!("{CLICK}.AQQDAQIB")), [REPLACED]);
        assert!(of(&format!("{CLICK}.AQQAAQIB")).is_empty(), "unchanged");
        let value = format!("fb.1.1772452790000.{}.AQQDAQIB", CLICK.to_lowercase());
        let event = with(server("Purchase", "order-1"), MatchKey::ClickId, &value);
        let found = findings(ID, vec![browser("Purchase", "order-1"), event], vec![visit()]);
        assert_eq!(found[0].cause.as_deref(), Some("case"));
        assert!(found[0].message.contains("Node library"), "{}", found[0].message);
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
