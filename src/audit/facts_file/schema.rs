//! The columns of facts as their users read them: names, types, meanings.
//!
//! Never a row.

use crate::event::MatchKey;

/// Number of the format; it grows when a column changes its meaning, or when queries need
/// columns that older files lack. Older files are read all the same.
pub const FACTS_FORMAT: i32 = 3;

/// Columns with their type and meaning.
const COLUMNS: &[(&str, &str, &str)] = &[
    ("countonce_facts", "int32", "number of this format: 3"),
    ("source", "string", "file that the event was read from"),
    ("channel", "string", "browser or server: where the event was caught"),
    ("pixel", "string", "pixel (dataset) id; null where the log does not say"),
    ("name", "string", "event name; null where there is none"),
    ("id", "string", "event id, verbatim; null where there is none or an empty one"),
    ("caught", "int64", "arrival, Unix milliseconds; time of the event where the log does not say"),
    ("time", "int64", "time of the event as it says itself, Unix milliseconds"),
    ("automatic", "bool", "made by the platform itself"),
    ("accepted", "bool", "the platform took it, or would"),
    ("refusal", "string", "code and subcode of the platform's refusal"),
    ("value", "double", "conversion value, where it reads as a number"),
    ("currency", "string", "currency as sent"),
    ("visitor", "int64", "stands for the browser id; 0 where there is none"),
    ("content", "int64", "stands for parameters and page, to tell twins"),
    ("order_key", "int64", "stands for the order_id; 0 where there is none"),
    (
        "id_fold",
        "int64",
        "stands for the event id without case, white space, punctuation and leading zeros; 0 where there is none",
    ),
    (
        "id_scheme",
        "string",
        "what the event id looks like: UUID, time stamp, counter, order number, made by the platform, random or other; null where there is none",
    ),
    ("tie", "int64", "stands for the whole row: the order of what arrived in one millisecond"),
    ("rules", "string", "ids of the event rules that it breaks, with commas; null where none"),
    ("offences", "string", "the findings of these rules as JSON"),
];

/// Every column: name, type, meaning.
pub fn facts_columns() -> Vec<(String, &'static str, String)> {
    let mut columns: Vec<(String, &'static str, String)> = COLUMNS
        .iter()
        .map(|(name, kind, meaning)| ((*name).to_owned(), *kind, (*meaning).to_owned()))
        .collect();
    for key in MatchKey::ALL {
        columns.push((format!("key_{key}"), "bool", format!("{key} is there and not empty")));
    }
    for key in MatchKey::ALL {
        columns.push((format!("valid_{key}"), "bool", format!("{key} is there and well formed")));
    }
    columns
}

/// The columns as one JSON document.
pub fn facts_schema() -> String {
    let columns: Vec<serde_json::Value> = facts_columns()
        .into_iter()
        .map(|(name, kind, meaning)| {
            serde_json::json!({ "name": name, "type": kind, "description": meaning })
        })
        .collect();
    let schema = serde_json::json!({
        "title": format!("countonce facts, format {FACTS_FORMAT}"),
        "description": "One row per event, as Parquet. Files may be many; their union is the table.",
        "format": FACTS_FORMAT,
        "columns": columns,
    });
    format!("{schema:#}\n")
}
