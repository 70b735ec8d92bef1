//! The site under test as a process: started so that its calls to an ad platform come to
//! the server tap, awaited until it is ready, and stopped with all its children.
//!
//! Its output is kept in the run's folder, masked. What it needs to trust and to load
//! stands in a folder of its own that goes with it, even when this program is killed.
//! Never which platform it calls, never what it prints.

mod environment;
mod output;
mod ready;
mod roots;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::process::Command;
use tokio::time::Instant;
use url::Url;

use super::group::{Ending, Farewell, Group};
use crate::capture::redact_text;
use crate::event::mask_personal;
use crate::scenario::SiteCommand;
use output::Output;
use ready::{Asker, Sign};

pub use environment::{BASE_URL, BUNDLE, Doors, settings};
pub use ready::OUTPUT;

/// How long a site may take to become ready, unless the configuration says otherwise.
pub const START: Duration = Duration::from_mins(1);
/// How long a site may take to end, so that what it still has to send goes out.
const STOP: Duration = Duration::from_secs(10);
/// Between two questions whether the site is up.
const PAUSE: Duration = Duration::from_millis(100);
/// How long after its end the output of a site is still read: a child that was left
/// behind may hold the pipe open.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// Name of the log in the run's folder.
pub const LOG: &str = "site.log";

/// What is to be started.
#[derive(Debug, Clone)]
pub struct SiteOrder<'a> {
    /// The command.
    pub command: &'a SiteCommand,
    /// Folder that the command's own folder is relative to.
    pub base: &'a Path,
    /// Where the site will answer; port 0 has a free one chosen for it.
    pub url: &'a str,
    /// How long it may take.
    pub patience: Duration,
    /// Where its calls shall go.
    pub doors: &'a Doors,
    /// Where its output is kept.
    pub log: &'a Path,
}

/// Why a site could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The address is none that a started site could have.
    #[error(
        "the site's command needs an http(s) address to wait for, and `{url}` is none; give `url` in [site]"
    )]
    Address {
        /// The address as given.
        url: String,
    },
    /// `ready` cannot be read.
    #[error("`ready = \"{ready}\"` is no path, address or `output:TEXT`: {what}")]
    Ready {
        /// As given.
        ready: String,
        /// What is wrong.
        what: String,
    },
    /// Something else has the port.
    #[error(
        "something answers at {address} already, so the site's command was not started; end it, or write port 0 in [site] url and have the command listen on $PORT"
    )]
    Taken {
        /// Host and port.
        address: String,
    },
    /// The command could not be started at all.
    #[error("the site's command `{command}` could not be started: {source}")]
    Start {
        /// The command.
        command: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// It ended too early.
    #[error("the site's command `{command}` ended with {status} before the site was ready{}", quoted(.tail))]
    Ended {
        /// The command.
        command: String,
        /// How.
        status: ExitStatus,
        /// Last lines of its output.
        tail: Vec<String>,
    },
    /// It never became ready.
    #[error("the site was not ready within {} s: {what}{}", after.as_secs(), quoted(.tail))]
    NeverReady {
        /// How long it was waited for.
        after: Duration,
        /// What did not come.
        what: String,
        /// Last lines of its output.
        tail: Vec<String>,
    },
}

fn quoted(tail: &[String]) -> String {
    if tail.is_empty() {
        return "; it printed nothing".to_owned();
    }
    let lines: Vec<String> = tail.iter().map(|line| format!("\n    | {line}")).collect();
    format!("; the last lines of its output:{}", lines.concat())
}

/// A site that was started. Dropping it ends it with all its children.
pub struct SiteProcess {
    group: Group,
    output: Output,
    url: Url,
    took: Duration,
}

/// What a site has to say for itself at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastWords {
    /// Troubles, each a sentence.
    pub troubles: Vec<String>,
}

impl SiteProcess {
    /// Starts the command and waits until the site is ready.
    pub async fn start(order: SiteOrder<'_>) -> Result<SiteProcess, SiteError> {
        let named = named(order.command);
        let failed = |source| SiteError::Start { command: named.clone(), source };
        let url = address(&with_port(order.url).map_err(failed)?)?;
        let sign = Sign::read(order.command.ready.as_deref(), &url)?;
        if is_taken(&url).await {
            let address = url.authority().to_owned();
            return Err(SiteError::Taken { address });
        }
        let begun = Instant::now();
        let (mut group, output) = spawn(&order, &url, &sign).map_err(failed)?;
        let asker = Asker::new().map_err(|cause| failed(io::Error::other(cause)))?;
        match wait(&mut group, &output, &sign, &asker, order.patience).await {
            Ok(()) => Ok(SiteProcess { group, output, url, took: begun.elapsed() }),
            Err(Unready::Ended(status)) => {
                let tail = output.tail();
                // The command has ended; what it left behind goes too.
                let _ = group.stop(STOP).await;
                Err(SiteError::Ended { command: named, status, tail })
            }
            Err(Unready::Late(what)) => {
                let tail = output.tail();
                let _ = group.stop(STOP).await;
                Err(SiteError::NeverReady { after: order.patience, what, tail })
            }
        }
    }

    /// Where the site answers, its port chosen.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// How long it took to become ready.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Has the site end in order, and ends what does not.
    ///
    /// To be called while the server tap is open: many sites send what is queued when
    /// they are asked to end.
    pub async fn stop(mut self) -> LastWords {
        let mut words = LastWords::default();
        if let Ok(Some(status)) = self.group.ended()
            && !status.success()
        {
            words.troubles.push(format!(
                "the site's process ended during the run with {status}{}",
                quoted(&self.output.tail())
            ));
        }
        words.troubles.extend(self.output.trouble());
        match self.group.stop(STOP).await {
            Ok(Ending::InOrder) => {}
            Ok(Ending::Killed) => words.troubles.push(format!(
                "the site did not end within {} s of being asked to and was killed; what it had still to send is lost",
                STOP.as_secs()
            )),
            Err(cause) => {
                words.troubles.push(format!("the site's process could not be ended: {cause}"));
            }
        }
        words
    }
}

/// A command as messages name it: what the shell is given, and no secret that stands in it.
pub fn named(command: &SiteCommand) -> String {
    let words = match command.words.as_slice() {
        [shell, flag, text] if shell == "sh" && flag == "-c" => text.clone(),
        words => words.join(" "),
    };
    mask_personal(&redact_text(&words))
}

fn address(text: &str) -> Result<Url, SiteError> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.filter(Url::has_host).ok_or_else(|| SiteError::Address { url: text.to_owned() })
}

/// The same address with a free port in the place of port 0.
pub fn with_port(address: &str) -> io::Result<String> {
    let Ok(mut url) = Url::parse(address) else { return Ok(address.to_owned()) };
    if url.port() == Some(0) {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        // Only addresses without a host refuse a port.
        let _ = url.set_port(Some(listener.local_addr()?.port()));
    }
    Ok(url.into())
}

/// True when somebody listens there already.
async fn is_taken(url: &Url) -> bool {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return false;
    };
    let Ok(addresses) = lookup_host((host.trim_matches(['[', ']']), port)).await else {
        return false;
    };
    for address in addresses {
        let dialled = tokio::time::timeout(PAUSE * 5, TcpStream::connect(address)).await;
        if matches!(dialled, Ok(Ok(_))) {
            return true;
        }
    }
    false
}

fn spawn(order: &SiteOrder<'_>, url: &Url, sign: &Sign) -> io::Result<(Group, Output)> {
    let folder = tempfile::Builder::new().prefix("countonce-site-").tempdir()?;
    let port = url.port_or_known_default();
    let own = &order.command.environment;
    let variables = environment::variables(order.doors, port, own, folder.path())?;
    let wanted = match sign {
        Sign::Line(text) => Some(text.clone()),
        _ => None,
    };
    let output = Output::create(order.log, wanted)?;
    let place: PathBuf = match &order.command.folder {
        Some(below) => order.base.join(below),
        None => order.base.to_owned(),
    };
    if !place.as_os_str().is_empty() && !place.is_dir() {
        let text = format!("its folder {} is not there", place.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, text));
    }
    let Some((program, arguments)) = order.command.words.split_first() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is empty"));
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .envs(variables)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if !place.as_os_str().is_empty() {
        command.current_dir(&place);
    }
    let mut group = Group::start(command, folder, Farewell::Asked, None)?;
    if let Some(stream) = group.leader().stdout.take() {
        output.follow(stream);
    }
    if let Some(stream) = group.leader().stderr.take() {
        output.follow(stream);
    }
    Ok((group, output))
}

/// Why a site is not ready.
enum Unready {
    Ended(ExitStatus),
    Late(String),
}

async fn wait(
    group: &mut Group,
    output: &Output,
    sign: &Sign,
    asker: &Asker,
    patience: Duration,
) -> Result<(), Unready> {
    let deadline = Instant::now() + patience;
    let mut last = String::new();
    loop {
        let answer = tokio::select! {
            answer = question(output, sign, asker) => answer,
            // A question that hangs must not hide that the process has ended.
            status = failing(group) => return Err(last_words(output, status).await),
            () = tokio::time::sleep_until(deadline) => return Err(Unready::Late(because(sign, &last))),
        };
        match answer {
            // Another program may have taken the port in the meantime.
            Ok(()) => match failed(group) {
                Some(status) => return Err(last_words(output, status).await),
                None => return Ok(()),
            },
            Err(cause) => last = cause,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Asks once whether the site is ready; for a line of output, waits for it.
async fn question(output: &Output, sign: &Sign, asker: &Asker) -> Result<(), String> {
    match sign {
        Sign::Line(_) => {
            output.ready().await;
            Ok(())
        }
        Sign::Answer(url) => asker.ask(url).await.map(|_| ()),
        Sign::Health(url) => match asker.ask(url).await? {
            ..400 => Ok(()),
            status => Err(format!("the last answer had status {status}")),
        },
    }
}

fn because(sign: &Sign, last: &str) -> String {
    if last.is_empty() { sign.name() } else { format!("{} ({last})", sign.name()) }
}

/// Comes back when the command has failed.
async fn failing(group: &mut Group) -> ExitStatus {
    loop {
        if let Some(status) = failed(group) {
            return status;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// How the command ended, where it failed. One that ends well may have left a site behind
/// that runs on its own, such as a composition of containers.
fn failed(group: &mut Group) -> Option<ExitStatus> {
    group.ended().ok().flatten().filter(|status| !status.success())
}

async fn last_words(output: &Output, status: ExitStatus) -> Unready {
    // Its pipes may hold lines that were not read yet.
    output.end(LAST_WORDS).await;
    Unready::Ended(status)
}

#[cfg(test)]
mod tests;
