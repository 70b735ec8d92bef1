//! Event parameters out of bracketed names (`cd[contents]`, `cd[a][b]`).
//!
//! JSON text of an array or object becomes that value, anything else stays the text
//! it was, since the wire has lost whether it was a number.
//! Never which parameters exist.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Brackets inside brackets are followed this far; deeper ones are hostile.
const DEEPEST: usize = 8;

/// Adds one parameter; `path` is what stands between the outer brackets.
pub(super) fn put(parameters: &mut BTreeMap<String, Value>, path: &str, text: &str) {
    let mut names = path.splitn(DEEPEST, "][");
    let first = names.next().unwrap_or_default();
    let rest: Vec<&str> = names.collect();
    let value = read(text);
    if rest.is_empty() {
        parameters.insert(first.to_owned(), value);
        return;
    }
    let mut place = parameters.entry(first.to_owned()).or_insert_with(|| Value::Object(Map::new()));
    for name in rest {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(inner) = place else { return };
        // `a[]` counts up, as form encoders mean it.
        let name = if name.is_empty() { inner.len().to_string() } else { name.to_owned() };
        place = inner.entry(name).or_insert(Value::Null);
    }
    *place = value;
}

fn read(text: &str) -> Value {
    if text.starts_with(['[', '{'])
        && let Ok(value) = serde_json::from_str(text)
    {
        return value;
    }
    Value::String(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parameters(pairs: &[(&str, &str)]) -> BTreeMap<String, Value> {
        let mut all = BTreeMap::new();
        for (path, text) in pairs {
            put(&mut all, path, text);
        }
        all
    }

    #[test]
    fn json_is_read_and_everything_else_stays_text() {
        let all = parameters(&[
            ("value", "10.50"),
            ("contents", r#"[{"id":"a","quantity":1}]"#),
            ("broken", "[{'id':'a'}]"),
            ("status", "true"),
        ]);
        assert_eq!(all["value"], json!("10.50"));
        assert_eq!(all["contents"], json!([{"id": "a", "quantity": 1}]));
        assert_eq!(all["broken"], json!("[{'id':'a'}]"));
        assert_eq!(all["status"], json!("true"));
    }

    #[test]
    fn brackets_nest_and_brackets_in_names_do_not() {
        let all = parameters(&[
            ("a][b", "1"),
            ("a][c", "2"),
            ("list][", "x"),
            ("list][", "y"),
            ("k[l]", "3"),
        ]);
        assert_eq!(all["a"], json!({"b": "1", "c": "2"}));
        assert_eq!(all["list"], json!({"0": "x", "1": "y"}));
        assert_eq!(all["k[l]"], json!("3"));
    }

    #[test]
    fn a_path_without_end_stays_shallow() {
        let all = parameters(&[(&"a][".repeat(100_000), "1")]);
        let mut depth = 0;
        let mut value = &all["a"];
        while let Some(inner) = value.as_object().and_then(|inner| inner.values().next()) {
            value = inner;
            depth += 1;
        }
        assert!(depth < DEEPEST);
    }
}
