//! Coverage: the share of events of a type that carry a match key or a parameter,
//! per channel, with the denominators.
//! Never a threshold.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::facts::key_column;
use crate::event::{Channel, Event, MatchKey};

/// Coverage of one event type on one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageRow {
    /// Event name.
    pub event: String,
    /// Channel.
    pub channel: Channel,
    /// Events of that type on that channel: the denominator.
    pub events: u32,
    /// Events that carry the key, for every key that any event of the capture carries.
    pub keys: BTreeMap<MatchKey, u32>,
    /// Events that carry the parameter, for every parameter seen on this event type.
    pub parameters: BTreeMap<String, u32>,
}

impl CoverageRow {
    /// Share of events that carry the key, 0 to 1.
    pub fn share(&self, key: MatchKey) -> f64 {
        share(self.keys.get(&key).copied().unwrap_or(0), self.events)
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
}

/// Coverage of every event type, by name and then channel.
pub type Coverage = Vec<CoverageRow>;

/// Match keys that a hit cannot carry in its payload: the platform reads them off the connection.
const READ_OFF_THE_HIT: &[MatchKey] = &[MatchKey::ClientIp, MatchKey::ClientUserAgent];

/// Counts who carries what. Automatic events and repeats do not count.
pub(super) fn coverage(facts: &DataFrame, events: &[Event]) -> PolarsResult<Coverage> {
    let sums = MatchKey::ALL.iter().map(|key| col(key_column(*key)).sum().cast(DataType::UInt32));
    let table = facts
        .clone()
        .lazy()
        .filter(
            col("automatic")
                .not()
                .and(col("name").is_not_null())
                .and(col("standing").neq(lit("repeat"))),
        )
        .group_by_stable([col("name"), col("channel")])
        .agg(sums.chain([len().cast(DataType::UInt32).alias("events")]).collect::<Vec<_>>())
        .sort(["name", "channel"], SortMultipleOptions::default())
        .collect()?;
    let used: BTreeSet<MatchKey> = MatchKey::ALL
        .iter()
        .copied()
        .filter(|key| events.iter().any(|event| event.keys.contains_key(key)))
        .collect();
    let names = table.column("name")?.str()?;
    let channels = table.column("channel")?.str()?;
    let totals = table.column("events")?.u32()?;
    let mut rows = Vec::new();
    for index in 0..table.height() {
        let Some(channel) = channels.get(index).and_then(Channel::from_name) else { continue };
        let event = names.get(index).unwrap_or_default().to_owned();
        let mut keys = BTreeMap::new();
        for key in &used {
            if channel == Channel::Browser && READ_OFF_THE_HIT.contains(key) {
                continue;
            }
            let count = table.column(&key_column(*key))?.u32()?.get(index).unwrap_or(0);
            keys.insert(*key, count);
        }
        let parameters = parameters(events, &event, channel);
        rows.push(CoverageRow {
            event,
            channel,
            events: totals.get(index).unwrap_or(0),
            keys,
            parameters,
        });
    }
    Ok(rows)
}

fn parameters(events: &[Event], name: &str, channel: Channel) -> BTreeMap<String, u32> {
    let alike = || events.iter().filter(|event| event.name() == name && !event.automatic);
    let mut counts: BTreeMap<String, u32> = alike()
        .flat_map(|event| event.parameters.keys().map(|parameter| (parameter.clone(), 0)))
        .collect();
    for event in alike().filter(|event| event.channel == channel) {
        for parameter in
            event.parameters.keys().filter(|parameter| event.parameter(parameter).is_some())
        {
            if let Some(count) = counts.get_mut(parameter) {
                *count += 1;
            }
        }
    }
    counts
}
