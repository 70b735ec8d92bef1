//! The cutover board: how far each event may move from the pixel to the server, and what
//! stands in its way.
//!
//! Never which criteria there are.

use super::Criterion;

/// A stage of the move, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Stage {
    /// The browser's pixel alone.
    #[default]
    PixelOnly,
    /// The server sends too, to a stand-in or a test dataset, not yet to the live one.
    Shadow,
    /// Both send to the live dataset and are deduplicated.
    Dual,
    /// Both send; the server's events are the source of truth.
    ServerLeads,
    /// The pixel is reduced or off for this event.
    PixelReduced,
}

impl Stage {
    /// All stages, in order.
    pub const ALL: [Stage; 5] =
        [Stage::PixelOnly, Stage::Shadow, Stage::Dual, Stage::ServerLeads, Stage::PixelReduced];

    /// The word users write.
    pub fn name(self) -> &'static str {
        match self {
            Stage::PixelOnly => "pixel-only",
            Stage::Shadow => "shadow",
            Stage::Dual => "dual",
            Stage::ServerLeads => "server-leads",
            Stage::PixelReduced => "pixel-reduced",
        }
    }

    /// Its number, 0 to 4.
    pub fn number(self) -> usize {
        self as usize
    }

    /// The stage of that name or number.
    pub fn from_name(name: &str) -> Option<Stage> {
        Stage::ALL
            .into_iter()
            .find(|stage| stage.name() == name || stage.number().to_string() == name)
    }

    /// The stage after it.
    pub fn next(self) -> Option<Stage> {
        Stage::ALL.get(self.number() + 1).copied()
    }
}

/// One event on the board.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BoardRow {
    /// Event name.
    pub event: String,
    /// The farthest stage for which this run gives all the evidence.
    pub stage: Stage,
    /// The stage that was asked for; `None` where none was.
    pub asked: Option<Stage>,
    /// The criteria of the next stage, or of those up to the one asked for, with figures.
    pub criteria: Vec<(Stage, Criterion)>,
    /// What blocks the next stage, a sentence each.
    pub blocks: Vec<String>,
}

impl BoardRow {
    /// True when the stage that was asked for is reached, or none was.
    pub fn passed(&self) -> bool {
        self.asked.is_none_or(|asked| self.stage >= asked)
    }
}

/// The whole board.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Board {
    /// One row per event name, in the order of the report.
    pub rows: Vec<BoardRow>,
}
