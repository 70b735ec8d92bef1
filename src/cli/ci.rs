//! What a CI service gets besides the files: GitHub's job summary and its annotations.
//!
//! A service that cannot be told is warned about; the verdict stands without it.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use super::Streams;
use crate::format::{Format, Look, find};
use crate::report::Report;

/// Variable with the file to which a step's summary is appended (GitHub, "Workflow
/// commands": job summaries).
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";
/// Variable that says that GitHub's runner reads standard output for commands.
const RUNNER: &str = "GITHUB_ACTIONS";

/// Appends the Markdown report to the job summary and prints the annotations, where a
/// runner of GitHub listens.
pub(super) fn tell(report: &Report, formats: &[&'static Format], streams: &Streams) {
    let asked = |name: &str| formats.iter().any(|format| format.name == name);
    if std::env::var(RUNNER).is_ok_and(|value| value == "true")
        && asked("github")
        && let Some(github) = find("github")
    {
        streams.out(&(github.render)(report, &Look::default()));
    }
    if let Some(markdown) = find("markdown") {
        summarise(&(markdown.render)(report, &Look::default()), streams);
    }
}

/// Appends a Markdown text to the job summary, where there is one.
pub(super) fn summarise(text: &str, streams: &Streams) {
    let Some(file) = std::env::var_os(SUMMARY).filter(|file| !file.is_empty()) else { return };
    let path = PathBuf::from(file);
    let appended = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(format!("{text}\n").as_bytes()));
    if let Err(cause) = appended {
        streams.err(&format!("warning: {SUMMARY}: {}: {cause}", path.display()));
    }
}
