//! `countonce completions`: the completion script of a shell.

use clap::CommandFactory as _;

use super::Streams;
use super::args::{Args, CompletionsOptions};

/// Prints the completion script of a shell.
pub(super) fn completions(options: &CompletionsOptions, streams: &Streams) -> u8 {
    let mut script = Vec::new();
    let mut command = Args::command();
    let name = command.get_name().to_owned();
    clap_complete::generate(options.shell, &mut command, name, &mut script);
    streams.out(&String::from_utf8_lossy(&script));
    0
}
