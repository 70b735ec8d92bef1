//! ## What it checks
//! No call is refused for good. The finding says why, and how many sound events went down
//! with it. A request of one event whose fault another rule names is left to that rule, and
//! so are failures that pass by themselves.
//!
//! ## Why it matters
//! The platform takes a request as a whole or not at all: one bad event in a batch of a
//! thousand loses the other 999. Clients that do not read the answer never learn of it.
//!
//! ## How to fix
//! Mend what is refused. Check events before they enter a batch, keep batches small, and
//! raise an alarm on every answer that is not a receipt.
//!
//! ## Source
//! Meta, using the API: if one event is invalid, the whole request is rejected; Meta, error
//! codes.

use polars::prelude::*;

use super::retry::is_passing;
use crate::event::{Channel, Event};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::vocabulary::MOST_EVENTS;
use crate::platform::meta::{CULPRIT, INJECTED, refusal};
use crate::rule::pick::{Group, groups};
use crate::rule::words::several;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "rejected-request",
    title: "a call that the platform refuses",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("rejected_request.rs"),
};

/// Subcodes for what no rule on events names: rules of business messaging and app data.
const NAMED_NOWHERE: &[u32] = &[2_804_043, 2_804_066];

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let mut refused: Vec<Group> = Vec::new();
    let mut at = 0;
    // Events of one call stand side by side in order of arrival.
    while at < tables.events.len() {
        let exchange = tables.events[at].exchange;
        let end = (at..tables.events.len())
            .find(|row| tables.events[*row].exchange != exchange)
            .unwrap_or(tables.events.len());
        let first = &tables.events[at];
        // What a scenario had refused is nobody's fault.
        let for_good =
            first.refused.is_some() && !is_passing(first) && !first.marks.contains_key(INJECTED);
        if first.channel == Channel::Server && for_good && !named_elsewhere(tables, at..end) {
            let one_name = tables.events[at..end].iter().all(|event| event.name == first.name);
            refused.push(Group {
                event: first.name.clone().filter(|_| one_name),
                channel: Some(Channel::Server),
                session: first.session,
                cause: code(first),
                rows: (at..end).collect(),
            });
        }
        at = end;
    }
    groups(tables, &refused)
}

/// True where another rule says all there is to say.
fn named_elsewhere(tables: &Tables, rows: std::ops::Range<usize>) -> bool {
    let events = &tables.events[rows];
    let Some(first) = events.first() else { return true };
    let unreadable = tables.defects.iter().any(|defect| defect.exchange == first.exchange);
    let ruled = refusal(events, first.caught).is_some_and(|(_, ruled)| {
        ruled.subcode.is_none_or(|subcode| !NAMED_NOWHERE.contains(&subcode))
            && !ruled.title.contains("app_data")
            && first.refused.as_ref().is_some_and(|given| given.code == ruled.code)
    });
    let alone = events.len() == 1;
    unreadable || events.len() > MOST_EVENTS || (alone && ruled)
}

/// The platform's codes as a cause.
fn code(event: &Event) -> String {
    event.refused.as_ref().map_or_else(String::new, |refusal| match refusal.subcode {
        Some(subcode) => format!("{}/{subcode}", refusal.code),
        None => refusal.code.to_string(),
    })
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let rows = row.list("rows");
    let events: Vec<&Event> =
        rows.iter().filter_map(|row| tables.events.get(*row as usize)).collect();
    let first = events.first()?;
    let title = &first.refused.as_ref()?.title;
    let code = row.text("cause")?;
    let culprit = events.iter().find(|event| event.marks.contains_key(CULPRIT));
    let lost = match (culprit, events.len()) {
        (_, 1) => format!("its {} is lost", first.name()),
        (Some(culprit), count) => format!(
            "one {} is to blame, and {} with nothing wrong went down with it",
            culprit.name(),
            several(count - 1, "event")
        ),
        (None, count) => format!("{count} events are lost"),
    };
    Some(
        Offence::new(
            format!("a call is refused ({code}: {title}); {lost}"),
            "mend what is refused, check events before they enter a batch, and read the answers",
        )
        .because(code),
    )
}
