//! The flags, as plain data.
//!
//! Flags win over the environment (`COUNTONCE_…`), which wins over `countonce.toml`.

mod stored;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::audit_args::{AuditOptions, FactsOptions, SqlOptions};
use super::listen::StackName;

use clap::{Parser, Subcommand, ValueEnum};

pub(super) use stored::{CheckOptions, CompareOptions, GateOptions, MergeOptions, RenderOptions};

use crate::run::Shard;

/// Proves that every conversion on a web site reaches Meta exactly once.
#[derive(Debug, Parser)]
#[command(name = "countonce", version, about, max_term_width = 100, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 gate passed · 1 gate failed · 2 the input is wrong · 3 the run could not be made, or it captured nothing"
)]
pub(super) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Plays the shipped scenarios against the embedded shop: the whole job with nothing to configure
    Demo(DemoOptions),
    /// Finds or installs the browser and its driver
    Setup(SetupOptions),
    /// Writes a configuration, a first scenario and a CI workflow
    Init(InitOptions),
    /// Plays scenarios against a site, judges, reports, and decides
    Run(RunOptions),
    /// Opens the two taps alone, until Ctrl-C: for clicking by hand and for staging servers
    Listen(ListenOptions),
    /// Judges recorded tapes again
    Check(CheckOptions),
    /// Makes one run, with one verdict, of the runs of a CI matrix
    Merge(MergeOptions),
    /// Judges a stored run again by a policy and lists each criterion; no browser
    Gate(GateOptions),
    /// Holds two runs against each other; exit code 1 when the new one is worse
    Compare(CompareOptions),
    /// Renders a stored run again, in any format
    Report(RenderOptions),
    /// Judges production logs: browser and server events of days or months
    Audit(Box<AuditOptions>),
    /// Turns production logs into facts: one narrow Parquet row per event
    Facts(Box<FactsOptions>),
    /// Prints the query that pairs facts in another engine
    Sql(SqlOptions),
    /// Prints what each implementation hashes, or which mistake made a digest
    Digest(DigestOptions),
    /// Prints a rule's manual page; without a rule the list
    Explain(ExplainOptions),
    /// Prints a JSON Schema
    Schema(SchemaOptions),
    /// Prints the completion script of a shell
    Completions(CompletionsOptions),
    /// Writes the manual pages to a folder, or prints the main one
    Man(ManOptions),
}

/// Where the configuration is.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ConfigFlag {
    /// Configuration file [default: countonce.toml, found upwards]
    #[arg(long, value_name = "FILE", env = "COUNTONCE_CONFIG")]
    config: Option<PathBuf>,
}

impl ConfigFlag {
    /// The file that was named.
    pub(super) fn path(&self) -> Option<&Path> {
        self.config.as_deref()
    }
}

/// What shapes a played run, for `demo` and `run` alike.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct PlayOptions {
    /// Sessions played at the same time [default: 2, 1 on a single core, or the free slots of a grid]
    #[arg(long, value_name = "N", env = "COUNTONCE_JOBS", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(super) jobs: Option<u16>,
    #[command(flatten)]
    pub(super) browsers: BrowserFlags,
    #[command(flatten)]
    pub(super) visitors: VisitorFlags,
    /// Plays a broken scenario again, up to N times
    #[arg(long, value_name = "N", env = "COUNTONCE_RETRIES", default_value_t = 0)]
    pub(super) retries: u32,
    /// Plays only matching scenarios: words of the name, tag:NAME, event:NAME, and/or/not, parentheses
    #[arg(long, value_name = "EXPR", env = "COUNTONCE_FILTER")]
    pub(super) filter: Option<String>,
    /// Plays one part of the suite on each of several machines, the second of five as 2/5
    #[arg(long, value_name = "I/N", env = "COUNTONCE_SHARD")]
    pub(super) shard: Option<Shard>,
    /// Stops at the first broken scenario
    #[arg(long)]
    pub(super) fail_fast: bool,
    /// Serves this fbevents.js to pages instead of the stand-in
    #[arg(long, value_name = "FILE", env = "COUNTONCE_PIXEL_SCRIPT")]
    pub(super) pixel_script: Option<PathBuf>,
    /// How long a step waits for its element [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) step_timeout: Option<Duration>,
    /// How long to wait for late events after the last step [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) settle: Option<Duration>,
    /// Takes no pictures of pages; the HTML report shows them along its time-lines
    #[arg(long)]
    pub(super) no_pictures: bool,
    /// Keeps the tape in this file, besides the run's folder
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,
    #[command(flatten)]
    pub(super) report: ReportOptions,
}

/// Which browsers are played in, and where they find their proxies.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct BrowserFlags {
    /// Browser to play in: chromium, firefox or webkit [default: chromium]
    #[arg(long, value_name = "NAME", env = "COUNTONCE_BROWSER")]
    pub(super) browser: Option<String>,
    /// Shows the browser window
    #[arg(long, env = "COUNTONCE_HEADED")]
    pub(super) headed: bool,
    /// Plays on a running WebDriver server or Selenium Grid instead of starting a driver
    #[arg(long, value_name = "URL", env = "COUNTONCE_WEBDRIVER")]
    pub(super) webdriver: Option<String>,
    /// How long to wait for a WebDriver server or grid that is away or full [default: 1m]
    #[arg(long, value_name = "TIME", value_parser = duration, env = "COUNTONCE_WEBDRIVER_WAIT")]
    pub(super) webdriver_wait: Option<Duration>,
    /// Address that browser taps listen on, for browsers on other hosts [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS", env = "COUNTONCE_PROXY_BIND")]
    pub(super) proxy_bind: Option<IpAddr>,
    /// Host under which browsers on other hosts reach this one [default: the --proxy-bind address]
    #[arg(long, value_name = "HOST", env = "COUNTONCE_PROXY_HOST")]
    pub(super) proxy_host: Option<String>,
}

/// Who visits, and with which twists of the flow.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct VisitorFlags {
    /// Visitors that play, several with commas, or `all`; wins over the scenarios' own
    #[arg(long, value_name = "PROFILE", value_delimiter = ',', env = "COUNTONCE_PROFILE")]
    pub(super) profile: Vec<String>,
    /// Twists of the flow to play besides, several with commas, or `all`; wins over the scenarios' own
    #[arg(long, value_name = "VARIANT", value_delimiter = ',', env = "COUNTONCE_VARIANT")]
    pub(super) variant: Vec<String>,
    /// Plays each combination N times; one that does not always go the same way is flaky
    #[arg(long, value_name = "N", default_value_t = 1, env = "COUNTONCE_REPEAT", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) repeat: u32,
    /// Filter list of visitors with an ad blocker, several with commas [default: those of an installed blocker]
    #[arg(long, value_name = "FILE", value_delimiter = ',', env = "COUNTONCE_FILTER_LIST")]
    pub(super) filter_list: Vec<PathBuf>,
}

/// Where reports go and how they are judged.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ReportOptions {
    /// Formats to write, several with commas [default: all]
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', env = "COUNTONCE_FORMAT")]
    pub(super) format: Vec<String>,
    /// Folder for runs; `-` writes one machine format to standard output
    #[arg(long, value_name = "DIR", env = "COUNTONCE_OUT", default_value = "reports")]
    pub(super) out: PathBuf,
    /// Policy file, or the preset recommended, strict or cutover
    #[arg(long, value_name = "FILE", env = "COUNTONCE_POLICY")]
    pub(super) policy: Option<String>,
    /// Baseline of accepted findings and behaviour [default: baseline.toml in the folder for runs, where it is there]
    #[arg(long, value_name = "FILE", env = "COUNTONCE_BASELINE")]
    pub(super) baseline: Option<PathBuf>,
    /// Writes the baseline anew: what this run found is accepted
    #[arg(long)]
    pub(super) update_baseline: bool,
    /// When to colour the terminal report
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorChoice,
    /// Columns of the terminal report [default: the terminal's, or 100]
    #[arg(long, value_name = "COLUMNS", env = "COUNTONCE_WIDTH", value_parser = clap::value_parser!(u16).range(40..=500))]
    pub(super) width: Option<u16>,
    /// Title, logo and colours of the HTML report, from a TOML file
    #[arg(long, value_name = "FILE", env = "COUNTONCE_BRAND")]
    pub(super) brand: Option<PathBuf>,
    /// Prints the verdict alone, and what broke
    #[arg(long, short, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Prints every step as it is carried out
    #[arg(long, short)]
    pub(super) verbose: bool,
}

impl ReportOptions {
    /// How much is to be said.
    pub(super) fn loudness(&self) -> Loudness {
        match (self.quiet, self.verbose) {
            (true, _) => Loudness::Quiet,
            (_, true) => Loudness::Verbose,
            _ => Loudness::Usual,
        }
    }
}

/// How much is to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loudness {
    /// The verdict, and what broke.
    Quiet,
    /// Reports, and a line per session.
    Usual,
    /// Every step too.
    Verbose,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless NO_COLOR says otherwise
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, clap::Args)]
pub(super) struct DemoOptions {
    /// Switches a planted fault on
    #[arg(long, value_name = "NAME")]
    pub(super) fault: Vec<String>,
    /// Lists the planted faults and the rule that finds each
    #[arg(long)]
    pub(super) list_faults: bool,
    /// Installs a missing browser without asking
    #[arg(long, short)]
    pub(super) yes: bool,
    /// Opens the shop and the server tap alone, to click by hand, until Ctrl-C
    #[arg(long)]
    pub(super) serve: bool,
    #[command(flatten)]
    pub(super) play: PlayOptions,
}

#[derive(Debug, clap::Args)]
pub(super) struct SetupOptions {
    /// Fetches filter lists for visitors with an ad blocker, instead of a browser
    #[arg(long)]
    pub(super) filter_lists: bool,
    /// Browser to find or install: chromium, firefox or webkit
    #[arg(long, value_name = "NAME", env = "COUNTONCE_BROWSER", default_value = "chromium")]
    pub(super) browser: String,
    /// Installs without asking
    #[arg(long, short)]
    pub(super) yes: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct InitOptions {
    /// Folder to write to
    #[arg(default_value = ".")]
    pub(super) folder: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct RunOptions {
    /// Scenario files or folders [default: scenarios]
    pub(super) paths: Vec<PathBuf>,
    /// Address of the site; wins over the scenarios' own
    #[arg(long, value_name = "URL", env = "COUNTONCE_SITE")]
    pub(super) site: Option<String>,
    /// Name under which a site on this machine is visited, over HTTPS [default: site.test]
    #[arg(long, value_name = "NAME", env = "COUNTONCE_SITE_NAME")]
    pub(super) site_name: Option<String>,
    /// Fixed port of the server tap, for a site that is already configured
    #[arg(long, value_name = "PORT", env = "COUNTONCE_SERVER_TAP")]
    pub(super) server_tap: Option<u16>,
    /// Writes the run's CA certificate to this file, for a site that calls through the proxy door
    #[arg(long, value_name = "FILE", env = "COUNTONCE_CA_FILE")]
    pub(super) ca_file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) config: ConfigFlag,
    #[command(flatten)]
    pub(super) play: PlayOptions,
}

#[derive(Debug, clap::Args)]
pub(super) struct ListenOptions {
    /// Address of the site, to visit it by name through the browser tap
    #[arg(long, value_name = "URL", env = "COUNTONCE_SITE")]
    pub(super) site: Option<String>,
    /// Name under which a site on this machine is visited, over HTTPS [default: site.test]
    #[arg(long, value_name = "NAME", env = "COUNTONCE_SITE_NAME")]
    pub(super) site_name: Option<String>,
    /// Address of this machine that both taps listen on
    #[arg(long, value_name = "IP", default_value = "127.0.0.1", env = "COUNTONCE_BIND")]
    pub(super) bind: std::net::IpAddr,
    /// Name or address by which other machines reach this one [default: the one of --bind]
    #[arg(long, value_name = "HOST")]
    pub(super) host: Option<String>,
    /// Port of the server tap: base URL, proxy and TLS [default: any that is free]
    #[arg(long, value_name = "PORT", env = "COUNTONCE_SERVER_TAP")]
    pub(super) port: Option<u16>,
    /// Port of the TLS door, 443 for redirected host names [default: any that is free]
    #[arg(long, value_name = "PORT")]
    pub(super) tls_port: Option<u16>,
    /// Port of the browser tap [default: any that is free]
    #[arg(long, value_name = "PORT")]
    pub(super) browser_port: Option<u16>,
    /// Writes the run's CA certificate to this file, and a bundle with the system's beside it
    #[arg(long, value_name = "FILE", env = "COUNTONCE_CA_FILE")]
    pub(super) ca_out: Option<PathBuf>,
    /// Prints the settings of this stack only; several with commas
    #[arg(long, value_name = "STACK", value_delimiter = ',')]
    pub(super) stack: Vec<StackName>,
    /// Serves this fbevents.js to pages instead of the stand-in
    #[arg(long, value_name = "FILE", env = "COUNTONCE_PIXEL_SCRIPT")]
    pub(super) pixel_script: Option<PathBuf>,
    #[command(flatten)]
    pub(super) config: ConfigFlag,
    #[command(flatten)]
    pub(super) report: ReportOptions,
}

#[derive(Debug, clap::Args)]
pub(super) struct CompletionsOptions {
    /// Shell: bash, elvish, fish, powershell or zsh
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(super) struct ManOptions {
    /// Folder for a page per command; without it the main page is printed
    pub(super) folder: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct DigestOptions {
    /// Match key: em, ph, fn, ln, ge, db, ct, st, zp, country, external_id
    pub(super) field: Option<String>,
    /// Plain value
    #[arg(allow_hyphen_values = true)]
    pub(super) value: Option<String>,
    /// Says which normalisation or mistake makes this of the value, also where it is no digest
    #[arg(long, value_name = "DIGEST")]
    pub(super) is: Option<String>,
    /// Country of the person (ISO code or English name), for phone numbers without a country code
    #[arg(long, value_name = "CC")]
    pub(super) country: Option<String>,
    /// Answers in JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Reads {"field","value"} lines from standard input, writes a line of JSON each; a line that
    /// cannot be read is answered by {"error","line"}, and the exit code is 2 in the end
    #[arg(long, conflicts_with_all = ["field", "value", "is", "country"])]
    pub(super) batch: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ExplainOptions {
    /// Rule id
    pub(super) rule: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct SchemaOptions {
    /// Which schema
    pub(super) of: SchemaOf,
}

/// What a schema is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// Scenario files
    Scenario,
    /// countonce.toml
    Config,
    /// Each line of a recorded tape
    Tape,
    /// The JSON report
    Report,
    /// The JSON comparison of two runs
    Comparison,
    /// The columns of facts files
    Facts,
}

/// A time such as `500ms`, `5s` or `2m`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) =
        text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let number: f64 = number
        .trim()
        .parse()
        .map_err(|_| format!("`{text}` is not a time; write 500ms, 5s or 2m"))?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" | "" => number,
        "m" => number * 60.0,
        _ => return Err(format!("unknown unit `{unit}`; write 500ms, 5s or 2m")),
    };
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| format!("`{text}` is not a time; write 500ms, 5s or 2m"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_flags_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn times_are_read_with_their_unit_and_refused_with_a_hint() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
        assert!(duration("-1s").is_err_and(|text| text.contains("5s")));
        assert!(duration("5 hours").is_err_and(|text| text.contains("unit")));
    }
}
