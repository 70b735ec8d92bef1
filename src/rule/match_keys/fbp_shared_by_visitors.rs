//! ## What it checks
//! No two visitors have the same `fbp`. Every session of a run is played in a fresh
//! browser, so one `fbp` in two sessions is shared; in logs, one `fbp` with many
//! different e-mail or external ids is.
//!
//! ## Why it matters
//! The platform takes all of them for one person: conversions of strangers are merged
//! into one history, and without event IDs the second one is dropped as a duplicate.
//!
//! ## How to fix
//! Look for a page cache that stores the `Set-Cookie` header or an inline value, for a
//! value kept in a process-wide variable, and for a constant in a template.
//!
//! ## Source
//! Meta, "fbp and fbc parameters": fbp identifies a browser.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::unstable_fbp::fbp;
use crate::event::MatchKey;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::suspects::{Suspect, event_of, frame, told};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "fbp-shared-by-visitors",
    title: "one browser id for different visitors",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("fbp_shared_by_visitors.rs"),
};

/// In logs: so many people with one browser id are no household. An engineering choice.
const MANY_PEOPLE: usize = 5;

/// Browser ids that events of more than one session carry.
pub(in crate::rule) fn shared(tables: &Tables) -> BTreeSet<&str> {
    let mut sessions: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for (_, event) in told(tables) {
        if let Some(session) = event.session
            && let Some(id) = fbp(event)
        {
            sessions.entry(id).or_default().insert(session);
        }
    }
    sessions.into_iter().filter(|(_, some)| some.len() > 1).map(|(id, _)| id).collect()
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let shared = shared(tables);
    let carriers: Vec<_> =
        told(tables).filter_map(|(row, event)| Some((row, event, fbp(event)?))).collect();
    let mut people: BTreeMap<(&str, MatchKey), BTreeSet<&str>> = BTreeMap::new();
    for (_, event, id) in carriers.iter().filter(|(_, event, _)| event.session.is_none()) {
        for key in [MatchKey::Email, MatchKey::ExternalId] {
            if let Some(person) = event.key(key).filter(|value| !value.is_empty()) {
                people.entry((*id, key)).or_default().insert(person);
            }
        }
    }
    let crowded: BTreeSet<&str> = people
        .into_iter()
        .filter(|(_, people)| people.len() >= MANY_PEOPLE)
        .map(|((id, _), _)| id)
        .collect();
    let suspects: Vec<Suspect> = carriers
        .into_iter()
        .filter(|(_, event, id)| {
            // A server event that two sessions could claim belongs to none of them.
            shared.contains(id) || event.session.is_none() && crowded.contains(id)
        })
        .map(|(row, ..)| Suspect::event(row, "shared"))
        .collect();
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (_, event) = event_of(row, tables)?;
    Some(Offence::new(
        format!(
            "{} from the {} has an fbp that different visitors share",
            event.name(),
            event.channel
        ),
        "make sure that no cache and no long-lived variable holds a visitor's _fbp",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::rule::trial::{browser, findings, second_visit, server, visit, with};

    const ID: &str = "fbp-shared-by-visitors";

    fn second(mut event: Event) -> Event {
        event.session = Some(2);
        event.caught += 1_000_000;
        event
    }

    #[test]
    fn two_sessions_with_one_id_are_found_and_one_session_is_not() {
        let sessions = || vec![visit(), second_visit()];
        let shared = vec![browser("PageView", "1"), second(browser("PageView", "2"))];
        assert_eq!(findings(ID, shared, sessions()).len(), 2);
        let other = with(browser("PageView", "2"), MatchKey::BrowserId, "fb.1.1772453790000.2");
        let apart = vec![browser("PageView", "1"), second(other)];
        assert!(findings(ID, apart, sessions()).is_empty());
        let once = vec![browser("PageView", "1"), server("PageView", "1")];
        assert!(findings(ID, once, vec![visit()]).is_empty());
    }

    #[test]
    fn in_logs_a_household_may_share_a_browser_but_a_crowd_may_not() {
        let crowd = |size: usize| {
            let events = (0..size)
                .map(|number| {
                    let mut event = server("Lead", &format!("{number}"));
                    event.session = None;
                    with(event, MatchKey::ExternalId, &number.to_string())
                })
                .collect();
            findings(ID, events, vec![]).len()
        };
        assert_eq!((crowd(2), crowd(6)), (0, 1));
    }
}
