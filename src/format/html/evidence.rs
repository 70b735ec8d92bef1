//! Numbers of exchanges as a reader meets them: each leads to its row of a time-line, where
//! that is drawn.
//!
//! Never what an exchange says.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::report::{Report, ScenarioRun, Status};

/// Numbers that are shown; the JSON report has all.
const MOST_NUMBERS: usize = 8;
/// Rows of all time-lines together: the page stays one that can be mailed.
const MOST_ROWS: usize = 1_000;
/// Scenarios named in the table.
const MOST_SCENARIOS: usize = 600;

/// Which time-lines stand on the page.
pub(super) struct Drawn<'a> {
    /// Scenarios that are listed, those in trouble first.
    pub(super) order: Vec<&'a ScenarioRun>,
    sessions: HashSet<u32>,
    exchanges: HashSet<u64>,
}

impl<'a> Drawn<'a> {
    /// Draws whole time-lines as long as there is room.
    pub(super) fn of(report: &'a Report) -> Drawn<'a> {
        let mut rows: HashMap<u32, usize> = HashMap::new();
        let steps = report.steps.iter().map(|step| step.session);
        let events = report.caught.iter().filter_map(|caught| caught.session);
        for session in steps.chain(events) {
            *rows.entry(session).or_default() += 1;
        }
        let mut order: Vec<&ScenarioRun> = report.scenarios.iter().collect();
        order.sort_by_key(|run| match run.status {
            Status::Failed => 0,
            Status::Broken => 1,
            Status::Stopped => 2,
            Status::Passed => 3,
            Status::NotApplicable => 4,
        });
        order.truncate(MOST_SCENARIOS);
        let mut room = MOST_ROWS;
        let mut sessions = HashSet::new();
        for run in &order {
            let own = rows.get(&run.session).copied().unwrap_or_default();
            if own <= room {
                room -= own;
                sessions.insert(run.session);
            }
        }
        let drawn = |session: Option<u32>| session.is_some_and(|own| sessions.contains(&own));
        let exchanges = report.caught.iter().filter(|caught| drawn(caught.session));
        let exchanges = exchanges.map(|caught| caught.exchange).collect();
        Drawn { order, sessions, exchanges }
    }

    /// True where the session's time-line is drawn.
    pub(super) fn has(&self, session: u32) -> bool {
        self.sessions.contains(&session)
    }

    /// The number, and whether a row of a time-line stands for it.
    pub(super) fn number(&self, exchange: u64) -> (u64, bool) {
        (exchange, self.exchanges.contains(&exchange))
    }

    /// The first numbers of a list.
    pub(super) fn numbers(&self, evidence: &[u64]) -> Evidence {
        Evidence {
            numbers: evidence.iter().take(MOST_NUMBERS).map(|one| self.number(*one)).collect(),
            more: evidence.len().saturating_sub(MOST_NUMBERS),
        }
    }
}

/// Numbers, each with whether it leads anywhere.
#[derive(Serialize)]
pub(super) struct Evidence {
    numbers: Vec<(u64, bool)>,
    more: usize,
}
