//! The ledger on whole tapes: what the platform would count by exact name, across visitors
//! and after refusals, and which copy's value and match keys survive.

use countonce::event::{Channel, MatchKey};
use countonce::gate::Policy;
use countonce::report::{Conversion, EventRow, Report};

use crate::tape_builder::{Sent, Tape, call, hit};

fn judged(tape: Tape) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tape.jsonl");
    tape.write(&path);
    countonce::run::conclude_tape(&path, false, &Policy::default()).expect("judged")
}

fn entries<'a>(report: &'a Report, event: &str) -> Vec<&'a Conversion> {
    report.conversions.iter().filter(|entry| entry.event == event).collect()
}

fn row<'a>(report: &'a Report, event: &str) -> &'a EventRow {
    report.events.iter().find(|row| row.event == event).expect("a row")
}

fn fired(report: &Report, rule: &str) -> bool {
    report.findings.iter().any(|found| found.finding.rule == rule)
}

/// The same half of another visitor.
fn of_second(sent: Sent) -> Sent {
    sent.in_session(Some(2)).at(1_001_000).set("fbp", "fb.1.1772452790111.2200000002")
}

#[test]
fn events_of_two_names_never_merge_though_they_are_one_conversion() {
    let tape = Tape::new()
        .session(&["Purchase"])
        .send(hit("Purchase", "order-1"))
        .send(call("purchase", "order-1"));
    let report = judged(tape);
    let [purchase] = entries(&report, "Purchase")[..] else { panic!("{:?}", report.conversions) };
    assert_eq!((purchase.expected, purchase.counted), (1, 1));
    assert_eq!(purchase.booked[0].merged, 0);
    let [other] = entries(&report, "purchase")[..] else { panic!("{:?}", report.conversions) };
    assert_eq!((other.expected, other.counted, other.kept.as_str()), (0, 1, "server"));
    assert!(fired(&report, "event-name-mismatch") && !fired(&report, "double-counted"));
    let headline = report.headline();
    assert!(headline.contains("1 conversion, and 1 more would be counted"), "{headline}");
}

#[test]
fn an_id_that_two_visitors_share_loses_the_conversion_of_one() {
    let tape = Tape::new()
        .session(&["Purchase"])
        .session(&["Purchase"])
        .send(hit("Purchase", "order-1"))
        .send(of_second(hit("Purchase", "order-1")));
    let report = judged(tape);
    let counted: Vec<u64> =
        entries(&report, "Purchase").iter().map(|entry| entry.counted).collect();
    assert_eq!(counted, [1, 0]);
    let lost = report.findings.iter().find(|found| found.finding.rule == "not-counted");
    let lost = lost.expect("the second visitor's purchase is lost");
    assert_eq!(lost.finding.cause.as_deref(), Some("taken for another visitor's"));
    assert!(!report.headline().contains("counted once"), "{}", report.headline());
}

#[test]
fn a_half_that_is_refused_merges_with_nothing_and_matches_nobody() {
    let tape = Tape::new()
        .session(&["Purchase"])
        .send(hit("Purchase", "order-1"))
        .send(call("Purchase", "order-1").refused(100, Some(2_804_003), "Event Timestamp Too Old"));
    let report = judged(tape);
    let purchase = row(&report, "Purchase");
    assert_eq!((purchase.paired, purchase.paired_refused, purchase.refused), (1, 1, 1));
    assert_eq!(purchase.dedup_rate().ratio(), Some(0.0));
    assert!(purchase.match_quality.is_none(), "nothing was taken that could match");
    assert_eq!(purchase.counted, 1);
    assert!(!fired(&report, "missing-server-event"), "it was sent");
}

#[test]
fn what_must_never_fire_happened_not_once() {
    let tape = Tape::new()
        .session(&["Purchase"])
        .with(|session| session.never = vec!["Lead".into()])
        .pair("Purchase", "order-1")
        .pair("Lead", "lead-1");
    let report = judged(tape);
    let [lead] = entries(&report, "Lead")[..] else { panic!("{:?}", report.conversions) };
    assert_eq!((lead.expected, lead.counted), (0, 1));
    let unexpected =
        report.findings.iter().filter(|found| found.finding.rule == "unexpected-event").count();
    assert_eq!(unexpected, 1);
}

#[test]
fn the_value_and_the_keys_of_the_kept_copy_are_named() {
    let dear = |sent: Sent| sent.set("/custom_data/value", 50.0);
    let tape = Tape::new()
        .session(&["Purchase"])
        .send(hit("Purchase", "order-1").at(1_000))
        .send(dear(call("Purchase", "order-1")).at(2_000));
    let report = judged(tape);
    let kept = &entries(&report, "Purchase")[0].booked[0];
    assert_eq!((kept.channel, kept.value, kept.merged), (Channel::Browser, Some(42.0), 1));
    assert!(kept.keys.contains(&MatchKey::BrowserId));
    // Six minutes after the server's, the browser's copy comes too late to be preferred.
    let late = Tape::new()
        .session(&["Purchase"])
        .send(dear(call("Purchase", "order-1")).at(2_000))
        .send(hit("Purchase", "order-1").at(362_001));
    let report = judged(late);
    let kept = &entries(&report, "Purchase")[0].booked[0];
    assert_eq!((kept.channel, kept.value), (Channel::Server, Some(50.0)));
}
