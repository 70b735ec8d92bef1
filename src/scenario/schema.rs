//! JSON Schemas of scenario and configuration files, made from the same words and
//! steps that the readers use, so that an editor completes what a run accepts.

use serde_json::{Map, Value, json};

use super::consent::BEFORE;
use super::faults::EVERY;
use super::words::{ALL, CONSENT_KEYS, EXPECTATION_KEYS, FAULT_KEYS, KEYS};
use super::{profile_names, variant_names};
use crate::event::{Channel, FaultAnswer, MatchKey};
use crate::persona::KINDS;
use crate::step::{STEPS, duration_schema, target_schema};
use crate::visitor::CLEAN;

/// The dialect of every schema.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// JSON Schema of a scenario file.
///
/// Names of profiles are offered, not demanded, since a configuration may add some.
pub fn scenario_schema() -> Value {
    let properties = KEYS.iter().map(|(key, what)| {
        let mut schema = property(key);
        describe(&mut schema, what);
        ((*key).to_owned(), schema)
    });
    json!({
        "$schema": DIALECT,
        "title": "countonce scenario",
        "description": "What a visitor does on a site, and the conversions that really happen by it",
        "type": "object",
        "properties": properties.collect::<Map<String, Value>>(),
        "required": ["name", "steps", "expect"],
        "additionalProperties": false,
        "$defs": { "variable": variable() },
    })
}

fn property(key: &str) -> Value {
    match key {
        "tags" | "never" => json!({ "type": "array", "items": name(), "uniqueItems": true }),
        "site" => json!({
            "type": "string",
            "pattern": r"^(demo|https?://[^/?#\s].*)$|\$\{",
            "examples": ["demo", "${SITE:-demo}"],
        }),
        "persona" => {
            let known: Vec<Value> = KINDS
                .iter()
                .map(|kind| json!({ "const": kind.name, "description": kind.summary }))
                .chain([json!({ "$ref": "#/$defs/variable" })])
                .collect();
            json!({ "oneOf": known, "default": KINDS.first().map(|kind| kind.name) })
        }
        "profiles" => json!({
            "type": "array",
            "items": { "anyOf": [{ "enum": profile_names().collect::<Vec<_>>() }, name()] },
            "minItems": 1,
            "uniqueItems": true,
            "default": [CLEAN],
        }),
        "variants" => {
            let names = json!({ "enum": variant_names().chain([ALL]).collect::<Vec<_>>() });
            json!({ "anyOf": [
                { "const": ALL },
                { "type": "array", "items": names, "uniqueItems": true },
            ] })
        }
        "consent" => consent(),
        "steps" => json!({ "type": "array", "minItems": 1, "items": step() }),
        "expect" => json!({ "type": "array", "items": expectation() }),
        "server_faults" => json!({ "type": "array", "items": server_fault() }),
        "settle" => duration_schema(),
        _ => name(),
    }
}

/// How the banner is answered.
fn consent() -> Value {
    let cookies = json!({
        "type": "object",
        "properties": { "cookies": { "type": "object", "additionalProperties": name() } },
        "required": ["cookies"],
        "additionalProperties": false,
    });
    let properties = CONSENT_KEYS.iter().map(|(key, what)| {
        let mut schema = match *key {
            "before" => json!({ "enum": BEFORE }),
            _ => json!({ "anyOf": [target_schema(), cookies] }),
        };
        describe(&mut schema, what);
        ((*key).to_owned(), schema)
    });
    json!({
        "type": "object",
        "properties": properties.collect::<Map<String, Value>>(),
        "additionalProperties": false,
    })
}

/// One step: a keyword with its argument, or a keyword alone where it takes none.
fn step() -> Value {
    let properties: Map<String, Value> = STEPS
        .iter()
        .map(|step| {
            let mut schema = (step.schema)();
            describe(&mut schema, &format!("{}. Example: {}", step.summary, step.example));
            (step.keyword.to_owned(), schema)
        })
        .collect();
    let alone: Vec<&str> =
        STEPS.iter().filter(|step| takes_nothing(step)).map(|step| step.keyword).collect();
    json!({ "anyOf": [
        {
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1,
        },
        { "enum": alone },
    ] })
}

fn takes_nothing(step: &crate::step::StepKind) -> bool {
    (step.schema)().get("type").and_then(Value::as_str) == Some("null")
}

fn expectation() -> Value {
    let properties = EXPECTATION_KEYS.iter().map(|(key, what)| {
        let mut schema = match *key {
            "count" => json!({ "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": u32::MAX },
                { "$ref": "#/$defs/variable" },
            ], "default": 1 }),
            "channels" => json!({
                "type": "array",
                "items": { "enum": Channel::ALL.map(Channel::name) },
                "minItems": 1,
                "uniqueItems": true,
                "default": Channel::ALL.map(Channel::name),
            }),
            "value" => json!({ "anyOf": [{ "type": "number" }, { "$ref": "#/$defs/variable" }] }),
            "currency" => json!({
                "type": "string",
                "pattern": r"^[A-Z]{3}$|\$\{",
                "examples": ["USD", "EUR", "GBP"],
            }),
            "keys" => {
                let names: Vec<&str> = MatchKey::ALL.iter().map(|key| key.name()).collect();
                let list =
                    json!({ "type": "array", "items": { "enum": names }, "uniqueItems": true });
                let sides = Channel::ALL.map(|channel| (channel.name().to_owned(), list.clone()));
                json!({
                    "type": "object",
                    "properties": sides.into_iter().collect::<Map<String, Value>>(),
                    "additionalProperties": false,
                })
            }
            _ => name(),
        };
        describe(&mut schema, what);
        ((*key).to_owned(), schema)
    });
    json!({
        "type": "object",
        "properties": properties.collect::<Map<String, Value>>(),
        "required": ["event"],
        "additionalProperties": false,
    })
}

fn server_fault() -> Value {
    let properties = FAULT_KEYS.iter().map(|(key, what)| {
        let mut schema = match *key {
            "answer" => {
                let known = FaultAnswer::ALL.iter().map(|(_, word, meaning)| {
                    // YAML takes `500` for a number, and it is written so.
                    let word = word.parse::<u32>().map_or(json!(word), |number| json!(number));
                    json!({ "const": word, "description": meaning })
                });
                json!({ "oneOf": known.collect::<Vec<_>>() })
            }
            "calls" => json!({ "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": u32::MAX },
                { "type": "string", "pattern": r"^[1-9][0-9]*(-[1-9][0-9]*)?$" },
                { "const": EVERY },
            ], "default": 1 }),
            "delay" => duration_schema(),
            _ => name(),
        };
        describe(&mut schema, what);
        ((*key).to_owned(), schema)
    });
    json!({
        "type": "object",
        "properties": properties.collect::<Map<String, Value>>(),
        "required": ["answer"],
        "additionalProperties": false,
    })
}

/// A short text; YAML takes `2024` for a number, and it is a good name all the same.
fn name() -> Value {
    json!({ "type": ["string", "number", "boolean"], "pattern": r"\S" })
}

/// A text with a variable in it, where something else than a text is wanted.
fn variable() -> Value {
    json!({ "type": "string", "pattern": r"\$\{", "description": "A variable: ${NAME} or ${NAME:-default}" })
}

fn describe(schema: &mut Value, what: &str) {
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), json!(what));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_a_schema() {
        assert!(jsonschema::meta::is_valid(&scenario_schema()));
    }

    #[test]
    fn every_key_and_step_is_described() {
        let schema = scenario_schema();
        for (key, what) in KEYS {
            assert_eq!(schema["properties"][key]["description"], json!(what), "{key}");
        }
        let steps = &schema["properties"]["steps"]["items"]["anyOf"][0]["properties"];
        for step in STEPS {
            let text = steps[step.keyword]["description"].as_str().expect("a description");
            assert!(text.contains(step.summary), "{}", step.keyword);
        }
    }
}
