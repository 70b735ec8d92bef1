//! Normalisation against what the implementations were seen to do, row by row.
//!
//! The recorded vectors are here; the published ones are read from beside the project,
//! and their absence is said.

#![expect(clippy::print_stdout, reason = "agreement is shown, and a skipped test says so")]

use std::collections::BTreeMap;

use countonce::event::MatchKey;
use countonce::platform::meta::normalise::{Implementation, normalise, on_the_wire};

use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    field: String,
    input: String,
    param_builder_node: Option<String>,
    param_builder_node_hash: Option<String>,
    param_builder_php: Option<String>,
    php_sdk_normaliser: Option<String>,
    python_sdk: Option<String>,
    python_sdk_hash: Option<String>,
    pixel_2_9_324_hash: Option<String>,
    pixel_censored_raw: Option<String>,
}

fn rows() -> Vec<Row> {
    serde_json::from_str(include_str!("../vectors/observed.json"))
        .expect("the recorded vectors are JSON")
}

/// A recorded exception is the same as nothing sent.
fn sent(recorded: Option<&str>) -> Option<&str> {
    recorded.filter(|text| !matches!(*text, "!error" | "!TypeError" | "!ValueError"))
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn is_digest(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Rows that agree and rows there are, by what was compared and field.
type Ledger = BTreeMap<(&'static str, String), (u32, u32)>;

#[test]
fn every_recorded_value_is_reproduced() {
    let mut ledger = Ledger::new();
    let mut differing = Vec::new();
    for row in rows() {
        let key = MatchKey::from_name(&row.field).expect("a known field");
        let input = row.input.as_str();
        let text = |implementation| normalise(implementation, key, input);
        let wire = |implementation| on_the_wire(implementation, key, input);
        let mut compare = |what: &'static str, ours: Option<String>, theirs: Option<&str>| {
            let tally = ledger.entry((what, row.field.clone())).or_default();
            tally.1 += 1;
            if ours.as_deref() == theirs {
                tally.0 += 1;
            } else {
                let shown: String = input.chars().take(60).collect();
                differing
                    .push(format!("{what} {key} {shown:?}: ours {ours:?}, recorded {theirs:?}"));
            }
        };
        let node = row.param_builder_node.as_deref();
        // For an MD5 the column holds the bare normaliser, which the library does not call.
        if !is_digest(input, 32) {
            compare("builder", text(Implementation::ParameterBuilder), filled(node));
        }
        let node_wire = row.param_builder_node_hash.as_deref();
        compare("builder, wire", wire(Implementation::ParameterBuilder), node_wire);
        let php = row.param_builder_php.as_deref();
        compare("builder PHP", text(Implementation::ParameterBuilderPhp), filled(php));
        compare("PHP SDK", text(Implementation::PhpSdk), sent(row.php_sdk_normaliser.as_deref()));
        let python = row.python_sdk.as_deref();
        compare("Python SDK", text(Implementation::PythonSdk), sent(python));
        // A throwing call left no digest in the recording.
        if python == sent(python) {
            let python_wire = row.python_sdk_hash.as_deref();
            compare("Python SDK, wire", wire(Implementation::PythonSdk), python_wire);
        }
        // Without any shape the hit itself was not recorded: it was too long for an address.
        let pixel = row.pixel_2_9_324_hash.as_deref();
        if row.pixel_censored_raw.is_some() || pixel.is_some() {
            compare("pixel", wire(Implementation::Pixel), pixel);
        }
    }
    for ((what, field), (agreed, all)) in &ledger {
        println!("{what:18} {field:12} {agreed:4} of {all:4}");
    }
    assert!(ledger.values().map(|(_, all)| all).sum::<u32>() > 8_000);
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}

#[derive(Deserialize)]
struct Published {
    field: String,
    input: String,
    expected_normalised: Option<String>,
    expected_sha256: Option<String>,
    #[serde(rename = "impl")]
    implementation: String,
}

#[test]
fn published_vectors_are_reproduced() {
    let shared = std::env::var_os("COUNTONCE_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        std::path::PathBuf::from,
    );
    let path = shared.join("vectors/published.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("SKIPPED: no {} (set COUNTONCE_SHARED)", path.display());
        return;
    };
    let rows: Vec<Published> = serde_json::from_str(&text).expect("the vectors are JSON");
    let (mut compared, mut differing) = (0, Vec::new());
    for row in rows {
        // Parts of names and dates, and currencies, are no match keys of this house.
        let Some(key) = MatchKey::from_name(&row.field) else { continue };
        let implementation = match row.implementation.as_str() {
            "param-builder" | "meta-docs" => Implementation::ParameterBuilder,
            "php-sdk" => Implementation::PhpSdk,
            "python-sdk" => Implementation::PythonSdk,
            "node-sdk" => Implementation::NodeSdk,
            other => panic!("unknown implementation {other}"),
        };
        compared += 1;
        let expected = row.expected_normalised.filter(|text| !text.is_empty());
        let ours = normalise(implementation, key, &row.input);
        // MD5 is taken for a digest by the library's sender, not by the function the vector is of.
        if ours != expected && !is_digest(&row.input, 32) {
            differing.push(format!(
                "{implementation:?} {key} {:?}: ours {ours:?}, published {expected:?}",
                row.input
            ));
        }
        if let (Some(expected), false) = (row.expected_sha256, key == MatchKey::ExternalId) {
            let wire = on_the_wire(implementation, key, &row.input);
            if wire.as_deref() != Some(expected.to_ascii_lowercase().as_str())
                && !is_digest(&row.input, 64)
            {
                differing.push(format!(
                    "{implementation:?} {key} {:?}: wire {wire:?}, published {expected}",
                    row.input
                ));
            }
        }
    }
    println!("{compared} published vectors compared");
    assert!(compared > 1000, "only {compared} vectors were comparable");
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}
