//! Event IDs as an engine tells of them beside what the built-in join says.
//!
//! Never where they come from.

use std::collections::BTreeMap;

use countonce::report::Report;
use serde_json::{Map, Value};

/// Figures by event name, side and the name of the column.
pub(super) type Ids = BTreeMap<(String, String), BTreeMap<String, i64>>;

/// The column of a scheme.
pub(super) fn column(scheme: &str) -> String {
    format!("scheme_{}", scheme.to_lowercase().replace(' ', "_"))
}

/// What the query counted.
pub(super) fn theirs(rows: Vec<Map<String, Value>>) -> Ids {
    let of_row = |mut row: Map<String, Value>| {
        let mut text = |name: &str| match row.remove(name) {
            Some(Value::String(text)) => text,
            other => panic!("{name}: {other:?}"),
        };
        let key = (text("name"), text("channel"));
        // Lengths of no ID at all are null, schemes that no ID has are nought.
        let counts = row.into_iter().filter_map(|(name, value)| Some((name, value.as_i64()?)));
        (key, counts.filter(|(_, count)| *count > 0).collect())
    };
    rows.into_iter().map(of_row).collect()
}

/// The same out of the built-in engine's report.
pub(super) fn ours(report: &Report) -> Ids {
    let of_row = |row: &countonce::report::IdRow| {
        let counts = [
            ("events", row.events),
            ("present", row.present),
            ("distinct_ids", row.distinct),
            ("shortest", row.shortest),
            ("longest", row.longest),
        ];
        let counts = counts.map(|(name, count)| (name.to_owned(), count));
        let schemes = row.schemes.iter().map(|(scheme, count)| (column(scheme), *count));
        let all = counts.into_iter().chain(schemes).filter(|(_, count)| *count > 0);
        let all = all.map(|(name, count)| (name, count as i64));
        ((row.event.clone(), row.channel.to_string()), all.collect())
    };
    report.ids.iter().map(of_row).collect()
}
