//! The figures of each visitor profile by itself: what an ad blocker takes and the server
//! gives back shows only here.
//!
//! Never what a profile does.

use super::EventRow;

/// One profile's events.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProfileRow {
    /// Name of the profile.
    pub profile: String,
    /// One row per event name, as for the whole run.
    pub events: Vec<EventRow>,
}
