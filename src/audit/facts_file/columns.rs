//! A facts file read again: groups of rows as columns, and rows out of them.
//!
//! Never what a fact counts for.

use polars::prelude::*;

use crate::event::{Channel, MatchKey};
use crate::platform::meta::lean::{Lean, bit};

/// The columns of a group of rows of a facts file.
pub(in crate::audit) struct FactColumns {
    texts: Vec<StringChunked>,
    longs: Vec<Int64Chunked>,
    flags: Vec<BooleanChunked>,
    value: Float64Chunked,
    keys: Vec<BooleanChunked>,
    valid: Vec<BooleanChunked>,
    /// Not in files of format 1.
    orders: Option<Int64Chunked>,
    /// How many rows.
    pub(in crate::audit) rows: usize,
}

const TEXTS: [&str; 7] = ["channel", "pixel", "name", "id", "refusal", "currency", "offences"];
const LONGS: [&str; 4] = ["caught", "time", "visitor", "content"];
const FLAGS: [&str; 2] = ["automatic", "accepted"];

/// True for a column that is read again.
pub(in crate::audit) fn is_needed_of_facts(column: &str) -> bool {
    [TEXTS.as_slice(), &LONGS, &FLAGS, &["value", "order_key"]].concat().contains(&column)
        || column.starts_with("key_")
        || column.starts_with("valid_")
}

/// True for the columns of a facts file.
pub(in crate::audit) fn is_facts(columns: &[String]) -> bool {
    columns.iter().any(|column| column == "countonce_facts")
}

/// One row of a facts file.
pub(in crate::audit) struct StoredFact<'a> {
    pub(in crate::audit) channel: Option<Channel>,
    pub(in crate::audit) caught: Option<i64>,
    pub(in crate::audit) refused: bool,
    pub(in crate::audit) refusal: Option<&'a str>,
    pub(in crate::audit) offences: Option<&'a str>,
    pub(in crate::audit) lean: Lean<'a>,
}

impl FactColumns {
    pub(in crate::audit) fn new(frame: &DataFrame) -> PolarsResult<FactColumns> {
        let keys = |front: &str| -> PolarsResult<Vec<BooleanChunked>> {
            MatchKey::ALL
                .iter()
                .map(|key| Ok(frame.column(&format!("{front}{key}"))?.bool()?.clone()))
                .collect()
        };
        Ok(FactColumns {
            texts: TEXTS
                .iter()
                .map(|name| Ok(frame.column(name)?.str()?.clone()))
                .collect::<PolarsResult<_>>()?,
            longs: LONGS
                .iter()
                .map(|name| Ok(frame.column(name)?.i64()?.clone()))
                .collect::<PolarsResult<_>>()?,
            flags: FLAGS
                .iter()
                .map(|name| Ok(frame.column(name)?.bool()?.clone()))
                .collect::<PolarsResult<_>>()?,
            value: frame.column("value")?.f64()?.clone(),
            keys: keys("key_")?,
            valid: keys("valid_")?,
            orders: match frame.column("order_key") {
                Ok(column) => Some(column.i64()?.clone()),
                Err(_) => None,
            },
            rows: frame.height(),
        })
    }

    pub(in crate::audit) fn row(&self, row: usize) -> StoredFact<'_> {
        use std::borrow::Cow;
        let text = |column: usize| self.texts[column].get(row);
        let long = |column: usize| self.longs[column].get(row);
        let mask = |columns: &[BooleanChunked]| {
            MatchKey::ALL.iter().zip(columns).fold(0, |mask, (key, column)| {
                if column.get(row) == Some(true) { mask | bit(*key) } else { mask }
            })
        };
        StoredFact {
            channel: text(0).and_then(Channel::from_name),
            caught: long(0),
            refused: self.flags[1].get(row) == Some(false),
            refusal: text(4),
            offences: text(6),
            lean: Lean {
                pixel: Cow::Borrowed(text(1).unwrap_or("")),
                name: text(2).map(Cow::Borrowed),
                id: text(3).map(Cow::Borrowed),
                time: long(1),
                automatic: self.flags[0].get(row) == Some(true),
                value: self.value.get(row),
                currency: text(5).map(Cow::Borrowed),
                keys: mask(&self.keys),
                valid: mask(&self.valid),
                visitor: long(2).unwrap_or(0) as u64,
                content: long(3).unwrap_or(0) as u64,
                order: self.orders.as_ref().and_then(|keys| keys.get(row)).unwrap_or(0) as u64,
                signature: None,
            },
        }
    }
}
