//! How the run stands to its baseline: what is sent otherwise, what was mended, what ran out.
//!
//! Every word is the report's own.

use serde::Serialize;

use crate::report::{Accepted, ChangeKind, Report};

/// Most rows of each list; the JSON report has all.
const MOST_ROWS: usize = 200;

/// Everything about the baseline; none where the run was held against none.
#[derive(Serialize)]
pub(super) struct Check {
    file: String,
    changes: Vec<Line>,
    more_changes: usize,
    mended: Vec<Entry>,
    expired: Vec<Entry>,
    unplayed: usize,
    quiet: bool,
}

#[derive(Serialize)]
struct Line {
    kind: &'static str,
    state: &'static str,
    event: String,
    what: String,
    scenario: String,
}

#[derive(Serialize)]
struct Entry {
    finding: String,
    reason: String,
    expires: String,
}

/// The baseline's part of the page.
pub(super) fn check(report: &Report) -> Option<Check> {
    let check = report.baseline.as_ref()?;
    let list = |entries: &[Accepted]| -> Vec<Entry> {
        entries
            .iter()
            .take(MOST_ROWS)
            .map(|entry| Entry {
                finding: entry.finding.clone(),
                reason: entry.reason.clone(),
                expires: entry.expires.clone().unwrap_or_default(),
            })
            .collect()
    };
    Some(Check {
        file: check.file.clone(),
        changes: check
            .changes
            .iter()
            .take(MOST_ROWS)
            .map(|change| Line {
                kind: change.kind.name(),
                state: match change.kind {
                    ChangeKind::Gained => "doubtful",
                    ChangeKind::Lost => "bad",
                    ChangeKind::Mended => "good",
                },
                event: change.event.clone(),
                what: change.what.clone(),
                scenario: change.scenario.clone(),
            })
            .collect(),
        more_changes: check.changes.len().saturating_sub(MOST_ROWS),
        mended: list(&check.mended),
        expired: list(&check.expired),
        unplayed: check.unplayed,
        quiet: check.changes.is_empty() && check.mended.is_empty() && check.expired.is_empty(),
    })
}
