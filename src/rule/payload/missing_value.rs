//! ## What it checks
//! A Purchase names its value on every channel. Any other event that carries a value
//! somewhere in the capture carries it everywhere (a warning).
//!
//! ## Why it matters
//! Without a value there is no return on ad spend and no bidding by value. For a Purchase
//! the Conversions API refuses the whole request, with every other event in it.
//!
//! ## How to fix
//! Add `value` as a plain number (`42.00`, no currency sign, no thousands separator) to
//! the parameters of the pixel call and to `custom_data` of the server event.
//!
//! ## Source
//! Meta, standard events reference: value and currency are required for Purchase; error
//! 100/2804009 for a Purchase without them.

use polars::prelude::*;

use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "missing-value",
    title: "an event without its value",
    severity: Severity::Error,
    check: Check::Table { query, tell },
    source: include_str!("missing_value.rs"),
};

/// Rows of named events that carry no value, where a Purchase or where another event of that name carries one.
fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let carries: Vec<bool> =
        tables.events.iter().map(|event| event.parameter("value").is_some()).collect();
    let carried = DataFrame::new(
        carries.len(),
        vec![
            Column::new("row".into(), (0..carries.len() as u32).collect::<Vec<_>>()),
            Column::new("carries".into(), carries),
        ],
    )?;
    let facts = tables
        .facts
        .clone()
        .lazy()
        .filter(col("automatic").not().and(col("name").is_not_null()))
        .join(carried.lazy(), [col("row")], [col("row")], JoinArgs::new(JoinType::Inner));
    let used = facts.clone().group_by([col("name")]).agg([col("carries").any(true).alias("used")]);
    Ok(facts
        .join(used, [col("name")], [col("name")], JoinArgs::new(JoinType::Left))
        .filter(col("carries").not().and(col("name").eq(lit("Purchase")).or(col("used"))))
        .sort(["row"], SortMultipleOptions::default())
        .group_by_stable([col("session"), col("name"), col("channel")])
        .agg([col("exchange").alias("evidence"), len().cast(DataType::UInt32).alias("times")])
        .rename(["name"], ["event"], true))
}

fn tell(row: &Row<'_>, _: &Tables) -> Option<Offence> {
    let (event, channel) = (row.event(), row.channel()?);
    let times = row.count("times")?;
    let offence = if event == "Purchase" {
        Offence::new(
            format!("{times}× {event} from the {channel} without a value"),
            "add value as a plain number, and currency",
        )
    } else {
        Offence::new(
            format!("{times}× {event} from the {channel} without a value, which {event} carries elsewhere"),
            "send the same parameters on both channels",
        )
        .weighing(Severity::Warn)
    };
    Some(offence)
}
