//! One small month in every form of log: the figures are the same in each.
//!
//! The month has pairs, copies, lone events of both sides and an event without an id; its
//! figures are written here by hand.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countonce::report::Report;
use polars::prelude::{Column, DataFrame, ParquetWriter};
use serde_json::{Value, json};

use super::{FactsOut, figures, plan, run};

pub(super) const PIXEL: &str = "1234567890123456";
pub(super) const START: i64 = 1_772_452_800_000;
const DIGEST: &str = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f";
pub(super) const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

/// One event: name, id, when it arrived, and value where it is a purchase.
pub(super) struct Told {
    pub(super) name: &'static str,
    pub(super) id: &'static str,
    pub(super) at: i64,
    pub(super) value: f64,
}

pub(super) fn told(
    name: &'static str,
    id: &'static str,
    minute: i64,
    millis: i64,
    value: f64,
) -> Told {
    Told { name, id, at: START + minute * 60_000 + millis, value }
}

pub(super) fn browser() -> Vec<Told> {
    vec![
        told("Purchase", "o-1001", 0, 100, 42.5),
        told("Purchase", "o-1002", 20, 100, 10.25),
        told("Purchase", "o-1002", 20, 900, 10.25),
        told("Purchase", "o-1003", 40, 100, 7.75),
        told("AddToCart", "a-1", 60, 100, 5.25),
    ]
}

pub(super) fn server() -> Vec<Told> {
    vec![
        told("Purchase", "o-1001", 0, 1_100, 42.5),
        told("Purchase", "o-1002", 20, 1_100, 10.25),
        told("AddToCart", "a-1", 60, 1_100, 5.25),
        told("Lead", "l-1", 80, 1_100, 1.5),
        told("Lead", "l-2", 100, 1_100, 1.5),
    ]
}

/// Browser, server, paired, refused, counted, and lone events with copies.
pub(super) fn expected() -> Vec<(String, [u64; 6])> {
    vec![
        ("AddToCart".to_owned(), [1, 1, 1, 0, 1, 0]),
        ("Lead".to_owned(), [0, 2, 0, 0, 2, 2]),
        ("Purchase".to_owned(), [4, 2, 2, 0, 3, 2]),
    ]
}

/// The event as the API takes it.
fn event(told: &Told, server: bool) -> Value {
    let mut event = json!({
        "event_name": told.name,
        "event_time": told.at / 1000,
        "event_id": told.id,
        "event_source_url": "https://shop.test/thanks",
        "user_data": { "em": [DIGEST] },
        "custom_data": {
            "value": told.value, "currency": "USD", "content_type": "product",
            "content_ids": ["mug"], "contents": [{ "id": "mug", "quantity": 1 }],
        },
    });
    if server {
        event["action_source"] = "website".into();
        event["user_data"]["client_ip_address"] = "73.162.41.9".into();
        event["user_data"]["client_user_agent"] = AGENT.into();
    }
    event
}

/// The hit as the pixel sends it.
pub(super) fn hit(told: &Told) -> String {
    let contents = r#"[{"id":"mug","quantity":1}]"#;
    url::form_urlencoded::Serializer::new("https://www.facebook.com/tr/?".to_owned())
        .extend_pairs([
            ("id", PIXEL),
            ("ev", told.name),
            ("dl", "https://shop.test/thanks"),
            ("rl", ""),
            ("if", "false"),
            ("ts", &told.at.to_string()),
            ("cd[value]", &told.value.to_string()),
            ("cd[currency]", "USD"),
            ("cd[content_type]", "product"),
            ("cd[content_ids]", r#"["mug"]"#),
            ("cd[contents]", contents),
            ("ud[em]", DIGEST),
            ("eid", told.id),
            ("rqm", "GET"),
        ])
        .finish()
}

/// Lines of one side, each made of an event.
pub(super) fn lines(side: &[Told], of: impl Fn(&Told) -> String) -> String {
    side.iter().map(|told| of(told) + "\n").collect()
}

pub(super) fn flat(side: &[Told], server: bool) -> String {
    lines(side, |told| {
        let mut line = event(told, server);
        line["received_at"] = told.at.into();
        line["pixel_id"] = PIXEL.into();
        line.to_string()
    })
}

/// One file of a form.
#[derive(Clone)]
pub(super) struct Log {
    name: &'static str,
    text: Vec<u8>,
}

pub(super) fn log(name: &'static str, text: impl Into<Vec<u8>>) -> Log {
    Log { name, text: text.into() }
}

pub(super) fn put(folder: &Path, log: &Log) -> PathBuf {
    let path = folder.join(log.name);
    std::fs::write(&path, &log.text).expect("written");
    path
}

pub(super) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text).expect("packed");
    packer.finish().expect("packed")
}

/// Audits both files, expects the figures and that each was taken for that form.
#[track_caller]
pub(super) fn assert_same(browser: &Log, server: &Log, form: [&str; 2]) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let (left, right) = (put(folder.path(), browser), put(folder.path(), server));
    let report = run(&plan(&[left], &[right], &[])).expect("audited");
    assert_report(&report);
    let log = report.log.as_ref().expect("a log");
    let forms: Vec<&str> = log.inputs.iter().map(|input| input.form.as_str()).collect();
    assert_eq!(forms, form);
    report
}

#[track_caller]
pub(super) fn assert_report(report: &Report) {
    let log = report.log.as_ref().expect("a log");
    let bad: Vec<_> = log.inputs.iter().flat_map(|input| &input.samples).collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(figures(report), expected());
    assert_eq!(log.whole.paired, 3);
    assert_eq!(log.whole.counted, 6);
    assert_eq!(log.whole.lag, Some([1_000; 3]), "arrivals are those of the log");
    let rules: Vec<&str> =
        report.findings.iter().map(|found| found.finding.rule.as_str()).collect();
    for rule in ["access-token-in-browser", "unreadable-payload", "pixel-id-mismatch"] {
        assert!(!rules.contains(&rule), "{rules:?}");
    }
    // Facts hold no values of match keys, by which that rule tells copies apart.
    let from_facts = log.inputs.iter().any(|input| input.form == "facts");
    assert_eq!(rules.contains(&"duplicate-browser-event"), !from_facts, "{rules:?}");
    assert!(rules.contains(&"missing-server-event"), "{rules:?}");
}

#[test]
fn events_a_line_count_the_same_in_every_envelope() {
    let plain = |side: &[Told], server| flat(side, server);
    let inside = |side: &[Told], server: bool| {
        lines(side, |told| {
            let line = json!({
                "received_at": told.at, "pixel_id": PIXEL, "status": 200,
                "event": event(told, server),
            });
            line.to_string()
        })
    };
    let text_inside = |side: &[Told], server: bool| {
        lines(side, |told| {
            let line = json!({
                "@timestamp": told.at as f64 / 1000.0, "pixel": PIXEL,
                "message": event(told, server).to_string(),
            });
            line.to_string()
        })
    };
    let shapes: [&dyn Fn(&[Told], bool) -> String; 3] = [&plain, &inside, &text_inside];
    for shape in shapes {
        assert_same(
            &log("b.ndjson", shape(&browser(), false)),
            &log("s.ndjson", shape(&server(), true)),
            ["ndjson", "ndjson"],
        );
    }
}

#[test]
fn whole_bodies_count_the_same_in_all_three_shapes_of_data() {
    let shapes: [fn(&[Value]) -> Value; 3] = [
        |events| Value::from(events.to_vec()),
        |events| events.iter().map(Value::to_string).collect::<Vec<String>>().into(),
        |events| Value::from(Value::from(events.to_vec()).to_string()),
    ];
    for shape in shapes {
        let line = |told: &Told| {
            let data = shape(&[event(told, true)]);
            json!({ "time": told.at, "pixel": PIXEL, "data": data }).to_string()
        };
        let posted = |told: &Told| {
            let body = json!({ "data": shape(&[event(told, true)]) }).to_string();
            let url = format!("https://graph.facebook.com/v26.0/{PIXEL}/events");
            json!({ "time": told.at, "url": url, "method": "POST", "body": body }).to_string()
        };
        let side = log("b.ndjson", flat(&browser(), false));
        for text in [lines(&server(), line), lines(&server(), posted)] {
            assert_same(&side, &log("s.ndjson", text), ["ndjson", "ndjson"]);
        }
    }
}

/// Columns as a warehouse exports them.
fn columns(side: &[Told], server: bool) -> Vec<(&'static str, Vec<String>)> {
    let all = |of: &dyn Fn(&Told) -> String| side.iter().map(of).collect::<Vec<String>>();
    let mut columns = vec![
        ("received_at", all(&|told| told.at.to_string())),
        ("pixel_id", all(&|_| PIXEL.to_owned())),
        ("event_name", all(&|told| told.name.to_owned())),
        ("event_time", all(&|told| (told.at / 1000).to_string())),
        ("event_id", all(&|told| told.id.to_owned())),
        ("event_source_url", all(&|_| "https://shop.test/thanks".to_owned())),
        ("user_data.em", all(&|_| DIGEST.to_owned())),
        ("value", all(&|told| told.value.to_string())),
        ("currency", all(&|_| "USD".to_owned())),
        ("content_type", all(&|_| "product".to_owned())),
        ("content_ids", all(&|_| r#"["mug"]"#.to_owned())),
        ("contents", all(&|_| r#"[{"id":"mug","quantity":1}]"#.to_owned())),
    ];
    if server {
        columns.push(("action_source", all(&|_| "website".to_owned())));
        columns.push(("client_ip_address", all(&|_| "73.162.41.9".to_owned())));
        columns.push(("client_user_agent", all(&|_| AGENT.to_owned())));
    }
    columns
}

fn csv(side: &[Told], server: bool, separator: u8) -> Vec<u8> {
    let columns = columns(side, server);
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
    writer.write_record(columns.iter().map(|(name, _)| name)).expect("written");
    for row in 0..side.len() {
        writer.write_record(columns.iter().map(|(_, values)| &values[row])).expect("written");
    }
    writer.into_inner().expect("written")
}

#[test]
fn tables_count_the_same_as_csv_and_as_parquet() {
    for separator in *b",;\t" {
        assert_same(
            &log("b.csv", csv(&browser(), false, separator)),
            &log("s.csv", csv(&server(), true, separator)),
            ["csv", "csv"],
        );
    }
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, side: &[Told], server: bool| {
        let path = folder.path().join(name);
        let columns: Vec<Column> = columns(side, server)
            .into_iter()
            .map(|(name, values)| match name {
                "received_at" | "event_time" => {
                    let numbers: Vec<i64> =
                        values.iter().map(|text| text.parse().expect("a number")).collect();
                    Column::new(name.into(), numbers)
                }
                _ => Column::new(name.into(), values),
            })
            .collect();
        let mut frame = DataFrame::new(side.len(), columns).expect("a table");
        ParquetWriter::new(File::create(&path).expect("a file"))
            .finish(&mut frame)
            .expect("written");
        path
    };
    let left = write("b.parquet", &browser(), false);
    let right = write("s.parquet", &server(), true);
    assert_report(&run(&plan(&[left], &[right], &[])).expect("audited"));
}

#[test]
fn packed_and_split_logs_count_the_same() {
    let (left, right) = (flat(&browser(), false), flat(&server(), true));
    let report = assert_same(
        &log("b.ndjson.gz", gzip(left.as_bytes())),
        &log("s.zst", zstd::encode_all(right.as_bytes(), 3).expect("packed")),
        ["ndjson", "ndjson"],
    );
    let inputs = report.log.expect("a log").inputs;
    assert_eq!(inputs.iter().map(|one| one.packed.as_str()).collect::<Vec<_>>(), ["gzip", "zstd"]);
    let table = csv(&server(), true, b',');
    assert_same(
        &log("b.gz", gzip(left.as_bytes())),
        &log("s.csv.gz", gzip(&table)),
        ["ndjson", "csv"],
    );

    let folder = tempfile::tempdir().expect("a folder");
    for (number, line) in left.lines().enumerate() {
        std::fs::write(folder.path().join(format!("b-{number}.ndjson")), line).expect("written");
    }
    let whole = put(folder.path(), &log("s.ndjson", right));
    let pattern = folder.path().join("b-*.ndjson");
    let report = run(&plan(&[pattern], &[whole], &[])).expect("audited");
    assert_report(&report);
    assert_eq!(report.log.expect("a log").inputs.len(), 6);
}

#[test]
fn tapes_and_facts_count_the_same() {
    use crate::tape_builder::{Tape, call, hit as sent};
    let folder = tempfile::tempdir().expect("a folder");
    let mut tape = Tape::new();
    for told in browser() {
        tape = tape.send(sent(told.name, told.id).in_session(None).at(told.at - START));
    }
    for told in server() {
        let sent = call(told.name, told.id).at(told.at - START);
        tape = tape.send(sent.set("/event_time", told.at / 1000));
    }
    let path = folder.path().join("t.jsonl");
    tape.write(&path);
    assert_report(&run(&plan(&[], &[], std::slice::from_ref(&path))).expect("audited"));

    let left = put(folder.path(), &log("b.ndjson", flat(&browser(), false)));
    let right = put(folder.path(), &log("s.ndjson", flat(&server(), true)));
    let (one, other) = (folder.path().join("b.parquet"), folder.path().join("s.parquet"));
    countonce::run::facts(&plan(&[left], &[], &[]), &FactsOut::file(&one)).expect("facts");
    countonce::run::facts(&plan(&[], &[right], &[]), &FactsOut::file(&other)).expect("facts");
    let parts = run(&plan(&[], &[], &[one.clone(), other.clone()])).expect("audited");
    assert_report(&parts);
    let joined = folder.path().join("all.parquet");
    countonce::run::facts(&plan(&[], &[], &[one, other]), &FactsOut::file(&joined)).expect("facts");
    let whole = run(&plan(&[], &[], &[joined])).expect("audited");
    assert_report(&whole);
    let told = |report: &Report| {
        report.findings.iter().map(|found| found.finding.rule.clone()).collect::<Vec<_>>()
    };
    assert_eq!(told(&parts), told(&whole));
}

#[test]
fn standard_input_is_read_like_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), &log("s.ndjson", flat(&server(), true)));
    let mut program = Command::new(env!("CARGO_BIN_EXE_countonce"))
        .args(["audit", "--browser", "-", "--server", "s.ndjson", "--format", "json", "--out", "-"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let packed = gzip(flat(&browser(), false).as_bytes());
    program.stdin.take().expect("piped").write_all(&packed).expect("written");
    let said = program.wait_with_output().expect("it ends");
    let report: Value = serde_json::from_slice(&said.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&said.stderr)));
    assert_eq!(report["totals"]["browser"], 5);
    assert_eq!(report["totals"]["server"], 5);
    assert_eq!(report["log"]["whole"]["counted"], 6);
    assert_eq!(report["log"]["inputs"][0]["packed"], "gzip");
}
