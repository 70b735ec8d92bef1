//! The whole program against its own shop, in a real browser: the clean shop has no
//! finding, and every planted fault is found under its own rule.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use countonce::demo::{FAULTS, Fault, Showing};
use countonce::rule;
use countonce::session::setup;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::cli::{Said, countonce};
use crate::faults::coverage;

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

/// What became of a fault: the rules that fired, and what is wrong with that.
pub struct Played {
    name: &'static str,
    fired: BTreeSet<String>,
    wrong: Option<String>,
}

/// Plays the purchase alone, and the whole suite where that does not show the fault.
fn play(fault: &'static Fault) -> Played {
    if let Some(Showing { scenario, profile, variant }) = countonce::demo::circumstances(fault) {
        let filter = format!("name:\"{scenario}\"");
        let mut words = vec!["--filter", &filter, "--profile", profile];
        if !variant.is_empty() {
            words.extend(["--variant", variant]);
        }
        return play_some(fault, &words);
    }
    let mut played = play_some(fault, &["--filter", "name:\"Guest checkout\""]);
    if played.wrong.is_some() {
        played = play_some(fault, &[]);
    }
    played
}

fn play_some(fault: &'static Fault, words: &[&str]) -> Played {
    let folder = tempfile::tempdir().expect("a folder");
    let words = [&["demo", "--fault", fault.name, "--settle", "2s", "--jobs", "1"], words].concat();
    let said = countonce(folder.path(), &words);
    let report = report(folder.path());
    let fired: BTreeSet<String> = fired(&report).into_iter().map(str::to_owned).collect();
    let strange: Vec<&String> = fired
        .iter()
        .filter(|rule| *rule != fault.rule && !fault.also.contains(&rule.as_str()))
        .collect();
    let wrong = if !fired.contains(fault.rule) {
        Some(format!("{} is not found by {}: {fired:?}", fault.name, fault.rule))
    } else if !strange.is_empty() {
        Some(format!("{} also sets off {strange:?}", fault.name))
    } else if said.code != i32::from(fault.exit) {
        Some(format!("{} ends with {} instead of {}", fault.name, said.code, fault.exit))
    } else {
        None
    };
    Played { name: fault.name, fired, wrong }
}

/// Plays faults, two at a time.
pub fn play_all(faults: &[&'static Fault]) -> Vec<Played> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let played = play(fault);
                    done.lock().expect("nobody panics with it").push(played);
                }
            });
        }
    });
    let mut done = done.into_inner().expect("nobody panics with it");
    done.sort_by_key(|played| FAULTS.iter().position(|fault| fault.name == played.name));
    done
}

#[track_caller]
pub fn all_found(played: &[Played]) {
    let wrong: Vec<&str> = played.iter().filter_map(|played| played.wrong.as_deref()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fault_names_a_rule_of_the_catalogue() {
    for fault in FAULTS {
        for id in [fault.rule].iter().chain(fault.also) {
            assert!(rule::find(id).is_some(), "{} names {id}", fault.name);
        }
    }
}

/// One fault of each kind of trouble; all of them are played below.
#[test]
fn live_faults_are_found_under_their_own_rules() {
    if !browser() {
        return;
    }
    let names = ["id-upper-cased", "server-forgets-purchase", "double-hash", "value-in-cents"];
    let faults: Vec<&Fault> =
        names.iter().map(|name| countonce::demo::find(name).expect("a fault")).collect();
    all_found(&play_all(&faults));
}

/// Every fault in turn: minutes, so it runs where it is asked for (`cargo test -- --include-ignored`).
/// `COUNTONCE_FAULTS=name,name` plays those alone. The matrix of faults and rules is
/// docs/faults.md; `COUNTONCE_BLESS=1` writes the rows of what was played again.
#[test]
#[ignore = "plays every planted fault in a browser; takes minutes"]
fn live_every_fault_is_found_under_its_own_rule() {
    if !browser() {
        return;
    }
    let names = std::env::var("COUNTONCE_FAULTS").ok();
    let asked = |fault: &Fault| {
        names.as_deref().is_none_or(|names| names.split(',').any(|name| name == fault.name))
    };
    let faults: Vec<&Fault> = FAULTS.iter().copied().filter(|fault| asked(fault)).collect();
    assert!(!faults.is_empty(), "no fault has any of these names");
    let played = play_all(&faults);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md");
    if std::env::var_os("COUNTONCE_BLESS").is_some() {
        let before = std::fs::read_to_string(&kept).expect("docs/faults.md");
        std::fs::write(&kept, matrix(&played, &before)).expect("written");
    }
    all_found(&played);
}

/// Faults and the rules that find them, as a page; a fault that was not played keeps its row.
fn matrix(played: &[Played], before: &str) -> String {
    let mut text = String::from(
        "# Planted faults\n\nWhat can be planted in the demo shop (`countonce demo --fault NAME`), and the rules that fire when the shipped scenarios are played with it. Written by the test that plays them all.\n\n| Fault | What is wrong | Found by | Follows from it |\n| --- | --- | --- | --- |\n",
    );
    for fault in FAULTS {
        let head = format!("| `{}` |", fault.name);
        let row = match played.iter().find(|played| played.name == fault.name) {
            Some(played) => row(fault, played),
            None => before.lines().find(|line| line.starts_with(&head)).unwrap_or_default().into(),
        };
        if !row.is_empty() {
            text.push_str(&row);
            text.push('\n');
        }
    }
    text + &coverage()
}

fn row(fault: &Fault, played: &Played) -> String {
    let others: Vec<String> = played
        .fired
        .iter()
        .filter(|rule| *rule != fault.rule)
        .map(|rule| format!("`{rule}`"))
        .collect();
    format!("| `{}` | {} | `{}` | {} |", fault.name, fault.summary, fault.rule, others.join(", "))
}

/// `COUNTONCE_BLESS=1` writes what needs no play again: order, and what the faults cover.
#[test]
fn the_matrix_of_faults_names_them_all() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md");
    if std::env::var_os("COUNTONCE_BLESS").is_some() {
        let before = std::fs::read_to_string(&kept).expect("docs/faults.md");
        std::fs::write(&kept, matrix(&[], &before)).expect("written");
    }
    let text = std::fs::read_to_string(kept).unwrap_or_default();
    for fault in FAULTS {
        let row = format!("| `{}` | {} | `{}` |", fault.name, fault.summary, fault.rule);
        assert!(text.contains(&row), "docs/faults.md is behind: no `{row}`");
    }
    assert!(text.ends_with(&coverage()), "docs/faults.md is behind: what the faults cover");
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
