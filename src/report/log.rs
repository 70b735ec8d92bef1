//! What production logs say beside the figures of a run: by hour and day, by cause, with
//! the places of examples.
//!
//! Figures of periods are counts; shares are methods.
//! Never a path of this machine that the user did not give.

use std::collections::BTreeMap;

use super::{PerChannel, Share};
use crate::event::{Channel, MatchKey};

/// Production logs, as they were read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogReport {
    /// What the reader has to know before any figure.
    pub warnings: Vec<String>,
    /// The files.
    pub inputs: Vec<LogInput>,
    /// First and last arrival on each side, Unix milliseconds.
    pub span: PerChannel<Option<(i64, i64)>>,
    /// Events by pixel id on each side.
    pub pixels: PerChannel<BTreeMap<String, u64>>,
    /// All of it, over all event names.
    pub whole: Period,
    /// Days (UTC) with the event names of each; the empty name is all of them.
    pub days: Vec<Period>,
    /// Hours (UTC) over all event names.
    pub hours: Vec<Period>,
    /// Match keys whose coverage changed from one day to the next.
    pub drifts: Vec<Drift>,
    /// Places of what findings name as evidence.
    pub places: BTreeMap<u64, LogPlace>,
    /// Events that rules on joined tables were asked of, out of all.
    pub sample: Share,
    /// One in this many event ids is in the sample; 1 where it is everything.
    pub sampled_every: u64,
    /// Orders against conversions, where orders were given.
    pub orders: Option<OrderFigures>,
    /// Seconds of reading with the rules, and of joining.
    pub seconds: (f64, f64),
    /// Where the time went.
    pub timings: Timings,
    /// True where rows went to disk for want of memory.
    pub spilled: bool,
}

/// Where the time of an audit went, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Timings {
    /// Reading, by the clock.
    pub reading: f64,
    /// Of it, all threads together: getting at the bytes of files.
    pub fetching: f64,
    /// Of it, all threads together: rules on single events.
    pub rules: f64,
    /// Joining and counting.
    pub joining: f64,
    /// Rules that compare events, asked of the sample.
    pub comparing: f64,
    /// Drawing up the report.
    pub reporting: f64,
    /// Threads that read.
    pub threads: usize,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogInput {
    /// Path as the user gave it.
    pub path: String,
    /// Side; `None` where the file itself says.
    pub channel: Option<Channel>,
    /// Form that it was read as.
    pub form: String,
    /// How it was packed; empty where it was not.
    pub packed: String,
    /// Lines or rows.
    pub lines: u64,
    /// Events.
    pub events: u64,
    /// Lines that hold no event and need not.
    pub foreign: u64,
    /// Lines that cannot be read.
    pub bad: u64,
    /// The first of these: line and cause.
    pub samples: Vec<(u64, String)>,
}

/// A place in the logs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct LogPlace {
    /// File.
    pub file: String,
    /// Line or row, from 1.
    pub line: u64,
}

/// Counts of a stretch of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Period {
    /// Its begin, Unix milliseconds.
    pub start: i64,
    /// Event name; empty for all.
    pub event: String,
    /// Events, repeats included.
    pub events: PerChannel<u64>,
    /// Pairs, in the stretch of their browser half.
    pub paired: u64,
    /// Events without a partner.
    pub alone: PerChannel<u64>,
    /// The same by cause.
    pub causes: PerChannel<BTreeMap<String, u64>>,
    /// Further copies under the same event id, which the platform merges.
    pub repeats: PerChannel<u64>,
    /// Further copies that an event id would have merged.
    pub unmerged: PerChannel<u64>,
    /// What the platform would count.
    pub counted: u64,
    /// Events that the platform refuses.
    pub refused: u64,
    /// Event ids that stand for several visitors.
    pub reused: u64,
    /// Pairs whose halves name different values.
    pub values_differ: u64,
    /// Pairs whose halves name different currencies.
    pub currencies_differ: u64,
    /// From the browser half to the server half, milliseconds; negative where the server
    /// was first. Median, 95th and 99th percentile.
    pub lag: Option<[i64; 3]>,
    /// Who carries what.
    pub coverage: PerChannel<BTreeMap<MatchKey, Share>>,
    /// Who carries it well formed.
    pub valid: PerChannel<BTreeMap<MatchKey, Share>>,
}

impl Period {
    /// Pairs among the conversions that could be one: pairs and lone events.
    pub fn dedup_rate(&self) -> Option<f64> {
        Share::new(self.paired, self.paired + self.alone.browser + self.alone.server).ratio()
    }

    /// Server events for each browser event.
    pub fn server_per_browser(&self) -> Option<f64> {
        Share::new(self.events.server, self.events.browser).ratio()
    }

    /// Of all further copies, those that an event id would have merged.
    pub fn saved_by_id(&self) -> Option<f64> {
        let unmerged = self.unmerged.browser + self.unmerged.server;
        Share::new(unmerged, unmerged + self.repeats.browser + self.repeats.server).ratio()
    }
}

/// A change of coverage.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// The day on which it is another, Unix milliseconds.
    pub day: i64,
    /// Event name.
    pub event: String,
    /// Side.
    pub channel: Channel,
    /// Match key.
    pub key: MatchKey,
    /// Share on the day before.
    pub from: f64,
    /// Share on the day.
    pub to: f64,
}

/// Orders against what the platform would count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderFigures {
    /// Orders.
    pub orders: u64,
    /// Orders that are counted once.
    pub once: u64,
    /// Orders that no conversion tells of.
    pub missing: u64,
    /// Orders that are counted more than once.
    pub more_than_once: u64,
    /// Orders that some event names another amount or currency for.
    pub other_amount: u64,
    /// Conversions of the orders' events that belong to no order.
    pub without_order: u64,
}
