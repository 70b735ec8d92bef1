//! The words of the `[policy]` table as a JSON Schema, for editors.
//!
//! What an editor cannot judge (names of figures, of events) is left to the reader.

use serde_json::{Map, Value, json};

use super::super::policy::Preset;
use super::SEVERITIES;
use crate::finding::Severity;
use crate::report::Stage;

/// JSON Schema of the `[policy]` table; `rules` are ids and titles of the catalogue.
pub fn policy_schema<'a>(rules: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let severity = json!({ "enum": SEVERITIES.map(Severity::name) });
    let severities: Map<String, Value> = rules
        .map(|(id, title)| {
            let mut one = severity.clone();
            one["description"] = json!(title);
            (id.to_owned(), one)
        })
        .collect();
    let number = |what: &str| json!({"type": "integer", "minimum": 0, "description": what});
    let length = |what: &str| {
        json!({
            "type": "string",
            "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(ms|s|m|min|h|d)\s*$",
            "description": what,
            "examples": ["60s"],
        })
    };
    let share = json!({ "anyOf": [
        { "type": "number", "minimum": 0, "maximum": 1 },
        { "type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*%?\s*$" },
    ] });
    let score = json!({ "anyOf": [
        { "type": "number", "minimum": 0, "maximum": 10 },
        { "type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*$" },
    ] });
    // One figure for every event, or a table by event name; names with dots nest.
    let by_event = |figure: &Value, what: &str| {
        json!({
            "anyOf": [figure, { "type": "object" }],
            "description": what,
        })
    };
    let comparison = json!({
        "type": "object",
        "description": "Figures that must hold, such as \"Purchase.dedup_rate\" = \">= 0.99\"",
        "additionalProperties": { "anyOf": [{ "type": "string" }, { "type": "object" }] },
    });
    let criteria = json!({
        "type": "object",
        "additionalProperties": { "anyOf": [{ "type": "string" }, { "type": "object" }] },
    });
    let stage = json!({ "anyOf": [
        { "enum": Stage::ALL.map(Stage::name) },
        { "type": "integer", "minimum": 0, "maximum": Stage::ALL.len() - 1 },
        { "type": "string" },
    ] });
    let mut cutover: Map<String, Value> =
        Stage::ALL[1..].iter().map(|stage| (stage.name().to_owned(), criteria.clone())).collect();
    cutover.insert("stage".into(), stage.clone());
    cutover.insert("events".into(), json!({ "type": "object", "additionalProperties": stage }));
    let drop = json!({ "anyOf": [{ "type": "number" }, { "type": "string" }] });
    json!({
        "type": "object",
        "properties": {
            "preset": {
                "enum": Preset::ALL.map(Preset::name),
                "description": "The weights that the rules begin with",
            },
            "rules": {
                "type": "object",
                "properties": severities,
                "additionalProperties": false,
                "description": "The weight of single rules",
            },
            "max_warnings": number("So many warnings pass the gate"),
            "max_flaky": number("So many combinations may pass only at a later attempt; unless said, any number that broke before, and none in which errors were found"),
            "thresholds": comparison,
            "limits": {
                "type": "object",
                "properties": {
                    "event_time_skew": length("Times of the two halves of a pair may differ by this"),
                    "slow_server_event": length("A server event may come this late"),
                    "match_quality": by_event(&score, "Estimates below this are found, from 0 to 10"),
                    "dedup_rate": by_event(&share, "Shares of pairs below this are found"),
                    "server_coverage": by_event(&share, "Shares of server events below this are found"),
                    "match_key_coverage": {
                        "type": "object",
                        "description": "Shares of events that must carry a key, such as \"Purchase.server.ph\" = 0.8",
                    },
                },
                "additionalProperties": false,
                "description": "The figures that rules go by",
            },
            "drift": { "enum": SEVERITIES.map(Severity::name), "description": "The weight of behaviour that changed against the baseline" },
            "compare": {
                "type": "object",
                "properties": { "rate_drop": drop, "score_drop": drop },
                "additionalProperties": false,
                "description": "By how much figures may fall between two runs",
            },
            "cutover": {
                "type": "object",
                "properties": cutover,
                "additionalProperties": false,
                "description": "The stages of a move to the server, and what each must reach",
            },
        },
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::super::policy::{KnownRule, Policy};
    use super::*;

    #[test]
    fn schema_and_reader_say_the_same() {
        let rule = KnownRule { id: "value-mismatch", blocks_cutover: false };
        let schema = policy_schema([(rule.id, "values differ")].into_iter());
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        for (text, good) in [
            ("", true),
            ("preset = \"strict\"", true),
            ("preset = \"lax\"", false),
            ("max_warnings = 3", true),
            ("max_warnings = -3", false),
            ("max_flaky = 0", true),
            ("max_flaky = \"none\"", false),
            ("[rules]\nvalue-mismatch = \"off\"", true),
            ("[rules]\nvalue-mismatch = \"fatal\"", false),
            ("[rules]\nvalue-mismtach = \"off\"", false),
            ("[thresholds]\n\"Purchase.dedup_rate\" = \">= 0.99\"", true),
            ("[thresholds]\nPurchase.dedup_rate = \">= 0.99\"", true),
            ("[thresholds]\n\"Purchase.dedup_rate\" = 0.99", false),
            ("[limits]\nevent_time_skew = \"5m\"\nslow_server_event = \"90s\"", true),
            ("[limits]\nslow_server_event = 60", false),
            ("[limits]\nslow_servre_event = \"60s\"", false),
            ("[limits]\ndedup_rate = 0.9\nserver_coverage = { Purchase = \"80 %\" }", true),
            ("[limits]\ndedup_rate = 9", false),
            ("[limits]\nmatch_quality = 6.5", true),
            ("[limits]\nmatch_quality = 11", false),
            ("[limits.match_key_coverage]\n\"Purchase.server.ph\" = 0.8", true),
            ("drift = \"error\"", true),
            ("drift = \"loud\"", false),
            ("[compare]\nrate_drop = \"5 %\"", true),
            ("[compare]\nrate_fall = 0.1", false),
            ("limit = 1", false),
        ] {
            let value: Value = toml::from_str(text).expect("TOML");
            assert_eq!(validator.is_valid(&value), good, "schema of {text}");
            let file = if text.is_empty() {
                "[policy]".to_owned()
            } else {
                // Keys before tables stand alone; a table's own head gets the prefix.
                format!(
                    "[policy]\n{}",
                    text.replacen('[', "[policy.", usize::from(text.starts_with('[')))
                )
            };
            let read = Policy::from_config(&file, Path::new("countonce.toml"), &[rule]);
            assert_eq!(read.is_ok(), good, "reader of {text}: {read:?}");
        }
    }
}
