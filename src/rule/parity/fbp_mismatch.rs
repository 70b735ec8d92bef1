//! ## What it checks
//! Both halves of a pair carry the same `fbp`. Meta's addition as a fifth part does not
//! matter. One that is malformed, that changes within the visit or that several visitors
//! share is a rule of its own.
//!
//! ## Why it matters
//! The browser id says that the server's event comes from the browser that the platform
//! already knows. With another one it comes from a stranger; and where there is no event
//! ID, nothing removes the duplicate.
//!
//! ## How to fix
//! Send the `_fbp` cookie of the visitor's request. Make none up when it is missing: on
//! the first request of a visit it is, and the event is better sent without.
//!
//! ## Source
//! Meta, "fbp and fbc parameters": fbp is the value of the _fbp cookie; "Deduplicate pixel
//! and server events": the fallback compares fbp.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::browser_ids::read_fbp;
use crate::rule::match_keys::fbp_shared_by_visitors::shared;
use crate::rule::match_keys::unstable_fbp::{fbp, made_by_server};
use crate::rule::suspects::{Pair, Suspect, frame, pair_of, pairs, told};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "fbp-mismatch",
    title: "the two halves of a conversion have different browser ids",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("fbp_mismatch.rs"),
};

/// A creation time this near to the arrival of the call was made for it.
const JUST_MADE_MS: i64 = 10_000;

fn difference(pair: &Pair<'_>) -> Option<&'static str> {
    let (browser, server) = (fbp(pair.browser)?, fbp(pair.server)?);
    if browser == server {
        return None;
    }
    let (left, right) = (read_fbp(browser).ok()?, read_fbp(server).ok()?);
    if left.payload == right.payload && left.created == right.created {
        return Some("subdomain index");
    }
    if left.payload == right.payload {
        return Some("creation time");
    }
    let made = right
        .created_millis()
        .is_some_and(|created| (pair.server.caught - created).abs() <= JUST_MADE_MS);
    Some(if made { "made by the server" } else { "another browser's" })
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let shared = shared(tables);
    let mut of_browser: BTreeSet<(Option<u32>, &str)> = BTreeSet::new();
    for (_, event) in told(tables).filter(|(_, event)| event.channel == Channel::Browser) {
        if let Some(id) = fbp(event) {
            of_browser.insert((event.session, id));
        }
    }
    let mut made: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    for facts in &tables.sessions {
        made.insert(facts.session, made_by_server(tables, facts.session));
    }
    let suspects: Vec<Suspect> = pairs(tables)?
        .iter()
        .filter_map(|pair| {
            let cause = difference(pair)?;
            // One of several of this visit, or of another visit: other findings say why.
            let server = fbp(pair.server)?;
            let explained = shared.contains(server)
                || pair.session().is_some_and(|session| {
                    of_browser.contains(&(Some(session), server))
                        || made.get(&session).is_some_and(|made| made.contains(server))
                });
            (!explained).then(|| Suspect::pair(pair, cause))
        })
        .collect();
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let pair = pair_of(row, tables)?;
    let cause = row.text("what")?;
    let message =
        format!("fbp of {} from the server is not the browser's ({cause})", pair.browser.name());
    let offence = Offence::new(
        message,
        "send the _fbp cookie of the visitor's request as it is; make none up where it is missing",
    )
    .because(cause.clone())
    .on(Channel::Server);
    Some(if cause == "subdomain index" { offence.weighing(Severity::Warn) } else { offence })
}

#[cfg(test)]
mod tests {
    use crate::event::MatchKey;
    use crate::rule::trial::{START, browser, causes, of_pair, server, visit, with};

    const ID: &str = "fbp-mismatch";

    fn of(fbp: &str) -> Vec<String> {
        let server = with(server("Purchase", "1"), MatchKey::BrowserId, fbp);
        of_pair(ID, browser("Purchase", "1"), server)
    }

    #[test]
    fn another_browser_id_is_found_with_its_cause() {
        assert!(of("fb.1.1772452790000.1098115397").is_empty());
        assert!(of("fb.1.1772452790000.1098115397.AQQCAQIB").is_empty());
        assert_eq!(of(&format!("fb.1.{}.5", START + 1_500)), ["made by the server"]);
        assert_eq!(of("fb.1.1600000000000.5"), ["another browser's"]);
        assert_eq!(of("fb.2.1772452790000.1098115397"), ["subdomain index"]);
        assert_eq!(of("fb.1.1772452790001.1098115397"), ["creation time"]);
    }

    #[test]
    fn what_other_findings_explain_is_left_to_them() {
        assert!(of("undefined").is_empty(), "malformed-fbp");
        assert!(of("").is_empty(), "low-match-key-coverage");
        let made = |event, number: &str| {
            with(event, MatchKey::BrowserId, &format!("fb.1.177245280{number}000.{number}"))
        };
        let events = vec![
            browser("PageView", "1"),
            made(server("PageView", "1"), "1"),
            browser("Purchase", "2"),
            made(server("Purchase", "2"), "2"),
        ];
        assert!(causes(ID, events, vec![visit()]).is_empty(), "unstable-fbp");
    }
}
