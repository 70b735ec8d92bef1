//! Lines of JSON whose fields have names of their own become lines with the usual names.
//!
//! A given name is looked for in the line, by its path (`properties.eid`), and inside the
//! events that the line holds. Never what a value means.

use serde_json::{Map, Value};

use super::columns::{Slot, usual};
use super::layout::Names;

/// Deepest that events are looked for inside each other: a body inside a message of a log.
const DEEPEST: u32 = 4;

/// The line as it would be had its writer used the usual names.
pub(super) fn rename(text: &str, names: &Names) -> Result<String, String> {
    let mut line: Map<String, Value> = serde_json::from_str(text)
        .map_err(|error| format!("the line is not a JSON object at column {}", error.column()))?;
    let mut event = Event::default();
    let given = event.take(&mut line, names, "");
    for path in &names.paths {
        if let Some(value) = take(&mut line, path) {
            event.outer.insert(path.clone(), value);
        }
    }
    for (name, value) in line {
        let slot = usual(&name, names);
        if given.contains(&slot) {
            continue;
        }
        let value = if names.is_whole(&name) { inside(value, &name, names, 0) } else { value };
        match slot {
            Slot::Outer(name) if matches!(name.as_str(), "user_data" | "custom_data") => {
                event.adopt(&name, value);
            }
            slot => event.put(slot, value),
        }
    }
    Ok(Value::Object(event.finish()).to_string())
}

/// Events inside a field, with their given names made usual and all others left alone.
fn inside(value: Value, path: &str, names: &Names, depth: u32) -> Value {
    if depth > DEEPEST {
        return value;
    }
    match value {
        Value::Object(mut fields) => {
            let mut event = Event::default();
            let given = event.take(&mut fields, names, path);
            for (name, value) in fields {
                if given.contains(&usual(&name, names)) {
                    continue;
                }
                match (name.as_str(), value) {
                    ("user_data" | "custom_data", value @ Value::Object(_)) => {
                        event.adopt(&name, value);
                    }
                    ("data", value) => {
                        event.outer.insert(name, inside(value, path, names, depth + 1));
                    }
                    (_, value) => {
                        event.outer.insert(name, value);
                    }
                }
            }
            Value::Object(event.finish())
        }
        Value::Array(items) => {
            items.into_iter().map(|item| inside(item, path, names, depth + 1)).collect()
        }
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(parsed @ (Value::Object(_) | Value::Array(_))) => {
                Value::String(inside(parsed, path, names, depth + 1).to_string())
            }
            _ => Value::String(text),
        },
        other => other,
    }
}

/// An event in the making.
#[derive(Default)]
struct Event {
    outer: Map<String, Value>,
    user: Map<String, Value>,
    custom: Map<String, Value>,
}

impl Event {
    /// Moves what has given names; what it became. `path` leads to where the fields stand.
    fn take(&mut self, fields: &mut Map<String, Value>, names: &Names, path: &str) -> Vec<Slot> {
        let mut found = Vec::new();
        for (theirs, ours) in &names.fields {
            // What leads into an event that the line holds is looked for there.
            let first = theirs.split_once('.').map(|(first, _)| first);
            if path.is_empty() && first.is_some_and(|first| names.is_whole(first)) {
                continue;
            }
            let below = theirs.strip_prefix(path).and_then(|rest| rest.strip_prefix('.'));
            let value = take(fields, theirs).or_else(|| take(fields, below?));
            if let Some(value) = value.filter(|value| !value.is_null()) {
                let slot = usual(ours, names);
                found.push(slot.clone());
                self.put(slot, value);
            }
        }
        found
    }

    fn put(&mut self, slot: Slot, value: Value) {
        match slot {
            Slot::Outer(name) => self.outer.insert(name, value),
            Slot::User(name) => self.user.insert(name, value),
            Slot::Custom(name) => self.custom.insert(name, value),
            Slot::Unused => None,
        };
    }

    /// Takes in what stood under `user_data` or `custom_data`; given names go before it.
    fn adopt(&mut self, parent: &str, value: Value) {
        let Value::Object(fields) = value else {
            self.outer.insert(parent.to_owned(), value);
            return;
        };
        let own = if parent == "user_data" { &mut self.user } else { &mut self.custom };
        for (name, value) in fields {
            own.entry(name).or_insert(value);
        }
    }

    fn finish(mut self) -> Map<String, Value> {
        for (name, fields) in [("user_data", self.user), ("custom_data", self.custom)] {
            if !fields.is_empty() {
                self.outer.insert(name.to_owned(), Value::Object(fields));
            }
        }
        self.outer
    }
}

/// Takes a field out by its name, or by the path that leads to it; nothing empty is left.
fn take(fields: &mut Map<String, Value>, path: &str) -> Option<Value> {
    if let Some(value) = fields.remove(path) {
        return Some(value);
    }
    let (first, rest) = path.split_once('.')?;
    let inner = fields.get_mut(first)?.as_object_mut()?;
    let found = take(inner, rest);
    if found.is_some() && inner.is_empty() {
        fields.remove(first);
    }
    found
}

/// The value under a name, or at the end of the path that it is.
pub(super) fn at_path<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    if let Some(found) = value.get(path) {
        return Some(found);
    }
    let (first, rest) = path.split_once('.')?;
    at_path(value.get(first)?, rest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::layout::Layout;
    use super::*;

    fn names() -> Names {
        let texts = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, name)| ((*key).to_owned(), (*name).to_owned())).collect()
        };
        Names::new(&Layout {
            form: None,
            roles: texts(&[("time", "request.at"), ("event", "hit")]),
            fields: texts(&[
                ("event_name", "type"),
                ("event_id", "ids.eid"),
                ("em", "mail"),
                ("custom_data.margin", "m"),
                ("value", "hit.total"),
            ]),
        })
    }

    fn renamed(line: &Value) -> Value {
        let text = rename(&line.to_string(), &names()).expect("an object");
        serde_json::from_str(&text).expect("JSON")
    }

    #[test]
    fn a_line_gets_the_usual_names_and_a_given_name_goes_before_the_usual_one() {
        let line = json!({
            "type": "Lead", "ids": {"eid": "e-1", "x": 1}, "mail": "ab", "m": 3, "odd": 1,
            "request": {"at": 5}, "user_data": {"em": "old", "ph": "cd"}, "event_id": "other",
        });
        let wanted = json!({
            "event_name": "Lead", "event_id": "e-1", "request.at": 5,
            "user_data": {"em": "ab", "ph": "cd"}, "custom_data": {"margin": 3},
        });
        assert_eq!(renamed(&line), wanted);
    }

    #[test]
    fn events_inside_a_line_are_renamed_and_the_rest_of_them_is_left_alone() {
        let event = json!({"type": "Lead", "ids": {"eid": "e-1"}, "total": 2, "odd": 1});
        let wanted = json!({
            "event_name": "Lead", "event_id": "e-1", "odd": 1,
            "custom_data": {"value": 2},
        });
        assert_eq!(renamed(&json!({ "hit": event }))["hit"], wanted);
        let whole = json!({ "data": [event] });
        let said = renamed(&json!({ "hit": whole.to_string() }))["hit"].clone();
        let inner: Value = serde_json::from_str(said.as_str().expect("a text")).expect("JSON");
        assert_eq!(inner["data"][0]["event_id"], "e-1");
        assert_eq!(renamed(&json!({ "hit": "ev=Lead&eid=1" }))["hit"], "ev=Lead&eid=1");
    }
}
