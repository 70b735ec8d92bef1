//! What each scenario was seen to send, without values, times or counts: the shape of a
//! site's tracking, which a baseline holds on to.
//!
//! Never a value of an event, never whether it is right.

use std::collections::BTreeSet;

use super::{PairState, PerChannel};

/// How an event of a scenario was told, in words for a baseline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Behaviour {
    /// Name of the scenario and, where it is not the plain one, profile.
    pub scenario: String,
    /// Event name.
    pub event: String,
    /// How its events pair up: `paired`, `near miss`, `browser alone`, `server duplicate` …
    pub pairing: BTreeSet<String>,
    /// What each side carries.
    pub sides: PerChannel<Shape>,
}

/// What the events of one name and side carry. A name ends in `?` where only some of
/// them carry it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shape {
    /// Match keys.
    pub keys: BTreeSet<String>,
    /// Parameters.
    pub parameters: BTreeSet<String>,
}

impl Shape {
    /// True when nothing is carried.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.parameters.is_empty()
    }
}

/// The word for a pairing state on a side.
pub fn pairing_word(state: PairState, side: Option<&str>) -> String {
    match (state, side) {
        (PairState::Paired | PairState::NearMiss, _) | (_, None) => state.name().to_owned(),
        (state, Some(side)) => format!("{side} {}", state.name()),
    }
}
