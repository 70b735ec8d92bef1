//! The shop's books as a table for other engines: one row per order, its number as it is
//! looked for in events.
//!
//! Never which conversion belongs to which order.

use std::io;
use std::path::Path;

use polars::prelude::*;

use crate::event::Order;
use crate::join::OrderBook;
use crate::platform::meta::lean::order_key;

use super::AuditError;
use super::stage::Stage;

/// Number of the table's format.
const BOOKS_FORMAT: i32 = 1;

/// Writes orders as Parquet; how many different ones there are. Columns: `countonce_books`
/// (number of this format), `place` (in the books, from nought), `id` (as the books have it),
/// `number` (without the sign before it), `order_key` (as in facts), `event`, `ordered_at`
/// (Unix milliseconds; null where the books do not say), `value`, `currency`.
pub fn write_books(orders: Vec<Order>, out: &Path) -> Result<usize, AuditError> {
    let book = OrderBook::new(orders);
    let rows: Vec<(&str, &Order)> = book.entries().collect();
    let texts = |name: &str, of: &dyn Fn(&(&str, &Order)) -> Option<String>| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<Option<String>>>())
    };
    let longs = |name: &str, of: &dyn Fn(&(&str, &Order)) -> Option<i64>| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<Option<i64>>>())
    };
    let columns = vec![
        Column::new("countonce_books".into(), vec![BOOKS_FORMAT; rows.len()]),
        Column::new("place".into(), (0..rows.len() as i64).collect::<Vec<i64>>()),
        texts("id", &|(_, order)| Some(order.id.clone())),
        texts("number", &|(number, _)| Some((*number).to_owned())),
        longs("order_key", &|(number, _)| Some(order_key(number) as i64)),
        texts("event", &|(_, order)| Some(order.event.clone())),
        longs("ordered_at", &|(_, order)| order.at),
        Column::new("value".into(), rows.iter().map(|(_, order)| order.value).collect::<Vec<_>>()),
        texts("currency", &|(_, order)| order.currency.clone()),
    ];
    let table =
        |error: PolarsError| AuditError::unwritable(out)(io::Error::other(error.to_string()));
    let mut frame = DataFrame::new(rows.len(), columns).map_err(table)?;
    if std::fs::metadata(out).is_ok_and(|there| !there.is_file()) {
        return Err(AuditError::unwritable(out)(io::Error::other("no regular file stands there")));
    }
    let stage = Stage::default();
    let mut written = || -> io::Result<()> {
        stage.open(out.parent().unwrap_or(Path::new("")), false)?;
        let (file, staged) = stage.file()?;
        ParquetWriter::new(&file)
            .with_compression(ParquetCompression::Zstd(None))
            .finish(&mut frame)
            .map_err(|error| io::Error::other(error.to_string()))?;
        file.sync_all()?;
        stage.settle(|| std::fs::rename(&staged, out))
    };
    written().map_err(AuditError::unwritable(out))?;
    Ok(rows.len())
}
