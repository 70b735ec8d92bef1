//! `reports/sample`: one recorded run in every format, kept true.
//!
//! The tape was recorded with `countonce demo` and some planted faults; the reports are
//! made from it here. `COUNTONCE_BLESS=1` writes them anew.

use std::path::Path;

use countonce::format::{FORMATS, Look};
use countonce::gate::{Policy, Preset};
use countonce::report::Report;
use countonce::run::{conclude_tape, known_rules};

/// The folder, as a reader of the repository names it.
const FOLDER: &str = "reports/sample";

fn report() -> Report {
    let tape = Path::new(FOLDER).join("tape.jsonl");
    let policy = Policy::new(Preset::Strict, &known_rules());
    let mut report = conclude_tape(&tape, false, &policy).expect("the shipped tape is whole");
    "sample".clone_into(&mut report.name);
    report
}

#[test]
fn the_shipped_sample_is_what_this_version_makes_of_its_tape() {
    let report = report();
    assert!(!report.findings.is_empty() && report.pictures.len() > 5, "it shows something");
    let bless = std::env::var_os("COUNTONCE_BLESS").is_some();
    let mut stale = Vec::new();
    for format in FORMATS {
        let own = format.file.map(|file| (file, format.render));
        for (file, render) in own.into_iter().chain(format.also.iter().copied()) {
            let path = Path::new(FOLDER).join(file);
            let text = render(&report, &Look::default());
            if bless {
                std::fs::write(&path, text).expect("written");
            } else if std::fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
                stale.push(file);
            }
        }
    }
    assert!(stale.is_empty(), "write {stale:?} anew with COUNTONCE_BLESS=1 and look at them");
}

#[test]
fn nothing_in_the_shipped_reports_is_a_persons_or_a_secret() {
    let tape = std::fs::read_to_string(Path::new(FOLDER).join("tape.jsonl")).expect("a tape");
    let persona = regex::Regex::new(r#""persona":\{[^}]*\}"#).expect("a pattern");
    let field = regex::Regex::new(
        r#""(email|phone|phone_national|ip|ipv6|street|click_id|external_id|password)":"([^"]+)""#,
    )
    .expect("a pattern");
    let people: Vec<String> = persona
        .find_iter(&tape)
        .flat_map(|one| field.captures_iter(one.as_str()).map(|found| found[2].to_owned()))
        .collect();
    assert!(people.len() > 10, "{people:?}");
    let digest = regex::Regex::new(r"\b[0-9a-f]{64}\b").expect("a pattern");
    let own = report().tape_hash.expect("a hash");
    for format in FORMATS {
        for file in format.files() {
            let text = std::fs::read_to_string(Path::new(FOLDER).join(file)).expect("a report");
            for value in &people {
                assert!(!text.contains(value.as_str()), "{file} has {value}");
            }
            let stray = digest.find_iter(&text).find(|found| found.as_str() != own);
            let allowed = file.ends_with(".json") && file.starts_with("gl-");
            assert!(stray.is_none() || allowed, "{file}: {stray:?}");
            assert!(!text.contains("demo-access-token"), "{file}");
        }
    }
}
