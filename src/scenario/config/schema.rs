//! The words of the configuration file, and its JSON Schema made from them.

use serde_json::{Map, Value, json};

use crate::step::duration_schema;

/// Tables of the file.
pub(super) const TABLES: &[(&str, &str)] = &[
    ("site", "Where the site is and how it is started"),
    ("wait", "Deadlines"),
    ("platform", "Ad platforms"),
    ("policy", "What fails the gate, and the weight of each rule"),
    ("profiles", "Profiles of your own"),
];

/// Keys of `[site]`.
pub(super) const SITE_KEYS: &[(&str, &str)] = &[
    (
        "url",
        "Address of the site, or `demo`; with port 0 a free one is handed to the command as PORT",
    ),
    ("name", "Host name under which browsers see the site, such as `shop.test`"),
    ("command", "Command that starts the site: a list of words, or one text for the shell"),
    ("cwd", "Working directory of the command, from the folder of this file on"),
    (
        "ready",
        "Path or address that answers once the site is up, or `output:TEXT` for a line that it prints",
    ),
    (
        "env",
        "Variables added to the environment of the command; they may name `${COUNTONCE_GRAPH_URL}` and `${PORT}`",
    ),
];

/// Keys of `[wait]`.
pub(super) const WAIT_KEYS: &[(&str, &str)] = &[
    ("step", "For each step"),
    ("settle", "For late events after the last step"),
    ("quiet", "How long both channels must have been silent before a session ends"),
    ("start", "For the site's first answer"),
];

/// Platforms that can be configured.
pub(super) const PLATFORMS: &[(&str, &str)] = &[("meta", "Meta: pixel and Conversions API")];

/// Keys of a platform.
pub(super) const PLATFORM_KEYS: &[(&str, &str)] =
    &[("hosts", "Further hosts whose requests are the platform's, such as a first-party endpoint")];

/// JSON Schema of `countonce.toml`.
pub fn config_schema() -> Value {
    let host = json!({ "type": "string", "pattern": r"^[\w-]+(\.[\w-]+)*$", "maxLength": 253 });
    let site = table(SITE_KEYS, |key| match key {
        "url" => json!({ "type": "string", "pattern": r"^(demo|https?://[^/?#\s].*)$" }),
        "name" => host.clone(),
        "command" => json!({ "anyOf": [
            { "type": "string", "pattern": r"\S" },
            { "type": "array", "items": { "type": "string" }, "minItems": 1 },
        ] }),
        "env" => {
            json!({ "type": "object", "additionalProperties": { "type": "string" } })
        }
        _ => json!({ "type": "string" }),
    });
    let mut site = site;
    for key in ["cwd", "ready", "env"] {
        site["dependentRequired"][key] = json!(["command"]);
    }
    let platform =
        table(PLATFORMS, |_| table(PLATFORM_KEYS, |_| json!({ "type": "array", "items": host })));
    let mut schema = table(TABLES, |key| match key {
        "site" => site.clone(),
        "wait" => table(WAIT_KEYS, |_| {
            let mut duration = duration_schema();
            duration["pattern"] = json!(r"^\s*[0-9]+(\.[0-9]+)?\s*(ms|s|m|min)\s*$");
            duration
        }),
        "platform" => platform.clone(),
        _ => json!({ "type": "object" }),
    });
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("countonce configuration");
    schema
}

fn table(keys: &[(&str, &str)], schema_of: impl Fn(&str) -> Value) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|(key, what)| {
            let mut schema = schema_of(key);
            schema["description"] = json!(what);
            ((*key).to_owned(), schema)
        })
        .collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Config;
    use super::*;

    #[test]
    fn schema_and_reader_say_the_same() {
        let schema = config_schema();
        assert!(jsonschema::meta::is_valid(&schema));
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        for (text, good) in [
            ("", true),
            ("[site]\nurl = \"demo\"", true),
            ("[site]\nurl = \"https://shop.test/x\"\nname = \"shop.test\"", true),
            ("[site]\ncommand = \"npm start\"\nready = \"/\"", true),
            ("[site]\ncommand = [\"npm\", \"start\"]\nenv = { A = \"b\" }", true),
            ("[wait]\nstep = \"5s\"\nquiet = \"500ms\"", true),
            ("[platform.meta]\nhosts = [\"m.shop.test\"]", true),
            ("[policy]\nanything = 1", true),
            ("[profiles.kiosk]\nx = 1", true),
            ("[site]\nurl = \"shop.test\"", false),
            ("[site]\nulr = \"demo\"", false),
            ("[site]\nname = \"https://x\"", false),
            ("[site]\nready = \"/\"", false),
            ("[site]\ncommand = []", false),
            ("[site]\ncommand = 3", false),
            ("[site]\ncommand = \"x\"\nenv = { A = 1 }", false),
            ("site = \"demo\"", false),
            ("[wait]\nstep = 5", false),
            ("[wait]\nstep = \"5\"", false),
            ("[wait]\nlate = \"5s\"", false),
            ("[platform.mta]\nhosts = []", false),
            ("[platform.meta]\nhosts = \"x\"", false),
            ("[platform.meta]\nhosts = [\"https://x\"]", false),
            ("policy = 1", false),
            ("profiles = [\"kiosk\"]", false),
        ] {
            let read = Config::parse(Path::new("countonce.toml"), text);
            assert_eq!(read.is_ok(), good, "{text}: {read:?}");
            let value: toml::Table = text.parse().expect(text);
            let value = serde_json::to_value(value).expect("JSON");
            assert_eq!(validator.is_valid(&value), good, "{text}");
        }
    }
}
