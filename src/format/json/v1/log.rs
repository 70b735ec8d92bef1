//! Production logs in JSON format 1. Doc comments are the schema's descriptions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Sides;

/// Production logs, as they were read.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct LogV1 {
    /// What the reader has to know before any figure, gravest first.
    pub(in crate::format::json) warnings: Vec<String>,
    /// The files.
    pub(in crate::format::json) inputs: Vec<LogInputV1>,
    /// First and last arrival on each side; null where there is none.
    pub(in crate::format::json) span: Sides<Option<SpanV1>>,
    /// Events by pixel id on each side; the empty id stands for logs that name none.
    pub(in crate::format::json) pixels: Sides<BTreeMap<String, u64>>,
    /// All of it.
    pub(in crate::format::json) whole: PeriodV1,
    /// Days (UTC), over all event names and for each.
    pub(in crate::format::json) days: Vec<PeriodV1>,
    /// Hours (UTC), over all event names.
    pub(in crate::format::json) hours: Vec<PeriodV1>,
    /// Match keys whose coverage is another than on the day before.
    pub(in crate::format::json) drifts: Vec<DriftV1>,
    /// Where in the files the evidence of findings stands, by its number.
    pub(in crate::format::json) places: BTreeMap<u64, LogPlaceV1>,
    /// Events that rules on joined tables were asked of.
    pub(in crate::format::json) sampled: u64,
    /// Events that could be asked.
    pub(in crate::format::json) sampled_of: u64,
    /// One in this many event ids is in that sample; 1 where it is everything.
    pub(in crate::format::json) sampled_every: u64,
    /// Orders against conversions; null where no orders were given.
    pub(in crate::format::json) orders: Option<OrdersV1>,
    /// Seconds of reading, the rules on single events included.
    pub(in crate::format::json) seconds_reading: f64,
    /// Seconds of joining.
    pub(in crate::format::json) seconds_joining: f64,
    /// True where rows went to disk for want of memory.
    pub(in crate::format::json) spilled: bool,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct SpanV1 {
    /// First arrival, Unix milliseconds.
    pub(in crate::format::json) first: i64,
    /// Last arrival, Unix milliseconds.
    pub(in crate::format::json) last: i64,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct LogInputV1 {
    /// Path as the user gave it.
    pub(in crate::format::json) path: String,
    /// `browser` or `server`; null where the file itself says.
    pub(in crate::format::json) channel: Option<String>,
    /// Form that it was read as.
    pub(in crate::format::json) form: String,
    /// How it was packed; empty where it was not.
    pub(in crate::format::json) packed: String,
    /// Lines or rows.
    pub(in crate::format::json) lines: u64,
    pub(in crate::format::json) events: u64,
    /// Lines that hold no event and need not.
    pub(in crate::format::json) foreign: u64,
    /// Lines that cannot be read.
    pub(in crate::format::json) unreadable: u64,
    /// The first of these.
    pub(in crate::format::json) samples: Vec<BadLineV1>,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct BadLineV1 {
    pub(in crate::format::json) line: u64,
    pub(in crate::format::json) cause: String,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct LogPlaceV1 {
    pub(in crate::format::json) file: String,
    /// Line or row, from 1.
    pub(in crate::format::json) line: u64,
}

/// Counts of a stretch of time.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct PeriodV1 {
    /// Its begin, Unix milliseconds.
    pub(in crate::format::json) start: i64,
    /// Event name; empty for all.
    pub(in crate::format::json) event: String,
    /// Events, repeats included.
    pub(in crate::format::json) events: Sides<u64>,
    /// Pairs, in the stretch of their browser half.
    pub(in crate::format::json) paired: u64,
    /// Events without a partner.
    pub(in crate::format::json) alone: Sides<u64>,
    /// The same by what on the other side comes near.
    pub(in crate::format::json) causes: Sides<BTreeMap<String, u64>>,
    /// Further copies under the same event id, which the platform merges.
    pub(in crate::format::json) repeats: Sides<u64>,
    /// Further copies that an event id would have merged.
    pub(in crate::format::json) unmerged: Sides<u64>,
    /// What the platform would count.
    pub(in crate::format::json) counted: u64,
    /// Events that the platform refuses.
    pub(in crate::format::json) refused: u64,
    /// Event ids that stand for several visitors.
    pub(in crate::format::json) reused: u64,
    /// Pairs whose halves name different values.
    pub(in crate::format::json) values_differ: u64,
    /// Pairs whose halves name different currencies.
    pub(in crate::format::json) currencies_differ: u64,
    /// Pairs among pairs and lone events, 0 to 1; null where there is nothing.
    pub(in crate::format::json) dedup_rate: Option<f64>,
    /// Server events for each browser event; null without browser events.
    pub(in crate::format::json) server_per_browser: Option<f64>,
    /// Of all further copies, those that an event id would have merged, 0 to 1.
    pub(in crate::format::json) saved_by_id: Option<f64>,
    /// From the browser half to the server half; null without pairs.
    pub(in crate::format::json) lag: Option<LagV1>,
    /// Share of events that carry each match key, 0 to 1.
    pub(in crate::format::json) coverage: Sides<BTreeMap<String, f64>>,
    /// Share of events that carry it well formed, 0 to 1.
    pub(in crate::format::json) valid: Sides<BTreeMap<String, f64>>,
}

/// Milliseconds; negative where the server was first.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct LagV1 {
    pub(in crate::format::json) p50: i64,
    pub(in crate::format::json) p95: i64,
    pub(in crate::format::json) p99: i64,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct DriftV1 {
    /// The day on which it is another, Unix milliseconds.
    pub(in crate::format::json) day: i64,
    pub(in crate::format::json) event: String,
    /// `browser` or `server`.
    pub(in crate::format::json) channel: String,
    pub(in crate::format::json) key: String,
    /// Share on the day before, 0 to 1.
    pub(in crate::format::json) from: f64,
    /// Share on the day, 0 to 1.
    pub(in crate::format::json) to: f64,
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(in crate::format::json) struct OrdersV1 {
    pub(in crate::format::json) orders: u64,
    /// Orders that are counted once.
    pub(in crate::format::json) once: u64,
    /// Orders that no conversion tells of.
    pub(in crate::format::json) missing: u64,
    /// Orders that are counted more than once.
    pub(in crate::format::json) more_than_once: u64,
    /// Orders that some event names another amount or currency for.
    pub(in crate::format::json) other_amount: u64,
    /// Conversions of the orders' events that belong to no order.
    pub(in crate::format::json) without_order: u64,
}
