//! The formats: every sample report through every format, at several widths, with and
//! without colour, and read back by someone else's parser.

use std::path::Path;

use countonce::format::{COMPARISON_FORMATS, FORMATS, Look, find, schema};
use countonce::gate::{Policy, compare};
use countonce::report::{Outcome, Report, Status};
use serde_json::Value;
use tabled::grid::util::string::get_string_width;

use super::sample;

pub fn render(format: &str, report: &Report, width: usize, colour: bool) -> String {
    let format = find(format).expect("a format of that name");
    (format.render)(report, &Look { width, colour })
}

fn terminal(report: &Report, width: usize) -> String {
    render("terminal", report, width, false)
}

fn json(report: &Report) -> Value {
    serde_json::from_str(&render("json", report, 100, false)).expect("JSON")
}

/// Files of the room that are no format themselves: what several formats share.
const SHARED: &[&str] = &["cases", "comparison", "foreign", "spots"];

#[test]
fn every_format_has_a_file_of_its_name_and_the_other_way_round() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/format");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .filter(|name| !SHARED.contains(&name.as_str()))
        .collect();
    let mut listed: Vec<String> = FORMATS.iter().map(|format| format.name.to_owned()).collect();
    files.sort();
    listed.sort();
    assert_eq!(files, listed);
    let mut names: Vec<&str> = FORMATS.iter().flat_map(countonce::format::Format::files).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "two formats write the same file");
    assert!(FORMATS.iter().all(|format| !format.summary.is_empty()));
}

#[test]
fn the_terminal_report_reads_as_it_should() {
    for (name, report) in sample::all() {
        for width in [80, 160] {
            insta::assert_snapshot!(format!("terminal_{name}_{width}"), terminal(&report, width));
        }
    }
}

#[test]
fn the_coloured_report_reads_as_it_should() {
    let coloured = render("terminal", &sample::faulty(), 100, true).replace('\u{1b}', "␛");
    insta::assert_snapshot!("terminal_faulty_coloured", coloured);
}

#[test]
fn no_line_is_wider_than_asked() {
    for (name, report) in sample::all() {
        for width in (Look::LEAST_WIDTH..=200).step_by(3) {
            for line in terminal(&report, width).lines() {
                let wide = get_string_width(line);
                assert!(wide <= width, "{name} at {width}: {wide} columns in {line:?}");
            }
        }
    }
}

#[test]
fn colour_only_repeats_what_words_and_signs_say() {
    let sequences = regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("a pattern");
    for (name, report) in sample::all() {
        for width in [80, 100, 160] {
            let coloured = render("terminal", &report, width, true);
            assert_ne!(coloured, terminal(&report, width), "{name} has no colour at all");
            assert_eq!(sequences.replace_all(&coloured, ""), terminal(&report, width), "{name}");
        }
    }
}

#[test]
fn nothing_that_a_terminal_obeys_comes_out_of_a_page() {
    let shown = terminal(&sample::ugly(), 100);
    let bad: Vec<char> = shown
        .chars()
        .filter(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{202e}' | '\u{200b}'))
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert!(shown.contains("␛[31mred␛[0m"), "what was there is still to be seen");
}

#[test]
fn hostile_texts_are_harmless_in_every_format() {
    let report = sample::ugly();
    let look = Look { width: 100, colour: false };
    for format in FORMATS {
        let own = format.file.map(|file| (file, format.render));
        for (file, render) in own.into_iter().chain(format.also.iter().copied()) {
            harmless(file, &render(&report, &look));
        }
    }
    // What goes to a log by itself, and the comparison with a run that was not hostile.
    harmless("verdict", &countonce::format::verdict(&report, &look));
    for (old, new) in [(sample::faulty(), report.clone()), (report, sample::faulty())] {
        let comparison = compare(&old, &new, &Policy::default());
        for format in COMPARISON_FORMATS {
            harmless(format.file, &(format.render)(&comparison, &look));
        }
    }
}

/// Nothing that a terminal, a CI service or a reader's eye would obey: control signs, signs
/// that turn or hide others, and commands at the beginning of a line.
#[track_caller]
fn harmless(file: &str, text: &str) {
    let bad: std::collections::BTreeSet<char> = text
        .chars()
        .filter(|c| {
            let turns = matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}');
            (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || turns
        })
        .collect();
    assert!(bad.is_empty(), "{file}: {bad:?}");
    for line in text.lines() {
        let start: String = line.trim_start().chars().take(60).collect();
        let own = file == "annotations.txt"
            && ["::error ", "::warning ", "::notice "]
                .iter()
                .any(|command| line.starts_with(command));
        assert!(own || !start.starts_with("::"), "{file}: {start}");
        assert!(!line.contains("##["), "{file}: {start}");
        assert!(!line.contains("##vso["), "{file}: {start}");
        let point = file == "report.tap" && start.starts_with("ok 1 - owned");
        assert!(!point, "{file}: {start}");
    }
    assert!(text.len() < 2_000_000, "{file}: {} bytes", text.len());
}

#[test]
fn the_verdict_stands_first_and_last() {
    for (name, report) in sample::all() {
        let shown = terminal(&report, 200);
        let headline = report.headline();
        assert_eq!(shown.lines().next(), Some(headline.as_str()), "{name}");
        assert_eq!(shown.lines().last(), Some(headline.as_str()), "{name}");
    }
}

#[test]
fn lists_without_end_are_cut_and_say_so() {
    let mut report = sample::faulty();
    let one = report.findings[0].clone();
    report.findings = vec![one; 5_000];
    report.events = vec![report.events[0].clone(); 5_000];
    report.unattributed = vec![report.unattributed[0].clone(); 5_000];
    let shown = terminal(&report, 100);
    assert!(shown.lines().count() < 600, "{} lines", shown.lines().count());
    assert!(shown.contains("… and 4988 more in the JSON report"));
}

#[test]
fn reports_keep_to_the_published_schema() {
    let schema: Value = serde_json::from_str(&schema()).expect("JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("a valid schema");
    for (name, report) in sample::all() {
        let document = json(&report);
        let faults: Vec<String> =
            validator.iter_errors(&document).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
    }
    let mut broken = json(&sample::faulty());
    broken["events"][0]["browser"] = Value::from("many");
    assert!(!validator.is_valid(&broken), "the schema lets anything through");
    broken = json(&sample::faulty());
    broken.as_object_mut().expect("an object").remove("findings");
    assert!(!validator.is_valid(&broken), "the schema asks for nothing");
}

#[test]
fn the_json_report_holds_what_the_contract_names() {
    let document = json(&sample::faulty());
    assert_eq!(document["format"], 1);
    assert_eq!(document["verdict"], "failed");
    assert_eq!(document["exit_code"], 1);
    let purchase = document["events"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|row| row["event"] == "Purchase")
        .expect("a row");
    assert_eq!(purchase["conversions"], 4);
    assert_eq!(purchase["duplicates"]["server"], 1);
    assert_eq!(purchase["coverage"]["server"]["ph"], 0.25);
    assert_eq!(purchase["coverage_counts"]["server"]["ph"]["of"], 4);
    assert_eq!(purchase["match_quality"]["low"], 7.4);
    let finding = &document["findings"][0];
    assert_eq!(finding["evidence"], serde_json::json!([12, 31]));
    assert_eq!(finding["status"], "new");
    assert_eq!(finding["location"]["line"], 14);
    assert_eq!(document["findings"][3]["status"], "known");
    assert_eq!(document["conversions"][0]["kept"], "both");
    assert_eq!(document["scenarios"][1]["flaky"], true);
    assert_eq!(document["started"], "2026-08-29T10:40:00Z");
}

#[test]
fn hostile_texts_survive_json_unchanged() {
    let report = sample::ugly();
    let document = json(&report);
    assert_eq!(document["findings"][0]["message"], report.findings[0].finding.message);
    assert_eq!(document["scenarios"][0]["name"], report.scenarios[0].name);
}

#[test]
fn junit_is_red_exactly_when_the_run_did_not_pass() {
    let mut reports = sample::all();
    let mut warned = sample::clean();
    let mut warning = sample::faulty().findings.remove(2);
    warning.finding.session = Some(1);
    warned.findings.push(warning);
    reports.push(("warned", sample::decided(warned)));
    let mut accepted = sample::faulty();
    accepted.findings.retain(|found| !found.is_new());
    reports.push(("accepted", sample::decided(accepted)));
    for (name, report) in reports {
        let xml = render("junit", &report, 100, false);
        let document = roxmltree::Document::parse(&xml)
            .unwrap_or_else(|error| panic!("{name} is not well-formed: {error}"));
        let red = document
            .descendants()
            .filter(|node| node.has_tag_name("failure") || node.has_tag_name("error"))
            .count();
        let passed = report.verdict.outcome == Outcome::Passed;
        assert_eq!(red == 0, passed, "{name}: {red} red cases, {}", report.headline());
        let root = document.root_element();
        let sum = |name: &str| -> usize {
            root.attribute(name).expect("a count").parse().expect("a number")
        };
        assert_eq!(sum("failures") + sum("errors"), red, "{name}");
    }
}

#[test]
fn junit_has_a_case_for_everything_that_must_hold() {
    let xml = render("junit", &sample::faulty(), 100, false);
    let document = roxmltree::Document::parse(&xml).expect("well-formed");
    let suite = |name: &str| {
        document
            .descendants()
            .find(|node| node.has_tag_name("testsuite") && node.attribute("name") == Some(name))
            .unwrap_or_else(|| panic!("no suite {name}"))
    };
    let names: Vec<&str> = suite("Guest checkout (clean)")
        .children()
        .filter(|node| node.has_tag_name("testcase"))
        .filter_map(|node| node.attribute("name"))
        .collect();
    assert_eq!(
        names,
        [
            "plays to the end",
            "Purchase ×1 on browser and server",
            "AddToCart ×1 on browser and server",
            "never Subscribe",
            "no other findings",
        ]
    );
    let purchase = suite("Guest checkout (clean)")
        .children()
        .find(|node| node.attribute("name") == Some("Purchase ×1 on browser and server"))
        .expect("a case");
    assert_eq!(purchase.attribute("file"), Some("scenarios/guest-checkout.yml"));
    assert_eq!(purchase.attribute("line"), Some("14"));
    let failure = purchase.children().find(|node| node.has_tag_name("failure")).expect("a failure");
    assert_eq!(failure.attribute("type"), Some("event-id-mismatch"));
    let text = failure.text().expect("a description");
    assert!(text.contains("letter case") && text.contains("#12 #31"), "{text}");
    assert!(text.contains("duplicate-server-event"), "{text}");
    assert!(text.contains("scenarios/guest-checkout.yml:14:5"), "{text}");

    let flaky = suite("Guest checkout (adblock)")
        .descendants()
        .find(|node| node.has_tag_name("flakyError"))
        .expect("the first attempt");
    assert!(flaky.attribute("message").is_some_and(|text| text.starts_with("attempt 1")));
    let skipped = suite("Newsletter (clean)")
        .descendants()
        .find(|node| node.has_tag_name("skipped"))
        .expect("the known finding");
    assert_eq!(
        skipped.attribute("message"),
        Some("known: missing-server-event (until the relaunch in May)")
    );
    let whole = suite("whole run").descendants().find(|node| node.has_tag_name("system-out"));
    assert!(
        whole.and_then(|node| node.text()).is_some_and(|text| text.contains("low-match-key")),
        "the warning of no scenario"
    );
}

#[test]
fn a_broken_scenario_is_an_error_and_what_it_left_open_is_skipped() {
    let report = sample::broken();
    assert_eq!(report.scenarios[1].status, Status::Broken);
    let xml = render("junit", &report, 100, false);
    let document = roxmltree::Document::parse(&xml).expect("well-formed");
    let types: Vec<&str> = document
        .descendants()
        .filter(|node| node.has_tag_name("error"))
        .filter_map(|node| node.attribute("type"))
        .collect();
    assert_eq!(types, ["broken", "stopped"]);
    let skipped = document.descendants().filter(|node| node.has_tag_name("skipped")).count();
    assert_eq!(skipped, 3);
}

#[test]
fn junit_keeps_every_finding_of_a_hostile_run() {
    let report = sample::ugly();
    let xml = render("junit", &report, 100, false);
    let document = roxmltree::Document::parse(&xml).expect("well-formed");
    let text: String = document.descendants().filter_map(|node| node.text()).collect();
    for found in &report.findings {
        assert!(text.contains(&found.finding.rule), "{} is lost", found.finding.rule);
    }
}
