//! What really happened, as the author of a scenario knows it: the truth against
//! which both channels are held.
//! Never how it was brought about (that is the scenario) nor what a platform makes of it.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Channel, MatchKey};

/// Line and column in a text file, both from 1.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
pub struct Place {
    /// Line, from 1; 0 where unknown.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Conversions of one kind that a scenario really brings about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expectation {
    /// Event name.
    pub event: String,
    /// How many conversions really happen.
    pub count: u32,
    /// Channels that must carry each of them.
    pub channels: Vec<Channel>,
    /// Conversion value, where the scenario names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Currency, where the scenario names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Match keys that each channel must carry, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<Channel, Vec<String>>,
    /// True where more of it may happen than counted: views in a flow with a twist.
    #[serde(default, skip_serializing_if = "is_false")]
    pub open: bool,
    /// Where the scenario says so.
    #[serde(default)]
    pub place: Place,
}

/// An order out of the shop's own books.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    /// Its number, as the books have it.
    pub id: String,
    /// When it was made, Unix milliseconds, where the books say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// Its amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The amount's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The event that tells the platform of it.
    pub event: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Expectation {
    /// True when the channel must carry the event.
    pub fn wants(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }

    /// Match keys that the channel must carry.
    pub fn keys(&self, channel: Channel) -> impl Iterator<Item = MatchKey> + '_ {
        self.keys.get(&channel).into_iter().flatten().filter_map(|name| MatchKey::from_name(name))
    }
}
