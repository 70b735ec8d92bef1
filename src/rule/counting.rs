//! Counting and coverage: totals hold against the truth.

pub(super) mod low_dedup_rate;
pub(super) mod low_server_coverage;
pub(super) mod nothing_captured;
pub(super) mod orders_not_matched;

/// Its rules, in the order of the catalogue.
pub(super) const RULES: &[&super::Rule] = &[
    &low_dedup_rate::RULE,
    &low_server_coverage::RULE,
    &nothing_captured::RULE,
    &orders_not_matched::RULE,
];

use polars::prelude::*;

use super::pick::events_where;
use crate::event::{Channel, Event};
use crate::join::Tables;

/// Fewer events than this say nothing about a share. An engineering choice: from twenty on
/// one event more or less moves it by five per cent at most.
const FEWEST: u32 = 20;

/// Events per type where both channels are wanted: `name`, `browser`, `server`, `paired`.
/// Repeats, surplus and automatic events are left out, what the platform refused, and what
/// happened elsewhere than on the site.
fn sides(tables: &Tables) -> PolarsResult<LazyFrame> {
    let on = |channel: Channel| col("channel").eq(lit(channel.name()));
    let count = |condition: Expr, name: &str| condition.sum().cast(DataType::UInt32).alias(name);
    let standing = |name: &str| col("standing").eq(lit(name.to_owned()));
    // What happened elsewhere than on the site has no browser half.
    let of_site =
        |event: &Event| event.action_source.as_deref().is_none_or(|source| source == "website");
    Ok(events_where(tables, |_, event| of_site(event) && !event.automatic)?
        .rename(["event"], ["name"], true)
        .filter(
            col("name")
                .is_not_null()
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
        .sort(["name"], SortMultipleOptions::default()))
}
