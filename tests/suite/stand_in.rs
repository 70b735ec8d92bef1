//! The stand-in pixel script against recordings of the real one, under Node.
//!
//! Same calls, same requests: names, values and order, apart from what differs from
//! run to run (times) and what the stand-in does not have (experiments).
//! Skipped, visibly, where there is no Node.

#![expect(clippy::print_stdout, reason = "a skipped test says so")]

mod behaviour;

use std::fs;
use std::process::Command;

use countonce::capture::Request;
use countonce::platform::{PLATFORMS, PixelScript};
use serde::Deserialize;
use serde_json::{Value, json};

/// Version and times of a hit, and what only the real script has.
const INCOMPARABLE: [&str; 4] = ["ts", "it", "v", "r"];

#[derive(Debug, Deserialize)]
struct Seen {
    hits: Vec<Hit>,
    warnings: Vec<String>,
    jar: Value,
    error: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Hit {
    step: usize,
    via: String,
    url: String,
    body: Option<Vec<(String, String)>>,
}

impl Hit {
    /// Names as they stand on the wire and decoded values, in order.
    fn fields(&self) -> Vec<(String, String)> {
        self.body.clone().unwrap_or_else(|| fields_of(&self.url))
    }

    fn get(&self, name: &str) -> Option<String> {
        self.fields().into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

fn fields_of(url: &str) -> Vec<(String, String)> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (
                name.to_owned(),
                percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned(),
            )
        })
        .collect()
}

fn comparable(fields: Vec<(String, String)>) -> Vec<(String, String)> {
    fields
        .into_iter()
        .filter(|(name, _)| !INCOMPARABLE.contains(&name.as_str()) && !name.starts_with("exp"))
        .collect()
}

/// Plays the cases, or says why not.
fn play(cases: &[Value]) -> Option<Vec<Seen>> {
    if Command::new("node").arg("--version").output().is_err() {
        println!("SKIPPED: there is no node to run the stand-in with");
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (script, list) = (folder.path().join("script.js"), folder.path().join("cases.json"));
    fs::write(&script, served()).expect("written");
    fs::write(&list, json!(cases).to_string()).expect("written");
    let harness = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stand_in/harness.js");
    let output =
        Command::new("node").arg(harness).arg(&script).arg(&list).output().expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Vec<Seen> = serde_json::from_slice(&output.stdout).expect("the harness prints JSON");
    for (seen, case) in seen.iter().zip(cases) {
        assert_eq!(seen.error, None, "{case}");
    }
    Some(seen)
}

/// One case on an ordinary page of a shop.
#[track_caller]
fn play_one(case: &Value) -> Option<Seen> {
    play(std::slice::from_ref(case)).and_then(|mut all| all.pop())
}

fn served() -> Vec<u8> {
    let request = Request {
        method: "GET".into(),
        url: "https://connect.facebook.net/en_US/fbevents.js".into(),
        headers: vec![],
        body: vec![],
    };
    let reply = PLATFORMS
        .iter()
        .find_map(|platform| (platform.answer_hit)(&request, &PixelScript::StandIn, 0))
        .expect("the script is served");
    reply.answer.body
}

fn page(steps: &[&str]) -> Value {
    json!({ "location": "https://www.shop.test/cart?x=1", "steps": steps })
}

fn names(hits: &[Hit]) -> Vec<String> {
    hits.iter().map(|hit| hit.get("ev").unwrap_or_default()).collect()
}

#[test]
fn every_recorded_call_puts_the_same_on_the_wire() {
    let recorded: Vec<Value> = include_str!("../wire/pixel-calls.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a recorded case"))
        .collect();
    let mut before = String::new();
    let cases: Vec<Value> = recorded
        .iter()
        .map(|case| {
            let call = case["call"].as_str().expect("a call").to_owned();
            // This one goes on where the one before it stopped.
            let prior = if case["case"] == "consent grant releases" { before.clone() } else { String::new() };
            before.clone_from(&call);
            json!({
                "location": "https://shop.example.com/thanks?order=1&email=a%40b.com",
                "referrer": "https://www.google.com/",
                // The recordings were made without cookies.
                "steps": ["LOAD", "fbq('set', 'firstPartyCookies', false); fbq('init', '1234567890');", prior, call],
            })
        })
        .collect();
    let Some(seen) = play(&cases) else { return };
    let mut differing = Vec::new();
    for (case, seen) in recorded.iter().zip(&seen) {
        let theirs: Vec<(String, Vec<(String, String)>)> = case["hits"]
            .as_array()
            .expect("hits")
            .iter()
            .map(|hit| {
                let fields = match hit.get("body") {
                    Some(body) => serde_json::from_value(body.clone()).expect("names and values"),
                    None => fields_of(hit["url"].as_str().expect("an address")),
                };
                (hit["via"].as_str().expect("a transport").to_owned(), comparable(fields))
            })
            .collect();
        let ours: Vec<_> = seen
            .hits
            .iter()
            .filter(|hit| hit.step == 3)
            .map(|hit| (hit.via.clone(), comparable(hit.fields())))
            .collect();
        let complaints = (case["console"].as_array().map_or(0, Vec::len), seen.warnings.len());
        // Older scripts complain about less.
        let silent = case["fbevents"] != "2.9.324";
        if ours != theirs || (!silent && (complaints.0 > 0) != (complaints.1 > 0)) {
            differing.push(format!(
                "{} {}\n  ours   {ours:?} {:?}\n  theirs {theirs:?} {}",
                case["fbevents"], case["call"], seen.warnings, case["console"]
            ));
        }
    }
    assert!(recorded.len() > 100);
    assert!(
        differing.is_empty(),
        "{} of {} differ:\n{}",
        differing.len(),
        recorded.len(),
        differing.join("\n")
    );
}

#[test]
fn user_data_is_digested_as_the_real_script_does() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../vectors/observed.json"))
        .expect("the vectors are JSON");
    // Rows without any recorded shape or digest were too long for an address.
    let rows: Vec<&Value> = rows
        .iter()
        .filter(|row| !row["pixel_2_9_324_hash"].is_null() || !row["pixel_censored_raw"].is_null())
        .collect();
    let cases: Vec<Value> = rows
        .iter()
        .map(|row| {
            let data = json!({ row["field"].as_str().expect("a field"): row["input"] });
            page(&["LOAD", &format!("fbq('init', '1', {data}); fbq('track', 'Lead');")])
        })
        .collect();
    let Some(seen) = play(&cases) else { return };
    let mut differing = Vec::new();
    for (row, seen) in rows.iter().zip(&seen) {
        let field = row["field"].as_str().expect("a field");
        let hit = &seen.hits[0];
        for (name, column) in [
            ("ud", "pixel_2_9_324_hash"),
            ("cud", "pixel_censored_raw"),
            ("ncud", "pixel_censored_normalised"),
        ] {
            let ours = hit.get(&format!("{name}[{field}]"));
            if ours.as_deref() != row[column].as_str() {
                differing.push(format!(
                    "{name}[{field}] of {}: ours {ours:?}, recorded {}",
                    row["input"], row[column]
                ));
            }
        }
    }
    assert!(rows.len() > 1000);
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}

#[test]
fn a_recorded_hit_with_user_data_is_reproduced_in_its_order() {
    let recording = include_str!("../wire/pixel-2.9.324-rich-chromium.txt");
    let line = recording
        .lines()
        .find(|line| line.contains("/tr/?id=1234567890&ev=Purchase"))
        .and_then(|line| line.split(' ').nth(3))
        .expect("a recorded Purchase");
    let case = json!({
        "location": "https://shop.test/",
        "userAgent": "Mozilla/5.0 HeadlessChrome/156.0.0.0 Safari/537.36",
        "steps": [
            "screen.width = 800; screen.height = 600;",
            "LOAD",
            "fbq('set', 'firstPartyCookies', false);\
             fbq('init', '1234567890', {em: 'Joe@Example.com ', ph: '+1 (415) 555-0123', fn: 'J\u{f6}e', external_id: 'User-1'});\
             fbq('track', 'PageView');\
             fbq('track', 'Purchase', {value: 1, currency: 'USD', contents: [{id: 'sku1', quantity: 2}], content_type: 'product'}, {eventID: 'p1'});",
        ],
    });
    let Some(seen) = play_one(&case) else { return };
    assert_eq!(comparable(seen.hits[1].fields()), comparable(fields_of(line)));
}
