//! ## What it checks
//! Of an event type that both channels send, the server sends nearly as many events as the
//! browser. Repeats, automatic events and events that the scenario wants on one channel
//! only do not count, and few events say nothing. The goal is three quarters, or what
//! `server_coverage` under `[policy.limits]` says.
//!
//! ## Why it matters
//! The server's events are what is left when the browser is blocked. Where the server sends
//! a part only, that part of the sales is all that is safe.
//!
//! ## How to fix
//! Look for paths on which the server does not send: other payment methods, guests, a
//! worker that stands still, refused requests.
//!
//! ## Source
//! Meta, dataset quality API, event coverage: goal of 75 % of the pixel's events.

use polars::prelude::*;

use crate::event::Channel;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "low-server-coverage",
    title: "few server events for the browser's",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("low_server_coverage.rs"),
};

/// Server events per browser event. Meta, dataset quality: `goal_percentage` 75.
const GOAL: f64 = 0.75;

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    Ok(super::sides(tables)?
        // A type that no server event has is a missing one, not a low share.
        .filter(col("server").gt(lit(0u32)))
        .filter(col("browser").gt_eq(lit(super::FEWEST)).and(col("server").lt(col("browser"))))
        .rename(["name"], ["event"], true))
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (browser, server) = (row.count("browser")?, row.count("server")?);
    let share = f64::from(server) / f64::from(browser);
    let goal = tables.settings.server_coverage.of(&row.event()).unwrap_or(GOAL);
    (share < goal).then(||
        Offence::new(
            format!(
                "the server sent {server} {} events for {browser} of the browser ({:.0} %, goal {:.0} %)",
                row.event(),
                share * 100.0,
                goal * 100.0
            ),
            "look for paths on which the server does not send: payment methods, guests, a queue that stands still",
        )
        .on(Channel::Server),
    )
}
