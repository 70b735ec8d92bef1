//! The life of browser ids and click ids: a row per visit and value.
//!
//! Never an id itself.

use serde::Serialize;

use crate::report::{Report, title};

/// Most rows; the JSON report has all.
const MOST_ROWS: usize = 200;

/// One value of one kind of id in one visit.
#[derive(Serialize)]
pub(super) struct Life {
    visit: String,
    key: &'static str,
    label: String,
    /// How many values the visit has, where it has more than one.
    many: usize,
    first: &'static str,
    cookie: u64,
    browser: u64,
    server: u64,
    fault: bool,
    shows: String,
}

/// Every value of every visit.
pub(super) fn lives(report: &Report) -> Vec<Life> {
    let visit = |session: u32, scenario: &str, profile: &str| match report.scenario_of(session) {
        Some(run) => run.title(),
        None => title(scenario, profile, ""),
    };
    report
        .browser_ids
        .iter()
        .flat_map(|life| life.values.iter().map(move |value| (life, value)))
        .take(MOST_ROWS)
        .map(|(life, value)| Life {
            visit: visit(life.session, &life.scenario, &life.profile),
            key: life.key,
            label: value.label.clone(),
            many: if life.stable() { 0 } else { life.values.len() },
            first: value.first,
            cookie: value.cookie,
            browser: value.browser,
            server: value.server,
            fault: value.fault.is_some(),
            shows: value.shows(),
        })
        .collect()
}
