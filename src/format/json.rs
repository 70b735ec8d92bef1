//! JSON, format 1, and its schema: the contract for programs.
//!
//! The shapes are this format's own, so that the program can change inside without
//! changing what others read. Fields are added, never renamed.
//! Never a type of another room with a serialiser of its own.

mod fill;
mod read;
mod v1;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};

use super::{Format, Look, foreign};
use crate::report::Report;

pub use read::{Unreadable, read};

pub(super) const FORMAT: Format = Format {
    name: "json",
    file: Some("report.json"),
    summary: "everything, for programs; `countonce schema report` prints its schema",
    also: &[],
    render,
};

fn render(report: &Report, _look: &Look) -> String {
    let mut text = serde_json::to_string_pretty(&v1::V1::of(report))
        .expect("plain structs with text keys can always be serialised");
    text.push('\n');
    foreign::quiet_json(&text)
}

/// The schema of what is written: every field is there. That reading takes a missing one as
/// empty is no promise to others.
fn written<T: JsonSchema>() -> Schema {
    let forget_defaults = RecursiveTransform(|schema: &mut Schema| {
        schema.remove("default");
    });
    SchemaSettings::draft2020_12()
        .for_serialize()
        .with_transform(forget_defaults)
        .into_generator()
        .into_root_schema_for::<T>()
}

/// The JSON Schema (draft 2020-12) of the report.
pub fn schema() -> String {
    let mut text =
        serde_json::to_string_pretty(&written::<v1::V1>()).expect("a schema is plain JSON");
    text.push('\n');
    text
}
