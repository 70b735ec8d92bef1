//! The figures of logs in JSON format 1: all of them, and under the published schema.

use serde_json::Value;

use super::{logs, of, run};
use countonce::format::{FORMATS, Look};

fn json(report: &countonce::report::Report) -> Value {
    let format = FORMATS.iter().find(|format| format.name == "json").expect("a format");
    serde_json::from_str(&(format.render)(report, &Look::default())).expect("JSON")
}

#[test]
fn the_figures_of_logs_are_in_the_json_report_and_keep_to_its_schema() {
    let folder = logs(3_000);
    let server = folder.path().join("server.ndjson");
    let text = std::fs::read_to_string(&server).expect("read");
    std::fs::write(&server, text + "{oops\n").expect("written");
    let report = run(&of(folder.path())).expect("audited");
    let written = json(&report);
    let kept = report.log.as_ref().expect("a log");
    let log = &written["log"];
    assert_eq!(log["whole"]["paired"], kept.whole.paired);
    assert_eq!(log["whole"]["events"]["server"], kept.whole.events.server);
    assert_eq!(log["whole"]["lag"]["p95"], kept.whole.lag.expect("pairs")[1]);
    assert_eq!(log["inputs"][1]["unreadable"], 1);
    assert!(log["inputs"][1]["samples"][0]["line"].as_u64() > Some(1_000));
    assert_eq!(log["days"].as_array().expect("a list").len(), kept.days.len());
    assert_eq!(log["hours"].as_array().expect("a list").len(), kept.hours.len());
    let sum = |list: &Value| -> u64 {
        list.as_array().expect("a list").iter().filter_map(|hour| hour["paired"].as_u64()).sum()
    };
    assert_eq!(sum(&log["hours"]), kept.whole.paired);
    for side in ["browser", "server"] {
        let causes = log["whole"]["causes"][side].as_object().expect("a map");
        let by_cause: u64 = causes.values().filter_map(Value::as_u64).sum();
        assert_eq!(log["whole"]["alone"][side], by_cause, "{side}");
        assert!(by_cause > 20, "{side}");
    }
    let first = written["findings"][0]["evidence"][0].to_string();
    assert!(log["places"][&first]["line"].as_u64() > Some(0), "evidence has its place: {first}");

    let schema: Value = serde_json::from_str(&countonce::format::schema()).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let wrong: Vec<String> = validator.iter_errors(&written).map(|e| e.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
