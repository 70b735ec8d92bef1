//! ## What it checks
//! In logs: no single address stands for a large share of many visitors (told apart by
//! `fbp`). A family or an office may share one. During a run the visitor's address is
//! known, and a wrong one is a rule of its own.
//!
//! ## Why it matters
//! Visitors with one address in common are the mark of a server that reports its own
//! address, or a proxy's. It matches nobody, and makes strangers look alike.
//!
//! ## How to fix
//! Take the visitor's address from the header that the load balancer or the content
//! network sets, not from the connection.
//!
//! ## Source
//! Seen in the wild: servers that send their own address. Meta, Dataset Quality
//! diagnostics: "server sending mismatched IP addresses".

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use crate::event::{Channel, Event, MatchKey};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::client::{Reach, reach, read_address};
use crate::platform::meta::without_appendix;
use crate::rule::suspects::{Suspect, event_of, frame, told_by};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "client-ip-shared-by-visitors",
    title: "one address for many visitors",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("client_ip_shared_by_visitors.rs"),
};

/// So many browsers behind one address are more than a household. An engineering choice.
const MANY_VISITORS: usize = 5;
/// And they are at least this share of all visitors.
const LARGE_SHARE: f64 = 0.2;

/// The public address of an event that belongs to no session.
fn address(event: &Event) -> Option<&str> {
    let value = event.key(MatchKey::ClientIp).filter(|_| event.session.is_none())?;
    let public = read_address(value).is_ok_and(|address| reach(address) == Reach::Public);
    public.then(|| without_appendix(MatchKey::ClientIp, value))
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let mut visitors: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut everyone: BTreeSet<&str> = BTreeSet::new();
    for (_, event) in told_by(tables, Channel::Server) {
        if let (Some(address), Some(visitor)) = (address(event), event.key(MatchKey::BrowserId)) {
            visitors.entry(address).or_default().insert(visitor);
            everyone.insert(visitor);
        }
    }
    visitors.retain(|_, some| {
        some.len() >= MANY_VISITORS && some.len() as f64 >= LARGE_SHARE * everyone.len() as f64
    });
    let suspects: Vec<Suspect> = told_by(tables, Channel::Server)
        .filter_map(|(row, event)| {
            let some = visitors.get(address(event)?)?;
            Some(Suspect::event(row, some.len().to_string()))
        })
        .collect();
    frame(tables, &suspects)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (_, event) = event_of(row, tables)?;
    let visitors = row.text("what")?;
    Some(Offence::new(
        format!("{} from the server has an address that {visitors} visitors share", event.name()),
        "send the visitor's own address, not the server's or a proxy's",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{findings, server, visit, with};

    const ID: &str = "client-ip-shared-by-visitors";

    fn crowd(size: usize, ip: &str) -> Vec<Event> {
        (0..size)
            .map(|number| {
                let mut event = server("Lead", &format!("{ip}-{number}"));
                event.session = None;
                let event = with(event, MatchKey::ClientIp, ip);
                with(event, MatchKey::BrowserId, &format!("fb.1.1772452790000.{number}{size}"))
            })
            .collect()
    }

    #[test]
    fn a_crowd_behind_one_address_is_found_and_an_office_is_not() {
        assert_eq!(findings(ID, crowd(6, "34.117.59.81"), vec![]).len(), 1);
        assert!(findings(ID, crowd(3, "34.117.59.81"), vec![]).is_empty());
        let mut office = crowd(6, "34.117.59.81");
        for number in 0..40 {
            office.extend(crowd(1, &format!("73.162.41.{number}")).into_iter().map(|event| {
                with(event, MatchKey::BrowserId, &format!("fb.1.1772452790000.9{number}"))
            }));
        }
        assert!(findings(ID, office, vec![]).is_empty());
    }

    #[test]
    fn private_addresses_and_sessions_are_left_to_others() {
        assert!(findings(ID, crowd(6, "10.0.0.1"), vec![]).is_empty());
        let mut events = crowd(6, "34.117.59.81");
        for event in &mut events {
            event.session = Some(1);
        }
        assert!(findings(ID, events, vec![visit()]).is_empty());
    }
}
