//! Every rule on every tape: its broken tape shows it, its clean one does not, and the
//! snapshot of each rule names every other tape that shows it too.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use countonce::capture;
use countonce::finding::Finding;
use countonce::rule::rules;
use countonce::run::judgement;

use crate::cases::cases;

/// Where the tapes of all rules are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tapes")
}

/// What is found on a tape.
pub fn findings(tape: &Path) -> Vec<Finding> {
    let (capture, damage) = capture::read(tape).expect("a tape");
    assert!(damage.is_none(), "{}: {damage:?}", tape.display());
    judgement(&capture).expect("judged").findings
}

#[test]
fn tapes_are_what_their_cases_say() {
    let bless = std::env::var_os("COUNTONCE_BLESS").is_some();
    let scratch = tempfile::tempdir().expect("a folder");
    for case in cases() {
        for (kind, make) in [("clean", case.clean), ("broken", case.broken)] {
            let kept = folder().join(case.rule).join(format!("{kind}.jsonl"));
            if bless {
                make().write(&kept);
            }
            let made = scratch.path().join("tape.jsonl");
            make().write(&made);
            let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
            assert!(
                read(&kept) == read(&made),
                "{} differs from its case; run the tests with COUNTONCE_BLESS=1 and review",
                kept.display()
            );
        }
    }
}

#[test]
fn every_rule_has_both_tapes_and_every_tape_a_rule() {
    for rule in rules() {
        for kind in ["clean", "broken"] {
            let tape = folder().join(rule.id).join(format!("{kind}.jsonl"));
            assert!(tape.exists(), "{} is missing", tape.display());
        }
    }
    for case in cases() {
        assert!(rules().any(|rule| rule.id == case.rule), "no rule is called {}", case.rule);
    }
}

/// Judges both tapes of every rule, several at a time: most of a judgement is waiting for
/// small queries.
fn judged() -> Vec<(&'static str, &'static str, Vec<Finding>)> {
    let tapes: Vec<(&str, &str)> =
        rules().flat_map(|rule| [(rule.id, "clean"), (rule.id, "broken")]).collect();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((at, (rule, kind))) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    tapes.get(at).map(|tape| (at, *tape))
                } {
                    let found = findings(&folder().join(rule).join(format!("{kind}.jsonl")));
                    done.lock().expect("nobody panics with it").push((at, rule, kind, found));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("nobody panics with it");
    done.sort_by_key(|(at, ..)| *at);
    done.into_iter().map(|(_, rule, kind, found)| (rule, kind, found)).collect()
}

#[test]
fn every_rule_runs_on_every_tape() {
    let mut seen: BTreeMap<&str, Vec<String>> = rules().map(|rule| (rule.id, vec![])).collect();
    for (id, kind, found) in judged() {
        let hit = found.iter().any(|finding| finding.rule == id);
        assert_eq!(hit, kind == "broken", "{id}/{kind}: {found:#?}");
        for finding in found {
            let cause =
                finding.cause.as_deref().map(|cause| format!(" [{cause}]")).unwrap_or_default();
            let line = format!(
                "{id}/{kind}: {} ×{}{cause} {}",
                finding.severity, finding.count, finding.message
            );
            seen.get_mut(finding.rule.as_str()).expect("a rule of the list").push(line);
        }
    }
    for (rule, lines) in seen {
        insta::with_settings!({snapshot_path => "snapshots/rules", prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!(rule, lines.join("\n"));
        });
    }
}

#[test]
fn every_rule_is_well_formed() {
    let mut ids: Vec<&str> = rules().map(|rule| rule.id).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "two rules share an id");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rule");
    let mut files = Vec::new();
    for family in
        std::fs::read_dir(&root).expect("a folder").flatten().filter(|entry| entry.path().is_dir())
    {
        // Parts of a family may have folders of their own; a rule is one file of it.
        let files_of = std::fs::read_dir(family.path()).expect("a folder").flatten();
        for file in files_of.filter(|entry| entry.path().is_file()) {
            let text = std::fs::read_to_string(file.path()).expect("readable");
            if text.contains("const RULE: Rule") {
                files.push(
                    file.path().file_stem().expect("a name").to_string_lossy().replace('_', "-"),
                );
            }
        }
    }
    files.sort();
    assert_eq!(files, ids, "files that define a rule (left) and the list RULES (right)");
    for rule in rules() {
        let manual = rule.manual();
        let headings: Vec<&str> = manual.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(
            headings,
            ["## What it checks", "## Why it matters", "## How to fix", "## Source"],
            "{}",
            rule.id
        );
    }
}

/// Holds a document against what the program makes of it.
#[track_caller]
fn kept(document: &str, made: &str) {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    if std::env::var_os("COUNTONCE_BLESS").is_some() {
        std::fs::write(&kept, made).expect("written");
    }
    let read = std::fs::read_to_string(&kept).unwrap_or_default();
    assert!(read == made, "{document} is behind; run the tests with COUNTONCE_BLESS=1");
}

#[test]
fn figures_and_weights_are_documented_as_the_program_has_them() {
    kept("docs/figures.md", &countonce::gate::figures_page());
    kept("docs/match-quality.md", &countonce::platform::meta::quality::handbook());
}

#[test]
fn the_handbook_is_collected_from_the_rules() {
    kept("docs/rules.md", &countonce::rule::handbook());
}
