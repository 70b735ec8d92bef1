//! Rows for rules whose question is plain code over the events rather than a query.
//!
//! Either single events out of the facts table, or groups of events that are one offence.
//! Never a message, never a verdict.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use crate::event::{Channel, Event};
use crate::join::Tables;

/// The facts of the events at these rows, in order: every facts column, `name` as `event`
/// and `exchange` as `evidence`.
pub(super) fn events_at(
    tables: &Tables,
    rows: impl IntoIterator<Item = usize>,
) -> PolarsResult<LazyFrame> {
    let rows: Vec<u32> =
        rows.into_iter().collect::<BTreeSet<usize>>().into_iter().map(|row| row as u32).collect();
    let wanted = DataFrame::new(rows.len(), vec![Column::new("row".into(), rows)])?;
    Ok(wanted
        .lazy()
        .join(
            tables.facts.clone().lazy(),
            [col("row")],
            [col("row")],
            JoinArgs::new(JoinType::Inner),
        )
        .sort(["row"], SortMultipleOptions::default())
        .rename(["name", "exchange"], ["event", "evidence"], true))
}

/// The facts of the events for which the answer is yes.
pub(super) fn events_where(
    tables: &Tables,
    ask: impl Fn(usize, &Event) -> bool,
) -> PolarsResult<LazyFrame> {
    let rows = tables.events.iter().enumerate().filter(|(row, event)| ask(*row, event));
    events_at(tables, rows.map(|(row, _)| row).collect::<Vec<_>>())
}

/// Events that together are one offence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Group {
    /// Event type, where it is one.
    pub(super) event: Option<String>,
    /// Side, where it is one.
    pub(super) channel: Option<Channel>,
    /// Session, where it is one.
    pub(super) session: Option<u32>,
    /// The named cause.
    pub(super) cause: String,
    /// Rows of the events.
    pub(super) rows: Vec<usize>,
}

/// One row per group: `event`, `channel`, `session`, `cause`, `times`, `rows`, `evidence`.
pub(super) fn groups(tables: &Tables, groups: &[Group]) -> PolarsResult<LazyFrame> {
    let exchanges = |group: &Group| -> Vec<u64> {
        let numbers: BTreeSet<u64> =
            group.rows.iter().map(|row| tables.events[*row].exchange).collect();
        numbers.into_iter().collect()
    };
    let channel = |group: &Group| group.channel.map(Channel::name);
    let frame = DataFrame::new(
        groups.len(),
        vec![
            Column::new("event".into(), groups.iter().map(|g| g.event.clone()).collect::<Vec<_>>()),
            Column::new("channel".into(), groups.iter().map(channel).collect::<Vec<_>>()),
            Column::new("session".into(), groups.iter().map(|g| g.session).collect::<Vec<_>>()),
            Column::new(
                "cause".into(),
                groups.iter().map(|g| g.cause.as_str()).collect::<Vec<_>>(),
            ),
            Column::new(
                "times".into(),
                groups.iter().map(|g| g.rows.len() as u32).collect::<Vec<_>>(),
            ),
            list("rows", groups.iter().map(|g| g.rows.iter().map(|row| *row as u64).collect())),
            list("evidence", groups.iter().map(exchanges)),
        ],
    )?;
    Ok(frame.lazy())
}

/// Collects rows into groups by everything but the rows; groups in order of their first row.
pub(super) fn gather(rows: impl IntoIterator<Item = Group>) -> Vec<Group> {
    let mut gathered: Vec<Group> = Vec::new();
    let mut places = BTreeMap::new();
    for one in rows {
        let key = (one.event.clone(), one.channel, one.session, one.cause.clone());
        let place = *places.entry(key).or_insert(gathered.len());
        match gathered.get_mut(place) {
            Some(group) => group.rows.extend(one.rows),
            None => gathered.push(one),
        }
    }
    gathered
}

fn list(name: &str, rows: impl Iterator<Item = Vec<u64>>) -> Column {
    let lists: Vec<Series> = rows.map(|row| Series::new("".into(), row)).collect();
    if lists.is_empty() {
        return Series::new_empty(name.into(), &DataType::List(Box::new(DataType::UInt64))).into();
    }
    Series::new(name.into(), lists).into()
}
