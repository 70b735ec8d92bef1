//! `countonce sql`: queries over facts for other engines.

use super::audit_args::SqlOptions;
use super::{Streams, WRONG_INPUT};
use crate::audit::{DIALECTS, QUESTIONS, Tables, reconcile_sql};
use crate::platform::PLATFORMS;
use crate::step::nearest;

pub(super) fn sql(options: &SqlOptions, streams: &Streams) -> u8 {
    let window = PLATFORMS[0].counting.dedup_window;
    let SqlOptions { dialect, query, table, orders_table } = options;
    let tables = Tables { facts: table.as_deref(), books: orders_table.as_deref() };
    if let Some(text) = reconcile_sql(dialect, query, tables, window) {
        streams.out(&text);
        return 0;
    }
    let dialects: Vec<&str> = DIALECTS.iter().map(|dialect| dialect.name).collect();
    let queries: Vec<&str> = QUESTIONS.iter().map(|question| question.word).collect();
    let (what, word, known) = if dialects.contains(&dialect.as_str()) {
        ("query", query, queries)
    } else {
        ("dialect", dialect, dialects)
    };
    let hint = nearest(word, known.iter().copied()).map_or_else(
        || format!("known are {}", known.join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    streams.err(&format!("error: there is no {what} `{word}`; {hint}"));
    WRONG_INPUT
}
