//! The cutover board: for each event the farthest stage of the move to the server for which
//! a run gives all the evidence, and what blocks the next one.
//!
//! Criteria are figures with limits, so that a policy can change each of them.
//! Never what a site does in production: a run shows what it could bear.

use super::metric::Misread;
use super::policy::Policy;
use super::threshold::Threshold;
use crate::report::{Board, BoardRow, Criterion, EventRow, Report, Stage, Unit};

/// What a stage asks of an event: a figure and its limit, in the words of a policy.
const CRITERIA: &[(Stage, &str, &str)] = &[
    // The server sends it, and the platform would take it.
    (Stage::Shadow, "server", ">= 1"),
    (Stage::Shadow, "refused", "== 0"),
    // Meta, dataset quality API, `event_coverage.goal_percentage`: three quarters.
    (Stage::Dual, "server_coverage", ">= 75 %"),
    // Assumed: in a run of scenarios every pair that fails has a cause that can be mended.
    (Stage::Dual, "dedup_rate", ">= 99 %"),
    (Stage::Dual, "duplicates", "== 0"),
    (Stage::Dual, "counted_per_conversion", "== 1"),
    (Stage::Dual, "errors", "== 0"),
    (Stage::ServerLeads, "server_per_conversion", ">= 1"),
    (Stage::ServerLeads, "kept_without_pixel", ">= 1"),
    // Meta's documentation of event match quality recommends 6 and above.
    (Stage::ServerLeads, "match_quality", ">= 6"),
    // Without the pixel nothing but the server's own keys is left to match by (assumed).
    (Stage::PixelReduced, "server.coverage.client_user_agent", ">= 1"),
    (Stage::PixelReduced, "server.coverage.client_ip_address", ">= 1"),
    (Stage::PixelReduced, "server.coverage.fbp", ">= 90 %"),
    (Stage::PixelReduced, "match_quality", ">= 7"),
];

/// Figures that compare the sides: they mean nothing for an event that the pixel does not send.
const OF_BOTH_SIDES: &[&str] = &["server_coverage", "dedup_rate"];

/// What is asked of the move to the server.
#[derive(Debug, Clone, Default)]
pub struct Cutover {
    /// Stage that every event must bear; none where nothing is asked.
    pub stage: Option<Stage>,
    /// Stages of single events; `None` leaves the event out of the board.
    pub events: Vec<(String, Option<Stage>)>,
    /// Criteria of the policy, which win over ours; `None` takes one away.
    pub criteria: Vec<(Stage, String, Option<Threshold>)>,
}

impl Cutover {
    /// All criteria, in the order of the stages.
    fn criteria(&self) -> Vec<(Stage, String, Threshold)> {
        let mut all: Vec<(Stage, String, Threshold)> = CRITERIA
            .iter()
            .filter(|(stage, name, _)| {
                self.criteria.iter().all(|(of, own, _)| (of, own.as_str()) != (stage, name))
            })
            .map(|(stage, name, limit)| {
                let threshold = relative(name, limit).expect("our own criteria are read by a test");
                (*stage, (*name).to_owned(), threshold)
            })
            .collect();
        all.extend(self.criteria.iter().filter_map(|(stage, name, threshold)| {
            Some((*stage, name.clone(), threshold.clone()?))
        }));
        all.sort_by_key(|(stage, ..)| *stage);
        all
    }

    fn asked(&self, event: &str) -> Asked {
        match self.events.iter().find(|(name, _)| name == event) {
            Some((_, None)) => Asked::Nothing,
            Some((_, Some(stage))) => Asked::Stage(Some(*stage)),
            None => Asked::Stage(self.stage),
        }
    }
}

enum Asked {
    /// The event is no matter of the board.
    Nothing,
    Stage(Option<Stage>),
}

/// Reads a criterion whose figure is named without an event.
pub(super) fn relative(name: &str, limit: &str) -> Result<Threshold, Misread> {
    let whole = if name.starts_with('@') { format!("*{name}") } else { format!("*.{name}") };
    Threshold::parse(&whole, limit)
}

/// Draws up the board of a judged report.
pub fn board(report: &Report, policy: &Policy) -> Board {
    let criteria = policy.cutover.criteria();
    let mut rows: Vec<BoardRow> = report
        .events
        .iter()
        .filter_map(|row| match policy.cutover.asked(&row.event) {
            Asked::Nothing => None,
            Asked::Stage(asked) => Some(judge(report, row, asked, &criteria)),
        })
        .collect();
    let absent = policy.cutover.events.iter().filter_map(|(name, stage)| {
        let missing = report.events.iter().all(|row| row.event != *name);
        Some(EventRow::new((*stage).filter(|_| missing).map(|_| name.clone())?))
    });
    for row in absent {
        let Asked::Stage(asked) = policy.cutover.asked(&row.event) else { continue };
        rows.push(judge(report, &row, asked, &criteria));
    }
    Board { rows }
}

fn judge(
    report: &Report,
    row: &EventRow,
    asked: Option<Stage>,
    criteria: &[(Stage, String, Threshold)],
) -> BoardRow {
    let pixel_is_off = row.browser == 0 && row.server > 0;
    let judged: Vec<(Stage, Criterion)> = criteria
        .iter()
        .map(|(stage, name, threshold)| {
            let mut criterion = threshold.of_row(report, row, name.clone());
            if pixel_is_off && OF_BOTH_SIDES.contains(&name.as_str()) && criterion.figure.is_none()
            {
                criterion.passed = true;
            }
            (*stage, criterion)
        })
        .collect();
    let holds = |stage: Stage| {
        judged.iter().filter(|(of, _)| *of == stage).all(|(_, criterion)| criterion.passed)
    };
    let stage = Stage::ALL
        .into_iter()
        .take_while(|stage| *stage == Stage::PixelOnly || holds(*stage))
        .last()
        .unwrap_or_default();
    let until = asked.unwrap_or_default().max(stage.next().unwrap_or(stage));
    let shown: Vec<(Stage, Criterion)> =
        judged.into_iter().filter(|(of, _)| *of > stage && *of <= until).collect();
    let blocks = shown
        .iter()
        .filter(|(_, criterion)| !criterion.passed)
        .map(|(of, criterion)| block(*of, criterion))
        .collect();
    BoardRow { event: row.event.clone(), stage, asked, criteria: shown, blocks }
}

fn block(stage: Stage, criterion: &Criterion) -> String {
    let Criterion { name, limit, .. } = criterion;
    let why = match (criterion.figure, name.as_str()) {
        (Some(_), _) => format!("{name} is {} where {limit} is asked", criterion.shown()),
        (None, "kept_without_pixel") => {
            "no profile shows what is kept without the pixel; play it with adblock or pixel-down"
                .to_owned()
        }
        (None, "counted_per_conversion" | "server_per_conversion") => {
            format!("{name} is unknown, for no scenario says how often it really happens")
        }
        (None, _) => format!("{name} is unknown where {limit} is asked"),
    };
    format!("{}: {why}", stage.name())
}

/// The stages that were asked for, as criteria of the gate.
pub(super) fn asked(board: &Board) -> impl Iterator<Item = Criterion> + '_ {
    board.rows.iter().filter_map(|row| {
        let asked = row.asked?;
        Some(Criterion {
            name: format!("{}.stage", row.event),
            figure: Some(row.stage.number() as f64),
            unit: Unit::Count,
            limit: format!(">= {} ({})", asked.number(), asked.name()),
            passed: row.passed(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_criteria_can_be_read() {
        for (_, name, limit) in CRITERIA {
            assert!(relative(name, limit).is_ok(), "{name} {limit}");
        }
    }

    #[test]
    fn stages_have_names_and_numbers() {
        assert_eq!(Stage::from_name("dual"), Some(Stage::Dual));
        assert_eq!(Stage::from_name("2"), Some(Stage::Dual));
        assert_eq!(Stage::from_name("5"), None);
        assert_eq!(Stage::PixelReduced.next(), None);
    }
}
