//! `compare`: two runs side by side, from tapes, folders and reports, in every format.

use std::path::Path;

use countonce::format::COMPARISON_FORMATS;
use serde_json::Value;

use super::cli::{countonce, refused, tape};
use super::tape_builder::Tape;

const BEFORE: &str = "before.jsonl";
const AFTER: &str = "after.jsonl";

/// A folder with two tapes: a purchase that is merged, and one whose halves have other ids.
fn tapes() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    Tape::purchase("order-1", "order-1").write(&folder.path().join(BEFORE));
    Tape::purchase("order-1", "ORDER-1").write(&folder.path().join(AFTER));
    folder
}

fn json(folder: &Path, old: &str, new: &str, more: &[&str]) -> (i32, Value) {
    let mut words = vec!["compare", old, new, "--format", "json", "--out", "-"];
    words.extend(more);
    let said = countonce(folder, &words);
    let value = serde_json::from_str(&said.out);
    (said.code, value.unwrap_or_else(|_| panic!("no JSON:\n{}\n{}", said.out, said.err)))
}

#[test]
fn a_change_for_the_worse_ends_with_code_1_and_says_what_and_the_way_back_is_a_mend() {
    let folder = tapes();
    let (code, worse) = json(folder.path(), BEFORE, AFTER, &[]);
    assert_eq!((code, &worse["passed"]), (1, &Value::Bool(false)));
    let said = worse["worse"].to_string();
    for part in ["new error event-id-mismatch", "Purchase.dedup_rate went from 100 % to 0 %"] {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
    assert!(worse["mended_findings"].as_array().is_some_and(Vec::is_empty), "{worse}");
    let purchase = &worse["events"][0];
    let figure = |name: &str| {
        let all = purchase["figures"].as_array().expect("figures");
        all.iter().find(|figure| figure["name"] == name).cloned().unwrap_or_default()
    };
    assert_eq!(figure("paired")["new"], 0.0);
    assert_eq!(figure("dedup_rate")["trend"], "worse");
    assert_eq!(figure("server.coverage.em")["trend"], "same");
    assert!(figure("match_quality")["old"].is_number(), "{purchase}");

    let (code, better) = json(folder.path(), AFTER, BEFORE, &[]);
    assert_eq!((code, &better["passed"]), (0, &Value::Bool(true)));
    assert_eq!(better["mended_findings"], worse["new_findings"]);
    let (code, same) = json(folder.path(), AFTER, AFTER, &[]);
    assert_eq!(code, 0, "what was wrong before is no worse now");
    assert_eq!(same["kept_findings"], worse["new_findings"].as_array().map_or(0, Vec::len));
}

#[test]
fn runs_tapes_and_reports_compare_alike() {
    let folder = tapes();
    let run = folder.path().join("run");
    std::fs::create_dir(&run).expect("made");
    std::fs::copy(folder.path().join(AFTER), run.join("tape.jsonl")).expect("copied");
    let said = countonce(folder.path(), &["check", AFTER, "--format", "json", "--out", "-"]);
    std::fs::write(folder.path().join("stored.json"), said.out).expect("written");
    let kept = |mut value: Value| {
        // Names differ by what was given, and a report says that it was weighed again.
        for key in ["new", "limits"] {
            value.as_object_mut().expect("an object").remove(key);
        }
        value
    };
    let (code, first) = json(folder.path(), BEFORE, AFTER, &[]);
    assert_eq!(code, 1);
    let first = kept(first);
    for new in ["run", "stored.json"] {
        let (code, other) = json(folder.path(), BEFORE, new, &[]);
        assert_eq!(code, 1);
        assert_eq!(kept(other), first, "{new}");
    }
}

#[test]
fn the_policy_says_what_is_worse() {
    let folder = tapes();
    let rules = "[rules]\nevent-id-mismatch = \"warn\"\ndouble-counted = \"off\"\n";
    let write = |text: &str| {
        std::fs::write(folder.path().join("p.toml"), text).expect("written");
    };
    write(rules);
    let (code, said) = json(folder.path(), BEFORE, AFTER, &["--policy", "p.toml"]);
    assert_eq!(code, 1, "figures fell: {}", said["worse"]);
    write(&format!("{rules}[compare]\nrate_drop = \"100 %\"\nscore_drop = 10\n"));
    let (code, said) = json(folder.path(), BEFORE, AFTER, &["--policy", "p.toml"]);
    assert_eq!((code, &said["worse"]), (0, &Value::Array(vec![])));
    let borne = said["events"].to_string().matches("\"borne\"").count();
    assert!(borne > 0, "{}", said["events"]);
}

#[test]
fn every_format_is_written_and_the_json_keeps_to_the_published_schema() {
    let folder = tapes();
    let words = ["compare", BEFORE, AFTER, "--out", "diff"];
    let said = countonce(folder.path(), &words);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.starts_with("worse: "), "{}", said.out);
    for format in COMPARISON_FORMATS {
        let file = folder.path().join("diff").join(format.file);
        let text = std::fs::read_to_string(&file).expect(format.file);
        for part in ["event-id-mismatch", "Purchase"] {
            assert!(text.contains(part), "{}: no `{part}`", format.file);
        }
        assert!(said.err.contains(format.file), "{}", said.err);
        let alone = countonce(
            folder.path(),
            &["compare", BEFORE, AFTER, "--format", format.name, "--out", "-"],
        );
        assert_eq!(alone.out.trim_end(), text.trim_end(), "{}", format.name);
    }
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/comparison.schema.json");
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string(schema).expect("published")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let text = std::fs::read_to_string(folder.path().join("diff/comparison.json"));
    let mut value: Value = serde_json::from_str(&text.expect("written")).expect("JSON");
    let faults: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    value["events"][0]["figures"][0]["trend"] = Value::from(3);
    assert!(!validator.is_valid(&value), "the schema says what it means");
}

#[test]
fn what_cannot_be_compared_is_refused_and_an_empty_run_proves_nothing() {
    let folder = tapes();
    let path = |name: &str| folder.path().join(name).to_str().expect("text").to_owned();
    let (old, new) = (path(BEFORE), path(AFTER));
    refused(&["compare", &old, "nowhere.jsonl"], &[], &["nowhere.jsonl"]);
    refused(&["compare", &old], &[], &["NEW"]);
    refused(&["compare", &old, &new, "--format", "htm"], &[], &["htm", "html"]);
    refused(
        &["compare", &old, &new, "--format", "json,html", "--out", "-"],
        &[],
        &["one format", "--format"],
    );
    refused(&["compare", &old, "x.json"], &[("x.json", "{\"format\": 1")], &["x.json", "1:12"]);
    refused(&["compare", &old, &new, "--policy", "stric"], &[], &["stric", "strict"]);
    let nothing = tape("nothing-captured/broken.jsonl");
    let words = ["compare", BEFORE, nothing.to_str().expect("text")];
    let said = countonce(folder.path(), &words);
    assert_eq!(said.code, 3, "{}", said.out);
}
