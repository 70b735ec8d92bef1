//! Orders: the truth about conversions, out of the shop's own books.
//!
//! Never which conversion belongs to which order; see `join::orders`.

use crate::event::Order;

use super::layout::Layout;
use super::records::records;
use super::source::Input;
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
        records(input, layout.form.as_deref(), &mut take)?;
    }
    Ok((orders, bad))
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
