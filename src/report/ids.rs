//! The health of event ids, and events that need none.
//!
//! Never an id itself, never whether a scheme is good.

use crate::event::Channel;

/// The ids of one event type on one side.
#[derive(Debug, Clone, PartialEq)]
pub struct IdRow {
    /// Event name.
    pub event: String,
    /// Side.
    pub channel: Channel,
    /// Events that could carry an id.
    pub events: u64,
    /// Events that do.
    pub present: u64,
    /// Distinct ids.
    pub distinct: u64,
    /// Ids that more than one session uses.
    pub collisions: u64,
    /// Shortest id, in characters.
    pub shortest: u64,
    /// Longest id, in characters.
    pub longest: u64,
    /// Schemes, the commonest first, each with its number of ids.
    pub schemes: Vec<(String, u64)>,
}

/// Events that the platform's own script or gateway made: they carry no id of the site
/// and stand outside all figures on ids and deduplication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutomaticRow {
    /// Event name.
    pub event: String,
    /// Side.
    pub channel: Channel,
    /// How many.
    pub events: u64,
}
