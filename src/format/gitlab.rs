//! GitLab code quality: the findings as a JSON list that merge requests show beside the
//! lines of the scenarios.
//!
//! Accepted findings are left out: the service knows no such state.

use std::collections::BTreeMap;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::spots::{Spot, spots};
use super::{Format, Look, foreign};
use crate::finding::Severity;
use crate::report::Report;

pub(super) const FORMAT: Format = Format {
    name: "gitlab",
    file: Some("gl-code-quality-report.json"),
    summary: "code quality report for merge requests on GitLab",
    also: &[],
    render,
};

/// Longest description, in characters (assumed: the page shows one line).
const LONGEST: usize = 600;

fn render(report: &Report, _look: &Look) -> String {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let list: Vec<serde_json::Value> = spots(report)
        .iter()
        .filter(|spot| !spot.is_known())
        .filter_map(|spot| {
            let earlier = seen.entry(spot.fingerprint.clone()).or_default();
            *earlier += 1;
            entry(spot, *earlier)
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&list).expect("plain values are JSON");
    text.push('\n');
    foreign::quiet_json(&text)
}

fn entry(spot: &Spot<'_>, number: usize) -> Option<serde_json::Value> {
    let finding = &spot.found.finding;
    let location = spot.location.as_ref()?;
    let times = if spot.times > 1 { format!(" (×{})", spot.times) } else { String::new() };
    let subject = match spot.subject() {
        subject if subject.is_empty() => String::new(),
        subject => format!("{subject}: "),
    };
    let description = format!("{}: {subject}{}{times}", finding.rule, finding.message);
    Some(json!({
        "description": foreign::plain(&description, LONGEST),
        "check_name": finding.rule,
        "fingerprint": digest(&spot.fingerprint, number),
        "severity": match spot.severity() {
            Severity::Error => "major",
            Severity::Warn => "minor",
            Severity::Info | Severity::Off => "info",
        },
        "location": {
            "path": path(&location.file),
            "lines": { "begin": location.place.line.max(1) },
        },
    }))
}

/// The service takes entries of one fingerprint for one.
fn digest(fingerprint: &str, number: usize) -> String {
    let whole = Sha256::digest(format!("{fingerprint}|{number}"));
    whole.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Relative to the repository, without `./`, as the service asks for.
fn path(file: &str) -> String {
    let plain = foreign::plain(&file.replace('\\', "/"), LONGEST);
    plain.trim_start_matches("./").to_owned()
}
