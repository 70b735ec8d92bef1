//! ## What it checks
//! The parameters of an event (`cd[…]`, `custom_data`) hold no plain personal data: no
//! e-mail address in any text, no telephone number, name, birth date or postal address
//! under a parameter of that name, and nothing that the test person typed. What the script
//! collects by itself is exempt.
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

use std::collections::BTreeMap;

use polars::prelude::*;
use serde_json::Value;

use super::personal::{Kind, kind};
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
    let nobody = BTreeMap::new();
    let found = tables.events.iter().enumerate().filter(|(_, event)| !event.automatic).flat_map(
        |(row, event)| {
            let facts = tables.session(event.session);
            let persona = facts.map_or(&nobody, |facts| &facts.persona);
            look(event, persona).into_iter().map(move |(name, kind)| Group {
                event: event.name.clone(),
                channel: Some(event.channel),
                session: event.session,
                cause: format!("{} in {name}", kind.name()),
                rows: vec![row],
            })
        },
    );
    groups(tables, &gather(found))
}

/// Parameters with personal data in them.
fn look(event: &Event, persona: &BTreeMap<String, String>) -> Vec<(String, Kind)> {
    event
        .parameters
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), within(name, value, persona, 0)?)))
        .collect()
}

fn within(
    name: &str,
    value: &Value,
    persona: &BTreeMap<String, String>,
    depth: usize,
) -> Option<Kind> {
    match value {
        _ if depth > DEEPEST => None,
        Value::String(text) => kind(name, text, persona),
        Value::Number(number) => kind(name, &number.to_string(), persona),
        Value::Array(list) => list.iter().find_map(|item| within(name, item, persona, depth + 1)),
        Value::Object(fields) => {
            fields.iter().find_map(|(name, item)| within(name, item, persona, depth + 1))
        }
        Value::Null | Value::Bool(_) => None,
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
