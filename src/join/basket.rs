//! What an event says was bought: product ids and quantities, whichever parameter and
//! type they stand in.
//!
//! Never whether two baskets should be equal.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::event::Event;

/// Products with their quantities, where quantities are given.
#[derive(Debug, PartialEq, Eq)]
pub struct Basket {
    /// Product ids, sorted, each once.
    pub ids: Vec<String>,
    /// How many of each, as text; `None` where no line says so.
    pub quantities: Option<BTreeMap<String, String>>,
}

/// What an event names; `None` where it names nothing that can be read.
pub fn basket(event: &Event) -> Option<Basket> {
    let lines = event.parameter("contents").and_then(list).unwrap_or_default();
    let mut ids: Vec<String> = lines.iter().filter_map(|line| text(line.get("id")?)).collect();
    let mut quantities = BTreeMap::new();
    for line in &lines {
        let (id, quantity) = (line.get("id").and_then(text), line.get("quantity").and_then(text));
        match (id, quantity) {
            (Some(id), Some(quantity)) => {
                // A product on two lines has the sum of both.
                let before: f64 = quantities
                    .get(&id)
                    .and_then(|known: &String| known.parse().ok())
                    .unwrap_or(0.0);
                let sum = quantity.parse::<f64>().map(|number| (number + before).to_string());
                quantities.insert(id, sum.unwrap_or(quantity));
            }
            _ => return None,
        }
    }
    let quantities = (!lines.is_empty()).then_some(quantities);
    if ids.is_empty() {
        ids = event
            .parameter("content_ids")
            .and_then(list)
            .unwrap_or_default()
            .iter()
            .filter_map(text)
            .collect();
    }
    ids.sort_unstable();
    ids.dedup();
    (!ids.is_empty()).then_some(Basket { ids, quantities })
}

/// A list, also one in JSON text or a single value.
fn list(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(list) => Some(list.clone()),
        Value::String(text) if text.trim_start().starts_with(['[', '{']) => {
            match serde_json::from_str(text).ok()? {
                Value::Array(list) => Some(list),
                one => Some(vec![one]),
            }
        }
        Value::Null => None,
        one => Some(vec![one.clone()]),
    }
}

/// An id or a quantity as text: `7` and `"7"` are the same.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
