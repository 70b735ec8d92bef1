//! The words of the configuration file, and its JSON Schema made from them.

use serde_json::{Map, Value, json};

use super::super::consent::BEFORE;
use super::super::profile_names;
use super::visitors::{BLOCKS, DECISIONS};
use crate::step::duration_schema;

/// Tables of the file.
pub(super) const TABLES: &[(&str, &str)] = &[
    ("site", "Where the site is and how it is started"),
    ("browser", "What scenarios are played in"),
    ("wait", "Deadlines"),
    ("platform", "Ad platforms"),
    (
        "counting",
        "Times by which copies are counted, where they are not what the platform publishes",
    ),
    ("match_quality", "The estimate of match quality"),
    ("policy", "What fails the gate, and the weight of each rule"),
    ("profiles", "Profiles of your own"),
    ("consent", "How the banner of the site is answered"),
    ("traffic", "Shares of the site's visitors by profile, 0 to 1; the rest is `clean`"),
    ("audit", "Names of columns and fields in production logs, where they are not the usual ones"),
];

/// Kinds of files that `[audit]` describes.
pub(super) const AUDIT_TABLES: &[(&str, &str)] = &[
    ("browser", "Logs of the browser side"),
    ("server", "Logs of the server side"),
    ("orders", "The shop's own books"),
];

/// Keys of a side's logs.
pub(super) const LOG_KEYS: &[(&str, &str)] = &[
    ("form", "Form of the files, where it is not to be told from them"),
    ("fields", "Names in the logs by the platform's name of what they hold: `event_id = \"eid\"`"),
    ("time", "Name of the field with the time of arrival"),
    ("pixel", "Name of the field with the pixel (dataset) ID"),
    ("status", "Name of the field with the status of the answer"),
    ("response", "Name of the field with the body of the answer"),
    ("user_agent", "Name of the field with the user agent of the request"),
    ("method", "Name of the field with the method of the request"),
    ("url", "Name of the field with the address of the request"),
    ("query", "Name of the field with its query, where that has a field of its own"),
    ("body", "Name of the field with the body of the request"),
    ("event", "Name of the field that holds a whole event"),
    ("content_type", "Name of the field with the content type of the request"),
];

/// Keys of the shop's books.
pub(super) const ORDER_KEYS: &[(&str, &str)] = &[
    ("form", "Form of the files: csv, ndjson or parquet"),
    ("id", "Name of the column with the number of the order"),
    ("time", "Name of the column with the time of the order"),
    ("value", "Name of the column with its amount"),
    ("currency", "Name of the column with its currency"),
    ("event", "Name of the column with the event that it should be counted as"),
];

/// Keys of a profile of one's own.
pub(super) const PROFILE_KEYS: &[(&str, &str)] = &[
    ("like", "Profile that it begins with; `clean` unless said"),
    ("blocks", "Requests that do not get through: `nothing`, `lists` or `hosts`"),
    ("strips-click-ids", "Takes click ids out of addresses"),
    (
        "caps-script-cookies",
        "Ends cookies of scripts after 7 days, 24 hours after a decorated link",
    ),
    ("consent", "What is said to the banner: `as-written`, `refuses` or `agrees-late`"),
    ("signals-privacy", "Sends the Global Privacy Control signal"),
    ("without-scripts", "Runs no scripts"),
    ("latency", "Time that every request takes longer"),
    ("pixel-down", "The platform's script never comes"),
    ("returns-after-hours", "The visitor was there before, so many hours ago"),
    ("mobile", "The browser is a telephone's"),
];

/// Keys of `[consent]`.
pub(super) const CONSENT_KEYS: &[(&str, &str)] = super::super::words::CONSENT_KEYS;

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

/// Keys of `[browser]`.
pub(super) const BROWSER_KEYS: &[(&str, &str)] = &[
    ("name", "Engine: chromium, firefox or webkit"),
    ("webdriver", "Address of a running WebDriver server or Selenium Grid"),
    ("proxy-bind", "IP address that browser taps listen on, for browsers on other hosts"),
    ("proxy-host", "Host under which browsers on other hosts reach this one"),
];

/// Keys of `[wait]`.
pub(super) const WAIT_KEYS: &[(&str, &str)] = &[
    ("step", "For each step"),
    ("settle", "For late events after the last step"),
    ("quiet", "How long both channels must have been silent before a session ends"),
    ("start", "For the site's first answer"),
];

/// Keys of `[counting]`.
pub(super) const COUNTING_KEYS: &[(&str, &str)] = &[
    ("dedup_window", "Copies merge within this time of the first one; Meta publishes 48 hours"),
    (
        "browser_preference",
        "The browser's copy is kept if it comes within this time of the first one; Meta publishes about 5 minutes",
    ),
];

/// Keys of `[match_quality]`.
pub(super) const QUALITY_KEYS: &[(&str, &str)] = &[(
    "calibration",
    "File with an answer of Meta's Dataset Quality API, against whose scores the estimate is calibrated",
)];

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
    let platform = table(PLATFORMS, |_| {
        table(PLATFORM_KEYS, |_| json!({ "type": "array", "items": host.clone() }))
    });
    let mut schema = table(TABLES, |key| match key {
        "site" => site.clone(),
        "browser" => table(BROWSER_KEYS, |key| match key {
            "webdriver" => json!({ "type": "string", "pattern": "^http://" }),
            "proxy-host" => host.clone(),
            "proxy-bind" => json!({ "type": "string", "anyOf": [
                { "pattern": r"^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$" },
                { "pattern": "^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$" },
            ] }),
            _ => json!({ "type": "string" }),
        }),
        "wait" => table(WAIT_KEYS, |_| {
            let mut duration = duration_schema();
            duration["pattern"] = json!(r"^\s*[0-9]+(\.[0-9]+)?\s*(ms|s|m|min)\s*$");
            duration
        }),
        "platform" => platform.clone(),
        "profiles" => json!({ "type": "object", "additionalProperties": profile() }),
        "consent" => table(CONSENT_KEYS, |key| match key {
            "before" => json!({ "enum": BEFORE }),
            _ => json!({ "anyOf": [
                { "type": "string", "pattern": r"\S" },
                {
                    "type": "object",
                    "properties": { "cookies": {
                        "type": "object", "additionalProperties": { "type": "string" },
                    } },
                    "required": ["cookies"],
                    "additionalProperties": false,
                },
            ] }),
        }),
        "traffic" => json!({
            "type": "object",
            "additionalProperties": { "type": "number", "minimum": 0, "maximum": 1 },
        }),
        "counting" => table(COUNTING_KEYS, |_| {
            let mut window = duration_schema();
            window["pattern"] = json!(r"^\s*[0-9]+(\.[0-9]+)?\s*(ms|s|m|min|h|d)\s*$");
            window["description"] = json!("A length of time: 15s, 5m, 48h, 2d");
            window["examples"] = json!(["48h"]);
            window
        }),
        "audit" => table(AUDIT_TABLES, |side| {
            let named = || json!({ "type": "string", "pattern": r"\S" });
            table(if side == "orders" { ORDER_KEYS } else { LOG_KEYS }, |key| match key {
                "fields" => json!({ "type": "object", "additionalProperties": named() }),
                _ => named(),
            })
        }),
        "match_quality" => table(QUALITY_KEYS, |_| json!({ "type": "string", "pattern": r"\S" })),
        _ => json!({ "type": "object" }),
    });
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("countonce configuration");
    schema
}

/// A profile of one's own.
fn profile() -> Value {
    table(PROFILE_KEYS, |key| match key {
        "like" => json!({ "type": "string", "examples": profile_names().collect::<Vec<_>>() }),
        "blocks" => json!({ "enum": BLOCKS }),
        "consent" => json!({ "enum": DECISIONS }),
        "returns-after-hours" => json!({ "type": "integer", "minimum": 0, "maximum": 100_000 }),
        "latency" => {
            let mut duration = duration_schema();
            duration["pattern"] = json!(r"^\s*[0-9]+(\.[0-9]+)?\s*(ms|s|m|min)\s*$");
            duration
        }
        _ => json!({ "type": "boolean" }),
    })
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
            ("[browser]\nname = \"webkit\"\nproxy-bind = \"::\"", true),
            ("[browser]\nwebdriver = \"http://grid:4444\"\nproxy-bind = \"10.0.0.7\"", true),
            ("[browser]\nproxy-bind = \"everywhere\"", false),
            ("[browser]\nwebdriver = \"grid:4444\"", false),
            ("[browser]\nproxy-host = \"http://x\"", false),
            ("[browser]\nengine = \"webkit\"", false),
            ("[policy]\nanything = 1", true),
            ("[profiles.kiosk]\nlike = \"itp\"\nmobile = true\nlatency = \"1s\"", true),
            ("[profiles.kiosk]\nblocks = \"hosts\"\nconsent = \"refuses\"", true),
            ("[profiles.kiosk]\nx = 1", false),
            ("[profiles.kiosk]\nblocks = \"all\"", false),
            ("[profiles.kiosk]\nmobile = 1", false),
            ("[consent]\naccept = \"#a\"\nbefore = \"silent\"", true),
            ("[consent]\nrefuse = { cookies = { a = \"b\" } }", true),
            ("[consent]\nbefore = \"loud\"", false),
            ("[traffic]\nadblock = 0.25", true),
            ("[traffic]\nadblock = 25", false),
            ("[counting]\ndedup_window = \"48h\"\nbrowser_preference = \"5m\"", true),
            ("[counting]\ndedup_window = 48", false),
            ("[counting]\ndedup_window = \"48\"", false),
            ("[counting]\nwindow = \"48h\"", false),
            ("[match_quality]\ncalibration = \"emq.json\"", true),
            ("[match_quality]\ncalibration = 1", false),
            ("[audit.server]\ntime = \"at\"\nform = \"csv\"", true),
            ("[audit.server.fields]\nevent_id = \"eid\"", true),
            ("[audit.orders]\nid = \"nr\"", true),
            ("[audit.orders.fields]\nid = \"nr\"", false),
            ("[audit.server]\ntiem = \"at\"", false),
            ("[audit.server]\ntime = \" \"", false),
            ("[audit.server.fields]\nevent_id = 3", false),
            ("[audit.sever]\ntime = \"at\"", false),
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
