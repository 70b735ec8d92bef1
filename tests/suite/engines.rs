//! The same scenarios in every engine: what is wrong with a site does not depend on the
//! browser that shows it.
//!
//! An engine that is not installed is skipped with a visible line, unless the
//! environment requires it.

use std::collections::BTreeSet;

use countonce::session::{ENGINES, Engine, setup};
use serde_json::Value;

use crate::cli::countonce;
use crate::demo::{report, show};

/// Makes what is missing an error instead of a skipped test: `1` for all, or the names of
/// those that have to be there, as CI gives them.
const REQUIRED: &str = "COUNTONCE_REQUIRE_ENGINES";

/// True where the environment says that this one has to be there.
pub fn required(name: &str) -> bool {
    let named = std::env::var(REQUIRED).unwrap_or_default();
    named == "1" || named.split_whitespace().any(|one| one == name)
}

/// True where this engine can be played in.
pub fn installed(engine: &'static Engine) -> bool {
    match setup::find_of(engine) {
        Ok(_) => true,
        Err(missing) => {
            assert!(!required(engine.name), "{missing}");
            eprintln!("SKIPPED, no {}: {missing}", engine.title);
            false
        }
    }
}

/// What the demo says in an engine, without what numbers, times and addresses make different.
#[derive(Debug, PartialEq)]
struct Said {
    code: i32,
    verdict: Value,
    /// Rule, event and channel of each finding.
    findings: BTreeSet<(String, String, String)>,
    /// Event, conversions, hits, calls and pairs of each type.
    events: Vec<(String, Value, Value, Value, Value)>,
}

fn demo(engine: &Engine, words: &[&str]) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    let words = [&["demo", "--browser", engine.name, "--jobs", "1"], words].concat();
    let said = countonce(folder.path(), &words);
    assert!(said.code < 2, "{}: {}", engine.name, show(&said));
    let report = report(folder.path());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("a list");
    let events = report["events"].as_array().expect("a list");
    Said {
        code: said.code,
        verdict: report["verdict"].clone(),
        findings: findings
            .iter()
            .map(|one| (text(&one["rule"]), text(&one["event"]), text(&one["channel"])))
            .collect(),
        events: events
            .iter()
            .map(|one| {
                let of = |name: &str| one[name].clone();
                (text(&one["event"]), of("conversions"), of("browser"), of("server"), of("paired"))
            })
            .collect(),
    }
}

/// The shop with faults of three kinds, in one purchase: what is sent twice, with another
/// id, and with the wrong currency. And without any.
fn same_as_chromium(name: &str) {
    let engine = Engine::named(name).expect("an engine");
    if !installed(ENGINES[0]) || !installed(engine) {
        return;
    }
    let clean: &[&str] = &[];
    let faulty: &[&str] = &[
        "--filter",
        "name:\"Guest checkout\"",
        "--settle",
        "2s",
        "--fault",
        "browser-fires-twice",
        "--fault",
        "id-regenerated",
        "--fault",
        "currency-hard-coded",
    ];
    for words in [clean, faulty] {
        let here = demo(engine, words);
        assert_eq!(here, demo(ENGINES[0], words), "{name} and {} differ", ENGINES[0].name);
        assert_eq!(here.findings.is_empty(), words.is_empty(), "{here:?}");
    }
}

#[test]
fn live_firefox_finds_what_chromium_finds() {
    same_as_chromium("firefox");
}

#[test]
fn live_webkit_finds_what_chromium_finds() {
    same_as_chromium("webkit");
}

/// What a browser tells beside the tap: who called, and which cookies there are.
#[test]
fn live_an_event_fired_twice_names_both_callers_and_steps_keep_the_cookies() {
    if !installed(ENGINES[0]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let words = ["demo", "--filter", "name:\"Guest checkout\"", "--fault", "browser-fires-twice"];
    let said = countonce(folder.path(), &words);
    assert_eq!(said.code, 1, "{}", show(&said));
    let told = report(folder.path());
    let findings = told["findings"].as_array().expect("a list");
    let twice = findings.iter().find(|found| found["rule"] == "duplicate-browser-event");
    let message = twice.expect("found")["message"].as_str().expect("text").to_owned();
    let (_, callers) = message.split_once("; caused by ").expect("callers");
    let lines: BTreeSet<&str> = callers
        .split("called from https://shop.test/thank-you/")
        .skip(1)
        .filter_map(|place| place.split(" line ").nth(1)?.split_whitespace().next())
        .collect();
    assert_eq!(lines.len(), 2, "two lines of the page: {message}");

    let tape = std::fs::read_to_string(folder.path().join("reports/latest/tape.jsonl"));
    let tape = tape.expect("a tape");
    let records = tape.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let steps: Vec<Value> = records.filter(|record| record["kind"] == "step").collect();
    // Steps that only type leave the page as it is.
    let leaving = steps.iter().filter(|step| !step["text"].as_str().unwrap_or("").contains("fill"));
    for step in leaving {
        for name in ["_fbp", "_fbc"] {
            let mut cookies = step["cookies"].as_array().expect("cookies").iter();
            let cookie = cookies.find(|cookie| cookie["name"] == name).expect("there");
            assert!(cookie["value"].as_str().is_some_and(|value| value.starts_with("fb.1.")));
        }
    }
    assert!(steps.len() > 10, "{steps:?}");
}
