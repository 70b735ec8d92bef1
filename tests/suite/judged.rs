//! What a tape says beside its events and how that is taken into account: attempts that were
//! played again, clocks that were put ahead, variants in a baseline.

use std::path::Path;

use countonce::capture::{Capture, TwistMark, read};
use countonce::gate::{Baseline, Outcome, Policy};
use countonce::report::{Report, Status};
use countonce::run::{conclude, known_rules, settle};

use crate::formats::render;
use crate::tape_builder::{START, Tape, call, hit};

const DAY: i64 = 24 * 60 * 60 * 1_000;

fn captured(tape: Tape) -> Capture {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tape.jsonl");
    tape.write(&path);
    let (capture, damage) = read(&path).expect("a tape");
    assert!(damage.is_none(), "{damage:?}");
    capture
}

fn policy(text: &str) -> Policy {
    Policy::from_file(text, Path::new("policy.toml"), &known_rules()).expect("a policy")
}

fn judged(tape: Tape, policy: &Policy) -> Report {
    conclude(&captured(tape), "test", None, policy).expect("judged")
}

fn rules(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|found| found.finding.rule.as_str()).collect()
}

/// Played twice: the first purchase is the browser's alone, the second one is whole.
fn lost_once() -> Tape {
    let second = |sent: crate::tape_builder::Sent, after: i64| sent.at(1_000_000 + after);
    Tape::new()
        .session(&["Purchase"])
        .send(hit("Purchase", "order-1"))
        .session(&["Purchase"])
        .with(|session| {
            session.scenario = "Guest checkout".to_owned();
            session.attempt = 2;
        })
        .send(second(hit("Purchase", "order-2").in_session(Some(2)), 1_000))
        .send(second(call("Purchase", "order-2").set("/event_time", START / 1000 + 1_001), 1_200))
}

#[test]
fn an_attempt_with_errors_that_passes_when_played_again_is_flaky_and_fails_unless_borne() {
    let report = judged(lost_once(), &policy(""));
    assert_eq!(rules(&report), Vec::<&str>::new());
    let [run] = report.scenarios.as_slice() else { panic!("{:?}", report.scenarios) };
    assert_eq!((run.status, run.attempt), (Status::Passed, 2));
    assert!(run.flaky() && run.wavers());
    let [first] = run.earlier.as_slice() else { panic!("{:?}", run.earlier) };
    assert_eq!(first.status, Status::Failed);
    assert!(first.error.as_deref().is_some_and(|it| it.starts_with("missing-server-event: ")));
    assert_eq!(report.totals().flaky, 1);

    let outcome = |text: &str| judged(lost_once(), &policy(text)).verdict;
    let verdict = report.verdict.clone();
    assert_eq!(verdict.outcome, Outcome::Failed);
    let missed: Vec<&str> = verdict
        .criteria
        .iter()
        .filter(|criterion| !criterion.passed)
        .map(|criterion| criterion.name.as_str())
        .collect();
    assert_eq!(missed, ["flaky"]);
    assert_eq!(outcome("max_flaky = 1").outcome, Outcome::Passed);
    assert_eq!(outcome("max_flaky = 0").outcome, Outcome::Failed);
    // What is no error by the policy was no failed attempt.
    let off = "[rules]\nmissing-server-event = \"off\"\nnot-counted = \"off\"\nlow-dedup-rate = \"off\"\n";
    let borne = judged(lost_once(), &policy(off));
    assert_eq!(borne.scenarios[0].earlier[0].status, Status::Passed, "{:?}", borne.scenarios);
    assert_eq!(borne.verdict.outcome, Outcome::Passed);
}

#[test]
fn junit_shows_the_failed_attempt_of_a_flaky_scenario() {
    let report = judged(lost_once(), &policy("max_flaky = 1"));
    let text = render("junit", &report, 100, false);
    let document = roxmltree::Document::parse(&text).expect("XML");
    let flaky = document.descendants().find(|node| node.has_tag_name("flakyFailure"));
    let flaky = flaky.expect("the first attempt");
    assert!(flaky.attribute("message").is_some_and(|it| it.contains("missing-server-event")));
}

#[test]
fn what_a_baseline_accepts_makes_no_attempt_a_failed_one() {
    let whole = Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1"));
    let accepted = Baseline::of(&judged(whole, &policy("")), None);
    let mut report = judged(lost_once(), &policy(""));
    settle(&mut report, &policy("drift = \"off\""), Some((&accepted, "baseline.toml")));
    assert_eq!(report.scenarios[0].earlier[0].status, Status::Passed);
    assert!(!report.scenarios[0].flaky());
}

#[test]
fn times_of_a_clock_that_was_put_ahead_are_set_back() {
    let tape = |ahead: Option<i64>| {
        let ts = (START + 1_000 + DAY).to_string();
        let mut tape = Tape::new().session(&["Purchase"]).variant("revisit");
        if let Some(ahead) = ahead {
            tape = tape.twist(500, TwistMark::Clock(ahead));
        }
        tape.send(hit("Purchase", "order-1").set("ts", ts)).send(call("Purchase", "order-1"))
    };
    let found = |ahead| {
        let report = judged(tape(ahead), &policy(""));
        rules(&report).contains(&"event-time-skew")
    };
    assert!(found(None), "a day between the halves is a skew");
    assert!(!found(Some(DAY)), "the visitor's clock was a day ahead");
    assert!(found(Some(2 * DAY)), "what is set back is what it was put ahead by");
}

#[test]
fn a_clock_counts_from_where_it_was_moved() {
    let before = (START + 1_000).to_string();
    let tape = Tape::new()
        .session(&["Purchase"])
        .variant("revisit")
        .send(hit("Purchase", "order-1").set("ts", before))
        .send(call("Purchase", "order-1"))
        .twist(2_000, TwistMark::Clock(DAY));
    assert!(!rules(&judged(tape, &policy(""))).contains(&"event-time-skew"));
}

/// The same scenario twice, as written and as a variant or profile; each lost its server event.
fn lost_in_both(change: impl FnOnce(&mut countonce::capture::SessionStart)) -> Tape {
    Tape::new()
        .session(&["Purchase"])
        .send(hit("Purchase", "order-1"))
        .session(&["Purchase"])
        .with(|session| session.scenario = "Guest checkout".to_owned())
        .with(change)
        .send(hit("Purchase", "order-2").in_session(Some(2)).at(1_001_000))
}

#[test]
fn a_baseline_tells_variants_and_profiles_apart() {
    let reload = || lost_in_both(|session| session.variant = "reload".to_owned());
    let phone = || lost_in_both(|session| session.profile = "mobile".to_owned());
    for (tape, title) in [
        (reload as fn() -> Tape, "Guest checkout (reload)"),
        (phone as fn() -> Tape, "Guest checkout (mobile)"),
    ] {
        let report = judged(tape(), &policy(""));
        let mut keys: Vec<String> =
            report.scenarios.iter().map(countonce::report::ScenarioRun::key).collect();
        keys.sort();
        assert_eq!(keys, ["Guest checkout", title]);
        let both = Baseline::of(&report, None);
        let again = Baseline::of(&judged(tape(), &policy("")), Some(&both));
        assert_eq!(both.text(), again.text(), "the same site writes the same file");
        assert!(both.behaviour.contains_key(title), "{:?}", both.behaviour.keys());
        let of = |title: &str| {
            let part = format!("|{title}|");
            both.accepted.keys().filter(|print| print.contains(&part)).count()
        };
        assert!(of("Guest checkout") > 0 && of("Guest checkout") == of(title), "{title}");

        // What is accepted in the flow as written is accepted nowhere else.
        let mut written = both.clone();
        written.accepted.retain(|print, _| !print.contains(&format!("|{title}|")));
        let mut report = judged(tape(), &policy(""));
        settle(&mut report, &policy(""), Some((&written, "baseline.toml")));
        let status =
            |key: &str| report.scenarios.iter().find(|run| run.key() == key).map(|run| run.status);
        assert_eq!(status("Guest checkout"), Some(Status::Passed));
        assert_eq!(status(title), Some(Status::Failed));
    }
}
