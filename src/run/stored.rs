//! Opens a run that was made earlier: its folder, its tape or its JSON report.
//!
//! What another engine answered to our queries becomes the report of an audit. A tape is judged anew; a JSON report is weighed anew, since it holds the findings but
//! not what they were found in.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::format::read;
use crate::gate::{Policy, reweigh};
use crate::report::Report;

use super::{Error, TAPE, answered, artefacts, conclude_tape, settle};

/// Name of the JSON report in a run's folder.
const REPORT: &str = "report.json";
/// What the first line of every tape names.
const TAPE_SIGN: &str = "\"countonce_tape\"";
/// What the lines of another engine's answer name.
const FIGURES: &str = "\"countonce_figures\"";
/// Bytes at the beginning of a file that tell a tape from a report.
const HEAD: u64 = 4096;

/// The report of a stored run under a policy, without a baseline.
pub fn stored(path: &Path, partial: bool, policy: &Policy) -> Result<Report, Error> {
    let file = match file_of(path) {
        Ok(file) => file,
        Err(error) => return answered(path, policy)?.ok_or(error),
    };
    let failed = |source| Error::Stored { path: file.clone(), what: format!("{source}") };
    let mut head = String::new();
    let mut opened = fs::File::open(&file).map_err(failed)?;
    let mut bytes = Vec::new();
    opened.by_ref().take(HEAD).read_to_end(&mut bytes).map_err(failed)?;
    head.push_str(&String::from_utf8_lossy(&bytes));
    if head.lines().next().is_some_and(|line| line.contains(TAPE_SIGN)) {
        let mut report = conclude_tape(&file, partial, policy)?;
        let beside = file.file_name().is_some_and(|name| name == TAPE);
        if let Some(name) = file.parent().filter(|_| beside).and_then(name_of) {
            report.name = name;
        }
        return Ok(report);
    }
    if (!head.trim_start().starts_with('{') || head.contains(FIGURES))
        && let Some(report) = answered(&file, policy)?
    {
        return Ok(report);
    }
    let text = fs::read_to_string(&file).map_err(failed)?;
    let mut report = read(&text)
        .map_err(|error| Error::Stored { path: file.clone(), what: format!("{error}") })?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    report.pictures = artefacts::pictures(&report, folder.unwrap_or(Path::new(".")));
    reweigh(&mut report, policy);
    report.limits.push(
        "Judged again from a JSON report: findings of rules that were off in that run are not in it."
            .to_owned(),
    );
    settle(&mut report, policy, None);
    Ok(report)
}

/// The tape of a run's folder, or else its JSON report; a file is taken as it is.
fn file_of(path: &Path) -> Result<PathBuf, Error> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    [TAPE, REPORT].map(|name| path.join(name)).into_iter().find(|file| file.is_file()).ok_or_else(
        || Error::Stored {
            path: path.to_owned(),
            what: format!("no run is stored here: it has neither {TAPE} nor {REPORT}"),
        },
    )
}

/// The name of a run by its folder: that of the report in it, since `latest` is none.
fn name_of(folder: &Path) -> Option<String> {
    let report = fs::read_to_string(folder.join(REPORT)).ok().and_then(|text| read(&text).ok());
    let folder = || folder.file_name().map(|name| name.to_string_lossy().into_owned());
    report.map(|report| report.name).filter(|name| !name.is_empty()).or_else(folder)
}
