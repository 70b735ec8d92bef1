//! Hands a report to where the flags say: terminal, files, or one machine format on
//! standard output.

use std::path::{Path, PathBuf};

use super::args::{ColorChoice, Loudness, ReportOptions};
use super::{Streams, WRONG_INPUT, brand, ci};
use crate::format::{FORMATS, Format, Look, find};
use crate::gate::exit_code;
use crate::report::{Brand, Report};
use crate::run;

/// Where reports of this command go.
pub(super) struct Reports<'a> {
    formats: Vec<&'static Format>,
    to_stdout: bool,
    out: PathBuf,
    look: Look,
    brand: Option<Brand>,
    loudness: Loudness,
    asked: bool,
    streams: &'a Streams,
}

/// Stands for every format.
const ALL: &str = "all";

/// Prints an error with its hint, and returns its exit code.
pub(super) fn complain(error: &run::Error, streams: &Streams) -> u8 {
    streams.err(&format!("error: {error}"));
    if let Some(hint) = error.hint() {
        streams.err(&format!("  {hint}"));
    }
    error.exit_code()
}

impl<'a> Reports<'a> {
    /// Reads the flags; an unknown format is the user's error.
    pub(super) fn new(options: &ReportOptions, streams: &'a Streams) -> Result<Reports<'a>, u8> {
        let mut formats = Vec::new();
        for name in &options.format {
            match find(name) {
                Some(format) => formats.push(format),
                None if name == ALL => formats.extend(FORMATS.iter()),
                None => {
                    let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
                    let near =
                        names.iter().min_by_key(|known| strsim::damerau_levenshtein(known, name));
                    let hint =
                        near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                    streams.err(&format!(
                        "error: there is no format `{name}`{hint}\n  formats: {}, or {ALL}",
                        names.join(", ")
                    ));
                    return Err(WRONG_INPUT);
                }
            }
        }
        let mut seen = Vec::new();
        formats.retain(|format: &&Format| {
            let first = !seen.contains(&format.name);
            seen.push(format.name);
            first
        });
        let to_stdout = options.out == Path::new("-");
        if to_stdout && formats.len() != 1 {
            streams.err(
                "error: `--out -` writes one format to standard output; name it with --format",
            );
            return Err(WRONG_INPUT);
        }
        let asked = !formats.is_empty();
        if formats.is_empty() {
            formats = FORMATS.iter().collect();
        }
        let colour = match options.color {
            ColorChoice::Auto => streams.colour,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        let width = options.width.or(streams.width).map_or(Look::USUAL_WIDTH, usize::from);
        let look = Look { width: width.max(Look::LEAST_WIDTH), colour };
        let brand = brand::read(options.brand.as_deref(), streams)?;
        let (out, loudness) = (options.out.clone(), options.loudness());
        Ok(Reports { formats, to_stdout, out, look, brand, loudness, asked, streams })
    }

    /// True where the format of that name is written.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.formats.iter().any(|format| format.name == name)
    }

    /// True where the user named formats.
    pub(super) fn asked(&self) -> bool {
        self.asked
    }

    /// How the terminal report looks.
    pub(super) fn look(&self) -> Look {
        self.look
    }

    /// The folder that holds the folders of runs; a temporary place where everything goes to standard output.
    pub(super) fn out(&self) -> PathBuf {
        if self.to_stdout { std::env::temp_dir() } else { self.out.clone() }
    }

    /// Writes and prints a report; returns the exit code of its verdict.
    ///
    /// `folder` is the run's own folder; without one, a judged tape is printed only,
    /// unless formats were asked for.
    pub(super) fn deliver(&self, report: &Report, folder: Option<&Path>) -> u8 {
        let branded = self
            .brand
            .as_ref()
            .map(|brand| Report { brand: Some(brand.clone()), ..report.clone() });
        let report = branded.as_ref().unwrap_or(report);
        if self.to_stdout {
            self.streams.out(&(self.formats[0].render)(report, &self.look));
            return exit_code(&report.verdict);
        }
        let made = match folder {
            Some(folder) => Ok(folder.to_owned()),
            None => run::folder(&self.out, report.started, &report.name),
        };
        let written = made.and_then(|folder| {
            run::publish(report, &self.formats, &folder, Look::USUAL_WIDTH).map(|()| folder)
        });
        if self.loudness == Loudness::Quiet {
            self.streams.out(&report.headline());
        } else if let Some(terminal) = find("terminal") {
            self.streams.out(&(terminal.render)(report, &self.look));
        }
        ci::tell(report, &self.formats, self.streams);
        match written {
            Ok(folder) => {
                let names: Vec<String> = self
                    .formats
                    .iter()
                    .flat_map(|format| format.files())
                    .map(|file| self.streams.link_as(&folder.join(file), file))
                    .collect();
                if self.loudness != Loudness::Quiet {
                    let folder = self.streams.link(&folder);
                    self.streams.err(&format!("Reports: {folder} ({})", names.join(", ")));
                }
                exit_code(&report.verdict)
            }
            // The verdict stands; but a pipeline that waits for the files must not go on.
            Err(error) => exit_code(&report.verdict).max(complain(&error, self.streams)),
        }
    }
}
