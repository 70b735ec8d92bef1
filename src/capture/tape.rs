//! The tape: JSON Lines, one record a line, the first one naming the format.
//!
//! Readers refuse a format they do not know, skip records of a kind they do not
//! know, and hand back what precedes a broken line beside the error, so that a
//! tape cut off by a crash can still be judged.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::exchange::Exchange;
use super::redact::redact;
use crate::event::{Expectation, Order};

/// Format number that this version writes and reads.
pub const TAPE_FORMAT: u32 = 1;

/// First line of a tape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Format number.
    pub countonce_tape: u32,
    /// Program and version that recorded it.
    pub tool: String,
    /// Start, Unix milliseconds.
    pub started: i64,
    /// Which pixel script ran: `stand-in`, or `real` with its version.
    pub pixel_script: String,
    /// Browser and version, empty where there was none.
    #[serde(default)]
    pub browser: String,
    /// Address of the site.
    #[serde(default)]
    pub site: String,
}

/// A session begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionStart {
    /// Session number, from 1.
    pub session: u32,
    /// Unix milliseconds.
    pub at: i64,
    /// Scenario name.
    pub scenario: String,
    /// Scenario file as given.
    pub file: String,
    /// Profile name.
    pub profile: String,
    /// Attempt, from 1; only the last attempt of a scenario and profile is judged.
    pub attempt: u32,
    /// What really happens by it.
    pub expect: Vec<Expectation>,
    /// Event names that must not be caught.
    pub never: Vec<String>,
    /// The test person's plain data by field name; fictional.
    pub persona: BTreeMap<String, String>,
    /// Opaque texts that tie server calls to this visitor.
    pub marks: Vec<String>,
}

/// One step was carried out, or failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Session number.
    pub session: u32,
    /// When it began, Unix milliseconds.
    pub at: i64,
    /// Line in the scenario file.
    pub line: u32,
    /// The line as written.
    pub text: String,
    /// How long it took.
    pub millis: u64,
    /// Address of the page afterwards, without query values.
    #[serde(default)]
    pub page: String,
    /// What went wrong, where something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionStatus {
    /// Every step was carried out.
    Played,
    /// A step failed, or the site or the browser did: the rest was not played.
    Broken,
    /// The user stopped the run.
    Stopped,
}

/// A session ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnd {
    /// Session number.
    pub session: u32,
    /// Unix milliseconds.
    pub at: i64,
    /// How it ended.
    pub status: SessionStatus,
    /// What broke it, with file:line:column, address and screenshot where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Screenshot of a broken step, path relative to the tape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screenshot: Option<String>,
    /// How many requests the site itself answered.
    pub site_answers: u64,
    /// Wall time from first step to end, milliseconds.
    pub millis: u64,
    /// Part of it spent in commands to the browser, milliseconds.
    #[serde(default)]
    pub browser_millis: u64,
}

/// Last line of a tape that was closed in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Unix milliseconds.
    pub at: i64,
    /// True when the user stopped the run.
    #[serde(default)]
    pub stopped: bool,
}

/// One line after the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Line {
    /// A session begins.
    Session(SessionStart),
    /// A hit or a call.
    Exchange(Exchange),
    /// A step.
    Step(StepRecord),
    /// A session ends.
    SessionEnd(SessionEnd),
    /// An order of the shop.
    Order(Order),
    /// The run ends.
    End(End),
}

/// Everything on a tape.
#[derive(Debug, Clone, PartialEq)]
pub struct Capture {
    /// First line.
    pub opening: Opening,
    /// Sessions begun, in order.
    pub sessions: Vec<SessionStart>,
    /// Hits and calls, in order of arrival.
    pub exchanges: Vec<Exchange>,
    /// Steps, in order.
    pub steps: Vec<StepRecord>,
    /// Sessions ended.
    pub ends: Vec<SessionEnd>,
    /// Orders of the shop, where the tape holds them.
    pub orders: Vec<Order>,
    /// Last line; `None` when the recording was cut off.
    pub end: Option<End>,
}

/// What can be wrong with a tape.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    /// The file could not be opened, read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The first line is not that of a tape.
    #[error("{}:1:1: not a countonce tape: {what}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is there instead.
        what: String,
    },
    /// A line could not be read.
    #[error("{}:{line}:{column}: the tape is damaged here: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        what: String,
    },
}

/// Writes a tape as things happen. Shared by all taps of a run.
#[derive(Debug)]
pub struct TapeWriter {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    next_exchange: u64,
}

impl TapeWriter {
    /// Creates the file, readable by its owner only, and writes the first line.
    pub fn create(path: &Path, opening: &Opening) -> Result<TapeWriter, TapeError> {
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let io = |source| TapeError::Io { path: path.to_owned(), source };
        let mut file = options.open(path).map_err(io)?;
        write_line(&mut file, opening).map_err(io)?;
        Ok(TapeWriter {
            path: path.to_owned(),
            state: Mutex::new(State { file, next_exchange: 1 }),
        })
    }

    /// Path of the tape.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a line. An exchange is redacted and given its number here.
    ///
    /// Returns once the operating system has the line, so that killing the
    /// program loses nothing that was written. Returns the exchange's number, or 0.
    pub fn write(&self, mut line: Line) -> Result<u64, TapeError> {
        let mut number = 0;
        if let Line::Exchange(exchange) = &mut line {
            redact(exchange);
        }
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Line::Exchange(exchange) = &mut line {
            number = state.next_exchange;
            state.next_exchange += 1;
            exchange.number = number;
        }
        write_line(&mut state.file, &line)
            .map_err(|source| TapeError::Io { path: self.path.clone(), source })?;
        Ok(number)
    }
}

/// One write call a line: a reader never sees half of one, but for a full disk.
fn write_line(file: &mut File, record: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(record).map_err(io::Error::other)?;
    line.push(b'\n');
    file.write_all(&line)
}

/// Reads a tape. With an error past the first line, what precedes it comes back too.
pub fn read(path: &Path) -> Result<(Capture, Option<TapeError>), TapeError> {
    let io = |source| TapeError::Io { path: path.to_owned(), source };
    let foreign = |what: &str| TapeError::Foreign { path: path.to_owned(), what: what.to_owned() };
    let mut reader = BufReader::new(File::open(path).map_err(io)?);
    let mut raw = Vec::new();
    reader.read_until(b'\n', &mut raw).map_err(io)?;
    if raw.is_empty() {
        return Err(foreign("the file is empty"));
    }
    let first: serde_json::Value = serde_json::from_slice(&raw)
        .map_err(|_| foreign("the first line is not a JSON object with \"countonce_tape\""))?;
    match first.get("countonce_tape").and_then(serde_json::Value::as_u64) {
        None => return Err(foreign("the first line has no \"countonce_tape\"")),
        Some(format) if format != u64::from(TAPE_FORMAT) => {
            return Err(foreign(&format!(
                "it is of format {format}; this version reads format {TAPE_FORMAT}"
            )));
        }
        Some(_) => {}
    }
    let opening: Opening =
        serde_json::from_value(first).map_err(|cause| foreign(&cause.to_string()))?;
    let mut capture = Capture {
        opening,
        sessions: Vec::new(),
        exchanges: Vec::new(),
        steps: Vec::new(),
        ends: Vec::new(),
        orders: Vec::new(),
        end: None,
    };
    let mut number = 1;
    loop {
        raw.clear();
        number += 1;
        if reader.read_until(b'\n', &mut raw).map_err(io)? == 0 {
            return Ok((capture, None));
        }
        if raw.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match parse(&raw) {
            Ok(Some(line)) => capture.put(line),
            Ok(None) => {}
            Err(cause) => {
                let what = if raw.ends_with(b"\n") {
                    cause.to_string()
                } else {
                    format!("the line is cut off ({cause})")
                };
                let column = cause.column().max(1);
                let damage =
                    TapeError::Damaged { path: path.to_owned(), line: number, column, what };
                return Ok((capture, Some(damage)));
            }
        }
    }
}

/// `None` for a record of a kind this version does not know: newer writers may add some.
fn parse(raw: &[u8]) -> Result<Option<Line>, serde_json::Error> {
    const KINDS: &[&str] = &["session", "exchange", "step", "session-end", "order", "end"];
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let kind: Kind = serde_json::from_slice(raw)?;
    if !KINDS.contains(&kind.kind.as_str()) {
        return Ok(None);
    }
    serde_json::from_slice(raw).map(Some)
}

impl Capture {
    fn put(&mut self, line: Line) {
        match line {
            Line::Session(start) => self.sessions.push(start),
            Line::Exchange(exchange) => self.exchanges.push(exchange),
            Line::Order(order) => self.orders.push(order),
            Line::Step(step) => self.steps.push(step),
            Line::SessionEnd(end) => self.ends.push(end),
            Line::End(end) => self.end = Some(end),
        }
    }

    /// How a session ended; `None` when the recording was cut off before.
    pub fn end_of(&self, session: u32) -> Option<&SessionEnd> {
        self.ends.iter().find(|end| end.session == session)
    }

    /// The exchange of that number.
    pub fn exchange(&self, number: u64) -> Option<&Exchange> {
        self.exchanges.iter().find(|exchange| exchange.number == number)
    }
}
