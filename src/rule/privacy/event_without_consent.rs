//! ## What it checks
//! Nothing is sent, by the page or by the server, for a visitor who refused consent
//! (profile `consent-refused`) or whose browser objects by signal (profile `gpc`). Under
//! the signal, events that carry Limited Data Use are in order.
//!
//! ## Why it matters
//! It is what regulators look for first. A server that goes on reporting after the banner
//! was refused is invisible in the browser, and nobody notices until somebody asks.
//!
//! ## How to fix
//! Store the decision where the server sees it (a cookie, the order), and ask it before
//! every call. In the page call `fbq('consent', 'revoke')` before `init`: what was sent
//! before it is gone.
//!
//! ## Source
//! Meta, General Data Protection Regulation and the pixel: consent API. Observed: the
//! script holds back only what follows `revoke`. Global Privacy Control specification.

use polars::prelude::*;

use crate::event::Event;
use crate::finding::Severity;
use crate::join::{SessionFacts, Tables};
use crate::rule::pick::{Group, gather, groups};
use crate::rule::{Check, Offence, Row, Rule};
use crate::visitor::Decision;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "event-without-consent",
    title: "an event for a visitor who refused",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("event_without_consent.rs"),
};

/// A visitor who refuses in the banner, in the words of the profile.
const REFUSED: &str = "consent-refused";
/// A visitor who agrees late.
const UNDECIDED: &str = "before the visitor agreed";
/// A visitor whose browser sends the privacy signal.
const SIGNAL: &str = "gpc";

/// Why silence is right in a visit, where it is.
pub(in crate::rule) fn without_consent(facts: &SessionFacts) -> Option<&'static str> {
    let circumstances = facts.circumstances();
    match () {
        () if circumstances.refuses() => Some(REFUSED),
        () if circumstances.signals_privacy => Some(SIGNAL),
        () => None,
    }
}

/// What forbids the event, where something does.
pub(in crate::rule) fn refused_by(tables: &Tables, event: &Event) -> Option<&'static str> {
    let facts = tables.session(event.session)?;
    let (circumstances, visit) = (facts.circumstances(), &facts.visit);
    let before_answer = circumstances.allowed_before_answer;
    if circumstances.refuses() {
        // A server may tell a little later of what happened before the answer.
        let own = event.time.as_ref().and_then(|time| time.millis);
        let told = own.map_or(event.caught, |own| own.min(event.caught));
        let earlier = before_answer && visit.refused_at.is_some_and(|at| told < at);
        return (!earlier).then_some(REFUSED);
    }
    let undecided = circumstances.consent == Decision::AgreesLate
        && !before_answer
        && visit.agreed_at.is_some_and(|at| event.caught < at);
    match () {
        () if undecided => Some(UNDECIDED),
        () if circumstances.signals_privacy && !is_limited(event) => Some(SIGNAL),
        () => None,
    }
}

/// True for an event under Limited Data Use.
fn is_limited(event: &Event) -> bool {
    ["dpo", "data_processing_options"]
        .iter()
        .any(|name| event.marks.get(*name).is_some_and(|options| options.contains("LDU")))
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let found = tables.events.iter().enumerate().filter_map(|(row, event)| {
        Some(Group {
            event: event.name.clone(),
            channel: Some(event.channel),
            session: event.session,
            cause: refused_by(tables, event)?.to_owned(),
            rows: vec![row],
        })
    });
    groups(tables, &gather(found))
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let (cause, channel, times) = (row.text("cause")?, row.channel()?, row.count("times")?);
    let event = row.event();
    let name = if event.is_empty() { "an event without a name" } else { event.as_str() };
    let why = match cause.as_str() {
        SIGNAL => "though the browser sends the privacy signal, and without Limited Data Use",
        UNDECIDED => "before the visitor agreed",
        _ => "though the visitor refused",
    };
    Some(
        Offence::new(
            format!("the {channel} sent {times}× {name} {why}"),
            "ask the stored decision before anything is sent, in the page and on the server",
        )
        .because(cause),
    )
}
