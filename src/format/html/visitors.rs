//! Visitors and their circumstances: scenario by profile by variant, what a pixel alone
//! would lose, what the server gives back, and what kept requests back; the cutover board.
//!
//! Every figure is the report's own.

use serde::Serialize;

use super::text::percent;
use crate::report::{BoardRow, CellOutcome, MatrixRow, Report, Share, Stage, VisitorRow};

/// Most rows of each table.
const MOST_ROWS: usize = 200;

/// Everything about profiles and variants.
#[derive(Serialize)]
pub(super) struct Visitors {
    variants: Vec<String>,
    matrix: Vec<Line>,
    losses: Vec<Loss>,
    recovery: Vec<Recovery>,
    blocked: Vec<Blocked>,
    lists: String,
}

/// One scenario in one profile.
#[derive(Serialize)]
struct Line {
    scenario: String,
    profile: String,
    cells: Vec<Option<Cell>>,
}

#[derive(Serialize)]
struct Cell {
    word: &'static str,
    state: &'static str,
    note: String,
    title: String,
    session: Option<u32>,
}

/// One event type in one profile.
#[derive(Serialize)]
struct Loss {
    event: String,
    profile: String,
    really: u64,
    browser: u64,
    server: u64,
    counted: u64,
    lost: String,
    recovered: String,
    /// Widths of the picture, 0 to 100: told by the browser, given back, lost for good.
    kept_width: f64,
    recovered_width: f64,
    note: String,
    state: &'static str,
}

/// One event type over the site's traffic.
#[derive(Serialize)]
struct Recovery {
    event: String,
    lost: String,
    recovered: String,
    covered: String,
}

#[derive(Serialize)]
struct Blocked {
    profile: String,
    rule: String,
    example: String,
    requests: u64,
}

/// Profiles and variants; nothing is shown where there is one of each only.
pub(super) fn visitors(report: &Report) -> Visitors {
    let variants = report.variants();
    let matrix = report.matrix();
    let several = variants.len() > 1 || matrix.iter().any(|row| row.profile != matrix[0].profile);
    Visitors {
        matrix: if several {
            matrix.iter().take(MOST_ROWS).map(|row| line(row, &variants)).collect()
        } else {
            Vec::new()
        },
        variants: variants
            .iter()
            .map(|name| if name.is_empty() { "as written".to_owned() } else { name.clone() })
            .collect(),
        losses: if several {
            report.visitors.iter().take(MOST_ROWS).map(loss).collect()
        } else {
            Vec::new()
        },
        recovery: report
            .recovery()
            .into_iter()
            .map(|row| Recovery {
                event: row.event,
                lost: percent(row.lost_by_pixel_alone),
                recovered: percent(row.recovered),
                covered: percent(row.covered),
            })
            .collect(),
        blocked: report
            .blocked
            .iter()
            .take(MOST_ROWS)
            .map(|row| Blocked {
                profile: row.profile.clone(),
                rule: row.rule.clone(),
                example: row.example.clone(),
                requests: row.requests,
            })
            .collect(),
        lists: report.filter_lists.clone(),
    }
}

fn line(row: &MatrixRow, variants: &[String]) -> Line {
    let cell = |variant: &String| {
        let cell = row.cells.iter().find(|cell| cell.variant == *variant)?;
        let state = match cell.outcome {
            CellOutcome::Passed => "good",
            CellOutcome::Failed | CellOutcome::Broken => "bad",
            CellOutcome::Flaky | CellOutcome::Stopped => "doubtful",
            CellOutcome::NotApplicable => "open",
        };
        let note = match (cell.errors, cell.warnings) {
            (0, 0) => String::new(),
            (errors, 0) => format!("{errors} err."),
            (0, warnings) => format!("{warnings} warn."),
            (errors, warnings) => format!("{errors} err., {warnings} warn."),
        };
        let why = cell.why.clone().into_iter().chain(cell.rules.iter().cloned());
        Some(Cell {
            word: cell.outcome.name(),
            state,
            note,
            title: why.collect::<Vec<_>>().join(", "),
            session: cell.sessions.first().copied(),
        })
    };
    Line {
        scenario: row.scenario.clone(),
        profile: row.profile.clone(),
        cells: variants.iter().map(cell).collect(),
    }
}

fn loss(row: &VisitorRow) -> Loss {
    let share = |share: Share| share.ratio().map_or_else(|| "–".to_owned(), percent);
    let width = |share: Share| (share.ratio().unwrap_or(0.0) * 1000.0).round() / 10.0;
    let lost = row.lost_by_pixel_alone();
    let recovered = row.recovered();
    let note = match (row.silent, row.forbidden) {
        (true, 0) => "nothing may be told, and nothing was".to_owned(),
        (_, 0) => String::new(),
        (_, events) => format!("{events} events without consent"),
    };
    let wrong = row.forbidden > 0 || (!row.silent && row.counted != row.conversions);
    Loss {
        event: row.event.clone(),
        profile: row.profile.clone(),
        really: row.conversions,
        browser: row.browser,
        server: row.server,
        counted: row.counted,
        lost: share(lost),
        recovered: share(recovered),
        kept_width: if lost.of == 0 { 0.0 } else { (100.0 - width(lost)).max(0.0) },
        recovered_width: width(recovered),
        note,
        state: if wrong { "bad" } else { "good" },
    }
}

/// One event on the cutover board.
#[derive(Serialize)]
pub(super) struct Place {
    event: String,
    stage: String,
    /// Stages from the first to the last; true where the event has come so far.
    reached: Vec<bool>,
    asked: String,
    missed: bool,
    criteria: Vec<(String, String, String, String, bool)>,
    blocks: Vec<String>,
}

/// The cutover board; nothing where it was not asked for.
pub(super) fn board(report: &Report) -> Vec<Place> {
    report.board.iter().flat_map(|board| board.rows.iter().map(place)).collect()
}

fn place(row: &BoardRow) -> Place {
    Place {
        event: row.event.clone(),
        stage: format!("{} {}", row.stage.number(), row.stage.name()),
        reached: Stage::ALL.iter().map(|stage| *stage <= row.stage).collect(),
        asked: row.asked.map(|stage| stage.name().to_owned()).unwrap_or_default(),
        missed: !row.passed(),
        criteria: row
            .criteria
            .iter()
            .map(|(stage, criterion)| {
                let limit = criterion.limit.clone();
                let (name, shown) = (criterion.name.clone(), criterion.shown());
                (stage.name().to_owned(), name, shown, limit, criterion.passed)
            })
            .collect(),
        blocks: row.blocks.clone(),
    }
}
