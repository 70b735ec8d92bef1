//! ## What it checks
//! Two events of opposite sides with the same name that were meant to be one (same
//! session, moment, value, goods, visitor, page) carry different event IDs. Where the
//! difference has a cause it is named, also several at once: case, white space, invisible
//! characters, Unicode form, number format, prefix, suffix, encoding, Base64, digest,
//! truncation, punctuation. Otherwise the finding says whether one of them is the ID of
//! another visitor or action, a gateway's own, whether both were made on the spot ("made
//! anew per call"), or that they are unrelated. Signs that nobody sees stand by their
//! number: `<U+200B>`, `\n`, `␠` for a space at an end.
//!
//! ## Why it matters
//! IDs are compared exactly. With different ones the platform counts the conversion
//! twice, and its own tools only show a low rate of deduplication, not why.
//!
//! ## How to fix
//! Make the ID once per action — the server is the natural place: order number, or a
//! UUID kept with the action — and hand the very same text to the page and to the call.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": event_id and eventID must be equal;
//! the pixel sends the text verbatim (observed).

use std::collections::{BTreeSet, HashMap};

use polars::prelude::*;

use crate::event::Event;
use crate::finding::Severity;
use crate::join::{NearMissKind, Tables, is_gateway_copy, looks_generated};
use crate::rule::literal::says_nothing;
use crate::rule::pick::{Group, gather, groups};
use crate::rule::words::visible;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-id-mismatch",
    title: "two halves of one conversion under different event IDs",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("event_id_mismatch.rs"),
};

/// Cause where nothing turns one ID into the other, and each was made on the spot.
const REGENERATED: &str = "made anew per call";
/// Cause where nothing turns one ID into the other, and a side at least had one of its own.
const UNRELATED: &str = "unrelated IDs";
/// Cause where the server's ID is the browser's ID of another action.
const OTHER_ACTION: &str = "id of another action";
/// Cause where one of the IDs was another visitor's before.
const OTHER_VISITOR: &str = "id of another visitor";
/// Cause where a gateway of the platform made an ID beside the page's.
const GATEWAY: &str = "made by a gateway";

/// Pairs that a message names.
const NAMED_PAIRS: usize = 3;

/// Near misses of one visit, event and cause, one row: in `rows` each browser half
/// stands before its server half.
fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let users = Users::new(tables);
    let misses = tables.near.iter().filter_map(|near| {
        let NearMissKind::Id(relation) = &near.kind else { return None };
        let (browser, server) = (&tables.events[near.browser], &tables.events[near.server]);
        // A word for nothing is no ID, and a rule of its own.
        if [browser, server].iter().any(|event| event.id.as_deref().is_some_and(says_nothing)) {
            return None;
        }
        let either = |is: &dyn Fn(&Event) -> bool| is(browser) || is(server);
        let generated = |event: &Event| event.id.as_deref().is_some_and(looks_generated);
        let cause = match relation {
            Some(relation) => relation.name(),
            None if is_gateway_copy(server) => GATEWAY.to_owned(),
            None if either(&|event| users.of_another_visitor(event)) => OTHER_VISITOR.to_owned(),
            None if either(&|event| users.of_another_action(event)) => OTHER_ACTION.to_owned(),
            None if generated(browser) && generated(server) => REGENERATED.to_owned(),
            None => UNRELATED.to_owned(),
        };
        Some(Group {
            event: browser.name.clone(),
            session: browser.session.or(server.session),
            cause,
            rows: vec![near.browser, near.server],
            ..Group::default()
        })
    });
    groups(tables, &gather(misses))
}

/// Who else uses an ID: names of events, and the sessions of each name.
struct Users<'a> {
    of: HashMap<&'a str, BTreeSet<(&'a str, Option<u32>)>>,
}

impl<'a> Users<'a> {
    fn new(tables: &'a Tables) -> Users<'a> {
        let mut of: HashMap<&str, BTreeSet<(&str, Option<u32>)>> = HashMap::new();
        for event in &tables.events {
            if let Some(id) = event.id.as_deref() {
                of.entry(id).or_default().insert((event.name(), event.session));
            }
        }
        Users { of }
    }

    fn users(&self, event: &Event) -> impl Iterator<Item = &(&'a str, Option<u32>)> {
        event.id.as_deref().and_then(|id| self.of.get(id)).into_iter().flatten()
    }

    /// True where an earlier visitor's event of the same name has the ID.
    fn of_another_visitor(&self, event: &Event) -> bool {
        let Some(session) = event.session else { return false };
        self.users(event).any(|(name, other)| {
            *name == event.name() && other.is_some_and(|other| other < session)
        })
    }

    fn of_another_action(&self, event: &Event) -> bool {
        self.users(event).any(|(name, _)| *name != event.name())
    }
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (cause, rows) = (row.text("cause")?, row.list("rows"));
    let id = |row: u64| tables.events.get(row as usize)?.id.as_deref();
    let id = |row: u64| id(row).map(visible);
    let pairs: Vec<(String, String)> =
        rows.chunks(2).filter_map(|pair| Some((id(*pair.first()?)?, id(*pair.get(1)?)?))).collect();
    let event = row.event();
    let message = match pairs.as_slice() {
        [] => return None,
        [(browser, server)] => format!(
            "the browser says \"{browser}\", the server says \"{server}\" for the same {event} ({cause})"
        ),
        many => {
            let mut named: Vec<String> = many
                .iter()
                .take(NAMED_PAIRS)
                .map(|(browser, server)| format!("\"{browser}\" against \"{server}\""))
                .collect();
            if many.len() > NAMED_PAIRS {
                named.push(format!("and {} more", many.len() - NAMED_PAIRS));
            }
            format!(
                "browser and server give {} {event} events two IDs each ({cause}): {}",
                many.len(),
                named.join(", ")
            )
        }
    };
    Some(Offence::new(message, fix(&cause)).because(cause).times(pairs.len() as u32))
}

/// What to do about a cause; of several, about each.
fn fix(cause: &str) -> String {
    let steps: Vec<&str> = cause.split(", ").flat_map(|part| part.split(" and ")).collect();
    let mut fixes: Vec<&str> = steps.into_iter().map(fix_of).collect();
    fixes.dedup();
    fixes.join("; ")
}

fn fix_of(step: &str) -> &'static str {
    match step {
        "case" => "hand the ID on unchanged: something upper- or lower-cases it on one side",
        "white space" => "trim the ID where it is made, not on one side only",
        "invisible characters" => {
            "find where the characters that nobody sees come from (copied text, a byte order mark) and drop them where the ID is made"
        }
        "Unicode form" => {
            "bring the ID into one Unicode form (NFC) where it is made, or make it of plain letters and figures"
        }
        "number format" => {
            "treat the ID as text on both sides: a number type drops zeros, adds decimals or writes an exponent"
        }
        "prefix" | "suffix" => "use the same text on both sides, with the addition or without it",
        "encoding" => {
            "escape the ID for its place in the page only; the value given to fbq must be the plain text"
        }
        "Base64" | "digest" => {
            "hand the ID on as it is: one side sends it encoded or digested, and IDs are compared as they are"
        }
        "truncated" => "widen the column, field or variable that cuts the ID",
        "punctuation" => "hand the ID on unchanged: something strips or adds punctuation or quotes",
        OTHER_ACTION => "give each action its own ID, and both of its events the same one",
        OTHER_VISITOR => {
            "keep the ID out of everything that visitors share: page caches, globals of the server, values kept between requests"
        }
        GATEWAY => {
            "hand the page's ID to fbq as eventID in the call that the gateway copies, or switch the event off in the gateway"
        }
        _ => "make the ID once per action and hand the same text to the page and to the call",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{browser, causes, findings, of_pair, second_visit, server, visit};

    const ID: &str = "event-id-mismatch";

    #[test]
    fn several_causes_are_named_and_each_has_its_remedy() {
        let found = findings(
            ID,
            vec![browser("Purchase", " ORDER-1"), server("Purchase", "order-1")],
            vec![visit()],
        );
        assert_eq!(found[0].cause.as_deref(), Some("case and white space"));
        assert!(found[0].message.contains("\"␠ORDER-1\""), "{}", found[0].message);
        assert!(found[0].fix.contains("lower-cases") && found[0].fix.contains("trim"));
    }

    #[test]
    fn two_ids_that_print_alike_are_told_apart() {
        let found = findings(
            ID,
            vec![
                browser("Purchase", "gr\u{f6}\u{df}e-1"),
                server("Purchase", "gro\u{308}\u{df}e-1"),
            ],
            vec![visit()],
        );
        assert_eq!(found[0].cause.as_deref(), Some("Unicode form"));
        assert!(found[0].message.contains("<U+0308>"), "{}", found[0].message);
    }

    #[test]
    fn only_what_was_made_on_the_spot_is_called_so() {
        let of = |a: &str, b: &str| of_pair(ID, browser("Purchase", a), server("Purchase", b));
        let uuids =
            ("a3f2b8c1-0f4a-4a7e-9a51-6b1f0c2d3e4f", "77c0aa10-9d3b-4f6e-8a3c-0b1c2d3e4f5a");
        assert_eq!(of(uuids.0, uuids.1), [REGENERATED]);
        assert_eq!(of("order-17", "81"), [UNRELATED]);
        assert_eq!(of(uuids.0, "order-17"), [UNRELATED]);
        assert_eq!(of("order-17", "ob3_plugin-set_0f4a"), [GATEWAY]);
    }

    #[test]
    fn the_id_of_another_visitor_is_known_again() {
        let later = |mut event: Event| {
            event.session = Some(2);
            event.exchange += 2;
            event.caught += 1_000_000;
            event.time = None;
            event
        };
        let events = vec![
            browser("Purchase", "order-1"),
            server("Purchase", "order-1"),
            later(browser("Purchase", "order-1")),
            later(server("Purchase", "order-2")),
        ];
        assert_eq!(causes(ID, events, vec![visit(), second_visit()]), [OTHER_VISITOR]);
    }
}
