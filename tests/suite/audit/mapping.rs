//! Names of columns and fields that `countonce.toml` gives, in every form that has names, and
//! what is said of names that mean nothing.

use std::path::Path;

use polars::prelude::{Column, DataFrame, ParquetWriter};
use serde_json::{Value, json};

use crate::cli::{Said, countonce};

const START: i64 = 1_772_452_800_000;
const EVENTS: i64 = 6;

const CONFIG: &str = r#"
[audit.browser]
time = "seen"
pixel = "px"

[audit.browser.fields]
event_name = "type"
event_id = "eid"
"user_data.fbp" = "cookie"
value = "total"
currency = "cur"

[audit.server]
time = "request.at"
pixel = "request.px"

[audit.server.fields]
event_name = "type"
event_id = "ids.eid"
value = "total"
currency = "cur"
event_time = "when"

[audit.orders]
id = "nr"
value = "sum"
time = "placed"
"#;

fn put(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("written");
}

fn at(number: i64) -> i64 {
    START + number * 60_000
}

fn browser_line(number: i64) -> Value {
    json!({
        "seen": at(number), "px": "1", "type": "Purchase", "eid": format!("o-{number}"),
        "cookie": format!("fb.1.1772452800000.{number}"), "total": 5.5, "cur": "USD",
        "event_id": "not this one",
    })
}

fn server_line(number: i64) -> Value {
    json!({
        "request": {"at": at(number) + 700, "px": "1"}, "type": "Purchase",
        "ids": {"eid": format!("o-{number}")}, "when": at(number) / 1000,
        "total": 5.5, "cur": "USD", "action_source": "website",
        "event_source_url": "https://shop.test/thanks",
        "user_data": {"client_ip_address": "73.162.41.9", "client_user_agent": "Mozilla/5.0 (X11)"},
    })
}

fn text(line: fn(i64) -> Value) -> String {
    (0..EVENTS).map(|number| format!("{}\n", line(number))).collect()
}

fn audit(folder: &Path, words: &[&str]) -> Said {
    let mut all = vec!["audit", "--format", "json", "--out", "-"];
    all.extend(words);
    countonce(folder, &all)
}

fn report(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.err))
}

#[test]
fn lines_tables_and_orders_are_read_by_the_names_of_the_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    put(folder, "countonce.toml", CONFIG);
    put(folder, "b.ndjson", &text(browser_line));
    put(folder, "s.ndjson", &text(server_line));
    let mut csv = "seen;px;type;eid;cookie;total;cur;event_id\n".to_owned();
    for number in 0..EVENTS {
        let cookie = format!("fb.1.1772452800000.{number}");
        csv += &format!("{};1;Purchase;o-{number};{cookie};5.5;USD;not this\n", at(number));
    }
    put(folder, "b.csv", &csv);
    let texts = |of: &dyn Fn(i64) -> String| (0..EVENTS).map(of).collect::<Vec<String>>();
    let mut frame = DataFrame::new(
        EVENTS as usize,
        vec![
            Column::new("seen".into(), (0..EVENTS).map(at).collect::<Vec<i64>>()),
            Column::new("px".into(), texts(&|_| "1".to_owned())),
            Column::new("type".into(), texts(&|_| "Purchase".to_owned())),
            Column::new("eid".into(), texts(&|number| format!("o-{number}"))),
            Column::new("cookie".into(), texts(&|n| format!("fb.1.1772452800000.{n}"))),
            Column::new("total".into(), vec![5.5; EVENTS as usize]),
            Column::new("cur".into(), texts(&|_| "USD".to_owned())),
        ],
    )
    .expect("a table");
    let file = std::fs::File::create(folder.join("b.parquet")).expect("a file");
    ParquetWriter::new(file).finish(&mut frame).expect("written");
    let orders: String = (0..EVENTS).map(|n| format!("o-{n},5.5,{}\n", at(n))).collect();
    put(folder, "orders.csv", &format!("nr,sum,placed\n{orders}"));

    for browser in ["b.ndjson", "b.csv", "b.parquet"] {
        let said = audit(
            folder,
            &["--browser", browser, "--server", "s.ndjson", "--orders", "orders.csv"],
        );
        let report = report(&said);
        let whole = &report["log"]["whole"];
        assert_eq!(whole["paired"], EVENTS, "{browser}: {whole:#}");
        assert_eq!(whole["lag"]["p99"], 700, "{browser}");
        assert_eq!(whole["coverage"]["browser"]["fbp"], 1.0, "{browser}: {whole:#}");
        assert_eq!(report["log"]["pixels"]["server"]["1"], EVENTS, "{browser}");
        assert_eq!(report["log"]["orders"]["once"], EVENTS, "{browser}");
        let rules: Vec<&Value> =
            report["findings"].as_array().expect("a list").iter().map(|one| &one["rule"]).collect();
        assert!(!rules.contains(&&json!("value-mismatch")), "{rules:?}");
        assert!(!rules.contains(&&json!("missing-currency")), "{rules:?}");
    }
}

#[test]
fn an_event_inside_an_envelope_is_read_by_the_same_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    put(
        folder,
        "countonce.toml",
        "[audit.server]\nevent = \"hit\"\ntime = \"t\"\n[audit.server.fields]\nevent_id = \"eid\"\n",
    );
    let event =
        |n: i64| json!({"event_name": "Lead", "eid": format!("e-{n}"), "event_time": at(n) / 1000});
    let whole: String = (0..3)
        .map(|n| format!("{}\n", json!({"t": at(n), "hit": event(n), "pixel": "1"})))
        .collect();
    let packed: String = (3..6)
        .map(|n| {
            let body = json!({"data": [event(n)]}).to_string();
            format!("{}\n", json!({"t": at(n), "hit": body, "pixel": "1"}))
        })
        .collect();
    put(folder, "s.ndjson", &(whole + &packed));
    let report = report(&audit(folder, &["--server", "s.ndjson"]));
    assert_eq!(report["log"]["whole"]["events"]["server"], 6);
    let ids = &report["event_ids"].as_array().expect("a list")[0];
    assert_eq!((&ids["present"], &ids["distinct"]), (&json!(6), &json!(6)), "{ids}");
}

#[test]
fn names_that_mean_nothing_are_refused_with_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    put(folder, "b.csv", "type,eid\nLead,1\n");
    let cases = [
        (
            "[audit.browser.fields]\nevnt_id = \"eid\"\n",
            ["countonce.toml:2:1: the platform has no field `evnt_id`", "did you mean `event_id`?"],
        ),
        (
            "[audit.browser]\nform = \"cvs\"\n",
            ["countonce.toml:2:8: there is no form `cvs`", "did you mean `csv`?"],
        ),
        (
            "[audit.browser]\ntiem = \"t\"\n",
            ["countonce.toml:2:1: unknown key `tiem`", "did you mean `time`?"],
        ),
        (
            "[audit.browser.fields]\nmargin = \"m\"\n",
            ["the platform has no field `margin`", "custom_data.NAME"],
        ),
        (
            "[audit.browser.fields]\nevent_name = \"typ\"\n",
            ["no column is called `typ`", "under [audit.browser] (there are type, eid)"],
        ),
        ("", ["no column is called event_name", "[audit.browser.fields] event_name = \"type\""]),
    ];
    for (config, parts) in cases {
        put(folder, "countonce.toml", config);
        let said = audit(folder, &["--browser", "b.csv"]);
        assert_eq!(said.code, 2, "{config}: {}", said.err);
        for part in parts {
            assert!(said.err.contains(part), "{part} is not in\n{}", said.err);
        }
    }
}

#[test]
fn names_that_no_line_has_are_said_before_anything_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = |line: &dyn Fn(i64) -> Value| -> String {
        (0..EVENTS).map(|number| line(number).to_string() + "\n").collect()
    };
    put(folder.path(), "b.ndjson", &lines(&browser_line));
    put(folder.path(), "s1.ndjson", &lines(&server_line));
    put(folder.path(), "s2.ndjson", &lines(&server_line).replace("\"cur\"", "\"money\""));
    let config = CONFIG
        .replace("event_id = \"ids.eid\"", "event_id = \"ids.nr\"")
        .replace("\"user_data.fbp\" = \"cookie\"", "\"user_data.fbp\" = \"fbp_cookie\"");
    put(folder.path(), "countonce.toml", &config);
    let warnings = [
        "countonce.toml names `fbp_cookie` under [audit.browser], but no line of b.ndjson has a field of that name",
        "countonce.toml names `ids.nr` under [audit.server], but no line of the 2 files has a field of that name",
        "countonce.toml names `cur` under [audit.server], but no line of s2.ndjson has a field of that name",
    ];
    let both = ["--browser", "b.ndjson", "--server", "s1.ndjson", "s2.ndjson"];
    let said = countonce(folder.path(), &[&["audit"], &both[..]].concat());
    let text = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let figures = text.find("Days UTC, all events").expect("figures");
    for warning in warnings {
        let at = text.find(warning).unwrap_or_else(|| panic!("no `{warning}` in:\n{}", said.out));
        assert!(at < figures, "{}", said.out);
    }
    assert_eq!(text.matches("countonce.toml names").count(), warnings.len(), "{}", said.out);
    let said = countonce(folder.path(), &[&["facts"], &both[..], &["--out", "f.parquet"]].concat());
    for warning in warnings {
        assert!(said.err.contains(warning), "no `{warning}` in:\n{}", said.err);
    }
}
