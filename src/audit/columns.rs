//! Tables with named columns become lines of JSON, so that everything after them is the
//! same as for logs of lines.
//!
//! Columns are known by the platform's names, flat (`em`), with their parent
//! (`user_data.em`, `user_data_em`) or as structs. Never what a value means.

use std::borrow::Cow;

use polars::prelude::*;

use crate::event::MatchKey;
use crate::platform::meta::lean::is_plain;
use crate::platform::meta::vocabulary::{EVENT_FIELDS, PARAMETERS, is_known_parameter};

use super::layout::Names;

/// What a column becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    /// A field of the event or of the log around it.
    Outer(String),
    /// A match key.
    User(String),
    /// A parameter.
    Custom(String),
    /// Nothing that is needed.
    Unused,
}

/// What each column of a table becomes.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    slots: Vec<Slot>,
}

impl Plan {
    /// Looks at the names of the columns; `None` where no event can be made of them.
    pub(super) fn new(columns: &[String], names: &Names) -> Option<Plan> {
        let slots = slots(columns, names);
        let outer = |wanted: &str| {
            slots.iter().any(|slot| matches!(slot, Slot::Outer(name) if name == wanted))
        };
        let usable = outer("event_name")
            || slots.iter().any(|slot| matches!(slot, Slot::Outer(name) if names.is_whole(name)));
        usable.then_some(Plan { slots })
    }

    /// Writes a row as a JSON object.
    pub(super) fn write<'v>(
        &self,
        values: impl Fn(usize) -> Option<Cow<'v, str>>,
        out: &mut String,
    ) {
        out.clear();
        out.push('{');
        let put = |out: &mut String, name: &str, value: &str| {
            if !out.ends_with('{') {
                out.push(',');
            }
            out.push('"');
            out.push_str(name);
            out.push_str("\":");
            json(out, value);
        };
        for (at, slot) in self.slots.iter().enumerate() {
            if let (Slot::Outer(name), Some(value)) = (slot, values(at)) {
                put(out, name, &value);
            }
        }
        for (parent, of) in [("user_data", false), ("custom_data", true)] {
            let mut begun = false;
            for (at, slot) in self.slots.iter().enumerate() {
                let name = match slot {
                    Slot::User(name) if !of => name,
                    Slot::Custom(name) if of => name,
                    _ => continue,
                };
                let Some(value) = values(at).filter(|value| !value.is_empty()) else { continue };
                if !begun {
                    if !out.ends_with('{') {
                        out.push(',');
                    }
                    out.push('"');
                    out.push_str(parent);
                    out.push_str("\":{");
                    begun = true;
                }
                put(out, name, &value);
            }
            if begun {
                out.push('}');
            }
        }
        out.push('}');
    }
}

/// A value as JSON: numbers, lists and objects as they are, everything else as a text.
fn json(out: &mut String, value: &str) {
    let bytes = value.as_bytes();
    let raw = match bytes.first() {
        Some(b'0'..=b'9' | b'-') => is_number(bytes),
        Some(b'[' | b'{') => serde_json::from_str::<serde::de::IgnoredAny>(value).is_ok(),
        _ => matches!(value, "true" | "false"),
    };
    if raw {
        out.push_str(value);
    } else if !is_plain(value) {
        out.push_str(&serde_json::Value::from(value).to_string());
    } else {
        out.push('"');
        out.push_str(value);
        out.push('"');
    }
}

/// A figure that JSON takes as one and that no text loses by it: ids keep leading zeros and
/// long digits.
pub(super) fn is_number(bytes: &[u8]) -> bool {
    const LONGEST: usize = 15;
    let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let plain = digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && digits.iter().filter(|byte| **byte == b'.').count() <= 1;
    plain
        && bytes.len() <= LONGEST
        && digits.first().is_some_and(u8::is_ascii_digit)
        && digits.last().is_some_and(u8::is_ascii_digit)
        && !(digits.len() > 1 && digits[0] == b'0' && digits[1] != b'.')
}

/// A name that both have: of the request in a log of requests, of the goods in an event.
const OF_BOTH: &str = "content_type";

/// What columns become. One of a name that logs and events both have is the event's where the
/// events' own columns stand beside it.
pub(super) fn slots(columns: &[String], names: &Names) -> Vec<Slot> {
    let mut slots: Vec<Slot> = columns.iter().map(|column| slot(column, names)).collect();
    let is_of_events = slots.contains(&Slot::Outer("event_name".to_owned()))
        && !slots.iter().any(|slot| matches!(slot, Slot::Outer(name) if names.is_whole(name)));
    if is_of_events && !names.given.iter().any(|given| given == OF_BOTH) {
        for slot in slots.iter_mut().filter(|slot| **slot == Slot::Outer(OF_BOTH.to_owned())) {
            *slot = Slot::Custom(OF_BOTH.to_owned());
        }
    }
    slots
}

/// What a column or field becomes, by the names that the user gives and the usual ones.
/// A usual name gives way where another column was given for the same.
pub(super) fn slot(column: &str, names: &Names) -> Slot {
    if let Some((_, ours)) = names.fields.iter().find(|(theirs, _)| theirs == column) {
        return usual(ours, names);
    }
    let slot = usual(column, names);
    if names.fields.iter().any(|(_, ours)| usual(ours, names) == slot) {
        return Slot::Unused;
    }
    slot
}

/// What a name means where nobody gives it another meaning.
pub(super) fn usual(column: &str, names: &Names) -> Slot {
    if let Some(key) =
        ["user_data.", "user_data_"].iter().find_map(|front| column.strip_prefix(front))
    {
        return Slot::User(key.to_owned());
    }
    if let Some(name) =
        ["custom_data.", "custom_data_"].iter().find_map(|front| column.strip_prefix(front))
    {
        return Slot::Custom(name.to_owned());
    }
    if EVENT_FIELDS.contains(&column) || names.is_of_the_log(column) || names.is_whole(column) {
        return Slot::Outer(column.to_owned());
    }
    if MatchKey::from_name(column).is_some() {
        return Slot::User(column.to_owned());
    }
    if is_known_parameter(column) { Slot::Custom(column.to_owned()) } else { Slot::Unused }
}

/// True for a name of the platform that columns and fields can be given for.
pub fn takes_field(name: &str) -> bool {
    if let Some(key) = name.strip_prefix("user_data.") {
        return MatchKey::from_name(key).is_some();
    }
    if let Some(parameter) = name.strip_prefix("custom_data.") {
        return !parameter.is_empty();
    }
    EVENT_FIELDS.contains(&name) || MatchKey::from_name(name).is_some() || is_known_parameter(name)
}

/// Usual names among these.
pub fn field_names() -> Vec<&'static str> {
    let keys = MatchKey::ALL.iter().map(|key| key.name());
    EVENT_FIELDS.iter().copied().chain(keys).chain(PARAMETERS.iter().copied()).collect()
}

/// The values of a column of a table.
pub(super) enum Cells {
    Texts(StringChunked),
    /// Whole figures, and times in milliseconds.
    Longs(Int64Chunked),
}

impl Cells {
    /// A value as a text.
    pub(super) fn get(&self, row: usize) -> Option<Cow<'_, str>> {
        match self {
            Cells::Texts(texts) => texts.get(row).map(Cow::Borrowed),
            Cells::Longs(longs) => longs.get(row).map(|long| Cow::Owned(long.to_string())),
        }
    }
}

/// All columns, structs taken apart; lists become JSON.
pub(super) fn cells(frame: &DataFrame) -> PolarsResult<Vec<(String, Cells)>> {
    let mut found = Vec::new();
    for column in frame.columns() {
        flatten(column.name().as_str(), &column.as_materialized_series().rechunk(), &mut found)?;
    }
    Ok(found)
}

fn flatten(name: &str, series: &Series, found: &mut Vec<(String, Cells)>) -> PolarsResult<()> {
    let cells = match series.dtype() {
        DataType::Struct(_) => {
            for field in series.struct_()?.fields_as_series() {
                flatten(&format!("{name}.{}", field.name()), &field, found)?;
            }
            return Ok(());
        }
        DataType::List(_) => {
            let lists = series.list()?;
            let texts: StringChunked = lists
                .amortized_iter()
                .map(|list| list.map(|list| list_json(list.as_ref())))
                .collect();
            Cells::Texts(texts)
        }
        DataType::Datetime(..) | DataType::Date => {
            let millis = series
                .cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?
                .cast(&DataType::Int64)?;
            // The platform's own field is in seconds.
            let figures = if name == "event_time" { &millis / 1000 } else { millis };
            Cells::Longs(figures.i64()?.clone())
        }
        kind if kind.is_signed_integer()
            || matches!(kind, DataType::UInt8 | DataType::UInt16 | DataType::UInt32) =>
        {
            Cells::Longs(series.cast(&DataType::Int64)?.i64()?.clone())
        }
        _ => Cells::Texts(series.cast(&DataType::String)?.str()?.clone()),
    };
    found.push((name.to_owned(), cells));
    Ok(())
}

fn list_json(list: &Series) -> String {
    if let Ok(texts) = list.str() {
        let mut out = String::from("[");
        for text in texts.iter() {
            if out.len() > 1 {
                out.push(',');
            }
            match text {
                None => out.push_str("null"),
                Some(text) if text.bytes().any(|b| b < 0x20 || matches!(b, b'"' | b'\\')) => {
                    out.push_str(&serde_json::Value::from(text).to_string());
                }
                Some(text) => {
                    out.push('"');
                    out.push_str(text);
                    out.push('"');
                }
            }
        }
        out.push(']');
        return out;
    }
    let items: Vec<serde_json::Value> = list.iter().map(|value| value_json(&value)).collect();
    serde_json::Value::from(items).to_string()
}

/// A value inside a list: the parts of a struct become fields.
fn value_json(value: &AnyValue<'_>) -> serde_json::Value {
    use serde_json::Value;
    match value {
        AnyValue::Null => Value::Null,
        AnyValue::Boolean(flag) => Value::from(*flag),
        AnyValue::String(text) => Value::from(*text),
        AnyValue::StringOwned(text) => Value::from(text.as_str()),
        AnyValue::List(list) => list.iter().map(|value| value_json(&value)).collect(),
        AnyValue::StructOwned(parts) => {
            let (values, fields) = parts.as_ref();
            object(fields.iter().zip(values.iter().cloned()))
        }
        AnyValue::Struct(_, _, fields) => object(fields.iter().zip(value._iter_struct_av())),
        other => {
            let mut out = String::new();
            json(&mut out, &other.to_string());
            serde_json::from_str(&out).unwrap_or(Value::Null)
        }
    }
}

/// The fields of a struct that are there.
fn object<'v>(fields: impl Iterator<Item = (&'v Field, AnyValue<'v>)>) -> serde_json::Value {
    let there = fields.filter(|(_, value)| !value.is_null());
    there
        .map(|(field, value)| (field.name().to_string(), value_json(&value)))
        .collect::<serde_json::Map<String, serde_json::Value>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::layout::Layout;

    #[test]
    fn a_row_becomes_an_event_whatever_its_columns_are_called() {
        let names = Names::new(&Layout {
            fields: [("event_id".to_owned(), "tid".to_owned())].into(),
            ..Layout::default()
        });
        let columns: Vec<String> = [
            "event_name",
            "tid",
            "em",
            "user_data.ph",
            "custom_data_value",
            "currency",
            "odd",
            "received_at",
            "content_type",
        ]
        .map(str::to_owned)
        .into();
        let plan = Plan::new(&columns, &names).expect("events");
        let values = ["Lead", "007", "ab", "c\"d", "42.50", "", "x", "1772452800123", "product"];
        let mut out = String::new();
        plan.write(|at| Some(values[at].into()), &mut out);
        assert_eq!(
            out,
            r#"{"event_name":"Lead","event_id":"007","received_at":1772452800123,"user_data":{"em":"ab","ph":"c\"d"},"custom_data":{"value":42.50,"content_type":"product"}}"#
        );
        assert!(Plan::new(&["a".to_owned()], &names).is_none());
    }
}
