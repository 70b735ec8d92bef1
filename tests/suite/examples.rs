//! The back ends in `examples/`, installed by their own package managers and started by
//! the program itself: clean as they stand, and found out when their switch is set.
//! Live: each needs a browser, and packages for the first time.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::cli::{Said, countonce_with};
use crate::demo::{browser, report, show};

/// Makes what cannot be tested a failure instead of a skipped test.
const REQUIRED: &str = "COUNTONCE_REQUIRE_BROWSER";

/// A copy of an example below the target folder, its packages installed; `None` where they
/// cannot be and need not be.
fn installed(name: &str, lock: &str, install: &[&str]) -> Option<PathBuf> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples").join(name);
    copy(&from, &to);
    let wanted = fs::read_to_string(from.join(lock)).expect("a list of packages");
    let mark = to.join(".installed");
    if fs::read_to_string(&mark).is_ok_and(|done| done == wanted) {
        return Some(to);
    }
    for line in install {
        let done = Command::new("sh").args(["-c", line]).current_dir(&to).output();
        let done = done.expect("a shell");
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            assert!(std::env::var_os(REQUIRED).is_none(), "`{line}` in {name}: {said}");
            eprintln!("skipped: `{line}` in examples/{name} failed: {said}");
            return None;
        }
    }
    fs::write(&mark, wanted).expect("written");
    Some(to)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name();
        // What a developer has installed or run there is theirs.
        if ["node_modules", ".venv", "reports", "__pycache__"].iter().any(|own| name == *own) {
            continue;
        }
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            fs::copy(entry.path(), to.join(name)).expect("copied");
        }
    }
}

const PYTHON: &[&str] =
    &["python3 -m venv --clear .venv", ".venv/bin/pip install --quiet -r requirements.txt"];
const NODE: &[&str] = &["npm ci --no-audit --no-fund"];

/// Rules that found something, without remarks.
fn found(report: &Value) -> BTreeSet<&str> {
    let findings = report["findings"].as_array().expect("a list");
    findings
        .iter()
        .filter(|found| found["severity"] != "info")
        .filter_map(|found| found["rule"].as_str())
        .collect()
}

/// Plays an example as it stands and with its switch, and asks for what is found.
#[track_caller]
fn play(folder: &Path, fault: &str, rule: &str) {
    let clean = countonce_with(folder, &["run"], &[("SHOP_FAULT", "")]);
    assert_eq!(clean.code, 0, "{}", show(&clean));
    let told = report(folder);
    assert_eq!(found(&told), BTreeSet::new(), "{}", show(&clean));
    let defects = told["defects"].as_array().expect("a list");
    assert!(defects.is_empty(), "what the stack sends is read: {defects:?}");
    let purchase =
        told["events"].as_array().expect("a list").iter().find(|of| of["event"] == "Purchase");
    let purchase = purchase.expect("a purchase");
    assert_eq!(purchase["paired"], purchase["conversions"], "{purchase}");
    nothing_left(&clean);

    let faulty = countonce_with(folder, &["run"], &[("SHOP_FAULT", fault)]);
    assert_eq!(faulty.code, 1, "{}", show(&faulty));
    let told = report(folder);
    assert!(found(&told).contains(rule), "{:?}\n{}", found(&told), show(&faulty));
}

/// The site's port is free again and its log is there.
#[track_caller]
fn nothing_left(said: &Said) {
    let (_, rest) = said.err.split_once("ready at http://").expect("an address");
    let address = rest.split('/').next().expect("a host");
    assert!(std::net::TcpStream::connect(address).is_err(), "it still answers:\n{}", said.err);
}

#[test]
fn live_example_django_with_the_python_sdk() {
    if browser()
        && let Some(folder) = installed("django", "requirements.txt", PYTHON)
    {
        play(&folder, "cased-external-id", "identity-mismatch");
        let log = fs::read_to_string(folder.join("reports/latest/site.log")).expect("a log");
        assert!(log.contains("POST /order"), "{log}");
    }
}

#[test]
fn live_example_fastapi_with_httpx() {
    if browser()
        && let Some(folder) = installed("fastapi", "requirements.txt", PYTHON)
    {
        play(&folder, "wrong-country-code", "digest-misnormalised");
    }
}

#[test]
fn live_example_express_with_the_node_sdk() {
    if browser()
        && let Some(folder) = installed("express", "package-lock.json", NODE)
    {
        play(&folder, "retry-new-id", "retry-not-idempotent");
    }
}
