//! Pairs browser events with server events the way the platform does: same pixel,
//! exact name, exact id, within the window.
//!
//! Each identity (pixel, name, id) is one row before sides are compared, so a
//! repeated event is a count in its row and can never multiply rows.
//! Never decides whether a pair is right; rules do.

use polars::prelude::*;

/// One row per identity: `pixel`, `name`, `id`, counts and first arrivals per side,
/// first rows and exchanges per side, `session`, values, `paired`. Copies farther apart
/// than `window` (milliseconds) are not merged.
pub(super) fn identities(facts: &DataFrame, window: i64) -> PolarsResult<DataFrame> {
    let on = |channel: &str| col("channel").eq(lit(channel.to_owned()));
    let first = |column: &str, channel: &str| {
        col(column).filter(on(channel)).first().alias(format!("{channel}_{column}"))
    };
    let mut sums = vec![
        on("browser").sum().cast(DataType::UInt32).alias("browser"),
        on("server").sum().cast(DataType::UInt32).alias("server"),
        col("session").drop_nulls().first().alias("session"),
        col("exchange").alias("evidence"),
    ];
    for channel in ["browser", "server"] {
        for column in ["caught", "time", "row", "exchange", "value", "currency", "accepted"] {
            sums.push(first(column, channel));
        }
    }
    let gap = col("server_caught") - col("browser_caught");
    facts
        .clone()
        .lazy()
        .filter(col("id").is_not_null().and(col("name").is_not_null()).and(col("automatic").not()))
        .sort(["caught", "exchange", "entry"], SortMultipleOptions::default())
        .group_by_stable([col("pixel"), col("name"), col("id")])
        .agg(sums)
        .with_column(
            col("browser")
                .gt(lit(0))
                .and(col("server").gt(lit(0)))
                .and(
                    gap.clone()
                        .gt_eq(lit(-window))
                        .and(gap.clone().lt_eq(lit(window)))
                        .fill_null(lit(false)),
                )
                .alias("paired"),
        )
        .with_column(gap.alias("gap"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Channel, Event};
    use crate::join::facts::facts;

    const WINDOW: i64 = 48 * 60 * 60 * 1000;

    fn event(channel: Channel, exchange: u64, name: &str, id: &str, caught: i64) -> Event {
        let mut event = Event::new(channel, exchange, "1");
        event.name = Some(name.into());
        event.id = Some(id.into());
        event.caught = caught;
        event
    }

    fn paired(events: &[Event]) -> Vec<(String, u32, u32, bool)> {
        let table = identities(&facts(events).expect("facts"), WINDOW).expect("identities");
        let text = |column: &str, row: usize| {
            table
                .column(column)
                .expect("there")
                .str()
                .expect("text")
                .get(row)
                .unwrap_or("")
                .to_owned()
        };
        let count = |column: &str, row: usize| {
            table.column(column).expect("there").u32().expect("count").get(row).expect("set")
        };
        (0..table.height())
            .map(|row| {
                let is = table
                    .column("paired")
                    .expect("there")
                    .bool()
                    .expect("flag")
                    .get(row)
                    .expect("set");
                (text("id", row), count("browser", row), count("server", row), is)
            })
            .collect()
    }

    #[test]
    fn duplicates_do_not_multiply_rows() {
        let rows = paired(&[
            event(Channel::Browser, 1, "Purchase", "a", 1),
            event(Channel::Browser, 2, "Purchase", "a", 2),
            event(Channel::Server, 3, "Purchase", "a", 3),
            event(Channel::Server, 4, "Purchase", "a", 4),
        ]);
        assert_eq!(rows, [("a".to_owned(), 2, 2, true)]);
    }

    #[test]
    fn names_and_ids_are_compared_exactly() {
        let rows = paired(&[
            event(Channel::Browser, 1, "Purchase", "a", 1),
            event(Channel::Server, 2, "purchase", "a", 1),
            event(Channel::Server, 3, "Purchase", " a", 1),
            event(Channel::Server, 4, "Purchase", "A", 1),
        ]);
        assert_eq!(rows.len(), 4);
        assert!(rows.iter().all(|row| !row.3));
    }

    #[test]
    fn the_window_ends_after_48_hours() {
        let at = |gap| {
            paired(&[
                event(Channel::Browser, 1, "Lead", "a", 0),
                event(Channel::Server, 2, "Lead", "a", gap),
            ])[0]
                .3
        };
        assert!(at(WINDOW));
        assert!(!at(WINDOW + 1));
    }
}
