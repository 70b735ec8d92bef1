//! The command line: flags become plain options, commands call the river.
//!
//! Parsing never does anything; a command writes to the streams it is given and
//! returns an exit code.

mod args;
mod audit;
mod audit_args;
mod baseline;
mod brand;
mod browsers;
mod check;
mod ci;
mod compare;
mod completions;
mod config;
mod demo;
mod digest;
mod explain;
mod gate;
mod init;
mod interrupt;
mod listen;
mod log_names;
mod man;
mod merge;
mod play;
mod policy;
mod progress;
mod render;
mod reports;
mod schema;
mod setup;
mod sql;
mod stage;
mod start;
mod streams;
mod visitors;

use std::ffi::OsString;

use clap::Parser as _;

use args::{Args, Command};

pub use streams::Streams;

/// Exit code for wrong input: a flag, a scenario, a configuration, a tape.
pub const WRONG_INPUT: u8 = 2;
/// Exit code for a run that could not be made, or that caught nothing.
pub const NO_RUN: u8 = 3;

/// Carries out a command line and returns the exit code.
pub fn execute(words: impl IntoIterator<Item = OsString>, streams: &Streams) -> u8 {
    let args = match Args::try_parse_from(words) {
        Ok(args) => args,
        Err(problem) => {
            let text = problem.render();
            return if problem.use_stderr() {
                streams.err(&text.to_string());
                WRONG_INPUT
            } else {
                streams.out(&text.to_string());
                0
            };
        }
    };
    match args.command {
        Command::Demo(options) => demo::demo(&options, streams),
        Command::Digest(options) => digest::run(&options, streams),
        Command::Setup(options) => setup::setup(&options, streams),
        Command::Init(options) => init::init(&options, streams),
        Command::Run(options) => play::run(&options, streams),
        Command::Listen(options) => listen::listen(&options, streams),
        Command::Check(options) => check::check(&options, streams),
        Command::Merge(options) => merge::merge(&options, streams),
        Command::Gate(options) => gate::gate(&options, streams),
        Command::Compare(options) => compare::compare(&options, streams),
        Command::Report(options) => render::render(&options, streams),
        Command::Completions(options) => completions::completions(&options, streams),
        Command::Man(options) => man::man(&options, streams),
        Command::Audit(options) => audit::audit(&options, streams),
        Command::Facts(options) => audit::facts(&options, streams),
        Command::Sql(options) => sql::sql(&options, streams),
        Command::Explain(options) => explain::explain(&options, streams),
        Command::Schema(options) => schema::schema(&options, streams),
    }
}
