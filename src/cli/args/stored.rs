//! The flags of commands that look at runs which were played before: check, merge, gate,
//! report, compare. They never start a browser.

use std::path::PathBuf;

use super::{ColorChoice, ConfigFlag, ReportOptions};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CheckOptions {
    /// Tapes to judge
    #[arg(required = true, value_name = "TAPE")]
    pub(in crate::cli) tapes: Vec<PathBuf>,
    /// Judges what precedes the damage of a damaged tape
    #[arg(long)]
    pub(in crate::cli) partial: bool,
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFlag,
    #[command(flatten)]
    pub(in crate::cli) report: ReportOptions,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MergeOptions {
    /// Folders of runs, or their tapes
    #[arg(required = true, value_name = "RUN")]
    pub(in crate::cli) runs: Vec<PathBuf>,
    /// Merges what precedes the damage of a damaged tape, and shards of which some are missing
    #[arg(long)]
    pub(in crate::cli) partial: bool,
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFlag,
    #[command(flatten)]
    pub(in crate::cli) report: ReportOptions,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RenderOptions {
    /// Run: its folder, its tape or its JSON report [default: the last run]
    #[arg(value_name = "RUN")]
    pub(in crate::cli) run: Option<PathBuf>,
    /// Judges what precedes the damage of a damaged tape
    #[arg(long)]
    pub(in crate::cli) partial: bool,
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFlag,
    #[command(flatten)]
    pub(in crate::cli) report: ReportOptions,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct GateOptions {
    /// Stage of the move to the server that every event must bear: shadow, dual, server-leads, pixel-reduced, or 1 to 4
    #[arg(long, value_name = "STAGE")]
    pub(in crate::cli) stage: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) of: RenderOptions,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CompareOptions {
    /// The run before: its folder, its tape or its JSON report
    #[arg(value_name = "OLD")]
    pub(in crate::cli) old: PathBuf,
    /// The run after
    #[arg(value_name = "NEW")]
    pub(in crate::cli) new: PathBuf,
    /// Formats to write to the folder of --out, or one to standard output with `--out -`
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', env = "COUNTONCE_FORMAT")]
    pub(in crate::cli) format: Vec<String>,
    /// Folder to write to; `-` is standard output
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Policy file, or the preset recommended, strict or cutover
    #[arg(long, value_name = "FILE", env = "COUNTONCE_POLICY")]
    pub(in crate::cli) policy: Option<String>,
    /// Judges what precedes the damage of a damaged tape
    #[arg(long)]
    pub(in crate::cli) partial: bool,
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFlag,
    /// When to colour the terminal report
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(in crate::cli) color: ColorChoice,
    /// Columns of the terminal report [default: the terminal's, or 100]
    #[arg(long, value_name = "COLUMNS", env = "COUNTONCE_WIDTH", value_parser = clap::value_parser!(u16).range(40..=500))]
    pub(in crate::cli) width: Option<u16>,
}
