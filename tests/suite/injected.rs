//! Faults that a scenario asked of the server tap: the rules see what a client makes of
//! them, and never blame the site for the fault itself.

use std::collections::BTreeSet;

use countonce::capture::{self, Answer, Capture};
use countonce::event::{FaultAnswer, Injected, Place, ServerFault};
use countonce::gate::{Policy, Preset};
use countonce::run::{conclude, judgement, known_rules};
use serde_json::json;

use crate::tape_builder::{Tape, call, hit};

/// The capture of a tape whose first call was met by a fault.
fn met(tape: Tape, answer: FaultAnswer, entry: Option<u32>) -> Capture {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tape.jsonl");
    tape.write(&path);
    let (mut capture, _) = capture::read(&path).expect("a tape");
    let first = capture.exchanges.iter_mut().find(|one| one.request.method == "POST");
    let first = first.expect("a call");
    first.injected = Some(Injected { answer, entry, session: 1, line: 9 });
    let refusal = |status, code| {
        let error = json!({ "error": { "message": "m", "code": code, "error_user_title": "t" } });
        Answer::new(status, "application/json", error.to_string())
    };
    match answer {
        FaultAnswer::Slow => {}
        FaultAnswer::Timeout | FaultAnswer::Reset => {
            first.answer = Answer { status: 0, headers: vec![], body: vec![] };
        }
        FaultAnswer::Unauthorized => first.answer = refusal(401, 190),
        FaultAnswer::TooMany => first.answer = refusal(429, 4),
        FaultAnswer::Failing => first.answer = refusal(500, 2),
        FaultAnswer::BadRequest | FaultAnswer::BadEvent => first.answer = refusal(400, 100),
    }
    capture
}

fn fired(capture: &Capture) -> BTreeSet<String> {
    judgement(capture).expect("judged").findings.iter().map(|found| found.rule.clone()).collect()
}

fn bought() -> Tape {
    Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1"))
}

/// What the same tape shows without any fault, so that only the difference is asked for.
fn usual() -> BTreeSet<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tape.jsonl");
    bought().send(call("Purchase", "order-1")).write(&path);
    fired(&capture::read(&path).expect("a tape").0)
}

fn added(tape: Tape, answer: FaultAnswer) -> Vec<String> {
    fired(&met(tape, answer, None)).difference(&usual()).cloned().collect()
}

#[test]
fn a_call_that_is_tried_again_as_it_was_is_no_fault() {
    for (answer, word, _) in FaultAnswer::ALL {
        let tape =
            bought().send(call("Purchase", "order-1")).send(call("Purchase", "order-1").at(3_000));
        assert_eq!(added(tape, *answer), Vec::<String>::new(), "{word}");
    }
}

#[test]
fn a_call_that_is_tried_under_a_new_id_is_one() {
    for (answer, word, _) in FaultAnswer::ALL.iter().filter(|(answer, ..)| answer.is_passing()) {
        let tape =
            bought().send(call("Purchase", "order-1")).send(call("Purchase", "other-9").at(3_000));
        assert!(added(tape, *answer).iter().any(|rule| rule == "retry-not-idempotent"), "{word}");
    }
    // A late answer was a good one: the second try counts beside the first.
    let tape =
        bought().send(call("Purchase", "order-1")).send(call("Purchase", "other-9").at(3_000));
    assert!(added(tape, FaultAnswer::Slow).iter().any(|rule| rule == "double-counted"));
}

#[test]
fn a_client_that_gives_up_is_blamed_only_where_trying_again_would_have_helped() {
    for (answer, word, _) in FaultAnswer::ALL {
        let rules = added(bought().send(call("Purchase", "order-1")), *answer);
        let lost = rules.iter().any(|rule| rule == "partial-batch-lost");
        assert_eq!(lost, answer.is_passing(), "{word}: {rules:?}");
        assert!(!rules.iter().any(|rule| rule == "rejected-request"), "{word}");
        if !answer.is_passing() {
            assert_eq!(rules, Vec::<String>::new(), "{word}");
        }
    }
}

#[test]
fn what_shared_a_batch_with_the_bad_event_must_come_again() {
    let batch = || {
        bought()
            .session(&["Purchase", "Lead"])
            .send(hit("Lead", "lead-1"))
            .send(call("Purchase", "order-1").and(call("Lead", "lead-1")))
    };
    let bad = FaultAnswer::BadEvent;
    let lost = fired(&met(batch(), bad, Some(0)));
    assert!(lost.contains("partial-batch-lost") && !lost.contains("rejected-request"), "{lost:?}");
    let saved = fired(&met(batch().send(call("Lead", "lead-1").at(3_000)), bad, Some(0)));
    assert!(!saved.contains("partial-batch-lost"), "{saved:?}");
}

#[test]
fn a_report_says_what_was_done_on_purpose_and_what_could_not_be() {
    let fault = |answer, line| ServerFault {
        answer,
        event: None,
        first: 1,
        last: 1,
        delay: None,
        place: Place { line, column: 5 },
    };
    let faults = vec![fault(FaultAnswer::Reset, 9), fault(FaultAnswer::Slow, 11)];
    let tape = bought()
        .with(|session| session.server_faults = faults)
        .send(call("Purchase", "order-1"))
        .send(call("Purchase", "order-1").at(3_000));
    let capture = met(tape, FaultAnswer::Reset, None);
    let policy = Policy::new(Preset::Recommended, &known_rules());
    let report = conclude(&capture, "test", None, &policy).expect("a report");
    let said = report.limits.join("\n");
    assert!(said.contains("One call was met by the server fault `reset` on purpose"), "{said}");
    assert!(said.contains("`slow` of ") && said.contains(":11 met no call"), "{said}");
    assert!(!said.contains(":9 met no call"), "{said}");
}
