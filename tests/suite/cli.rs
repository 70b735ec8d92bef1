//! The program as its users meet it: words in, streams and exit codes out. No browser.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a run of the program printed.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the program in a folder, away from the environment's settings.
pub fn countonce(folder: &Path, words: &[&str]) -> Said {
    countonce_with(folder, words, &[])
}

/// The same with variables.
pub fn countonce_with(folder: &Path, words: &[&str], variables: &[(&str, &str)]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countonce"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("COUNTONCE_")) {
        command.env_remove(name);
    }
    let Output { status, stdout, stderr } = command
        .args(words)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .envs(variables.iter().copied())
        .output()
        .expect("the program starts");
    Said {
        code: status.code().expect("it ends by itself"),
        out: String::from_utf8(stdout).expect("text"),
        err: String::from_utf8(stderr).expect("text"),
    }
}

pub fn tape(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tapes").join(name)
}

#[track_caller]
pub fn refused(words: &[&str], files: &[(&str, &str)], told: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let said = countonce(folder.path(), words);
    assert_eq!(said.code, 2, "{}\n{}", said.out, said.err);
    for part in told {
        assert!(said.err.contains(part), "no `{part}` in:\n{}", said.err);
    }
}

#[test]
fn a_tape_is_judged_with_the_exit_code_of_its_verdict() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, code) in [
        ("missing-server-event/broken.jsonl", 1),
        ("missing-currency/clean.jsonl", 0),
        ("nothing-captured/broken.jsonl", 3),
        ("nothing-captured/clean.jsonl", 0),
    ] {
        let said = countonce(folder.path(), &["check", &tape(name).to_string_lossy()]);
        assert_eq!(said.code, code, "{name}\n{}\n{}", said.out, said.err);
    }
    let latest = folder.path().join("reports/latest");
    for file in ["report.txt", "report.json", "junit.xml"] {
        assert!(latest.join(file).exists(), "{file} is missing");
    }
}

#[test]
fn one_machine_format_goes_to_standard_output_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = tape("double-counted/broken.jsonl");
    let said = countonce(
        folder.path(),
        &["check", &path.to_string_lossy(), "--format", "json", "--out", "-"],
    );
    let report: serde_json::Value = serde_json::from_str(&said.out).expect("nothing but JSON");
    assert_eq!(report["verdict"], "failed");
    assert!(!folder.path().join("reports").exists());
}

#[test]
fn a_damaged_tape_is_refused_at_its_line_and_judged_up_to_it_when_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole =
        std::fs::read_to_string(tape("missing-server-event/broken.jsonl")).expect("readable");
    let cut = whole.find("\"kind\":\"session-end\"").expect("it ends") + 5;
    std::fs::write(folder.path().join("cut.jsonl"), &whole[..cut]).expect("written");
    let said = countonce(folder.path(), &["check", "cut.jsonl"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("cut.jsonl:4:") && said.err.contains("--partial"), "{}", said.err);
    let said = countonce(folder.path(), &["check", "cut.jsonl", "--partial"]);
    assert_ne!(said.code, 2, "{}", said.err);
    assert!(said.out.contains("precedes the damage"), "{}", said.out);
}

#[test]
fn a_foreign_file_is_no_tape() {
    refused(&["check", "a.txt"], &[("a.txt", "hello\n")], &["a.txt:1:1", "not a countonce tape"]);
    refused(&["check", "a.txt"], &[("a.txt", "")], &["empty"]);
    refused(&["check", "a.txt"], &[("a.txt", "{\"countonce_tape\": 99}\n")], &["format 99"]);
    refused(&["check", "missing.jsonl"], &[], &["missing.jsonl"]);
}

#[test]
fn a_wrong_scenario_is_refused_at_its_place_with_a_suggestion() {
    let scenario = "name: A\npersona: us_shopper\nsteps:\n  - visit: /\n  - clik: \"#a\"\nexpect: []\nnever: [Lead]\n";
    refused(&["run", "a.yaml"], &[("a.yaml", scenario)], &["a.yaml:5:5", "clik", "click"]);
    refused(&["run", "missing.yaml"], &[], &["missing.yaml"]);
    refused(
        &["run", "a.yaml"],
        &[(
            "a.yaml",
            "name: A\nsite: ${NO_SUCH_VARIABLE}\nsteps:\n  - visit: /\nexpect: []\nnever: [Lead]\n",
        )],
        &["NO_SUCH_VARIABLE"],
    );
}

#[test]
fn wrong_flags_policies_and_configurations_are_refused_with_a_suggestion() {
    let tape = tape("missing-currency/clean.jsonl");
    let tape = tape.to_string_lossy();
    refused(&["check", &tape, "--format", "jsn"], &[], &["jsn", "did you mean `json`"]);
    refused(&["check", &tape, "--policy", "stict"], &[], &["stict", "strict"]);
    refused(
        &["check", &tape],
        &[("countonce.toml", "[policy.rules]\nmising-value = \"warn\"\n")],
        &["countonce.toml:2:1", "missing-value"],
    );
    refused(&["check", &tape], &[("countonce.toml", "[polcy]\n")], &["countonce.toml:1", "policy"]);
    refused(&["demo", "--fault", "id-regenerate"], &[], &["did you mean `id-regenerated`"]);
    refused(&["explain", "missing-valu"], &[], &["did you mean `missing-value`"]);
    let scenario = "name: A\nsteps:\n  - visit: /\nexpect: []\nnever: [Lead]\n";
    refused(&["run", "a.yaml", "--browser", "netscape"], &[("a.yaml", scenario)], &["netscape"]);
    refused(&["frobnicate"], &[], &["frobnicate"]);
}

#[test]
fn counting_by_other_times_changes_the_count_and_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = tape("dedup-window-exceeded/broken.jsonl");
    let words = ["check", &path.to_string_lossy(), "--format", "json", "--out", "-"];
    let report = |config: &str| -> serde_json::Value {
        std::fs::write(folder.path().join("countonce.toml"), config).expect("written");
        let said = countonce(folder.path(), &words);
        serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("no JSON: {}", said.err))
    };
    let usual = report("");
    assert_eq!(usual["counting"]["as_published"], true);
    assert_eq!(usual["counting"]["dedup_window_seconds"], 172_800.0);
    assert_eq!(usual["conversions"][0]["counted"], 2);
    assert_eq!(usual["events"][0]["cost_seen"], 0.5);
    let wide = report("[counting]\ndedup_window = \"60d\"\n");
    assert_eq!(wide["counting"]["as_published"], false);
    assert_eq!(wide["conversions"][0]["counted"], 1);
    assert!(wide["limits"].to_string().contains("1440 h instead of 48 h"), "{}", wide["limits"]);
    let findings = wide["findings"].to_string();
    assert!(!findings.contains("dedup-window-exceeded"), "{findings}");
}

#[test]
fn limits_of_the_policy_reach_the_rules() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = tape("low-match-quality/clean.jsonl");
    let words = ["check", &path.to_string_lossy(), "--format", "json", "--out", "-"];
    let config = "[policy.limits]\nmatch_quality = 9.9\n[policy.limits.match_key_coverage]\n\"Purchase.server.external_id\" = \"80 %\"\n";
    std::fs::write(folder.path().join("countonce.toml"), config).expect("written");
    let said = countonce(folder.path(), &words);
    for part in ["low-match-quality", "carry external_id (0 %, at least 80 % wanted)", "add "] {
        assert!(said.out.contains(part), "no `{part}` in:\n{}", said.out);
    }
}

#[test]
fn match_quality_is_calibrated_by_real_scores_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = tape("missing-currency/clean.jsonl");
    let words = ["check", &path.to_string_lossy(), "--format", "json", "--out", "-"];
    std::fs::write(
        folder.path().join("countonce.toml"),
        "[match_quality]\ncalibration = \"emq.json\"\n",
    )
    .expect("written");
    let judged = |scores: &str| {
        std::fs::write(folder.path().join("emq.json"), scores).expect("written");
        countonce(folder.path(), &words)
    };
    let said = judged(
        r#"{"web": [{"event_name": "Purchase", "event_match_quality": {"composite_score": 5.0}}]}"#,
    );
    let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let quality = &report["events"][0]["match_quality"];
    assert_eq!((&quality["estimate"], &quality["calibrated"]), (&5.0.into(), &true.into()));
    let basis = report["match_quality_basis"].as_str().expect("a sentence");
    assert!(basis.contains("never Meta's score") && basis.contains("emq.json"), "{basis}");
    let said = judged("{\"web\": [\n{\"event_name\": 3}]}");
    assert_eq!(said.code, 2);
    assert!(said.err.contains("emq.json:2:16: invalid type"), "{}", said.err);
    std::fs::remove_file(folder.path().join("emq.json")).expect("there");
    let said = countonce(folder.path(), &words);
    assert!(said.code == 2 && said.err.contains("countonce.toml"), "{}", said.err);
}

#[test]
fn explain_prints_a_manual_page_and_the_list() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = countonce(folder.path(), &["explain", "double-counted"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("## How to fix"));
    let shouted = countonce(folder.path(), &["explain", "DOUBLE_COUNTED"]);
    assert_eq!((shouted.code, shouted.out), (0, said.out));
    refused(&["explain", "VALUE-MISMTCH"], &[], &["did you mean `value-mismatch`"]);
    let said = countonce(folder.path(), &["explain"]);
    assert_eq!(said.out.lines().count(), countonce::rule::rules().count());
}

#[test]
fn init_writes_files_that_the_program_reads_and_keeps_what_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = countonce(folder.path(), &["init"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let (scenarios, errors) = countonce::scenario::load(
        &[folder.path().join("scenarios")],
        &countonce::scenario::Environment::new(&|_| None),
    );
    assert!(errors.is_empty() && scenarios.len() == 1, "{errors:?}");
    let config = countonce::scenario::Config::read(&folder.path().join("countonce.toml"));
    assert!(config.is_ok(), "{config:?}");
    std::fs::write(folder.path().join("countonce.toml"), "# mine\n").expect("written");
    let said = countonce(folder.path(), &["init"]);
    assert!(said.out.contains("kept"));
    assert_eq!(
        std::fs::read_to_string(folder.path().join("countonce.toml")).expect("there"),
        "# mine\n"
    );
}

#[test]
fn published_schemas_are_those_of_the_program() {
    let folder = tempfile::tempdir().expect("a folder");
    for of in ["scenario", "config", "tape", "report", "comparison"] {
        let said = countonce(folder.path(), &["schema", of]);
        let schema: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
        assert!(schema["$schema"].is_string(), "{of}");
        let kept =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{of}.schema.json"));
        if std::env::var_os("COUNTONCE_BLESS").is_some() {
            std::fs::create_dir_all(kept.parent().expect("a folder")).expect("made");
            std::fs::write(&kept, &said.out).expect("written");
        }
        let read = std::fs::read_to_string(&kept).unwrap_or_default();
        assert!(
            read == said.out,
            "{} is behind; run the tests with COUNTONCE_BLESS=1",
            kept.display()
        );
    }
}

#[test]
fn digest_tells_what_is_hashed_and_what_made_a_digest() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = countonce(folder.path(), &["digest", "em", " John_Smith@Gmail.com "]);
    assert!(
        said.out.contains("62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
        "{}",
        said.out
    );
    // SHA-256 of the number with its plus sign kept.
    let plus = countonce::platform::meta::normalise::digest("+16505551212");
    let said = countonce(
        folder.path(),
        &["digest", "phone", "+1 (650) 555-1212", "--is", &plus, "--country", "US"],
    );
    assert!(said.out.starts_with("mistake:") && said.out.contains("plus"), "{}", said.out);
    let said = countonce(folder.path(), &["digest", "ph", "+1 650 555 1212", "--json"]);
    let line: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(line["normalised"]["pixel"], "16505551212");
    refused(&["digest", "emial", "a@b.com"], &[], &["emial", "did you mean"]);
    refused(&["digest", "ph", "1", "--country", "ZZZ"], &[], &["ZZZ", "did you mean"]);
    refused(&["digest", "dobd", "9"], &[], &["dobd", "`db`"]);
    let said = countonce(folder.path(), &["digest", "ph", "020 7183 8750", "--country", "GB"]);
    assert!(said.out.contains("\"442071838750\""), "{}", said.out);
    let said = countonce(folder.path(), &["digest", "ph", "020 7183 8750"]);
    assert!(said.out.contains("give --country"), "{}", said.out);
    refused(&["digest"], &[], &["FIELD"]);
}

#[test]
fn digest_reads_a_batch_line_by_line() {
    use std::io::Write as _;
    let mut child = Command::new(env!("CARGO_BIN_EXE_countonce"))
        .args(["digest", "--batch"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("starts");
    let mut input = child.stdin.take().expect("piped");
    input
        .write_all(
            "{\"field\":\"ct\",\"value\":\"São Paulo\"}\n{\"field\":\"zp\"}\n{\"field\":\"ct\",\"value\":\"Köln\"}\n"
                .as_bytes(),
        )
        .expect("written");
    drop(input);
    let output = child.wait_with_output().expect("ends");
    let lines: Vec<serde_json::Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines[0]["normalised"]["pixel"], "sopaulo");
    assert_eq!(lines[1]["line"], 2);
    assert_eq!(lines[2]["normalised"]["pixel"], "kln");
    assert_eq!((lines.len(), output.status.code()), (3, Some(2)));
    assert!(String::from_utf8_lossy(&output.stderr).contains("1 line could not be read"));
}

#[test]
fn github_gets_its_summary_and_its_annotations() {
    let folder = tempfile::tempdir().expect("a folder");
    let summary = folder.path().join("summary.md");
    std::fs::write(&summary, "before\n").expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_countonce"))
        .args(["check", &tape("event-id-mismatch/broken.jsonl").to_string_lossy()])
        .args(["--format", "json,github"])
        .current_dir(folder.path())
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("GITHUB_ACTIONS", "true")
        .output()
        .expect("starts");
    assert_eq!(output.status.code(), Some(1));
    let text = std::fs::read_to_string(&summary).expect("there");
    assert!(text.starts_with("before\n## ❌ countonce: failed"), "{text}");
    let out = String::from_utf8_lossy(&output.stdout);
    let commands = out.lines().filter(|line| line.starts_with("::error file=")).count();
    assert_eq!(commands, 2, "{out}");
    let latest = folder.path().join("reports/latest");
    assert!(latest.join("annotations.txt").exists() && !latest.join("report.sarif").exists());
}
