//! Each conversion as both sides told it: what was merged with what, and what stayed alone.
//!
//! Exchanges and times, so that any line can be looked up on the tape.
//! Never a payload, never a person's data.

use crate::event::Channel;

/// Rows beyond this number are left out, and [`super::Report::limits`] says so: a list for
/// spreadsheets, not for production logs (assumed; a usual sheet ends at a million rows).
pub const MOST_PAIRS: usize = 200_000;

/// Where an event, or two that belong together, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PairState {
    /// Both sides told it and the platform merges them.
    Paired,
    /// Both sides told it, and something keeps the platform from merging them.
    NearMiss,
    /// One side alone told it.
    #[default]
    Alone,
    /// The same conversion again, on the same side.
    Duplicate,
    /// Made by the platform itself; it needs no partner.
    Automatic,
}

impl PairState {
    /// All of them.
    pub const ALL: [PairState; 5] = [
        PairState::Paired,
        PairState::NearMiss,
        PairState::Alone,
        PairState::Duplicate,
        PairState::Automatic,
    ];

    /// The word users see.
    pub fn name(self) -> &'static str {
        match self {
            PairState::Paired => "paired",
            PairState::NearMiss => "near miss",
            PairState::Alone => "alone",
            PairState::Duplicate => "duplicate",
            PairState::Automatic => "automatic",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<PairState> {
        PairState::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// One side of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Half {
    /// Number of the exchange that carried it.
    pub exchange: u64,
    /// When the tap received it, Unix milliseconds.
    pub at: i64,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PairRow {
    /// Event name.
    pub event: String,
    /// Pixel (dataset) id.
    pub pixel: String,
    /// Event id as sent, the browser's where both differ; empty where there is none. Some
    /// sites make ids of addresses: those are masked, and rows are told apart by exchange.
    pub event_id: String,
    /// The server's id, where it differs.
    pub other_id: Option<String>,
    /// Where it ended.
    pub state: PairState,
    /// Session, where one could be made out.
    pub session: Option<u32>,
    /// Scenario played in it.
    pub scenario: String,
    /// Profile of the visitor.
    pub profile: String,
    /// What the browser sent.
    pub browser: Option<Half>,
    /// What the server sent.
    pub server: Option<Half>,
}

impl PairRow {
    /// How much later the server's event came, milliseconds.
    pub fn gap(&self) -> Option<i64> {
        Some(self.server?.at - self.browser?.at)
    }

    /// What one side sent.
    pub fn half(&self, channel: Channel) -> Option<Half> {
        match channel {
            Channel::Browser => self.browser,
            Channel::Server => self.server,
        }
    }
}
