//! ## What it checks
//! The parameters of an event (`cd[…]`, `custom_data`) hold no plain personal data: no
//! e-mail address in any text, no telephone number, name, birth date or postal address
//! under a parameter of that name, and nothing that the test person typed: e-mail address,
//! telephone and card number, street with number, date of birth, password, the full name,
//! and the last name by itself where it is no everyday word. Case, percent-encoding and
//! Base64 do not hide it. Search words may hold a name; a first name or a city by itself is
//! no finding. What the script collects by itself is exempt.
//!
//! ## Why it matters
//! It is against the platform's terms and, without a legal basis, against the law. It
//! matches nobody: people are matched by hashed user data only.
//!
//! ## How to fix
//! Remove it from the parameters. Hand it to `fbq('init', …)` or, hashed, to `user_data`,
//! if it is to be used for matching at all.
//!
//! ## Source
//! Meta, Business Tools Terms; Meta, advanced matching. Observed: `cd[email]` is sent in
//! clear.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use polars::prelude::*;
use serde_json::Value;

use super::personal::{Kind, Person, kinds};
use crate::event::Event;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "personal-data-in-custom-data",
    title: "plain personal data among an event's parameters",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("personal_data_in_custom_data.rs"),
};

/// Parameters are followed this deep; deeper ones are hostile.
const DEEPEST: usize = 8;

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let people: BTreeMap<u32, Person> =
        tables.sessions.iter().map(|facts| (facts.session, Person::new(&facts.persona))).collect();
    let nobody = Person::default();
    let mut found = Vec::new();
    for (row, event) in tables.events.iter().enumerate().filter(|(_, event)| !event.automatic) {
        let person = event.session.and_then(|session| people.get(&session)).unwrap_or(&nobody);
        for (name, kind) in look(event, person) {
            found.push(Group {
                event: event.name.clone(),
                channel: Some(event.channel),
                session: event.session,
                cause: format!("{} in {name}", kind.name()),
                rows: vec![row],
            });
        }
    }
    groups(tables, &gather(found))
}

/// Parameters with personal data in them.
fn look(event: &Event, person: &Person) -> Vec<(String, Kind)> {
    let mut found = Vec::new();
    for (name, value) in &event.parameters {
        let mut kinds = BTreeSet::new();
        within(name, value, person, 0, &mut kinds);
        found.extend(kinds.into_iter().map(|kind| (name.clone(), kind)));
    }
    found
}

fn within(name: &str, value: &Value, person: &Person, depth: usize, found: &mut BTreeSet<Kind>) {
    match value {
        _ if depth > DEEPEST => {}
        Value::String(text) => {
            found.extend(kinds(name, text, person));
            // Some sites escape what they put into an event.
            let plain = percent_decode_str(text).decode_utf8_lossy();
            if plain != *text {
                found.extend(kinds(name, &plain, person));
            }
        }
        Value::Number(number) => found.extend(kinds(name, &number.to_string(), person)),
        Value::Array(list) => {
            for item in list {
                within(name, item, person, depth + 1, found);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                within(name, item, person, depth + 1, found);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let (cause, event, channel) = (row.text("cause")?, row.event(), row.channel()?);
    Some(
        Offence::new(
            format!("{event} from the {channel} carries plain personal data: {cause}"),
            "remove it from the parameters; matching data goes, hashed, into user_data",
        )
        .because(cause),
    )
}
