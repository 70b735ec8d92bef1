//! ## What it checks
//! Every browser event has its server event: same pixel, name and event ID within 48
//! hours. Not asked where the scenario says that the event is sent by the browser only,
//! nor of events that the pixel script makes by itself. An event that a near miss
//! explains is reported there instead.
//!
//! ## Why it matters
//! The server event is what arrives when an ad blocker, a browser's tracking protection
//! or a lost connection stops the pixel. Without it those conversions are lost, and with
//! them 20 to 40 per cent of what the shop sells.
//!
//! ## How to fix
//! Send the event from the request handler that carries out the action, with the event
//! ID that the page uses. Check that a queue worker runs and that refused or failed
//! requests are retried. Where the finding says that a client refused the tap's
//! certificate, its calls were not seen: set the variable that it names.
//!
//! ## Source
//! Meta, "Conversions API best practices": share all events on both channels.

use polars::prelude::*;

use super::{alone, times};
use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "missing-server-event",
    title: "a browser event without a server event",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("missing_server_event.rs"),
};

/// How to mend a client that did not trust the tap.
const DISTRUST: &str = "have the client trust the certificate of the run by the variable that is named, and play again";

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    alone(tables, Channel::Browser)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let message = format!(
        "{} came from the browser and never from the server",
        times(row.count("times")?, &row.event())
    );
    if let Some(why) = tables.unseen.first() {
        // Calls that did not get through cannot be told from calls that were never made.
        let offence = Offence::new(format!("{message}; {why}"), DISTRUST);
        return Some(offence.because("certificate refused").on(Channel::Server));
    }
    Some(
        Offence::new(message, "send the event by the Conversions API with the page's event ID")
            .on(Channel::Server),
    )
}
