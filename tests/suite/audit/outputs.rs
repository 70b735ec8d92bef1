//! What an audit says by hour and by day: each figure in the terminal, in JSON and in CSV, and
//! every format of a run for logs as well.

use serde_json::Value;

use super::logs;
use crate::cli::countonce;

#[test]
fn every_figure_of_the_days_is_in_the_terminal_in_json_and_in_csv() {
    let folder = logs(4_000);
    let folder = folder.path();
    let formats: Vec<&str> = countonce::format::FORMATS
        .iter()
        .filter(|format| format.file.is_some())
        .map(|format| format.name)
        .collect();
    let said = countonce(
        folder,
        &[
            "audit",
            "--browser",
            "browser.ndjson",
            "--server",
            "server.ndjson",
            "--out",
            "reports",
            "--format",
            &formats.join(","),
        ],
    );
    assert_eq!(said.code, 1, "the logs have faults: {}", said.err);
    let latest = folder.join("reports/latest");
    let read = |name: &str| {
        std::fs::read_to_string(latest.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    for format in countonce::format::FORMATS {
        if let Some(file) = format.file {
            assert!(!read(file).is_empty(), "{file}");
        }
    }
    let report: Value = serde_json::from_str(&read("report.json")).expect("JSON");
    let log = &report["log"];
    let mut sheet = csv::Reader::from_reader(std::io::Cursor::new(read("periods.csv")));
    let rows: Vec<std::collections::BTreeMap<String, String>> =
        sheet.deserialize().collect::<Result<_, _>>().expect("rows");
    let all = |name: &str| log[name].as_array().expect("a list").len();
    assert_eq!(rows.len(), 1 + all("days") + all("hours"));
    let whole = &log["whole"];
    assert_eq!(rows[0]["period"], "whole");
    for (column, value) in [
        ("browser", &whole["events"]["browser"]),
        ("server", &whole["events"]["server"]),
        ("paired", &whole["paired"]),
        ("browser_only", &whole["alone"]["browser"]),
        ("counted", &whole["counted"]),
        ("refused", &whole["refused"]),
        ("reused_ids", &whole["reused"]),
        ("browser_unmerged", &whole["unmerged"]["browser"]),
        ("lag_p50_ms", &whole["lag"]["p50"]),
        ("lag_p95_ms", &whole["lag"]["p95"]),
        ("lag_p99_ms", &whole["lag"]["p99"]),
    ] {
        assert_eq!(rows[0][column], value.to_string(), "{column}");
    }
    for column in ["dedup_rate", "server_per_browser", "saved_by_id"] {
        let share: f64 = rows[0][column].parse().expect(column);
        assert!((0.0..=2.0).contains(&share), "{column} {share}");
    }
    assert!(rows[0]["browser_causes"].contains("nothing on the other side: "), "{:?}", rows[0]);

    let day = log["days"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|day| day["event"] == "")
        .expect("a day");
    let start = jiff::Timestamp::from_millisecond(day["start"].as_i64().expect("a time"))
        .expect("a time")
        .to_string();
    // A narrow terminal has the last columns in a further block, behind the day again.
    let cells: Vec<&str> = said
        .out
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix(&start[..10]))
        .flat_map(str::split_whitespace)
        .collect();
    let cells = cells.join(" ");
    let count = |value: &Value| match value.as_u64().expect("a count") {
        0 => "·".to_owned(),
        some => some.to_string(),
    };
    let events = &day["events"];
    let counts = [&events["browser"], &events["server"], &day["paired"]].map(count).join(" ");
    assert!(cells.starts_with(&counts), "{counts} is not in\n{cells}");
    let rate = day["dedup_rate"].as_f64().expect("a share") * 100.0;
    let refused = [&day["refused"], &day["reused"]].map(count).join(" ");
    let rate = format!("{rate:.1} % {refused}");
    assert!(cells.contains(&rate), "{rate} is not in\n{cells}");
    for name in ["p50", "p95", "p99"] {
        let lag = countonce::event::rough_span(day["lag"][name].as_i64().expect("a lag"));
        assert!(cells.contains(&lag), "{name} {lag} is not in\n{cells}");
    }
    let shown = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let alone = |side: &str| count(&log["whole"]["causes"][side]["nothing on the other side"]);
    let alone = format!("nothing on the other side {} {}", alone("browser"), alone("server"));
    assert!(shown.contains(&alone), "{alone} is not in\n{shown}");
    assert!(shown.contains("of further copies would have been merged by an ID"), "{shown}");

    // Examples are bounded, have a place, and no address of a person is in any file.
    let findings = report["findings"].as_array().expect("a list");
    let evidence = findings.iter().filter_map(|one| one["evidence"].as_array());
    assert!(evidence.clone().any(|list| !list.is_empty()));
    for place in
        evidence.flat_map(|list| list.iter().take(1)).filter(|place| place.as_u64() != Some(0))
    {
        let place = &log["places"][place.to_string()];
        assert!(place["line"].as_u64() > Some(0), "{place}");
    }
    assert!(
        findings.iter().all(|one| one["evidence"].as_array().is_none_or(|list| list.len() <= 50))
    );
}
