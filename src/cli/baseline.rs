//! Reads the baseline that a run is held against, and writes it anew where that is asked.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::args::ReportOptions;
use super::{NO_RUN, Streams, WRONG_INPUT};
use crate::gate::{BASELINE_FILE, Baseline, Outcome, Policy};
use crate::report::Report;
use crate::run::settle;

/// Folder for runs, where no other is named.
const USUAL_FOLDER: &str = "reports";

/// A baseline and its file.
pub(super) struct Baselines {
    path: PathBuf,
    last: Option<Baseline>,
    update: bool,
}

impl Baselines {
    /// Reads the file that is named, or the usual one where it is there.
    pub(super) fn read(options: &ReportOptions, streams: &Streams) -> Result<Baselines, u8> {
        let folder = match options.out.as_path() {
            out if out == Path::new("-") => Path::new(USUAL_FOLDER),
            out => out,
        };
        let path = options.baseline.clone().unwrap_or_else(|| folder.join(BASELINE_FILE));
        let update = options.update_baseline;
        let complain = |what: String| {
            streams.err(&format!("error: {what}"));
            WRONG_INPUT
        };
        let last = match fs::read_to_string(&path) {
            Ok(text) => {
                Some(Baseline::parse(&text, &path).map_err(|error| complain(error.to_string()))?)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if options.baseline.is_some() && !update {
                    return Err(complain(format!(
                        "{}: there is no such baseline; --update-baseline writes it",
                        path.display()
                    )));
                }
                None
            }
            Err(error) => return Err(complain(format!("{}: {error}", path.display()))),
        };
        Ok(Baselines { path, last, update })
    }

    /// What is accepted so far, unless that is to be written anew.
    pub(super) fn accepted(&self) -> Option<&Baseline> {
        self.last.as_ref().filter(|_| !self.update)
    }

    /// Holds a report against the baseline; where it is to be written anew, writes it first.
    pub(super) fn settle(
        &self,
        report: &mut Report,
        policy: &Policy,
        streams: &Streams,
    ) -> Result<(), u8> {
        let file = self.path.display().to_string();
        if !self.update {
            let baseline = self.last.as_ref().map(|baseline| (baseline, file.as_str()));
            settle(report, policy, baseline);
            return Ok(());
        }
        settle(report, policy, None);
        if report.verdict.outcome == Outcome::Empty {
            streams.err(&format!("error: {file} is not written: the run caught nothing"));
            return Err(NO_RUN);
        }
        let fresh = Baseline::of(report, self.last.as_ref());
        let failed = |error: io::Error| {
            streams.err(&format!("error: {file}: {error}"));
            NO_RUN
        };
        self.write(&fresh.text()).map_err(failed)?;
        let before = self.last.as_ref();
        let known = |print: &String| before.is_some_and(|last| last.accepted.contains_key(print));
        let added = fresh.accepted.keys().filter(|print| !known(print)).count();
        let removed = before.map_or(0, |last| {
            last.accepted.keys().filter(|print| !fresh.accepted.contains_key(*print)).count()
        });
        streams.err(&format!(
            "Baseline: {file} ({} accepted findings, {added} of them new, {removed} removed; {} scenarios)",
            fresh.accepted.len(),
            fresh.behaviour.len()
        ));
        settle(report, policy, Some((&fresh, &file)));
        Ok(())
    }

    /// Written beside its place and moved into it, so that no half a file is left.
    fn write(&self, text: &str) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            fs::create_dir_all(folder)?;
        }
        if fs::read_to_string(&self.path).is_ok_and(|old| old == text) {
            return Ok(());
        }
        let fresh = self.path.with_extension("new");
        fs::write(&fresh, text)?;
        fs::rename(&fresh, &self.path)
    }
}
