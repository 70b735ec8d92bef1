//! `countonce completions` and `countonce man`: what a package puts beside the program.

use std::fs;
use std::io;
use std::path::Path;

use clap::{Command, CommandFactory as _};

use super::args::{Args, CompletionsOptions, ManOptions};
use super::{NO_RUN, Streams};

/// Prints the completion script of a shell.
pub(super) fn completions(options: &CompletionsOptions, streams: &Streams) -> u8 {
    let mut script = Vec::new();
    let mut command = Args::command();
    let name = command.get_name().to_owned();
    clap_complete::generate(options.shell, &mut command, name, &mut script);
    streams.out(&String::from_utf8_lossy(&script));
    0
}

/// Writes a manual page per command, or prints the main one.
pub(super) fn man(options: &ManOptions, streams: &Streams) -> u8 {
    let mut command = Args::command();
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
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The main page and one for each command, named as `man` looks for them.
fn pages(command: &Command, folder: &Path) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let subs = command.get_subcommands().filter(|sub| sub.get_name() != "help");
    let mut count = 0;
    for one in std::iter::once(command).chain(subs) {
        clap_mangen::Man::new(one.clone()).generate_to(folder)?;
        count += 1;
    }
    Ok(count)
}
