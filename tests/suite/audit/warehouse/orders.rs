//! Orders as an engine tells of them beside what the built-in join says.
//!
//! Never where they come from.

use std::collections::BTreeMap;

use countonce::report::Report;
use serde_json::{Map, Value};

/// Counts by their names.
pub(super) type Orders = BTreeMap<&'static str, u64>;

/// What the query counted, over all event names.
pub(super) fn theirs(rows: &[Map<String, Value>]) -> Orders {
    let names =
        ["orders", "counted_once", "missing", "more_than_once", "other_amount", "without_order"];
    let sum = |name: &str| -> u64 {
        rows.iter().map(|row| row[name].as_u64().unwrap_or_else(|| panic!("{name}: {row:?}"))).sum()
    };
    names.into_iter().map(|name| (name, sum(name))).collect()
}

/// The same out of the built-in engine's report.
pub(super) fn ours(report: &Report) -> Orders {
    let found = report.log.as_ref().and_then(|log| log.orders.as_ref()).expect("orders");
    BTreeMap::from([
        ("orders", found.orders),
        ("counted_once", found.once),
        ("missing", found.missing),
        ("more_than_once", found.more_than_once),
        ("other_amount", found.other_amount),
        ("without_order", found.without_order),
    ])
}
