//! `countonce man`: a manual page per command, made from the flags themselves.
//!
//! Never a text of its own about a flag: what `--help` says is what the page says.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::args::{Args, ManOptions};
use super::{NO_RUN, Streams};

/// Title of the collection that all pages belong to.
const MANUAL: &str = "countonce manual";

/// What each exit code means, on every page.
const EXIT_STATUS: &str = r".SH EXIT STATUS
.TP
.B 0
The gate passed, or the command did what it was asked.
.TP
.B 1
The gate failed: the site is wrong. Never to be retried.
.TP
.B 2
The input is wrong: a flag, a scenario, the configuration, a tape, a log.
.TP
.B 3
The run could not be made or finished, or it captured nothing. May be retried.
";

/// What the main page says beyond the flags.
const MAIN: &str = r".SH ENVIRONMENT
Most flags can be set as
.BI COUNTONCE_ NAME
too; each command's page names its own. A flag wins over the environment, which wins over the configuration.
.B NO_COLOR
takes the colours away;
.B GITHUB_STEP_SUMMARY
names a file that the Markdown report is appended to.
.SH FILES
.TP
.I countonce.toml
The configuration, found upwards from the working directory.
.TP
.I reports/latest
A copy of the last run: its reports and its tape.
.TP
.I reports/baseline.toml
Accepted findings and observed behaviour.
";

/// Writes a manual page per command, or prints the main one.
pub(super) fn man(options: &ManOptions, streams: &Streams) -> u8 {
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    let done = match &options.folder {
        None => page(&command).map(|page| streams.out(&page)),
        Some(folder) => pages(&command, folder).map(|count| {
            streams.out(&format!("wrote {count} manual pages to {}", folder.display()));
        }),
    };
    match done {
        Ok(()) => 0,
        Err(cause) => {
            let place = options.folder.as_deref().unwrap_or(Path::new("manual page"));
            streams.err(&format!("error: {}: {cause}", place.display()));
            NO_RUN
        }
    }
}

fn page(command: &Command) -> io::Result<String> {
    // The one-line usage of `--help`: a synopsis with forty flags helps nobody.
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim().to_owned();
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_uppercase();
    let is_main = command.has_subcommands();
    let page = Man::new(command.clone().override_usage(usage))
        .title(name)
        .source(format!("countonce {}", env!("CARGO_PKG_VERSION")))
        .manual(MANUAL);
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    if is_main {
        page.render_subcommands_section(&mut text)?;
    }
    text.write_all(EXIT_STATUS.as_bytes())?;
    text.write_all(if is_main { MAIN } else { ".SH SEE ALSO\n.BR countonce (1)\n" }.as_bytes())?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The main page and one for each command, named as `man` looks for them.
fn pages(command: &Command, folder: &Path) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let all: Vec<&Command> = std::iter::once(command).chain(command.get_subcommands()).collect();
    for one in &all {
        let name = one.get_display_name().unwrap_or_else(|| one.get_name());
        fs::write(folder.join(format!("{name}.1")), page(one)?)?;
    }
    Ok(all.len())
}
