//! Many sessions at once on one shop: every hit stays with its session by its listener,
//! every call is given to the right one by evidence, none is lost. Live: needs a browser.
//!
//! The long form is the soak: `benches/soak.sh`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use countonce::capture::{self, Capture};
use countonce::event::{Channel, MatchKey};
use countonce::run::judgement;
use sha2::{Digest as _, Sha256};

use crate::demo::{browser, report};

/// Memory that the program itself may take with four sessions, browsers not counted.
const MOST_MEMORY_MIB: u64 = 200;

/// Copies of the purchase in the shipped suite, each under a name of its own.
fn suite(folder: &Path, copies: usize) {
    let text = include_str!("../../scenarios/guest-checkout.yaml");
    for copy in 1..=copies {
        let text = text.replace("name: Guest checkout", &format!("name: Guest checkout {copy}"));
        fs::write(folder.join(format!("checkout-{copy:03}.yaml")), text).expect("written");
    }
}

/// What a run took.
struct Figures {
    seconds: f64,
    memory_mib: u64,
}

/// Plays the folder with that many sessions at a time; the program itself is watched, not
/// the browsers that it starts.
fn play(folder: &Path, jobs: usize) -> Figures {
    let began = Instant::now();
    let log = fs::File::create(folder.join("err.txt")).expect("a file");
    let mut run = Command::new(env!("CARGO_BIN_EXE_countonce"))
        .args(["run", ".", "--site", "demo", "--jobs", &jobs.to_string(), "--settle", "30s"])
        .args(["--step-timeout", "60s", "--format", "json"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("starts");
    let status = format!("/proc/{}/status", run.id());
    let mut memory_kib = 0;
    let code = loop {
        // The high-water mark only grows, so the last look has it all.
        memory_kib = memory_kib.max(high_water(&status).unwrap_or(0));
        if let Some(code) = run.try_wait().expect("watched") {
            break code;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    let said = fs::read_to_string(folder.join("err.txt")).expect("text");
    assert!(code.success(), "{code}\n{said}");
    Figures { seconds: began.elapsed().as_secs_f64(), memory_mib: memory_kib / 1024 }
}

/// Largest resident set so far, KiB; `None` where the system does not tell.
fn high_water(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn read(folder: &Path) -> Capture {
    let tape = folder.join("reports/latest/tape.jsonl");
    let (capture, damage) = capture::read(&tape).expect("a tape");
    assert!(damage.is_none(), "{damage:?}");
    capture
}

/// Asks of every event whether its session is the one of the person whom it names: a truth
/// that is known from the scenario's data, not from how events are attributed.
fn nothing_crossed(capture: &Capture) -> String {
    let digest = |text: &str| {
        let bytes = Sha256::digest(text.trim().to_lowercase().as_bytes());
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    };
    let persons: BTreeMap<String, u32> = capture
        .sessions
        .iter()
        .map(|start| (digest(&start.persona["email"]), start.session))
        .collect();
    assert_eq!(persons.len(), capture.sessions.len(), "every visitor is somebody else");
    let judged = judgement(capture).expect("judged");
    let events = &judged.tables.events;
    // By listener, so beyond doubt.
    let hits: BTreeMap<&str, u32> = events
        .iter()
        .filter(|event| event.channel == Channel::Browser)
        .filter_map(|event| Some((event.id.as_deref()?, event.session?)))
        .collect();
    let (mut calls, mut named) = (0, 0);
    for event in events {
        let session = event.session;
        assert!(session.is_some(), "#{} belongs to nobody", event.exchange);
        if event.channel == Channel::Server {
            calls += 1;
            let id = event.id.as_deref().expect("the shop gives every event an ID");
            assert_eq!(session, hits.get(id).copied(), "#{} of {id}", event.exchange);
        }
        if let Some(truth) = event.key(MatchKey::Email).and_then(|em| persons.get(em)) {
            named += 1;
            assert_eq!(session, Some(*truth), "#{} names another visitor", event.exchange);
        }
    }
    assert!(named >= capture.sessions.len() * 2, "each purchase names its visitor on both sides");
    format!(
        "{} sessions, {} hits, {calls} calls, {named} of them name the visitor",
        capture.sessions.len(),
        events.len() - calls
    )
}

/// How many sessions were open at the same time, at most.
fn most_open(capture: &Capture) -> usize {
    let mut moments: Vec<(i64, i32)> = capture.sessions.iter().map(|start| (start.at, 1)).collect();
    moments.extend(capture.ends.iter().map(|end| (end.at, -1)));
    moments.sort_unstable();
    let mut open = 0;
    let counts = moments.into_iter().map(|(_, change)| {
        open += change;
        open
    });
    usize::try_from(counts.max().unwrap_or(0)).expect("never below none")
}

fn soak(copies: usize, jobs: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    suite(folder.path(), copies);
    let figures = play(folder.path(), jobs);
    let capture = read(folder.path());
    assert_eq!(capture.sessions.len(), copies);
    assert_eq!(most_open(&capture).min(jobs), jobs, "the sessions did overlap");
    let told = nothing_crossed(&capture);
    let report = report(folder.path());
    for row in report["events"].as_array().expect("a list") {
        // No call lost and none too many: what happened is what came, on either side.
        for side in ["browser", "server", "paired", "counted"] {
            assert_eq!(row[side], row["conversions"], "{side} of {row}");
        }
    }
    let findings: BTreeSet<&str> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|found| found["rule"].as_str())
        .collect();
    assert_eq!(findings, BTreeSet::new());
    eprintln!(
        "soak: {copies} runs, {jobs} at a time: {told}; {:.0} s, {} MiB at most",
        figures.seconds, figures.memory_mib
    );
    if jobs <= 4 {
        assert!(figures.memory_mib < MOST_MEMORY_MIB, "{} MiB", figures.memory_mib);
    }
}

#[test]
fn live_eight_sessions_at_once_lose_nothing_and_mix_nothing_up() {
    if browser() {
        soak(16, 8);
    }
}

#[test]
fn live_four_sessions_take_little_memory() {
    if browser() {
        soak(8, 4);
    }
}

#[test]
#[ignore = "two hundred runs take many minutes: benches/soak.sh"]
fn live_soak_of_many_runs() {
    let number = |name: &str, usual: usize| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    if browser() {
        soak(number("SOAK_RUNS", 200), number("SOAK_JOBS", 8));
    }
}
