//! ## What it checks
//! Addresses that travel with an event — the page, the referrer — hold no plain personal
//! data: no e-mail address anywhere, no telephone number, name, birth date or postal
//! address under a parameter of that name, and nothing that the test person typed: e-mail
//! address, telephone and card number, street with number, date of birth, password, the full
//! name, and the last name by itself where it is no everyday word. Case, percent-encoding
//! and Base64 do not hide it. A name among search words is no finding, nor is a first name
//! or a city by itself.
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

use super::personal::{Kind, Person, has_email, kinds};
use crate::event::{Channel, Event, mask_and_cut};
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

/// One offence per session, side, kind and place: the same address stands on many events.
/// What the page has in its address the server need not repeat, so both sides are told.
fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let people: BTreeMap<u32, Person> =
        tables.sessions.iter().map(|facts| (facts.session, Person::new(&facts.persona))).collect();
    let nobody = Person::default();
    let pages: BTreeSet<(Option<u32>, Option<&str>)> =
        tables.events.iter().map(|event| (event.session, event.page.as_deref())).collect();
    let mut found = Vec::new();
    for channel in Channel::ALL {
        for (row, event) in tables.events.iter().enumerate() {
            if event.channel != channel {
                continue;
            }
            let person = event.session.and_then(|session| people.get(&session)).unwrap_or(&nobody);
            for (place, address) in addresses(event) {
                // A page that has it hands it to the next one as referrer.
                if place == "referrer" && pages.contains(&(event.session, Some(address))) {
                    continue;
                }
                found.extend(look(address, person).into_iter().map(|(kind, spot)| Group {
                    channel: Some(channel),
                    session: event.session,
                    cause: format!("{} in {spot} of the {place}", kind.name()),
                    rows: vec![row],
                    ..Group::default()
                }));
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

/// Everything personal in an address, and where.
fn look(address: &str, person: &Person) -> BTreeSet<(Kind, String)> {
    let mut found = BTreeSet::new();
    let (base, rest) = address.split_once(['?', '#']).unwrap_or((address, ""));
    for pair in rest.split(['&', '?', '#', ';']) {
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let (name, value) = (decoded(name), decoded(value));
        for kind in kinds(&name, &value, person) {
            let spot = if name.is_empty() || !kinds("", &name, person).is_empty() {
                "the query".to_owned()
            } else {
                format!("the parameter \"{}\"", mask_and_cut(&name, LONGEST_NAME))
            };
            found.insert((kind, spot));
        }
        // `?ann@example.com=` has it in the name.
        if has_email(&name) {
            found.insert((Kind::Email, "the query".to_owned()));
        }
    }
    // What stands before the host's @ is a login, which no page has in its address.
    let path = base.split_once("://").map_or(base, |(_, rest)| rest);
    let path = path.split_once('/').map_or("", |(_, path)| path);
    for segment in path.split('/') {
        let kinds = kinds("", &decoded(segment), person);
        found.extend(kinds.into_iter().map(|kind| (kind, "the path".to_owned())));
    }
    found
}

/// Characters of a parameter's name that a message shows.
const LONGEST_NAME: usize = 40;

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
    fn everything_in_an_address_is_named() {
        let fields = [("first_name", "Mary"), ("last_name", "Smithson")]
            .map(|(field, value)| (field.to_owned(), value.to_owned()));
        let found: Vec<(Kind, String)> = look(
            "https://shop.test/mary-smithson?email=a%40example.com&phone=%2B16505551212&to=Mary+Smithson&t=bWFyeUBleGFtcGxlLmNvbQ%3D%3D",
            &Person::new(&fields.into()),
        )
        .into_iter()
        .collect();
        let spots = [
            (Kind::Email, "the parameter \"email\""),
            (Kind::Email, "the parameter \"t\""),
            (Kind::Phone, "the parameter \"phone\""),
            (Kind::Name, "the parameter \"to\""),
            (Kind::Name, "the path"),
        ];
        assert_eq!(found, spots.map(|(kind, spot)| (kind, spot.to_owned())));
    }

    #[test]
    fn encoded_and_hidden_data_is_found_and_lookalikes_are_not() {
        let found = |address: &str| look(address, &Person::default()).into_iter().next();
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
