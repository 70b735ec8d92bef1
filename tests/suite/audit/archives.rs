//! Archives that browsers recorded, against what our own tap saw of the same visit.
//!
//! `tests/har` holds a visit to the demo's shop through the browser tap of `countonce listen`:
//! the archive as the browser wrote it, cut down to what is read of it, and the tap's tape.

use std::path::{Path, PathBuf};

use countonce::capture::read as read_tape;
use countonce::event::{Channel, Event};
use countonce::platform::PLATFORMS;
use polars::prelude::{ParquetReader, SerReader as _};
use serde_json::Value;

use super::{FactsOut, plan};
use crate::cli::countonce;

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/har").join(name)
}

/// Name, ID and value of every event, sorted.
type Seen = Vec<(String, String, String)>;

/// What the tap saw in the browser.
fn of_tape(path: &Path) -> Seen {
    let (capture, damage) = read_tape(path).expect("a tape");
    assert!(damage.is_none());
    let platform = PLATFORMS[0];
    let events: Vec<Event> = capture
        .exchanges
        .iter()
        .filter(|exchange| exchange.channel == Channel::Browser)
        .flat_map(|exchange| (platform.decode)(exchange).events)
        .collect();
    let mut seen: Seen = events
        .into_iter()
        .map(|event| {
            let value = event.parameters.get("value").and_then(|value| {
                value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
            });
            (
                event.name.unwrap_or_default(),
                event.id.unwrap_or_default(),
                value.map(|value: f64| value.to_string()).unwrap_or_default(),
            )
        })
        .collect();
    seen.sort();
    seen
}

/// What is read out of an archive.
fn of_archive(path: &Path) -> Seen {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("f.parquet");
    let audit = plan(&[path.to_owned()], &[], &[]);
    let (inputs, _) = countonce::run::facts(&audit, &FactsOut::file(&out)).expect("facts");
    assert_eq!((inputs[0].form, inputs[0].bad), ("har", 0), "{:?}", inputs[0].samples);
    assert!(inputs[0].foreign > 0, "the shop's own pages are no events");
    let frame =
        ParquetReader::new(std::fs::File::open(&out).expect("a file")).finish().expect("a table");
    let text = |column: &str, row: usize| {
        let column = frame.column(column).expect("a column").str().expect("texts");
        column.get(row).unwrap_or_default().to_owned()
    };
    let values = frame.column("value").expect("a column").f64().expect("figures").clone();
    let mut seen: Seen = (0..frame.height())
        .map(|row| {
            let value = values.get(row).map(|value| value.to_string()).unwrap_or_default();
            (text("name", row), text("id", row), value)
        })
        .collect();
    seen.sort();
    seen
}

#[test]
fn an_archive_of_a_browser_holds_the_events_that_the_tap_saw() {
    for (archive, tape) in ARCHIVES {
        let seen = of_tape(&recorded(tape));
        for part in ["form-1", "multi-1", "beacon-1"] {
            assert!(seen.iter().any(|(_, id, _)| id == part), "{tape} has no {part}");
        }
        assert!(seen.len() >= FEWEST, "{seen:?}");
        assert_eq!(of_archive(&recorded(archive)), seen, "{archive}");
    }
}

/// The recordings by browser.
const ARCHIVES: &[(&str, &str)] =
    &[("chromium.har", "chromium.jsonl"), ("firefox.har", "firefox.jsonl")];
/// Least events of a recording: pages, an article, a cart, and three posted in several ways.
const FEWEST: usize = 6;

#[test]
fn forms_as_pairs_and_answers_in_base64_change_nothing() {
    let text = std::fs::read_to_string(recorded("chromium.har")).expect("text");
    let mut archive: Value = serde_json::from_str(&text).expect("JSON");
    let mut changed = 0;
    for entry in archive["log"]["entries"].as_array_mut().expect("a list") {
        entry["response"]["content"]["encoding"] = "base64".into();
        entry["response"]["content"]["text"] = "R0lGODlhAQABAAAAACw=".into();
        let data = &mut entry["request"]["postData"];
        let mime = data["mimeType"].as_str().unwrap_or_default();
        let text = data["text"].as_str().unwrap_or_default();
        if mime.contains("urlencoded") && text.contains("ev=") {
            let pairs: Vec<Value> = url::form_urlencoded::parse(text.as_bytes())
                .map(|(name, value)| serde_json::json!({ "name": name, "value": value }))
                .collect();
            data["params"] = pairs.into();
            data.as_object_mut().expect("an object").remove("text");
            changed += 1;
        }
    }
    assert!(changed > 3, "{changed}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pairs.har");
    std::fs::write(&path, archive.to_string()).expect("written");
    assert_eq!(of_archive(&path), of_tape(&recorded("chromium.jsonl")));
}

#[test]
fn an_archive_that_ends_too_early_is_an_error_that_names_it() {
    let text = std::fs::read_to_string(recorded("chromium.har")).expect("text");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("cut.har"), &text[..text.len() / 2]).expect("written");
    let said = countonce(folder.path(), &["audit", "--browser", "cut.har"]);
    assert_eq!(said.code, 2, "{}\n{}", said.out, said.err);
    assert!(said.err.contains("cut.har: not a whole archive"), "{}", said.err);
    assert!(!said.err.contains("ada.probe"), "{}", said.err);
}
