//! The shards of a suite as one run: merged they say what the whole suite says, and what
//! does not add up to a suite is refused.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::{Said, countonce};
use crate::demo::{browser, report, show};
use crate::tape_builder::{Tape, call, hit};

/// Digest of the names of a suite's units.
const SUITE: &str = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";

/// Adds a visitor: number of the scenario, number of the order in its own shop, and what of
/// the purchase comes.
fn visitor(tape: Tape, scenario: u32, order: u32, server: bool, hits: usize) -> Tape {
    let place = i64::from(order - 1) * 1_000_000;
    let id = format!("order-{order}");
    let fbp = format!("fb.1.1772452790000.{}", 1_098_115_000 + scenario);
    let mut tape = tape.session(&["Purchase"]).with(|session| {
        session.scenario = format!("Checkout {scenario}");
        session.file = format!("scenarios/checkout-{scenario}.yaml");
    });
    for copy in 0..hits {
        let hit = hit("Purchase", &id).in_session(Some(order)).set("fbp", fbp.as_str());
        tape = tape.send(hit.at(place + 1_000 + 500 * copy as i64));
    }
    if server {
        let call = call("Purchase", &id).set("/user_data/fbp", fbp.as_str());
        let seconds = (crate::tape_builder::START + place) / 1_000 + 1;
        tape = tape.send(call.set("/event_time", seconds).at(place + 1_200));
    }
    tape
}

/// What of each scenario's purchase comes: the call, and how many hits.
const SENT: [(bool, usize); 4] = [(true, 1), (false, 1), (true, 2), (true, 1)];

/// The tape of these scenarios, played in this order against one shop.
fn tape(scenarios: &[u32]) -> Tape {
    (1..).zip(scenarios).fold(Tape::new(), |tape, (order, scenario)| {
        let (server, hits) = SENT[*scenario as usize - 1];
        visitor(tape, *scenario, order, server, hits)
    })
}

fn written(folder: &Path, name: &str, tape: Tape) -> String {
    let path: PathBuf = folder.join(name).join("tape.jsonl");
    tape.write(&path);
    path.parent().expect("a folder").to_string_lossy().into_owned()
}

/// What a report says of a suite, without numbers and times of a run.
fn said(report: &Value) -> Value {
    let list = |name: &str, fields: &[&str]| -> Vec<Value> {
        let entries = report[name].as_array().expect("a list");
        let mut entries: Vec<Value> = entries
            .iter()
            .map(|entry| fields.iter().map(|field| (*field, entry[*field].clone())).collect())
            .map(|fields: Vec<(&str, Value)>| json!(fields))
            .collect();
        entries.sort_by_key(Value::to_string);
        entries
    };
    let event =
        ["event", "conversions", "browser", "server", "paired", "browser_only", "server_only"];
    let more = ["duplicates", "counted", "coverage"];
    json!({
        "verdict": report["verdict"],
        "events": list("events", &[&event[..], &more[..]].concat()),
        "findings": list("findings", &["rule", "severity", "event", "channel", "scenario", "count"]),
        "conversions": list("conversions", &["scenario", "event", "counted", "expected", "kept"]),
        "scenarios": list("scenarios", &["name", "profile", "variant", "status"]),
        "defects": report["defects"].as_array().map(Vec::len),
    })
}

fn merged(folder: &Path, runs: &[&str]) -> Said {
    countonce(folder, &[&["merge"], runs].concat())
}

#[test]
fn merged_shards_say_what_the_whole_suite_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = written(folder.path(), "whole", tape(&[1, 2, 3, 4]));
    let judged = countonce(folder.path(), &["check", &format!("{whole}/tape.jsonl")]);
    assert_eq!(judged.code, 1, "{}", show(&judged));
    let of_whole = said(&report(folder.path()));
    assert!(of_whole["findings"].as_array().is_some_and(|list| list.len() >= 2), "{of_whole}");

    // Each shard had a shop of its own, so both have an order 1 and an order 2.
    let one = written(folder.path(), "one", tape(&[1, 3]).shard(1, 2, SUITE));
    let two = written(folder.path(), "two", tape(&[2, 4]).shard(2, 2, SUITE));
    for runs in [[&one, &two], [&two, &one]] {
        let together = merged(folder.path(), &[runs[0], runs[1]]);
        assert_eq!(together.code, 1, "{}", show(&together));
        let report = report(folder.path());
        assert_eq!(said(&report), of_whole);
        assert!(!report["limits"].to_string().contains("shard"), "{}", report["limits"]);
    }
    // The merged tape is one as any other.
    let tape = folder.path().join("reports/latest/tape.jsonl");
    let again = countonce(folder.path(), &["check", &tape.to_string_lossy()]);
    assert_eq!(again.code, 1, "{}", show(&again));
    assert_eq!(said(&report(folder.path())), of_whole);
}

#[test]
fn what_a_tap_met_with_stands_on_the_merged_tape() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().expect("a folder");
    let one = written(folder.path(), "one", tape(&[1, 3]).shard(1, 2, SUITE));
    let two = written(folder.path(), "two", tape(&[2, 4]).shard(2, 2, SUITE));
    let trouble = r#"{"kind":"trouble","channel":"server","what":"a client refused the certificate","distrust":true}"#;
    let file = Path::new(&two).join("tape.jsonl");
    let mut file = std::fs::OpenOptions::new().append(true).open(file).expect("opened");
    writeln!(file, "{trouble}").expect("written");
    let together = merged(folder.path(), &[&one, &two]);
    assert_eq!(together.code, 1, "{}", show(&together));
    let limits = report(folder.path())["limits"].to_string();
    assert!(limits.contains("a client refused the certificate"), "{limits}");
}

#[test]
fn a_suite_with_a_missing_shard_is_judged_only_when_asked_to_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = written(folder.path(), "one", tape(&[1]).shard(1, 3, SUITE));
    let three = written(folder.path(), "three", tape(&[4]).shard(3, 3, SUITE));
    let refused = merged(folder.path(), &[&one, &three]);
    assert_eq!(refused.code, 2, "{}", show(&refused));
    assert!(refused.err.contains("shard 2/3 is missing"), "{}", refused.err);
    assert!(refused.err.contains("--partial"), "{}", refused.err);
    assert!(!folder.path().join("reports").exists(), "nothing is left of a refused merge");
    let partial = merged(folder.path(), &[&one, &three, "--partial"]);
    assert_eq!(partial.code, 0, "{}", show(&partial));
    let limits = report(folder.path())["limits"].to_string();
    assert!(limits.contains("of its 3 shards, number 2 is not among it"), "{limits}");
}

#[test]
fn runs_that_do_not_add_up_are_refused_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let make = |name: &str, tape: Tape| written(folder.path(), name, tape);
    let one = make("one", tape(&[1, 3]).shard(1, 2, SUITE));
    let again = make("again", tape(&[1]).shard(1, 2, SUITE));
    let other = make("other", tape(&[2, 4]).shard(2, 2, &SUITE.replace('5', "6")));
    let third = make("third", tape(&[2]).shard(2, 3, SUITE));
    let whole = make("whole", tape(&[1, 2, 3, 4]));
    let nothing = folder.path().join("nothing").to_string_lossy().into_owned();
    let empty = folder.path().join("empty.jsonl").to_string_lossy().into_owned();
    let report = folder.path().join("report.json").to_string_lossy().into_owned();
    std::fs::write(&empty, "").expect("written");
    std::fs::write(&report, "{\"format\": 1}\n").expect("written");
    let cases: &[(&[&str], &[&str])] = &[
        (&[&one, &again], &["one and", "again are both shard 1/2", "leave one of them out"]),
        (&[&one, &one], &["are the same run", "give it once"]),
        (&[&whole, &whole], &["are the same run"]),
        (&[&one, &other], &["shards of different suites", "same scenarios"]),
        (&[&one, &third], &["shard 1/2", "shard 2/3", "split differently"]),
        (&[&one, &whole], &["whole is no shard", "merge the shards alone"]),
        (&[&one, &nothing], &["nothing", "No such file"]),
        (&[&empty], &["empty.jsonl:1:1: not a countonce tape", "the file is empty"]),
        (&[&report], &["report.json:1:1: not a countonce tape", "countonce run"]),
    ];
    for (runs, told) in cases {
        let said = merged(folder.path(), runs);
        assert_eq!(said.code, 2, "{runs:?}: {}", show(&said));
        for part in *told {
            assert!(said.err.contains(part), "{runs:?}: no `{part}` in:\n{}", said.err);
        }
        assert!(!folder.path().join("reports").exists(), "{runs:?} left something");
    }
}

#[test]
fn a_merged_run_and_a_damaged_one_are_no_parts() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = written(folder.path(), "one", tape(&[1, 3]).shard(1, 2, SUITE));
    let two = written(folder.path(), "two", tape(&[2, 4]).shard(2, 2, SUITE));
    assert_eq!(merged(folder.path(), &[&one, &two]).code, 1);
    let latest = folder.path().join("reports/latest").to_string_lossy().into_owned();
    let twice = merged(folder.path(), &[&latest, &one]);
    assert_eq!(twice.code, 2, "{}", show(&twice));
    assert!(twice.err.contains("is a merged run; merge its parts"), "{}", twice.err);

    let file = Path::new(&two).join("tape.jsonl");
    let text = std::fs::read_to_string(&file).expect("text");
    std::fs::write(&file, &text[..text.len() - 40]).expect("written");
    let damaged = merged(folder.path(), &[&one, &two]);
    assert_eq!(damaged.code, 2, "{}", show(&damaged));
    assert!(
        damaged.err.contains("tape.jsonl:") && damaged.err.contains("--partial"),
        "{}",
        damaged.err
    );
    let partial = merged(folder.path(), &[&one, &two, "--partial"]);
    assert_eq!(partial.code, 1, "{}", show(&partial));
    let limits = report(folder.path())["limits"].to_string();
    assert!(limits.contains("cut off"), "{limits}");
}

#[test]
fn live_a_suite_played_in_shards_and_merged_is_the_suite_played_at_once() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = include_str!("../../scenarios/guest-checkout.yaml");
    for number in 1..=3 {
        let name = format!("name: Guest checkout {number}");
        let text = scenario.replace("name: Guest checkout", &name);
        std::fs::write(folder.path().join(format!("checkout-{number}.yaml")), text)
            .expect("written");
    }
    let play = |out: &str, more: &[&str]| {
        let words = ["run", ".", "--site", "demo", "--out", out];
        let said = countonce(folder.path(), &[&words[..], more].concat());
        assert_eq!(said.code, 0, "{}", show(&said));
    };
    play("reports", &[]);
    let at_once = said(&report(folder.path()));
    play("shards/one", &["--shard", "1/2"]);
    play("shards/two", &["--shard", "2/2"]);
    let (one, two) = ("shards/one/latest", "shards/two/latest");
    let alone = merged(folder.path(), &[one]);
    assert_eq!(alone.code, 2, "{}", show(&alone));
    let together = merged(folder.path(), &[one, two]);
    assert_eq!(together.code, 0, "{}", show(&together));
    assert_eq!(said(&report(folder.path())), at_once);
}
