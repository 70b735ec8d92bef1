//! The whole program against its own shop, in a real browser: the clean shop has no
//! finding, and every planted fault is found under its own rule.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use countonce::demo::{FAULTS, Fault};
use countonce::rule;
use countonce::session::setup;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::cli::{Said, countonce};

/// True where live tests can run; a visible line, or a failure where a browser is required.
pub fn browser() -> bool {
    match setup::find() {
        Ok(_) => true,
        Err(missing) => {
            assert!(std::env::var_os("COUNTONCE_REQUIRE_BROWSER").is_none(), "{missing}");
            eprintln!("skipped: {missing}");
            false
        }
    }
}

pub fn report(folder: &Path) -> Value {
    let text =
        std::fs::read_to_string(folder.join("reports/latest/report.json")).expect("a report");
    serde_json::from_str(&text).expect("JSON")
}

fn fired(report: &Value) -> BTreeSet<&str> {
    report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|found| found["rule"].as_str())
        .collect()
}

pub fn show(said: &Said) -> String {
    format!("exit {}\n{}\n{}", said.code, said.out, said.err)
}

#[test]
fn live_the_clean_shop_passes_without_a_finding_and_its_tape_says_the_same() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let said = countonce(folder.path(), &["demo"]);
    assert_eq!(said.code, 0, "{}", show(&said));
    let played = report(folder.path());
    assert_eq!(played["verdict"], "passed");
    assert_eq!(fired(&played), BTreeSet::new());
    assert!(played["scenarios"].as_array().is_some_and(|list| list.len() >= 6));
    let tape = folder.path().join("reports/latest/tape.jsonl");
    let text = std::fs::read_to_string(&tape).expect("a tape");
    assert!(!text.contains("demo-access-token"), "the access token is on the tape");
    let said = countonce(
        folder.path(),
        &["check", &tape.to_string_lossy(), "--policy", "strict", "--format", "json", "--out", "-"],
    );
    let judged: Value = serde_json::from_str(&said.out).expect("JSON");
    for part in ["events", "findings", "conversions", "defects", "scenarios"] {
        assert_eq!(judged[part], played[part], "{part} differ between run and check");
    }
}

/// Plays one scenario with a fault and holds the rules that fire against those it names.
#[track_caller]
fn plays(fault: &Fault) {
    let folder = tempfile::tempdir().expect("a folder");
    let said = countonce(folder.path(), &["demo", "--fault", fault.name, "--settle", "2s"]);
    assert_eq!(said.code, i32::from(fault.exit), "{}: {}", fault.name, show(&said));
    let report = report(folder.path());
    let fired = fired(&report);
    assert!(fired.contains(fault.rule), "{} is not found by {}: {fired:?}", fault.name, fault.rule);
    let strange: Vec<&&str> =
        fired.iter().filter(|rule| **rule != fault.rule && !fault.also.contains(rule)).collect();
    assert!(strange.is_empty(), "{} also sets off {strange:?}\n{}", fault.name, show(&said));
}

#[test]
fn every_fault_names_a_rule_of_the_catalogue() {
    for fault in FAULTS {
        for id in [fault.rule].iter().chain(fault.also) {
            assert!(rule::find(id).is_some(), "{} names {id}", fault.name);
        }
    }
}

#[test]
fn live_a_fault_is_found_under_its_own_rule() {
    if !browser() {
        return;
    }
    for name in ["id-upper-cased", "server-forgets-purchase"] {
        plays(countonce::demo::find(name).expect("a fault"));
    }
}

/// Every fault in turn: minutes, so it runs where it is asked for (`cargo test -- --include-ignored`).
#[test]
#[ignore = "plays every planted fault in a browser; takes minutes"]
fn live_every_fault_is_found_under_its_own_rule() {
    if !browser() {
        return;
    }
    for fault in FAULTS {
        plays(fault);
    }
}

/// Driver and browsers below a process: nothing else ends them once it is killed.
fn descendants(parent: u32) -> Vec<i32> {
    let listed = Command::new("ps").args(["-eo", "pid=,ppid="]).output().expect("ps runs");
    let pairs: Vec<(i32, i32)> = String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace().map(str::parse::<i32>);
            Some((words.next()?.ok()?, words.next()?.ok()?))
        })
        .collect();
    let mut found = vec![i32::try_from(parent).expect("small")];
    let mut at = 0;
    while at < found.len() {
        let parent = found[at];
        found.extend(pairs.iter().filter(|(_, above)| *above == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found.split_off(1)
}

#[test]
fn live_what_was_caught_before_a_kill_is_judged() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_countonce"))
        .args(["demo", "--jobs", "1"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let played = lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with("played")));
    assert!(played.is_some(), "no scenario was played");
    let orphans = descendants(child.id());
    child.kill().expect("killed");
    child.wait().expect("reaped");
    for orphan in orphans {
        // Those that ended with their parent are gone already.
        let _gone = kill(Pid::from_raw(orphan), Signal::SIGKILL);
    }
    let run =
        std::fs::read_dir(folder.path().join("reports")).expect("a folder").next().expect("a run");
    let tape = run.expect("an entry").path().join("tape.jsonl");
    let said = countonce(
        folder.path(),
        &["check", &tape.to_string_lossy(), "--partial", "--format", "json", "--out", "-"],
    );
    let judged: Value = serde_json::from_str(&said.out).expect("JSON");
    let events: u64 = judged["events"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|row| row["browser"].as_u64())
        .sum();
    assert!(events > 0, "nothing survived: {}", show(&said));
    assert!(judged["limits"].to_string().contains("cut off"), "{}", judged["limits"]);
}
