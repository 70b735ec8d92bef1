//! What each event type and its ids came to, in JSON format 1.
//! Doc comments are the schema's descriptions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Part, Sides};

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct EventV1 {
    /// Event name.
    pub(in crate::format::json) event: String,
    /// How many really happened; null where no scenario says so.
    pub(in crate::format::json) conversions: Option<u64>,
    /// Events caught in the browser.
    pub(in crate::format::json) browser: u64,
    /// Events caught on the server.
    pub(in crate::format::json) server: u64,
    /// Conversions that came over both channels and would be merged.
    pub(in crate::format::json) paired: u64,
    /// Conversions that came from the browser alone.
    pub(in crate::format::json) browser_only: u64,
    /// Conversions that came from the server alone.
    pub(in crate::format::json) server_only: u64,
    /// One-sided conversions that the scenario or the profile explains.
    pub(in crate::format::json) explained: u64,
    /// Events beyond the first of each conversion.
    pub(in crate::format::json) duplicates: Sides<u64>,
    /// How often the platform would count it.
    pub(in crate::format::json) counted: u64,
    /// Cost per conversion as the platform would show it, as a share of the real one; null where the truth is unknown.
    pub(in crate::format::json) cost_seen: Option<f64>,
    /// Events that the platform would refuse.
    pub(in crate::format::json) refused: u64,
    /// Pairs of which the platform took no server half: nothing merges. Zero in production logs.
    pub(in crate::format::json) paired_refused: u64,
    /// Paired conversions of all that should come over both channels, 0 to 1.
    pub(in crate::format::json) dedup_rate: Option<f64>,
    /// Share of the events that carry a match key, 0 to 1; null where there is no event.
    pub(in crate::format::json) coverage: Sides<BTreeMap<String, Option<f64>>>,
    /// The same with numerator and denominator.
    pub(in crate::format::json) coverage_counts: Sides<BTreeMap<String, Part>>,
    /// Share of the events that carry a parameter, 0 to 1; null where there is no event.
    pub(in crate::format::json) parameters: Sides<BTreeMap<String, Option<f64>>>,
    /// The same with numerator and denominator.
    pub(in crate::format::json) parameter_counts: Sides<BTreeMap<String, Part>>,
    /// Estimated match quality of the server's events, 0 to 10.
    pub(in crate::format::json) match_quality: Option<MatchQuality>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct MatchQuality {
    pub(in crate::format::json) estimate: f64,
    /// Lower end of the band.
    pub(in crate::format::json) low: f64,
    /// Upper end of the band.
    pub(in crate::format::json) high: f64,
    /// True where real scores of the platform set the estimate right.
    pub(in crate::format::json) calibrated: bool,
    /// What would raise the estimate most, best first.
    pub(in crate::format::json) improvements: Vec<ImprovementV1>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct ImprovementV1 {
    /// Match keys to add where they are missing.
    pub(in crate::format::json) add: Vec<String>,
    /// By how much the estimate would rise.
    pub(in crate::format::json) gain: f64,
    /// The same in words.
    pub(in crate::format::json) text: String,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct CountingV1 {
    /// Copies merged within this time of the first one.
    pub(in crate::format::json) dedup_window_seconds: f64,
    /// The browser's copy was kept if it came within this time of the first one.
    pub(in crate::format::json) browser_preference_seconds: f64,
    /// The time that the platform publishes for merging.
    pub(in crate::format::json) published_dedup_window_seconds: f64,
    /// The time that the platform publishes for preferring the browser's copy.
    pub(in crate::format::json) published_browser_preference_seconds: f64,
    /// True where these are the times that the platform publishes.
    pub(in crate::format::json) as_published: bool,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct IdV1 {
    /// Event name.
    pub(in crate::format::json) event: String,
    /// `browser` or `server`.
    pub(in crate::format::json) channel: String,
    /// Events that could carry an id.
    pub(in crate::format::json) events: u64,
    /// Events that do.
    pub(in crate::format::json) present: u64,
    /// Distinct ids.
    pub(in crate::format::json) distinct: u64,
    /// Ids that more than one session uses.
    pub(in crate::format::json) collisions: u64,
    /// Shortest id, in characters.
    pub(in crate::format::json) shortest: u64,
    /// Longest id, in characters.
    pub(in crate::format::json) longest: u64,
    /// How many ids of each scheme: UUID, order number, time stamp, counter, random, constant …
    pub(in crate::format::json) schemes: BTreeMap<String, u64>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct IdLifeV1 {
    pub(in crate::format::json) session: u32,
    pub(in crate::format::json) scenario: String,
    pub(in crate::format::json) profile: String,
    /// `fbp` or `fbc`.
    pub(in crate::format::json) key: String,
    /// True where the visit has one value throughout.
    pub(in crate::format::json) stable: bool,
    /// Its values, in the order in which they were seen first.
    pub(in crate::format::json) values: Vec<IdValueV1>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct IdValueV1 {
    /// A letter for the value, which itself stays on the tape.
    pub(in crate::format::json) label: String,
    /// Where it was seen first: `browser`, `server` or `cookie`.
    pub(in crate::format::json) first: String,
    /// How long after the visit began that was.
    pub(in crate::format::json) after_seconds: f64,
    /// How many browser events, server events and steps' cookies carry it.
    pub(in crate::format::json) browser: u64,
    pub(in crate::format::json) server: u64,
    pub(in crate::format::json) cookie: u64,
    /// Creation time as the id gives it, RFC 3339; null where it cannot be read.
    pub(in crate::format::json) created: Option<String>,
    /// Unit of the creation time; milliseconds are right.
    pub(in crate::format::json) unit: String,
    pub(in crate::format::json) subdomain_index: Option<u8>,
    /// Number of parts; the fifth is the mark of the platform's libraries.
    pub(in crate::format::json) parts: u64,
    /// True where one of the platform's libraries made or changed it.
    pub(in crate::format::json) library: bool,
    /// What is wrong with its form.
    pub(in crate::format::json) fault: Option<String>,
    /// For a click id, how it relates to the click id of the landing page; empty for `fbp`.
    pub(in crate::format::json) landing: String,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct AutomaticV1 {
    /// Event name.
    pub(in crate::format::json) event: String,
    /// What made it: `automatic` (the platform's script), `gateway copy` or `image` (for
    /// browsers without scripts).
    pub(in crate::format::json) kind: String,
    /// `browser` or `server`.
    pub(in crate::format::json) channel: String,
    /// How many.
    pub(in crate::format::json) events: u64,
}
