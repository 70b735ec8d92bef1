//! Orders: the truth about conversions, out of the shop's own books.
//!
//! Never which conversion belongs to which order; see `join::orders`.

use std::borrow::Cow;
use std::path::Path;

use crate::event::Order;

use super::columns::cells;
use super::envelope::Layout;
use super::form::Form;
use super::groups::Groups;
use super::names::at_path;
use super::source::{self, Input};
use super::time::time;
use super::{AuditError, BadLine};

/// What a field of an order can be, with its usual names.
pub const ORDER_ROLES: &[(&str, &[&str])] = &[
    ("id", &["order_id", "id", "order", "order_number", "transaction_id", "number", "name"]),
    ("time", &["time", "created_at", "ordered_at", "date", "timestamp", "event_time"]),
    ("value", &["value", "total", "total_price", "amount", "revenue", "grand_total"]),
    ("currency", &["currency", "currency_code"]),
    ("event", &["event", "event_name"]),
];

/// Reads orders; rows that are none come back beside them.
pub fn read_orders(
    inputs: &[Input],
    layout: &Layout,
) -> Result<(Vec<Order>, Vec<(String, BadLine)>), AuditError> {
    let (mut orders, mut bad) = (Vec::new(), Vec::new());
    for input in inputs {
        let path = input.path.display().to_string();
        let mut take =
            |line: u64, fields: &dyn Fn(&str) -> Option<String>| match order(layout, fields) {
                Ok(order) => orders.push(order),
                Err(cause) => bad.push((path.clone(), BadLine { line, cause })),
            };
        read_one(input, layout, &mut take)?;
    }
    Ok((orders, bad))
}

type Take<'a> = dyn FnMut(u64, &dyn Fn(&str) -> Option<String>) + 'a;

fn read_one(input: &Input, layout: &Layout, take: &mut Take<'_>) -> Result<(), AuditError> {
    const LARGEST: usize = 4 << 30;
    let (source, head) = source::open(input)?;
    let given = layout.form.as_deref().and_then(Form::from_name);
    let form = match input.form.or(given) {
        Some(form) => form,
        None => Form::of(&head)
            .map_err(|what| AuditError::Unknown { path: input.path.clone(), what })?,
    };
    match form {
        Form::Parquet => return parquet(&input.path, take),
        Form::Ndjson => {
            let bytes = source.whole(LARGEST)?;
            for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
                if line.trim_ascii().is_empty() {
                    continue;
                }
                let value: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
                take(at as u64 + 1, &|name| match at_path(&value, name)? {
                    serde_json::Value::String(text) => Some(text.clone()),
                    serde_json::Value::Null => None,
                    other => Some(other.to_string()),
                });
            }
        }
        Form::Csv => {
            let bytes = source.whole(LARGEST)?;
            let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let separator = [b',', b';', b'\t']
                .into_iter()
                .max_by_key(|sign| first.iter().filter(|byte| *byte == sign).count())
                .unwrap_or(b',');
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(separator)
                .flexible(true)
                .from_reader(bytes.as_slice());
            let headers: Vec<String> = reader
                .headers()
                .map_err(|error| AuditError::table(&input.path, error))?
                .iter()
                .map(|name| name.trim().trim_start_matches('\u{feff}').to_owned())
                .collect();
            for record in reader.records() {
                let record = record.map_err(|error| AuditError::table(&input.path, error))?;
                let line = record.position().map_or(0, csv::Position::line);
                take(line, &|name| {
                    let at = headers.iter().position(|header| header == name)?;
                    record.get(at).filter(|text| !text.is_empty()).map(str::to_owned)
                });
            }
        }
        other => {
            return Err(AuditError::table(
                &input.path,
                format!("orders come as csv, ndjson or parquet, not as {}", other.name()),
            ));
        }
    }
    Ok(())
}

fn parquet(path: &Path, take: &mut Take<'_>) -> Result<(), AuditError> {
    let groups = Groups::open(path)?;
    while let Some((group, frame)) = groups.next()? {
        let columns = cells(&frame).map_err(|error| AuditError::table(path, error))?;
        let first = groups.groups[group].0;
        for row in 0..frame.height() {
            take((first + row) as u64 + 1, &|name| {
                let (_, values) = columns.iter().find(|(column, _)| column == name)?;
                values.get(row).map(Cow::into_owned)
            });
        }
    }
    Ok(())
}

fn order(layout: &Layout, field: &dyn Fn(&str) -> Option<String>) -> Result<Order, String> {
    let role = |wanted: &str| match layout.roles.get(wanted) {
        Some(given) => field(given),
        None => ORDER_ROLES
            .iter()
            .find(|(role, _)| *role == wanted)
            .and_then(|(_, usual)| usual.iter().find_map(|name| field(name))),
    };
    let id = role("id").filter(|id| !id.trim().is_empty()).ok_or("no order id")?;
    let at = match role("time") {
        Some(text) => Some(time(&text).ok_or("its time is no time")?),
        None => None,
    };
    let value = match role("value") {
        Some(text) => Some(text.trim().parse().map_err(|_| "its value is no number")?),
        None => None,
    };
    Ok(Order {
        id,
        at,
        value,
        currency: role("currency"),
        event: role("event").unwrap_or_else(|| "Purchase".to_owned()),
    })
}
