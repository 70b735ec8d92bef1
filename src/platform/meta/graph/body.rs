//! The body of a call in the encodings that clients really use.
//!
//! JSON, urlencoded and multipart; `data` as an array, as the JSON text of one, or as
//! an array of JSON texts (meta-facts 2.1).
//! Never what an event says.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::form::Fields;
use crate::capture::Request;

/// Fields beside the events that are of no use or are secrets.
const NOT_KEPT: &[&str] = &["data", "access_token", "appsecret_proof", "id"];

/// What one call carries.
#[derive(Debug, Clone, Default)]
pub(super) struct Call {
    /// One JSON value per event; always objects.
    pub(super) data: Vec<Value>,
    /// Where each event stood in `data`, where some were unreadable.
    pub(super) unreadable: bool,
    /// Fields beside the events.
    pub(super) marks: BTreeMap<String, String>,
    /// True when a token came along.
    pub(super) has_token: bool,
    /// What could not be read.
    pub(super) faults: Vec<String>,
}

/// Reads a call as far as it can be read.
pub(super) fn read(request: &Request) -> Call {
    let mut call = Call::default();
    let mut token = None;
    let mut query = Fields::default();
    if let Some(text) = request.query() {
        query.read_urlencoded(text.as_bytes(), "query");
    }
    call.faults.append(&mut query.faults);
    for (name, value) in query.pairs {
        if name == "access_token" {
            token = token.or(Some("query"));
        }
        call.take(&name, Value::String(value));
    }
    let content_type = request.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if content_type.starts_with("multipart/") {
        let mut fields = Fields::default();
        // The boundary is case-sensitive: the header as it came.
        fields.read_multipart(&request.body, request.header("content-type").unwrap_or_default());
        call.take_form(fields, &mut token);
    } else if looks_like_json(&request.body, &content_type) {
        match serde_json::from_slice::<Value>(&request.body) {
            Ok(Value::Object(fields)) => {
                for (name, value) in fields {
                    if name == "access_token" && !is_blank(&value) {
                        token = token.or(Some("body"));
                    }
                    call.take(&name, value);
                }
            }
            Ok(other) => {
                call.unreadable = true;
                call.faults.push(format!("the body is JSON but no object: {}", kind(&other)));
            }
            Err(error) => {
                call.unreadable = true;
                call.faults.push(format!("the body is not JSON: {}", place(&request.body, &error)));
            }
        }
    } else if !request.body.is_empty() {
        let mut fields = Fields::default();
        fields.read_urlencoded(&request.body, "body");
        call.take_form(fields, &mut token);
    }
    if request.header("authorization").is_some_and(|value| !value.is_empty()) {
        token = token.or(Some("header"));
    }
    call.has_token = token.is_some();
    call.marks.insert("token_place".to_owned(), token.unwrap_or("none").to_owned());
    call
}

impl Call {
    fn take_form(&mut self, fields: Fields, token: &mut Option<&'static str>) {
        self.faults.extend(fields.faults);
        for (name, value) in fields.pairs {
            if name == "access_token" && !value.is_empty() {
                *token = token.or(Some("body"));
            }
            self.take(&name, Value::String(value));
        }
    }

    fn take(&mut self, name: &str, value: Value) {
        if name == "data" {
            self.take_data(value);
        } else if name.starts_with("data[") {
            // PHP arrays: one text per event.
            self.take_entry(value);
        } else if name == "appsecret_proof" {
            self.marks.insert(name.to_owned(), "present".to_owned());
        } else if !NOT_KEPT.contains(&name) && !value.is_null() {
            self.marks.insert(name.to_owned(), text(value));
        }
    }

    fn take_data(&mut self, value: Value) {
        match value {
            Value::Array(entries) => entries.into_iter().for_each(|entry| self.take_entry(entry)),
            Value::Object(_) => {
                self.faults.push("`data` is one object, not an array of events".to_owned());
                self.data.push(value);
            }
            Value::String(text) => match serde_json::from_str::<Value>(&text) {
                Ok(Value::String(_)) => self.fault("`data` is a text inside a text".to_owned()),
                Ok(inner) => self.take_data(inner),
                Err(error) => {
                    self.fault(format!("`data` is not JSON: {}", place(text.as_bytes(), &error)));
                }
            },
            other => self.fault(format!("`data` is {}, not an array of events", kind(&other))),
        }
    }

    fn take_entry(&mut self, entry: Value) {
        let position = self.data.len();
        match entry {
            Value::Object(_) => self.data.push(entry),
            Value::String(text) => match serde_json::from_str::<Value>(&text) {
                Ok(inner @ Value::Object(_)) => self.data.push(inner),
                Ok(other) => self.fault(format!("event {position} of `data` is {}", kind(&other))),
                Err(error) => self.fault(format!(
                    "event {position} of `data` is not JSON: {}",
                    place(text.as_bytes(), &error)
                )),
            },
            other => self.fault(format!("event {position} of `data` is {}", kind(&other))),
        }
    }

    fn fault(&mut self, what: String) {
        self.unreadable = true;
        self.faults.push(what);
    }
}

/// Strings as they are, everything else as JSON text.
pub(super) fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

fn looks_like_json(body: &[u8], content_type: &str) -> bool {
    let first = body.iter().find(|b| !b.is_ascii_whitespace());
    content_type.contains("json") || matches!(first, Some(b'{' | b'['))
}

/// Kind of a JSON value for messages, without the value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Where and why JSON could not be read; the parser's words carry no data.
fn place(bytes: &[u8], error: &serde_json::Error) -> String {
    let before: usize = bytes
        .split_inclusive(|b| *b == b'\n')
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    let offset = (before + error.column().saturating_sub(1)).min(bytes.len());
    let what = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Syntax => "unexpected text",
        serde_json::error::Category::Data | serde_json::error::Category::Io => "unreadable",
    };
    format!("{what} at byte {offset}")
}
