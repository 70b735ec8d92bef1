//! The baseline of a site is the same file whatever the chance order of a run: sessions that
//! overlap otherwise, hits and calls that come in another order, other event ids.

use std::collections::BTreeMap;
use std::path::Path;

use countonce::gate::{Baseline, Policy, Preset};
use countonce::run::{conclude_tape, known_rules};
use serde_json::Value;

/// As many as the promise names.
const RUNS: u64 = 20;
/// How far a hit or a call may be from its time in another run, milliseconds (assumed: what
/// a busy machine does to requests on loopback).
const JITTER: i64 = 120;

/// A generator without a dependency (splitmix64), so that each run has its own fixed order.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }

    fn jitter(&mut self) -> i64 {
        self.below(2 * JITTER as usize + 1) as i64 - JITTER
    }

    /// Another event id of the same form.
    fn uuid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }
}

/// The tape of the shipped sample as another run of the same shop might have written it.
fn another_run(tape: &str, seed: u64) -> String {
    let mut chance = Chance(seed);
    let uuid =
        regex::Regex::new("(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").expect("a pattern");
    let mut fresh: BTreeMap<String, String> = BTreeMap::new();
    let renamed = uuid.replace_all(tape, |found: &regex::Captures<'_>| {
        let id = &found[0];
        let new = fresh.entry(id.to_lowercase()).or_insert_with(|| chance.uuid()).clone();
        if id.contains(|c: char| c.is_ascii_uppercase()) { new.to_uppercase() } else { new }
    });
    let mut lines: Vec<Value> =
        renamed.lines().map(|line| serde_json::from_str(line).expect("a line")).collect();
    let opening = lines.remove(0);
    let end = lines.pop().expect("an end");

    let sessions: Vec<u64> = lines
        .iter()
        .filter(|line| line["kind"] == "session")
        .filter_map(|line| line["session"].as_u64())
        .collect();
    let mut numbers = sessions.clone();
    chance.shuffle(&mut numbers);
    let number: BTreeMap<u64, u64> = sessions.into_iter().zip(numbers).collect();

    let mut exchanges = Vec::new();
    let mut begins = Vec::new();
    let mut ends = Vec::new();
    let mut others = Vec::new();
    for mut line in lines {
        if let Some(session) = line["session"].as_u64() {
            line["session"] = number[&session].into();
        }
        for time in ["millis", "browser_millis"] {
            if let Some(millis) = line[time].as_i64() {
                line[time] = (millis + chance.jitter()).max(1).into();
            }
        }
        match line["kind"].as_str() {
            Some("session") => begins.push(line),
            Some("session-end") => ends.push(line),
            Some("exchange") => {
                let at = line["at"].as_i64().expect("a time") + chance.jitter();
                line["at"] = at.into();
                exchanges.push(line);
            }
            _ => others.push(line),
        }
    }
    chance.shuffle(&mut begins);
    chance.shuffle(&mut ends);
    exchanges.sort_by_key(|line| line["at"].as_i64());
    for (line, count) in exchanges.iter_mut().zip(1_u64..) {
        line["number"] = count.into();
    }
    // Steps and exchanges of the sessions that ran at the same time mix as they will.
    let mut rest = others.into_iter().peekable();
    let mut mixed = Vec::new();
    for exchange in exchanges {
        while rest.peek().is_some() && chance.below(2) == 0 {
            mixed.extend(rest.next());
        }
        mixed.push(exchange);
    }
    mixed.extend(rest);
    let all = [vec![opening], begins, mixed, ends, vec![end]].concat();
    all.iter().map(|line| format!("{line}\n")).collect()
}

fn baseline(tape: &Path) -> String {
    let policy = Policy::new(Preset::Strict, &known_rules());
    let report = conclude_tape(tape, false, &policy).expect("judged");
    Baseline::of(&report, None).text()
}

#[test]
fn twenty_runs_of_one_shop_in_any_order_write_the_same_file_byte_for_byte() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/sample/tape.jsonl");
    let tape = std::fs::read_to_string(&sample).expect("the shipped tape");
    let first = baseline(&sample);
    assert!(first.matches("[[accepted]]").count() > 5, "it has something to hold on to: {first}");
    assert!(first.matches("[behaviour.").count() > 10, "{first}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tape.jsonl");
    let mut orders = std::collections::BTreeSet::new();
    for seed in 1..=RUNS {
        let other = another_run(&tape, seed);
        let order: Vec<&str> = other.lines().filter(|line| line.contains("\"exchange\"")).collect();
        assert!(orders.insert(order.join("\n")), "run {seed} has an order of its own");
        std::fs::write(&path, &other).expect("written");
        similar(&first, &baseline(&path), seed);
    }
}

#[track_caller]
fn similar(first: &str, other: &str, seed: u64) {
    if first == other {
        return;
    }
    let missing: Vec<&str> = first.lines().filter(|line| !other.contains(line)).collect();
    let added: Vec<&str> = other.lines().filter(|line| !first.contains(line)).collect();
    panic!("run {seed} wrote another file: without {missing:#?}, with {added:#?}");
}
