//! What a JSON report loses when it is read back: nothing but the pictures and the sender's
//! looks.

use std::path::Path;

use countonce::format::{find, read};
use countonce::gate::{Policy, Preset};
use countonce::report::{Pictures, Report};
use countonce::run::{conclude_tape, known_rules};
use serde_json::Value;

use super::sample;

fn json(report: &Report) -> String {
    let format = find("json").expect("a format");
    (format.render)(report, &countonce::format::Look::default())
}

/// The report as it comes back, with the figures as they are stored (four decimals).
#[track_caller]
fn comes_back(report: &Report) {
    let text = json(report);
    let back = read(&text).expect("our own report");
    let (first, second): (Value, Value) = (
        serde_json::from_str(&text).expect("JSON"),
        serde_json::from_str(&json(&back)).expect("JSON"),
    );
    for (key, value) in first.as_object().expect("an object") {
        assert_eq!(&second[key], value, "{}: {key}", report.name);
    }
    // Every other format shows the same of both, but for what is not stored.
    let bare = Report { pictures: Pictures::new(), brand: None, ..report.clone() };
    for name in ["html", "markdown", "terminal", "junit", "sarif", "gitlab", "github", "tap", "csv"]
    {
        let format = find(name).expect(name);
        let look = countonce::format::Look::default();
        assert!((format.render)(&back, &look) == (format.render)(&bare, &look), "{name} differs");
    }
}

#[test]
fn a_recorded_run_comes_back_whole() {
    let tape = Path::new("reports/sample/tape.jsonl");
    let policy = Policy::new(Preset::Strict, &known_rules());
    comes_back(&conclude_tape(tape, false, &policy).expect("judged"));
}

#[test]
fn runs_with_visitors_and_twists_come_back_whole() {
    for report in [sample::clean(), sample::faulty(), sample::broken(), sample::matrix()] {
        comes_back(&report);
    }
}

#[test]
fn production_logs_come_back_whole() {
    comes_back(&sample::logs());
}
