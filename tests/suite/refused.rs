//! What a browser kept back: it explains a missing browser event, and what was delivered
//! whatever the browser says explains nothing.

use std::io::Write as _;

use serde_json::json;

use crate::cli::countonce;
use crate::demo::{report, show};
use crate::tape_builder::{PIXEL, START, Tape, call};

/// Judges a tape with one failed attempt; the message of its finding.
fn judged(tape: Tape, url: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tape.jsonl");
    tape.write(&path);
    let attempt = json!({
        "kind": "attempt", "session": 1, "at": START + 900, "method": "GET", "url": url,
        "by": "script", "error": "the page's content security policy (script-src-elem)",
    });
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("opened");
    writeln!(file, "{attempt}").expect("written");
    let said = countonce(folder.path(), &["check", &path.to_string_lossy()]);
    assert_eq!(said.code, 1, "{}", show(&said));
    let told = report(folder.path());
    let findings = told["findings"].as_array().expect("a list");
    let missing = findings.iter().find(|found| found["rule"] == "missing-browser-event");
    missing.expect("found")["message"].as_str().expect("text").to_owned()
}

#[test]
fn a_policy_that_keeps_the_pixel_back_is_named_in_the_finding() {
    let tape = Tape::new().session(&["Purchase"]).send(call("Purchase", "order-1"));
    let message = judged(tape, "https://connect.facebook.net/en_US/fbevents.js?em=ann@example.com");
    assert!(message.contains("kept back GET https://connect.facebook.net/en_US/"), "{message}");
    assert!(message.contains("content security policy (script-src-elem)"), "{message}");
    assert!(!message.contains("ann@"), "{message}");
}

#[test]
fn a_failure_of_what_was_delivered_explains_nothing() {
    let tape = || {
        Tape::new()
            .session(&["Purchase", "Lead"])
            .pair("Lead", "lead-1")
            .send(call("Purchase", "order-1"))
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tape.jsonl");
    tape().write(&path);
    let text = std::fs::read_to_string(&path).expect("text");
    let line = text.lines().rfind(|line| line.contains("/tr/")).expect("a hit");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    let url = line["request"]["url"].as_str().expect("an address");
    assert!(url.contains(PIXEL));
    let message = judged(tape(), url);
    assert!(!message.contains("kept back"), "{message}");
}
