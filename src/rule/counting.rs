//! Counting and coverage: totals hold against the truth.

mod low_dedup_rate;
mod low_server_coverage;
mod nothing_captured;

/// Its rules, in the order of the catalogue.
pub(super) const RULES: &[&super::Rule] =
    &[&low_dedup_rate::RULE, &low_server_coverage::RULE, &nothing_captured::RULE];

use polars::prelude::*;

use crate::event::Channel;
use crate::join::Tables;

/// Fewer events than this say nothing about a share. An engineering choice: from twenty on
/// one event more or less moves it by five per cent at most.
const FEWEST: u32 = 20;

/// Events per type where both channels are wanted: `name`, `browser`, `server`, `paired`.
/// Repeats, surplus and automatic events are left out, and what the platform refused.
fn sides(tables: &Tables) -> LazyFrame {
    let on = |channel: Channel| col("channel").eq(lit(channel.name()));
    let count = |condition: Expr, name: &str| condition.sum().cast(DataType::UInt32).alias(name);
    let standing = |name: &str| col("standing").eq(lit(name.to_owned()));
    tables
        .facts
        .clone()
        .lazy()
        .filter(
            col("automatic")
                .not()
                .and(col("name").is_not_null())
                .and(col("accepted"))
                .and(col("wanted_browser").and(col("wanted_server")))
                .and(standing("repeat").or(standing("surplus")).not()),
        )
        .group_by([col("name")])
        .agg([
            count(on(Channel::Browser), "browser"),
            count(on(Channel::Server), "server"),
            count(on(Channel::Browser).and(standing("paired")), "paired"),
        ])
        .sort(["name"], SortMultipleOptions::default())
}
