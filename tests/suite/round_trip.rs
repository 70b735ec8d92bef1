//! What a JSON report loses when it is read back: nothing but the pictures and the sender's
//! looks.

use std::path::Path;

use countonce::event::{Channel, MatchKey};
use countonce::format::{find, read};
use countonce::gate::{Policy, Preset};
use countonce::report::{
    Drift, LogInput, LogPlace, LogReport, OrderFigures, PerChannel, Period, Pictures, Report, Share,
};
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
    let mut period = Period {
        start: 1_772_409_600_000,
        event: "Purchase".to_owned(),
        events: PerChannel { browser: 120, server: 100 },
        paired: 90,
        alone: PerChannel { browser: 30, server: 10 },
        counted: 130,
        refused: 2,
        reused: 1,
        values_differ: 3,
        lag: Some([800, 4_000, 61_000]),
        ..Period::default()
    };
    period.causes.browser.insert("not sent".to_owned(), 30);
    period.coverage.server.insert(MatchKey::Email, Share::new(33, 100));
    period.valid.server.insert(MatchKey::Email, Share::new(32, 100));
    let log = LogReport {
        warnings: vec!["the clocks differ".to_owned()],
        inputs: vec![LogInput {
            path: "hits.ndjson".to_owned(),
            channel: Some(Channel::Browser),
            form: "ndjson".to_owned(),
            lines: 130,
            events: 120,
            bad: 1,
            samples: vec![(7, "no JSON".to_owned())],
            ..LogInput::default()
        }],
        span: PerChannel { browser: Some((1, 2)), server: None },
        whole: period.clone(),
        days: vec![period.clone()],
        hours: vec![period],
        drifts: vec![Drift {
            day: 1_772_409_600_000,
            event: "Purchase".to_owned(),
            channel: Channel::Server,
            key: MatchKey::Phone,
            from: 0.8,
            to: 0.25,
        }],
        places: [(3, LogPlace { file: "hits.ndjson".to_owned(), line: 9 })].into(),
        sample: Share::new(5, 220),
        sampled_every: 4,
        orders: Some(OrderFigures {
            orders: 10,
            once: 8,
            missing: 1,
            more_than_once: 1,
            without_order: 2,
        }),
        seconds: (1.25, 0.5),
        spilled: true,
        ..LogReport::default()
    };
    comes_back(&Report { log: Some(log), ..sample::clean() });
}
