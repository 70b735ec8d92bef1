//! Tables of the Markdown report: events, scenarios, limits, coverage, baseline, board.

use super::{code, fold, prose, table};
use crate::event::Channel;
use crate::report::{EventRow, Met, Report, Share, Status};

/// Rows of a table that are shown: a site can invent event names without end.
pub(super) const MOST: usize = 40;

/// What happened, what each side sent and what would be counted.
pub(super) fn events(report: &Report) -> String {
    let rows: Vec<Vec<String>> = report.events.iter().take(MOST).map(event).collect();
    let heading = [
        "Event",
        "Happened",
        "Counted",
        "Browser",
        "Server",
        "Paired",
        "Alone",
        "Duplicates",
        "Dedup rate",
        "Match quality (estimate)",
    ];
    cut(table(&heading, &rows), report.events.len())
}

fn event(row: &EventRow) -> Vec<String> {
    let counted = match row.conversions {
        Some(truth) if truth != row.counted => format!("**{}** ❌", row.counted),
        Some(_) => format!("{} ✅", row.counted),
        None => row.counted.to_string(),
    };
    let quality = row.match_quality.as_ref().map_or("·".to_owned(), |quality| {
        format!("{:.1} ({:.1} to {:.1})", quality.estimate, quality.low, quality.high)
    });
    vec![
        code(&row.event),
        row.conversions.map_or("·".to_owned(), |truth| truth.to_string()),
        counted,
        count(row.browser),
        count(row.server),
        count(row.paired),
        count(row.browser_only + row.server_only),
        count(row.duplicates.browser + row.duplicates.server),
        percent(row.dedup_rate()),
        quality,
    ]
}

fn count(number: u64) -> String {
    if number == 0 { "·".to_owned() } else { number.to_string() }
}

/// Whole per cent, rounded down: only all is 100 %.
pub(super) fn percent(share: Share) -> String {
    match share.of {
        0 => "·".to_owned(),
        of => format!("{} %", u128::from(share.count) * 100 / u128::from(of)),
    }
}

pub(super) fn cut(table: String, all: usize) -> String {
    match all.saturating_sub(MOST) {
        0 => table,
        more => format!("{table}\n\n… and {more} more in the full report"),
    }
}

/// How each scenario went; folded where all is well.
pub(super) fn scenarios(report: &Report) -> String {
    let rows: Vec<Vec<String>> = report
        .scenarios
        .iter()
        .take(MOST)
        .map(|run| {
            let sign = match run.status {
                Status::Passed if run.flaky() => "⚠️ flaky",
                Status::Passed => "✅ passed",
                Status::Failed => "❌ failed",
                Status::Broken => "⚠️ broken",
                Status::Stopped => "⚠️ stopped",
                Status::NotApplicable => "· not applicable",
            };
            let all = run.expectations.len() + run.never.len();
            let met = run.expectations.iter().filter(|result| result.met == Met::Yes).count()
                + run.never.iter().filter(|result| result.met == Met::Yes).count();
            let error = run.error.as_deref().filter(|_| !run.status.complete());
            vec![
                sign.to_owned(),
                prose(&run.title()),
                format!("{met} of {all}"),
                format!("{:.1} s", run.seconds),
                error.map(prose).unwrap_or_default(),
            ]
        })
        .collect();
    let table = table(&["Result", "Scenario", "As expected", "Time", "Error"], &rows);
    let fine = |status: Status| matches!(status, Status::Passed | Status::NotApplicable);
    let well = report.scenarios.iter().all(|run| fine(run.status) && !run.flaky());
    let table = cut(table, report.scenarios.len());
    if well { fold(&format!("{} scenarios", report.scenarios.len()), &table) } else { table }
}

/// What the gate looked at.
pub(super) fn criteria(report: &Report) -> String {
    let criteria = &report.verdict.criteria;
    if criteria.len() < 2 {
        return String::new();
    }
    let rows: Vec<Vec<String>> = criteria
        .iter()
        .map(|criterion| {
            let sign = if criterion.passed { "✅" } else { "❌" };
            vec![
                sign.to_owned(),
                code(&criterion.name),
                prose(&criterion.shown()),
                code(&criterion.limit),
            ]
        })
        .collect();
    let missed = report.verdict.missed().count();
    let table = table(&["", "Figure", "Is", "Must be"], &rows);
    if missed > 0 { table } else { fold(&format!("{} limits, all kept", rows.len()), &table) }
}

/// What changed against the baseline.
pub(super) fn baseline(report: &Report) -> String {
    let Some(check) = &report.baseline else { return String::new() };
    let mut parts = Vec::new();
    let rows: Vec<Vec<String>> = check
        .changes
        .iter()
        .take(MOST)
        .map(|change| {
            vec![
                change.kind.name().to_owned(),
                code(&change.what),
                code(&change.event),
                prose(&change.scenario),
            ]
        })
        .collect();
    let changes = table(&["Change", "What", "Event", "Scenario"], &rows);
    parts.push(cut(changes, check.changes.len()));
    for (title, list) in [("Mended", &check.mended), ("Expired", &check.expired)] {
        let lines: Vec<String> = list
            .iter()
            .take(MOST)
            .map(|entry| {
                let reason = match entry.reason.as_str() {
                    "" => String::new(),
                    reason => format!(" ({})", prose(reason)),
                };
                format!("- {title}: {}{reason}", code(&entry.finding))
            })
            .collect();
        parts.push(lines.join("\n"));
    }
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() {
        return String::new();
    }
    let title = format!("### Against the baseline {}", code(&check.file));
    format!("{title}\n\n{}", parts.join("\n\n"))
}

/// How far each event may move to the server.
pub(super) fn board(report: &Report) -> String {
    let Some(board) = &report.board else { return String::new() };
    let rows: Vec<Vec<String>> = board
        .rows
        .iter()
        .take(MOST)
        .map(|row| {
            let blocks: Vec<String> = row.blocks.iter().map(|block| prose(block)).collect();
            let next = row.stage.next().map_or("·", crate::report::Stage::name);
            vec![
                code(&row.event),
                format!("{} {}", row.stage.number(), row.stage.name()),
                next.to_owned(),
                if blocks.is_empty() { "nothing".to_owned() } else { blocks.join("; ") },
            ]
        })
        .collect();
    let table = table(&["Event", "Evidence for stage", "Next", "What blocks it"], &rows);
    fold("Cutover board", &cut(table, board.rows.len()))
}

/// Coverage of match keys on the server's events.
pub(super) fn keys(report: &Report) -> String {
    let mut rows = Vec::new();
    for row in report.events.iter().take(MOST) {
        for channel in Channel::ALL {
            let shares: Vec<String> = row
                .coverage
                .of(channel)
                .iter()
                .map(|(key, share)| format!("{key} {}", percent(*share)))
                .collect();
            if !shares.is_empty() {
                rows.push(vec![code(&row.event), channel.name().to_owned(), shares.join(", ")]);
            }
        }
    }
    fold("Match keys", &table(&["Event", "Side", "Share of events that carry the key"], &rows))
}
