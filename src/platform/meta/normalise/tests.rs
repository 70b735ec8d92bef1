//! Agreement of the rules with what the implementations were seen to do.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

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
    serde_json::from_str(include_str!("../../../../tests/vectors/observed.json"))
        .expect("the recorded vectors are JSON")
}

/// A recorded exception is the same as nothing sent.
fn sent(recorded: &Option<String>) -> Option<String> {
    recorded
        .clone()
        .filter(|text| !matches!(text.as_str(), "!error" | "!TypeError" | "!ValueError"))
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[derive(Default)]
struct Tally {
    agreed: u32,
    all: u32,
    differing: Vec<String>,
}

type Ledger = BTreeMap<(&'static str, String), Tally>;

fn compare(
    ledger: &mut Ledger,
    what: &'static str,
    row: &Row,
    ours: Option<String>,
    theirs: Option<String>,
) {
    let tally = ledger.entry((what, row.field.clone())).or_default();
    tally.all += 1;
    if ours == theirs {
        tally.agreed += 1;
    } else {
        tally.differing.push(format!(
            "{what} {} {:?}: ours {ours:?}, recorded {theirs:?}",
            row.field,
            row.input.chars().take(60).collect::<String>()
        ));
    }
}

#[test]
fn every_recorded_value_is_reproduced() {
    let mut ledger = Ledger::new();
    for row in rows() {
        let key = MatchKey::from_name(&row.field).expect("a known field");
        let input = row.input.as_str();
        let text = |implementation| normalise(implementation, key, input);
        let wire = |implementation| on_the_wire(implementation, key, input);

        let bare_md5 = text::is_md5(input);
        if !bare_md5 {
            // For an MD5 the column holds the bare normaliser, which the library does not call.
            compare(
                &mut ledger,
                "builder",
                &row,
                text(Implementation::ParameterBuilder),
                filled(row.param_builder_node.clone()),
            );
        }
        compare(
            &mut ledger,
            "builder, wire",
            &row,
            wire(Implementation::ParameterBuilder),
            row.param_builder_node_hash.clone(),
        );
        compare(
            &mut ledger,
            "builder PHP",
            &row,
            text(Implementation::ParameterBuilderPhp),
            filled(row.param_builder_php.clone()),
        );
        compare(
            &mut ledger,
            "PHP SDK",
            &row,
            text(Implementation::PhpSdk),
            sent(&row.php_sdk_normaliser),
        );
        compare(
            &mut ledger,
            "Python SDK",
            &row,
            text(Implementation::PythonSdk),
            sent(&row.python_sdk),
        );
        // A text that starts with an exclamation mark was taken for an exception when recorded.
        if !row.python_sdk.as_deref().is_some_and(|text| text.starts_with('!')) {
            compare(
                &mut ledger,
                "Python SDK, wire",
                &row,
                wire(Implementation::PythonSdk),
                row.python_sdk_hash.clone(),
            );
        }
        // Without a masked raw value the hit itself was not recorded (too long for an address).
        if row.pixel_censored_raw.is_some() || row.pixel_2_9_324_hash.is_some() {
            compare(
                &mut ledger,
                "pixel",
                &row,
                wire(Implementation::Pixel),
                row.pixel_2_9_324_hash.clone(),
            );
        }
    }
    let mut differing = Vec::new();
    for ((what, field), tally) in &ledger {
        println!("{what:18} {field:12} {:4} of {:4}", tally.agreed, tally.all);
        differing.extend(tally.differing.iter().cloned());
    }
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
        let expected = filled(row.expected_normalised);
        let ours = normalise(implementation, key, &row.input);
        // MD5 is taken for a digest by the library's sender, not by the function the vector is of.
        if ours != expected && !text::is_md5(&row.input) {
            differing.push(format!(
                "{implementation:?} {key} {:?}: ours {ours:?}, published {expected:?}",
                row.input
            ));
        }
        if let (Some(expected), false) = (row.expected_sha256, key == MatchKey::ExternalId) {
            let wire = on_the_wire(implementation, key, &row.input);
            if wire.as_deref() != Some(expected.to_ascii_lowercase().as_str())
                && !text::is_sha256(&row.input)
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

#[test]
fn the_family_disagrees_where_the_facts_say_so() {
    let all = |key, input: &str| {
        Implementation::ALL
            .map(|one| normalise(one, key, input).unwrap_or_else(|| "nothing".into()))
    };
    assert_eq!(
        all(MatchKey::City, "São Paulo"),
        ["sopaulo", "sopaulo", "sopaulo", "sãopaulo", "sãopaulo", "sãopaulo"]
    );
    assert_eq!(
        all(MatchKey::Zip, "SW1A 1AA"),
        ["sw1a 1aa", "sw1a 1aa", "sw1a 1aa", "sw1a1aa", "sw1a1aa", "sw1a1aa"]
    );
    assert_eq!(all(MatchKey::Gender, "Female"), ["Female", "f", "f", "female", "female", "f"]);
    assert_eq!(
        all(MatchKey::Phone, "0044 20 7183 8750"),
        [
            "442071838750",
            "442071838750",
            "442071838750",
            "00442071838750",
            "442071838750",
            "442071838750"
        ]
    );
    // Keys that nobody hashes pass through.
    assert_eq!(all(MatchKey::BrowserId, "fb.1.2.3"), ["fb.1.2.3"; 6]);
}

#[test]
fn digests_are_the_ones_meta_prints() {
    assert_eq!(
        on_the_wire(Implementation::Pixel, MatchKey::Email, "John_Smith@gmail.com").as_deref(),
        Some("62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f")
    );
    assert_eq!(
        on_the_wire(Implementation::ParameterBuilder, MatchKey::Phone, "+1 (650) 555-1212")
            .as_deref(),
        Some("e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176")
    );
    assert_eq!(digest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn no_text_makes_a_normaliser_panic() {
    for input in [
        "",
        "@",
        "a@",
        "@.",
        "-",
        "é",
        "\u{1F600}",
        "0",
        "+",
        "+00",
        "\0",
        "ß-",
        "999999999999999999999999/1/1",
    ] {
        for key in MatchKey::ALL {
            for implementation in Implementation::ALL {
                on_the_wire(implementation, *key, input);
            }
        }
    }
}
