//! ## What it checks
//! Addresses that travel with an event — the page, the referrer — hold no plain personal
//! data: no e-mail address anywhere, no telephone number, name, birth date or postal
//! address under a parameter of that name, and nothing that the test person typed.
//!
//! ## Why it matters
//! It is against the platform's terms and, without a legal basis, against the law, and the
//! same address goes to every other script on the page, to logs and to referrers.
//!
//! ## How to fix
//! Send forms by POST, and pass on an opaque number of the order instead of the person's
//! data. Links in e-mails need a token, not the address of the reader.
//!
//! ## Source
//! Meta, Business Tools Terms: no personal data outside of hashed customer information.
//! The pixel sends the address as it is, unless its settings know the key (observed).

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use polars::prelude::*;

use super::personal::{Kind, has_email, kind};
use crate::event::{Channel, Event};
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::words::several;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "personal-data-in-url",
    title: "plain personal data in an address",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("personal_data_in_url.rs"),
};

/// Addresses of an event, with the words for each.
const REFERRERS: &[(&str, &str)] = &[("rl", "referrer"), ("referrer_url", "referrer")];

/// One offence per session, side and place: the same address stands on many events. What
/// the server only repeats from the page is the page's fault.
fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let nobody = BTreeMap::new();
    let pages: BTreeSet<(Option<u32>, Option<&str>)> =
        tables.events.iter().map(|event| (event.session, event.page.as_deref())).collect();
    let mut found = Vec::new();
    let mut told: BTreeSet<(Option<u32>, String)> = BTreeSet::new();
    for channel in Channel::ALL {
        for (row, event) in tables.events.iter().enumerate() {
            if event.channel != channel {
                continue;
            }
            let facts = tables.session(event.session);
            let persona = facts.map_or(&nobody, |facts| &facts.persona);
            for (place, address) in addresses(event) {
                let Some((kind, spot)) = look(address, persona) else { continue };
                let what = format!("{} in {spot}", kind.name());
                let elsewhere =
                    channel == Channel::Server && told.contains(&(event.session, what.clone()));
                if channel == Channel::Browser {
                    told.insert((event.session, what.clone()));
                }
                // A page that has it hands it to the next one as referrer.
                let followed =
                    place == "referrer" && pages.contains(&(event.session, Some(address)));
                if !elsewhere && !followed {
                    found.push(Group {
                        channel: Some(channel),
                        session: event.session,
                        cause: format!("{what} of the {place}"),
                        rows: vec![row],
                        ..Group::default()
                    });
                }
            }
        }
    }
    groups(tables, &gather(found))
}

fn addresses(event: &Event) -> impl Iterator<Item = (&'static str, &str)> {
    let referrers = REFERRERS
        .iter()
        .filter_map(|(mark, place)| Some((*place, event.marks.get(*mark)?.as_str())));
    event.page.as_deref().map(|page| ("page", page)).into_iter().chain(referrers)
}

/// The first personal thing in an address, and where.
fn look(address: &str, persona: &BTreeMap<String, String>) -> Option<(Kind, String)> {
    let (base, rest) = address.split_once(['?', '#']).unwrap_or((address, ""));
    for pair in rest.split(['&', '?', '#', ';']) {
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let (name, value) = (decoded(name), decoded(value));
        if let Some(kind) = kind(&name, &value, persona) {
            let spot = if name.is_empty() || has_email(&name) {
                "the query".to_owned()
            } else {
                format!("the parameter \"{}\"", name.chars().take(40).collect::<String>())
            };
            return Some((kind, spot));
        }
    }
    // What stands before the host's @ is a login, which no page has in its address.
    let path = base.split_once("://").map_or(base, |(_, rest)| rest);
    let path = path.split_once('/').map_or("", |(_, path)| path);
    path.split('/').find_map(|segment| {
        let kind = kind("", &decoded(segment), persona)?;
        Some((kind, "the path".to_owned()))
    })
}

/// Percent-encoding removed, twice: links in links are encoded twice.
fn decoded(text: &str) -> String {
    let once = percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    percent_decode_str(&once).decode_utf8_lossy().into_owned()
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let (cause, channel) = (row.text("cause")?, row.channel()?);
    let times = row.count("times")?;
    Some(
        Offence::new(
            format!(
                "{} of the {channel} with personal data in an address: {cause}",
                several(times as usize, "event")
            ),
            "send forms by POST and pass on an opaque number instead of the person's data",
        )
        .because(cause),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_and_hidden_data_is_found_and_lookalikes_are_not() {
        let found = |address: &str| look(address, &BTreeMap::new());
        for (address, spot) in [
            ("https://shop.test/?email=ann%40example.com", "the parameter \"email\""),
            ("https://shop.test/?next=%2Fa%3Fm%3Dann%2540example.com", "the parameter \"next\""),
            ("https://shop.test/?ann@example.com", "the query"),
            ("https://shop.test/#/welcome?mail=ann@example.com", "the parameter \"mail\""),
            ("https://shop.test/user/ann@example.com/orders", "the path"),
        ] {
            assert_eq!(found(address), Some((Kind::Email, spot.to_owned())), "{address}");
        }
        for address in [
            "https://shop.test/@ann",
            "https://shop.test/img/logo@2x.png?v=3",
            "https://shop.test/?email=_removed_",
            "https://shop.test/?q=mug&order=1001",
            "https://cdn.test/npm/lib@1.2.3/dist",
        ] {
            assert_eq!(found(address), None, "{address}");
        }
    }
}
