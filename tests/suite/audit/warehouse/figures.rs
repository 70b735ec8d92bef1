//! Figures of an engine beside those of the built-in join.
//!
//! Never where they come from.

use std::collections::BTreeMap;

use countonce::event::MatchKey;
use countonce::report::{LogReport, Period, Report};
use serde_json::{Map, Value};

use super::{CAUSES, SIDES};

/// Figures by period, begin, event and the name of the column.
pub(super) type Figures = BTreeMap<(String, i64, String), BTreeMap<String, i64>>;

/// What the query counted.
pub(super) fn theirs(rows: Vec<Map<String, Value>>) -> Figures {
    let mut figures = Figures::new();
    for mut row in rows {
        let text = |value: Option<Value>| {
            value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
        };
        let period = text(row.remove("period"));
        let event = text(row.remove("event"));
        let begin = row.remove("begin_ms").and_then(|value| value.as_i64()).expect("a begin");
        // An event over all of the time stands nowhere in the report of logs.
        if period == "day" || event.is_empty() {
            let counts = row
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name, value.as_i64().expect("a number")))
                .collect();
            figures.insert((period, begin, event), counts);
        }
    }
    figures
}

/// The same out of the built-in engine's report.
pub(super) fn ours(report: &Report) -> Figures {
    let log: &LogReport = report.log.as_ref().expect("a log");
    let mut figures = Figures::new();
    let periods =
        [("whole", std::slice::from_ref(&log.whole)), ("day", &log.days), ("hour", &log.hours)];
    for (name, periods) in periods {
        for period in periods {
            let key = (name.to_owned(), period.start, period.event.clone());
            figures.insert(key, counts(period));
        }
    }
    figures
}

pub(super) fn counts(period: &Period) -> BTreeMap<String, i64> {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    let mut put = |name: String, count: u64| counts.insert(name, count as i64);
    for (side, channel) in SIDES {
        put(format!("{side}_events"), *period.events.of(channel));
        put(format!("{side}_repeats"), *period.repeats.of(channel));
        put(format!("{side}_unmerged"), *period.unmerged.of(channel));
        for (cause, column) in CAUSES {
            let count = period.causes.of(channel).get(cause).copied().unwrap_or(0);
            put(format!("{side}_{column}"), count);
        }
        for (kind, shares) in [("key", &period.coverage), ("valid", &period.valid)] {
            for key in MatchKey::ALL {
                // A key that nobody carries, or that is read off the connection, has no share.
                if let Some(share) = shares.of(channel).get(key) {
                    put(format!("{side}_{kind}_{key}"), share.count);
                    put(format!("{side}_looked_at"), share.of);
                }
            }
        }
    }
    put("refused".to_owned(), period.refused);
    put("paired".to_owned(), period.paired);
    put("counted".to_owned(), period.counted);
    put("reused".to_owned(), period.reused);
    put("values_differ".to_owned(), period.values_differ);
    put("currencies_differ".to_owned(), period.currencies_differ);
    for (name, lag) in
        ["lag_p50", "lag_p95", "lag_p99"].into_iter().zip(period.lag.into_iter().flatten())
    {
        counts.insert(name.to_owned(), lag);
    }
    counts
}

/// Every figure of the built-in engine is the query's, in every period, and there are no
/// others.
pub(super) fn assert_equal(own: &Figures, mut their: Figures, engine: &str) {
    for counts in their.values_mut() {
        let both = counts["browser_refused"] + counts["server_refused"];
        counts.insert("refused".to_owned(), both);
    }
    let periods = |figures: &Figures| figures.keys().cloned().collect::<Vec<_>>();
    assert_eq!(periods(own), periods(&their), "{engine}");
    for (period, counts) in own {
        let their = &their[period];
        for (name, count) in counts {
            assert_eq!(their.get(name), Some(count), "{engine}: {name} of {period:?}");
        }
        for (name, count) in their.iter().filter(|(name, _)| name.contains("_key_")) {
            assert!(counts.contains_key(name) || *count == 0, "{engine}: {name} of {period:?}");
        }
        assert_eq!(
            counts.contains_key("lag_p50"),
            their.contains_key("lag_p50"),
            "{engine}: {period:?}"
        );
    }
}
