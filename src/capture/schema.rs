//! The tape as a JSON Schema: what each of its lines may be.
//!
//! Made from the very types that are written and read, so that it cannot fall behind.
//! Never which lines mean what.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::record::{Line, Opening};

/// JSON Schema of one line of a tape: the first is the opening, all others carry a `kind`.
///
/// Readers skip lines of a kind that they do not know, and so should others.
pub fn tape_schema() -> Value {
    let mut maker = SchemaSettings::draft2020_12().into_generator();
    let opening = maker.subschema_for::<Opening>();
    let line = maker.subschema_for::<Line>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "countonce tape, format 1: one line",
        "description": "A tape is JSON Lines. Its first line names the format; each further \
            line has a kind. Lines of an unknown kind are to be skipped.",
        "anyOf": [opening, line],
        "$defs": maker.definitions(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_recorded_tape_is_valid() {
        let schema = tape_schema();
        assert!(jsonschema::meta::is_valid(&schema));
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tapes");
        let mut lines = 0;
        for folder in root.read_dir().expect("tapes") {
            for tape in folder.expect("an entry").path().read_dir().expect("a folder") {
                let path = tape.expect("an entry").path();
                if path.extension().is_none_or(|extension| extension != "jsonl") {
                    continue;
                }
                for line in std::fs::read_to_string(&path).expect("text").lines() {
                    let value: Value = serde_json::from_str(line).expect("JSON");
                    let wrong = validator.iter_errors(&value).next();
                    assert!(wrong.is_none(), "{}: {line}", path.display());
                    lines += 1;
                }
            }
        }
        assert!(lines > 0, "there is no tape to try the schema on");
        assert!(!validator.is_valid(&json!({"kind": "step"})), "a step without its session");
    }
}
