//! ## What it checks
//! Two events of opposite sides that share the event ID and were meant to be one carry the
//! same name. Where the difference has a simple cause it is named: case, white space,
//! punctuation, a standard event against a custom one.
//!
//! ## Why it matters
//! Names are compared exactly, like IDs: `purchase` and `Purchase` are two conversions.
//! The one under the custom name also counts for no standard optimisation.
//!
//! ## How to fix
//! Use the standard event's exact name on both sides. Where a tag manager or a queue
//! translates names, do it in one table for both.
//!
//! ## Source
//! Meta, "Deduplicate pixel and server events": event and event_name must be equal; the
//! pixel sends the name verbatim (observed).

use polars::prelude::*;

use super::event_at;
use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::vocabulary::standard_event;
use crate::rule::literal::says_nothing;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-name-mismatch",
    title: "two halves of one conversion under different names",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("event_name_mismatch.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    Ok(tables.near_misses.clone().lazy().filter(col("kind").eq(lit("name"))))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let browser = event_at(tables, row, "browser_row")?;
    let server = event_at(tables, row, "server_row")?;
    // An event without a name is a rule of its own.
    if says_nothing(browser.name()) || says_nothing(server.name()) {
        return None;
    }
    let standard = (standard_event(browser.name()), standard_event(server.name()));
    let cause = row.text("relation").unwrap_or_else(|| {
        match standard {
            (Some(_), Some(_)) => "two standard events",
            (Some(_), None) | (None, Some(_)) => "standard against custom",
            (None, None) => "names differ",
        }
        .to_owned()
    });
    let fix = match standard {
        (Some(right), None) | (None, Some(right)) => {
            format!("name it {} on both sides, exactly so", right.name)
        }
        _ => "use one name on both sides, exactly the same".to_owned(),
    };
    let offence = Offence::new(
        format!(
            "the browser calls it \"{}\", the server \"{}\", under the same event ID \"{}\" ({cause})",
            browser.name(),
            server.name(),
            browser.id.as_deref()?,
        ),
        fix,
    )
    .because(cause);
    Some(match standard {
        (Some(_), None) => offence.on(Channel::Server),
        (None, Some(_)) => offence.on(Channel::Browser),
        _ => offence,
    })
}
