//! ## What it checks
//! The page that a server event names is not on a host of a workshop (`localhost`, private
//! addresses, `staging.`, `dev.` …) while the visitor was on another host, or while a log
//! has visits to a public one. A site under test may itself be on such a host.
//!
//! ## Why it matters
//! Behind a proxy a server often sees its internal name and reports that. In production,
//! events of a staging site that reach the real pixel are counted like sales.
//!
//! ## How to fix
//! Build the address from the forwarded host or a configured base address. Give staging a
//! pixel of its own, or none.
//!
//! ## Source
//! Meta, server event parameters: event_source_url should match the verified domain. Names
//! of workshops: RFC 2606, RFC 6761, RFC 1918 and common usage.

use std::collections::BTreeSet;

use polars::prelude::*;

use crate::event::{Channel, Event};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::pick::events_where;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "staging-source-url",
    title: "an event of a staging or internal host",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("staging_source_url.rs"),
};

/// Ends of host names that are not public.
const ENDS: &[&str] = &[
    "localhost",
    ".local",
    ".localdomain",
    ".internal",
    ".test",
    ".example",
    ".invalid",
    ".lan",
    ".ngrok.io",
    ".ngrok-free.app",
    ".ngrok.app",
];
/// First labels of workshops.
const LABELS: &[&str] = &[
    "staging", "stage", "stg", "dev", "develop", "test", "testing", "qa", "uat", "preview",
    "preprod",
];

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let visited: BTreeSet<(Option<u32>, String)> = tables
        .events
        .iter()
        .filter(|event| event.channel == Channel::Browser)
        .filter_map(|event| Some((event.session, host(event)?)))
        .collect();
    let visitors: BTreeSet<Option<u32>> = visited.iter().map(|(session, _)| *session).collect();
    let public = visited.iter().any(|(_, host)| !is_workshop(host));
    events_where(tables, |_, event| {
        let Some(host) = host(event).filter(|host| is_workshop(host)) else { return false };
        match event.session {
            // The visitor was somewhere, and not there.
            Some(_) => {
                event.channel == Channel::Server
                    && visitors.contains(&event.session)
                    && !visited.contains(&(event.session, host))
            }
            // A log, and most of it is of a public site.
            None => public,
        }
    })
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let event = tables.events.get(row.count("row")? as usize)?;
    let host = host(event)?;
    Some(
        Offence::new(
            format!(
                "{} from the {} names a page on {host}, where no visitor was",
                event.name(),
                event.channel
            ),
            "build the address from the host that the visitor sees; give staging a pixel of its own",
        )
        .because("workshop host"),
    )
}

fn host(event: &Event) -> Option<String> {
    let url = url::Url::parse(event.page.as_deref()?).ok()?;
    url.host_str().map(str::to_ascii_lowercase)
}

/// True for hosts that only exist on the way to production.
pub(in crate::rule) fn is_workshop(host: &str) -> bool {
    match url::Host::parse(host) {
        Ok(url::Host::Ipv4(v4)) => {
            return v4.is_loopback() || v4.is_private() || v4.is_link_local();
        }
        Ok(url::Host::Ipv6(v6)) => return v6.is_loopback() || v6.is_unique_local(),
        Ok(url::Host::Domain(_)) | Err(_) => {}
    }
    let mut labels = host.split('.');
    // A name without a dot is one of the house.
    let bare = !host.contains('.');
    let first = labels.next().unwrap_or_default();
    let label = first.split('-').any(|part| LABELS.contains(&part));
    bare || label || ENDS.iter().any(|end| host.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_names_are_told_from_those_of_a_workshop() {
        for host in [
            "localhost",
            "127.0.0.1",
            "10.1.2.3",
            "[::1]",
            "web",
            "shop.local",
            "staging.shop.com",
            "shop-dev.vercel.app",
            "shop.test",
        ] {
            assert!(is_workshop(host), "{host}");
        }
        for host in
            ["shop.com", "www.shop.co.uk", "devices.shop.com", "198.51.100.7", "stagecoach.com"]
        {
            assert!(!is_workshop(host), "{host}");
        }
    }
}
