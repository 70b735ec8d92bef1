//! `gate` and `report` on runs that were stored: no browser, no second run.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::cli::{Said, countonce, refused, tape};
use super::tape_builder::Tape;

/// A stored run in a folder: as its folder with the tape, as the tape, as the JSON report.
struct Stored {
    home: tempfile::TempDir,
    sources: [PathBuf; 3],
}

/// A purchase whose halves are merged, or have other ids.
fn stored(server_id: &str) -> Stored {
    stored_by(|path| Tape::purchase("order-1", server_id).write(path))
}

fn stored_by(record: impl FnOnce(&Path)) -> Stored {
    let home = tempfile::tempdir().expect("a folder");
    let run = home.path().join("run");
    std::fs::create_dir(&run).expect("made");
    record(&run.join("tape.jsonl"));
    let said = countonce(&run, &["check", "tape.jsonl", "--format", "json", "--out", "-"]);
    let report = home.path().join("report.json");
    std::fs::write(&report, said.out).expect("written");
    let sources = [run.clone(), run.join("tape.jsonl"), report];
    Stored { home, sources }
}

impl Stored {
    fn gate(&self, source: &Path, words: &[&str]) -> Said {
        let mut all = vec!["gate", source.to_str().expect("text")];
        all.extend(words);
        countonce(self.home.path(), &all)
    }

    /// The same exit code from each source, and these words on standard output.
    #[track_caller]
    fn judged(&self, words: &[&str], code: i32, told: &[&str]) {
        for source in &self.sources {
            let said = self.gate(source, words);
            let source = source.display();
            assert_eq!(said.code, code, "{source} {words:?}\n{}\n{}", said.out, said.err);
            for part in told {
                assert!(said.out.contains(part), "{source}: no `{part}` in:\n{}", said.out);
            }
        }
    }

    fn policy(&self, text: &str) -> String {
        let path = self.home.path().join("policy.toml");
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("text").to_owned()
    }
}

#[test]
fn a_stored_run_is_judged_alike_from_its_folder_its_tape_and_its_report() {
    let broken = stored("ORDER-1");
    broken.judged(&[], 1, &["failed", "errors", "<= 0"]);
    let clean = stored("order-1");
    clean.judged(&[], 0, &["passed", "✓ kept  errors"]);
    assert!(!clean.home.path().join("reports").exists(), "nothing is written unless asked");
}

#[test]
fn severities_of_the_policy_and_the_number_of_warnings_decide() {
    let run = stored("ORDER-1");
    let report: Value =
        serde_json::from_str(&std::fs::read_to_string(&run.sources[2]).expect("readable"))
            .expect("JSON");
    let mut rules: Vec<&str> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|found| found["rule"].as_str())
        .collect();
    let warnings = rules.len();
    rules.sort_unstable();
    rules.dedup();
    assert!(warnings > 0);
    let weights = |severity: &str| -> String {
        let lines: Vec<String> =
            rules.iter().map(|rule| format!("{rule} = \"{severity}\"\n")).collect();
        format!("[rules]\n{}", lines.concat())
    };
    let policy = run.policy(&weights("off"));
    run.judged(&["--policy", &policy], 0, &["passed"]);
    let policy = run.policy(&format!("max_warnings = {warnings}\n{}", weights("warn")));
    run.judged(&["--policy", &policy], 0, &["warnings"]);
    let policy = run.policy(&format!("max_warnings = {}\n{}", warnings - 1, weights("warn")));
    let limit = format!("<= {}", warnings - 1);
    run.judged(&["--policy", &policy], 1, &["✗", "warnings", &limit]);
    run.judged(&["--policy", "strict"], 1, &["failed"]);
}

#[test]
fn limits_hold_per_event_channel_and_profile_and_are_listed_with_figure_and_limit() {
    let run = stored("order-1");
    let kept = run.policy(
        "[thresholds]\n\"Purchase.dedup_rate\" = \">= 0.99\"\n\"Purchase.server.coverage.em\" = \">= 80 %\"\n\"Purchase@clean.counted\" = \"== 1\"\n\"*.duplicates\" = \"== 0\"\n",
    );
    run.judged(
        &["--policy", &kept],
        0,
        &[
            "Purchase.dedup_rate",
            "100 %",
            ">= 0.99",
            "Purchase.server.coverage.em",
            ">= 80 %",
            "Purchase@clean.counted",
            "== 1",
            "Purchase.duplicates",
        ],
    );
    for (limit, figure) in [
        ("\"Purchase.counted\" = \">= 2\"", "1"),
        ("\"Purchase.server.coverage.ct\" = \">= 10 %\"", "0 %"),
        ("\"Purchase@adblock.counted\" = \"== 1\"", "-"),
        ("\"Lead.dedup_rate\" = \">= 0.5\"", "-"),
    ] {
        let missed = run.policy(&format!("[thresholds]\n{limit}\n"));
        run.judged(&["--policy", &missed], 1, &["✗ missed", figure]);
    }
}

#[test]
fn a_stage_that_is_asked_for_is_a_criterion_of_each_event() {
    let whole = stored("order-1");
    whole.judged(&["--stage", "dual"], 0, &["Purchase.stage", ">= 2 (dual)"]);
    whole.judged(&["--stage", "4"], 1, &["Purchase.stage", ">= 4 (pixel-reduced)"]);
    let broken = stored("ORDER-1");
    broken.judged(&["--stage", "dual"], 1, &["Purchase.stage", "dedup_rate is 0 %"]);
}

#[test]
fn wrong_policies_stages_and_runs_are_input_errors_that_say_what_to_do() {
    let path = tape("event-id-mismatch/clean.jsonl");
    let path = path.to_str().expect("text");
    let policy = "max_warnings = \"none\"\n[rules]\nvalue-mismach = \"warn\"\n";
    refused(
        &["gate", path, "--policy", "p.toml"],
        &[("p.toml", policy)],
        &["p.toml:1:16", "whole number", "p.toml:3:1", "did you mean `value-mismatch`"],
    );
    refused(&["gate", path, "--policy", "absent.toml"], &[], &["absent.toml", "recommended"]);
    refused(&["gate", path, "--stage", "doul"], &[], &["doul", "dual"]);
    refused(&["gate", "nowhere"], &[], &["nowhere", "report.json"]);
    refused(&["gate"], &[], &["latest"]);
    refused(&["gate", "r.json"], &[("r.json", "{\"format\": 9}")], &["r.json", "format 9"]);
    refused(
        &["gate", "r.json"],
        &[("r.json", "{\"format\": 1,\n \"events\": 3}")],
        &["r.json", "2:12", "sequence"],
    );
}

#[test]
fn an_empty_run_is_never_green_however_mild_the_policy() {
    let empty = tape("nothing-captured/broken.jsonl");
    let run = stored_by(|path| {
        std::fs::copy(empty, path).expect("copied");
    });
    let mild = run.policy("max_warnings = 1000\n[rules]\nnothing-captured = \"off\"\n");
    run.judged(&["--policy", &mild], 3, &["nothing"]);
}

#[test]
fn the_last_run_is_judged_where_none_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = tape("event-id-mismatch/broken.jsonl");
    countonce(folder.path(), &["check", path.to_str().expect("text"), "--format", "json"]);
    let said = countonce(folder.path(), &["gate"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    // Its name is its own, not that of the folder `latest`, whatever it is judged from.
    std::fs::copy(&path, folder.path().join("reports/latest/tape.jsonl")).expect("copied");
    let said = countonce(folder.path(), &["report", "--format", "json", "--out", "-"]);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(report["name"], "broken");
}

#[test]
fn a_stored_run_is_rendered_again_in_the_formats_asked_for() {
    let run = stored("ORDER-1");
    for source in &run.sources {
        let out = tempfile::tempdir().expect("a folder");
        let words = [
            "report",
            source.to_str().expect("text"),
            "--format",
            "html,markdown,junit,csv",
            "--out",
            out.path().to_str().expect("text"),
        ];
        let said = countonce(run.home.path(), &words);
        assert_eq!(said.code, 1, "{}", said.err);
        let latest = out.path().join("latest");
        for (file, told) in [
            ("report.html", "event-id-mismatch"),
            ("report.md", "event-id-mismatch"),
            ("junit.xml", "event-id-mismatch"),
            ("pairs.csv", "Purchase"),
            ("coverage.csv", "Purchase"),
        ] {
            let text = std::fs::read_to_string(latest.join(file)).expect(file);
            assert!(text.contains(told), "{}: {file}", source.display());
        }
        assert!(!latest.join("report.sarif").exists());
    }
}

#[test]
fn an_accepted_finding_passes_until_its_day_and_what_is_gone_is_named() {
    let run = stored("ORDER-1");
    let tape = &run.sources[1];
    let base = run.home.path().join("base.toml");
    let base = base.to_str().expect("text");
    let said = run.gate(tape, &["--baseline", base, "--update-baseline"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.err.contains("of them new, 0 removed"), "{}", said.err);
    assert_eq!(run.gate(tape, &["--baseline", base]).code, 0);

    let text = std::fs::read_to_string(base).expect("written");
    let expired = text.replace("reason = \"\"\n", "reason = \"ticket 7\"\nexpires = 2020-01-31\n");
    assert_ne!(text, expired);
    std::fs::write(base, &expired).expect("written");
    let said = run.gate(tape, &["--baseline", base]);
    assert_eq!(said.code, 1, "{}", said.out);
    for part in ["expired: event-id-mismatch", "until 2020-01-31", "ticket 7"] {
        assert!(said.out.contains(part), "no `{part}` in:\n{}", said.out);
    }
    // An update keeps the terms that people wrote.
    run.gate(tape, &["--baseline", base, "--update-baseline"]);
    assert_eq!(std::fs::read_to_string(base).expect("written"), expired);

    std::fs::write(base, &text).expect("written");
    let mended = stored("order-1");
    let said = mended.gate(&mended.sources[1], &["--baseline", base]);
    assert_eq!(said.code, 0, "a mend is no drift:\n{}", said.out);
    for part in ["✓ mended: event-id-mismatch", "pairing paired instead of near miss"] {
        assert!(said.out.contains(part), "no `{part}` in:\n{}", said.out);
    }
    let said = mended.gate(&mended.sources[1], &["--baseline", base, "--update-baseline"]);
    assert!(said.err.contains("removed"), "{}", said.err);
    let text = std::fs::read_to_string(base).expect("written");
    assert!(!text.contains("[[accepted]]") && text.contains("pairing = [\"paired\"]"), "{text}");
    // Back again: that is drift, and a new finding.
    let said = run.gate(tape, &["--baseline", base]);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(said.out.contains("behaviour_changes") && said.out.contains("- lost"), "{}", said.out);
    refused(&["gate", tape.to_str().expect("text"), "--baseline", "no.toml"], &[], &["no.toml"]);
}

#[test]
fn a_report_beside_its_pictures_shows_them_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/sample");
    std::fs::copy(sample.join("report.json"), folder.path().join("report.json")).expect("copied");
    std::fs::create_dir(folder.path().join("pages")).expect("made");
    for picture in std::fs::read_dir(sample.join("pages")).expect("a folder").flatten() {
        let copy = folder.path().join("pages").join(picture.file_name());
        std::fs::copy(picture.path(), copy).expect("copied");
    }
    let words = ["report", "report.json", "--format", "html", "--out", "-", "--policy", "strict"];
    let page = countonce(folder.path(), &words).out;
    let kept = std::fs::read_to_string(sample.join("report.html")).expect("kept");
    let shown = |page: &str| page.matches("data:image/webp;base64,").count();
    assert!(shown(&kept) > 5 && shown(&page) == shown(&kept), "{}", shown(&page));
    assert_eq!(page.matches("class=\"merged\"").count(), kept.matches("class=\"merged\"").count());
}
