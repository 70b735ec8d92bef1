//! The flags of `audit` and `facts`, as plain data.
//!
//! Never opens a file.

use std::path::PathBuf;

use super::args::{ConfigFlag, ReportOptions};
use crate::audit::form_names;

fn forms() -> String {
    format!("Form of the logs, where it is not to be told from them: {}", form_names().join(", "))
}

/// What to read and how, for `audit` and `facts` alike.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct LogOptions {
    /// Logs of the browser side: files, folders, patterns in quotes, or `-`
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(super) browser: Vec<String>,
    /// Logs of the server side
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(super) server: Vec<String>,
    #[arg(long, value_name = "FORM", help = forms())]
    pub(super) form: Option<String>,
    /// Only what arrived from then on: a date or a time, UTC without a zone
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<String>,
    /// Only what arrived before
    #[arg(long, value_name = "TIME")]
    pub(super) until: Option<String>,
    /// Only events of these names
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) event: Vec<String>,
    /// Only events of these pixels
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(super) pixel: Vec<String>,
    /// Ends with an error where a line cannot be read
    #[arg(long)]
    pub(super) strict: bool,
    /// Ends with an error where more lines than this cannot be read, in per cent
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    pub(super) max_bad: f64,
    /// Threads [default: one per core]
    #[arg(long, value_name = "N", env = "COUNTONCE_JOBS", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) jobs: Option<u16>,
    #[command(flatten)]
    pub(super) config: ConfigFlag,
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct AuditOptions {
    /// Facts or tapes, which know the sides of their events themselves
    #[arg(value_name = "FACTS")]
    pub(super) facts: Vec<String>,
    #[command(flatten)]
    pub(super) logs: LogOptions,
    /// Orders out of the shop's own books, as CSV, NDJSON or Parquet
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(super) orders: Vec<String>,
    /// Megabytes of rows in memory before they go to disk
    #[arg(long, value_name = "MB", default_value_t = 1536)]
    pub(super) memory: u64,
    /// Folder for rows on disk [default: the system's temporary folder]
    #[arg(long, value_name = "DIR")]
    pub(super) scratch: Option<PathBuf>,
    /// Says on standard error where the time went
    #[arg(long)]
    pub(super) timings: bool,
    /// Name of the report
    #[arg(long, value_name = "NAME", default_value = "audit")]
    pub(super) name: String,
    #[command(flatten)]
    pub(super) report: ReportOptions,
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct FactsOptions {
    /// Tapes, or facts to be joined
    #[arg(value_name = "IN")]
    pub(super) facts: Vec<String>,
    #[command(flatten)]
    pub(super) logs: LogOptions,
    /// Orders out of the shop's own books, which become a table for `sql --query orders`
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["facts", "browser", "server"])]
    pub(super) orders: Vec<String>,
    /// File to write, or a folder (`facts/`) with a file for each input; all appear together
    /// when they are whole
    #[arg(long, short, value_name = "FILE|DIR/")]
    pub(super) out: PathBuf,
    /// Spreads the events over folders by arrival in UTC, as Hive, Spark and DuckDB have them:
    /// `day=2026-03-01`, or `day=2026-03-01/hour=13`
    #[arg(long, value_name = "day|hour")]
    pub(super) partition_by: Option<PartitionBy>,
    /// Name of the part that this run makes of the whole: files of the folder are called by it,
    /// and another run with the same name replaces them
    #[arg(long, value_name = "NAME", value_parser = part)]
    pub(super) part: Option<String>,
}

/// Of what length partitions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum PartitionBy {
    /// A folder a day
    Day,
    /// A folder an hour
    Hour,
}

fn part(text: &str) -> Result<String, String> {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "._-".contains(sign);
    match text.chars().find(|sign| !plain(*sign)) {
        None if !text.is_empty() => Ok(text.to_owned()),
        None => Err("a name has at least one letter".to_owned()),
        Some(sign) => {
            Err(format!("`{sign}` cannot be in it: letters, digits, `.`, `_` and `-` can"))
        }
    }
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct SqlOptions {
    /// duckdb, spark, bigquery or snowflake
    #[arg(long, value_name = "NAME")]
    pub(super) dialect: String,
    /// What is asked: figures, findings of the rules on single events, ids, or orders
    #[arg(long, value_name = "NAME", default_value = "figures")]
    pub(super) query: String,
    /// The facts, as that engine names a table
    #[arg(long, value_name = "TABLE")]
    pub(super) table: Option<String>,
    /// The shop's books as `facts --orders` writes them, as that engine names a table
    #[arg(long, value_name = "TABLE")]
    pub(super) orders_table: Option<String>,
}
