//! A report of production logs, and what a run's baseline and identifiers have to say.

use countonce::event::{Channel, MatchKey};
use countonce::report::{
    Accepted, BaselineCheck, Change, ChangeKind, Drift, IdLife, IdValue, LogInput, LogPlace,
    LogReport, OrderFigures, PerChannel, Period, Report, Share,
};

use super::{clean, decided};

/// 2026-03-02 00:00:00 UTC in milliseconds.
const BEGIN: i64 = 1_772_409_600_000;
const HOUR: i64 = 3_600_000;

/// Three days of logs with orders, of which the last lost a match key.
pub(crate) fn logs() -> Report {
    let mut report = clean();
    "logs".clone_into(&mut report.name);
    report.scenarios.clear();
    report.site.clear();
    report.log = Some(log(""));
    decided(report)
}

/// The same with a text of the logs' own in every place.
pub(super) fn log(text: &str) -> LogReport {
    let mut period = Period {
        start: BEGIN,
        events: PerChannel { browser: 1_200, server: 1_100 },
        paired: 900,
        alone: PerChannel { browser: 300, server: 120 },
        repeats: PerChannel { browser: 2, server: 60 },
        unmerged: PerChannel { browser: 0, server: 20 },
        counted: 1_340,
        refused: 12,
        reused: 1,
        values_differ: 3,
        lag: Some([-80, 4_000, 61_000]),
        ..Period::default()
    };
    period.causes.browser.insert(format!("nothing comes near{text}"), 280);
    period.causes.browser.insert("event id in another case".to_owned(), 20);
    period.causes.server.insert(format!("another name{text}"), 120);
    period.coverage.server.insert(MatchKey::Email, Share::new(330, 1_100));
    period.valid.server.insert(MatchKey::Email, Share::new(319, 1_100));
    let at = |start: i64, event: &str, less: u64| Period {
        start,
        event: event.to_owned(),
        paired: period.paired - less,
        ..period.clone()
    };
    let days = (0..3).flat_map(|day| {
        let start = BEGIN + day * 24 * HOUR;
        [at(start, "", day as u64 * 150), at(start, &format!("Purchase{text}"), 500)]
    });
    LogReport {
        warnings: vec![format!("The clocks of both sides are 80 s apart{text}")],
        inputs: vec![LogInput {
            path: format!("hits.ndjson{text}"),
            channel: Some(Channel::Browser),
            form: "ndjson".to_owned(),
            packed: "gzip".to_owned(),
            lines: 1_300,
            events: 1_200,
            foreign: 99,
            bad: 1,
            samples: vec![(7, format!("no JSON{text}"))],
        }],
        span: PerChannel { browser: Some((BEGIN, BEGIN + 71 * HOUR)), server: None },
        pixels: PerChannel {
            browser: [("1234567890".to_owned(), 1_200)].into(),
            server: [(format!("99{text}"), 1_100)].into(),
        },
        whole: period.clone(),
        days: days.collect(),
        hours: (0..72).map(|hour| at(BEGIN + hour * HOUR, "", hour as u64 * 7)).collect(),
        drifts: vec![Drift {
            day: BEGIN + 48 * HOUR,
            event: format!("Purchase{text}"),
            channel: Channel::Server,
            key: MatchKey::Phone,
            from: 0.8,
            to: 0.25,
        }],
        places: [(3, LogPlace { file: format!("hits.ndjson{text}"), line: 9 })].into(),
        sample: Share::new(500, 2_300),
        sampled_every: 4,
        orders: Some(OrderFigures {
            orders: 10,
            once: 8,
            missing: 1,
            more_than_once: 1,
            other_amount: 4,
            without_order: 2,
        }),
        seconds: (1.25, 0.5),
        spilled: true,
        timings: countonce::report::Timings::default(),
    }
}

/// A baseline with something of each kind.
pub(super) fn baseline(text: &str) -> BaselineCheck {
    let entry = |name: &str| Accepted {
        finding: format!("{name}|Purchase|server|Guest checkout|-{text}"),
        reason: format!("ticket 7{text}"),
        expires: Some("2026-01-31".to_owned()),
    };
    BaselineCheck {
        file: format!("reports/baseline.toml{text}"),
        changes: ChangeKind::ALL
            .map(|kind| Change {
                scenario: format!("Guest checkout{text}"),
                event: format!("Purchase{text}"),
                kind,
                what: format!("server key ph{text}"),
            })
            .to_vec(),
        mended: vec![entry("value-mismatch")],
        expired: vec![entry("fbp-mismatch")],
        unplayed: 2,
    }
}

/// A visit with two browser ids, the second out of form.
pub(super) fn lives(text: &str) -> Vec<IdLife> {
    let value = |label: &str, fault: Option<String>| IdValue {
        label: label.to_owned(),
        first: "browser",
        after: 1_250,
        browser: 4,
        server: 2,
        cookie: 0,
        created: Some(BEGIN),
        unit: format!("milliseconds{text}"),
        subdomain_index: Some(1),
        parts: 4,
        library: false,
        mark: String::new(),
        fault,
        landing: String::new(),
    };
    vec![IdLife {
        session: 1,
        scenario: format!("Guest checkout{text}"),
        profile: "clean".to_owned(),
        key: "fbp",
        values: vec![value("a", None), value("b", Some(format!("three parts{text}")))],
    }]
}
