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

/// Kind of an event that the platform's script made by itself.
pub const MADE_BY_SCRIPT: &str = "automatic";
/// Kind of an event whose id a gateway or bridge of the platform made.
pub const MADE_BY_GATEWAY: &str = "gateway copy";
/// Kind of a hit by the image for browsers without scripts.
pub const MADE_BY_IMAGE: &str = "image";

/// What the platform's own script made, which stands outside all figures on ids and
/// deduplication; and, beside it, copies by its gateways and by the image for browsers
/// without scripts, which are counted like any event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutomaticRow {
    /// Event name.
    pub event: String,
    /// What made it: one of [`MADE_BY_SCRIPT`], [`MADE_BY_GATEWAY`], [`MADE_BY_IMAGE`].
    pub kind: String,
    /// Side.
    pub channel: Channel,
    /// How many.
    pub events: u64,
}
