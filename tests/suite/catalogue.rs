//! Explicit lists and generated pages, held to the files they speak of.

use std::fs;
use std::path::{Path, PathBuf};

use countonce::scenario;
use countonce::step::{STEPS, StepKind};
use countonce::visitor;

#[test]
fn every_step_file_is_in_the_list_under_its_own_name() {
    let mut defined = Vec::new();
    for path in rust_files(&root().join("src/step")) {
        let text = fs::read_to_string(&path).expect("readable");
        if text.contains("const STEP: StepKind") {
            defined.push(path.file_stem().expect("a name").to_string_lossy().into_owned());
        }
    }
    let mut listed: Vec<String> = STEPS.iter().map(|step| step.keyword.to_owned()).collect();
    listed.sort();
    assert_eq!(listed, defined, "STEPS in src/step.rs and the files in src/step differ");
}

#[test]
fn every_step_is_described_and_its_example_is_a_line_of_a_scenario() {
    for step in STEPS {
        let found = StepKind::of(step.keyword).expect("listed");
        assert_eq!(found.summary, step.summary);
        assert!(step.summary.len() > 10 && !step.summary.ends_with('.'), "{}", step.keyword);
        assert!(step.example.starts_with(step.keyword), "{}", step.keyword);
        assert!((step.schema)().is_object(), "{}", step.keyword);
        let text = format!("name: X\nsteps:\n  - {}\nexpect: []\nnever: [Lead]\n", step.example);
        let environment = scenario::Environment::new(&|_| None);
        let read = scenario::parse(Path::new("example.yaml"), &text, &environment);
        let read = read.unwrap_or_else(|errors| panic!("{}: {errors:?}", step.keyword));
        assert_eq!(read.steps[0].keyword, step.keyword);
    }
}

/// `COUNTONCE_UPDATE_DOCS=1 cargo test catalogue` writes the parts that differ.
#[test]
fn the_manual_of_scenarios_says_what_the_program_does() {
    let path = root().join("docs/scenarios.md");
    let before = fs::read_to_string(&path).expect("the manual");
    let mut after = before.clone();
    for part in scenario::manual() {
        let begin = format!("<!-- {} -->\n", part.name);
        let end = format!("<!-- /{} -->", part.name);
        let start = after.find(&begin).unwrap_or_else(|| panic!("no mark {begin}")) + begin.len();
        let stop = after[start..].find(&end).unwrap_or_else(|| panic!("no mark {end}")) + start;
        after.replace_range(start..stop, &format!("\n{}\n", part.text));
    }
    if std::env::var_os("COUNTONCE_UPDATE_DOCS").is_some() {
        fs::write(&path, &after).expect("written");
        return;
    }
    assert!(
        before == after,
        "docs/scenarios.md is behind the program; COUNTONCE_UPDATE_DOCS=1 cargo test catalogue mends it"
    );
}

#[test]
fn scenarios_and_configurations_in_the_manual_are_accepted() {
    let text = fs::read_to_string(root().join("docs/scenarios.md")).expect("the manual");
    let mut seen = 0;
    for (language, block) in blocks(&text) {
        match language {
            "yaml" if block.starts_with("name:") => {
                let environment = scenario::Environment::new(&|_| None);
                let read = scenario::parse(Path::new("manual.yaml"), block, &environment);
                let read = read.unwrap_or_else(|errors| panic!("{errors:#?}"));
                assert!(read.warnings.is_empty(), "{:?}", read.warnings);
                seen += 1;
            }
            "toml" => {
                let read = scenario::Config::parse(Path::new("manual.toml"), block);
                assert!(read.is_ok(), "{read:#?}");
                seen += 1;
            }
            _ => {}
        }
    }
    assert!(seen >= 3, "the manual has no examples");
}

/// `COUNTONCE_UPDATE_DOCS=1 cargo test catalogue` writes it again.
#[test]
fn the_page_of_profiles_and_variants_is_collected_from_their_headers() {
    let path = root().join("docs/profiles.md");
    let made = visitor::handbook();
    if std::env::var_os("COUNTONCE_UPDATE_DOCS").is_some() {
        fs::write(&path, &made).expect("written");
        return;
    }
    let kept = fs::read_to_string(&path).expect("the page");
    assert!(
        kept == made,
        "docs/profiles.md is behind; COUNTONCE_UPDATE_DOCS=1 cargo test catalogue mends it"
    );
    for (language, block) in blocks(&made) {
        match language {
            "yaml" => {
                let environment = scenario::Environment::new(&|_| None);
                let read = scenario::parse(Path::new("profiles.yaml"), block, &environment);
                assert!(read.is_ok(), "{read:#?}");
            }
            "toml" => {
                let read = scenario::Config::parse(Path::new("profiles.toml"), block);
                assert!(read.is_ok(), "{read:#?}");
            }
            _ => {}
        }
    }
}

/// Every variant names rules of the catalogue.
#[test]
fn variants_are_judged_by_rules_that_there_are() {
    for variant in visitor::VARIANTS {
        for id in variant.rules {
            assert!(countonce::rule::find(id).is_some(), "{} names {id}", variant.name);
        }
    }
}

/// Fenced blocks of a Markdown text: language and content.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("```") {
        let inner = &rest[start + 3..];
        let Some((language, body)) = inner.split_once('\n') else { break };
        let Some(end) = body.find("```") else { break };
        blocks.push((language.trim(), &body[..end]));
        rest = &body[end + 3..];
    }
    blocks
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Rust files of a folder, by name.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect();
    files.sort();
    files
}
