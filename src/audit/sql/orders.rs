//! The query of orders: facts of the kinds that orders have, held against the shop's books.
//!
//! Never how an engine keeps a table.

use super::dialect::Dialect;
use super::fill;
use crate::join::{LONGEST_INSIDE, SHORTEST_INSIDE};

const HEAD: &str = "\
-- What countonce {version} says of orders over facts of format {format}: which are counted by
-- which conversion. {books} is the table that `countonce facts --orders` writes.
";

/// Stands for no order: beyond the places of all.
const NO_PLACE: u64 = 1 << 32;

/// The query over facts and the shop's books.
pub(super) fn query(dialect: &Dialect) -> String {
    let words = [
        ("chains", dialect.chains(include_str!("copies.sql"))),
        ("identity", "partition by kind, who, name, pixel".to_owned()),
        ("up_to_here", "rows between unbounded preceding and current row".to_owned()),
        ("no_place", NO_PLACE.to_string()),
        ("longest", LONGEST_INSIDE.to_string()),
        ("shortest", SHORTEST_INSIDE.to_string()),
    ];
    let asking = fill(include_str!("orders.sql"), &words);
    let making = fill(include_str!("telling.sql"), &words);
    format!("{HEAD}{}", dialect.staged("telling", &making, &asking))
}
