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

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attempt::{Attempt, Command, CookieRecord, Recording};
use super::exchange::Exchange;
use super::redact::{redact, redact_address};
use crate::event::{Channel, Expectation, Order, ServerFault};
use crate::visitor::Circumstances;

/// Format number that this version writes and reads.
pub const TAPE_FORMAT: u32 = 1;

/// First line of a tape.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
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
    /// Filter lists that blocking visitors had; empty where none was needed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub filter_lists: String,
}

/// A session begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// Variant name; empty for the flow as written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
    /// Circumstances of the visitor; absent on tapes that only name the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circumstances: Option<Circumstances>,
    /// Which repetition, from 1; 0 where nothing is repeated.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub repeat: u32,
    /// Attempt, from 1; only the last attempt of a scenario in a profile and variant is judged.
    pub attempt: u32,
    /// What really happens by it.
    pub expect: Vec<Expectation>,
    /// What really happens and nothing may tell of, since the visitor does not allow it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<Expectation>,
    /// Event names that must not be caught.
    pub never: Vec<String>,
    /// What the server tap was to do to its calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub server_faults: Vec<ServerFault>,
    /// The test person's plain data by field name; fictional.
    pub persona: BTreeMap<String, String>,
    /// Opaque texts that tie server calls to this visitor.
    pub marks: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_nought(number: &u32) -> bool {
    *number == 0
}

/// One step was carried out, or failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// Cookies of the platforms after it, and which memories of consent there are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cookies: Vec<CookieRecord>,
    /// What the profile or variant had the visitor do here; the step is not the scenario's then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twist: Option<TwistMark>,
}

/// What a profile or variant had the visitor do, as far as it matters for the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TwistMark {
    /// The banner was refused.
    Refuses,
    /// The banner was agreed to.
    Agrees,
    /// The clock of pages runs ahead from here on, by milliseconds.
    Clock(i64),
    /// The flow was twisted here.
    Twist,
}

/// A request that never left the browser: what was tried, and what kept it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Blocked {
    /// Session number.
    pub session: u32,
    /// Unix milliseconds.
    pub at: i64,
    /// Method.
    pub method: String,
    /// Address, without the values of its query.
    pub url: String,
    /// Name of the event that it would have told, where it can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The rule that blocked it, as it stands in its list; or what kept it back.
    pub rule: String,
}

/// A picture of a page that a visitor came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PictureRecord {
    /// Session number.
    pub session: u32,
    /// When it was taken, Unix milliseconds.
    pub at: i64,
    /// Address of the page, without query values.
    pub page: String,
    /// The picture's file, path relative to the tape.
    pub file: String,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SessionStatus {
    /// Every step was carried out.
    Played,
    /// A step failed, or the site or the browser did: the rest was not played.
    Broken,
    /// The user stopped the run.
    Stopped,
    /// The profile or variant cannot be played with this flow: nothing is proven by it.
    #[serde(rename = "not-applicable")]
    NotApplicable,
}

/// A session ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Something that a tap could not do, such as speak to a client that does not trust it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trouble {
    /// Side of the tap.
    pub channel: Channel,
    /// What it was, and how to mend it; masked.
    pub what: String,
    /// True where a client did not trust the tap's certificate.
    #[serde(default)]
    pub distrust: bool,
}

/// Last line of a tape that was closed in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct End {
    /// Unix milliseconds.
    pub at: i64,
    /// True when the user stopped the run.
    #[serde(default)]
    pub stopped: bool,
}

/// One line after the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Line {
    /// A session begins.
    Session(SessionStart),
    /// A hit or a call.
    Exchange(Exchange),
    /// A step.
    Step(StepRecord),
    /// A request as the browser tells of it.
    Attempt(Attempt),
    /// What a page told a platform's script.
    Command(Command),
    /// What follows is of one of several runs.
    Recording(Recording),
    /// A request that was kept back.
    Blocked(Blocked),
    /// A picture of a page.
    Picture(PictureRecord),
    /// A session ends.
    SessionEnd(SessionEnd),
    /// Something that a tap could not do.
    Trouble(Trouble),
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
    /// Requests as browsers tell of them, in the order of their ends.
    pub attempts: Vec<Attempt>,
    /// What pages told a platform's script, in order.
    pub commands: Vec<Command>,
    /// Runs that were merged, in order; none on the tape of one run.
    pub recordings: Vec<Recording>,
    /// Requests that were kept back, in order.
    pub blocked: Vec<Blocked>,
    /// Pictures of pages, in order.
    pub pictures: Vec<PictureRecord>,
    /// Sessions ended.
    pub ends: Vec<SessionEnd>,
    /// What the taps could not do.
    pub troubles: Vec<Trouble>,
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
        match &mut line {
            Line::Exchange(exchange) => redact(exchange),
            Line::Attempt(attempt) => {
                redact_address(&mut attempt.url);
                attempt.stack.iter_mut().for_each(|frame| redact_address(&mut frame.url));
            }
            Line::Command(command) => {
                command.stack.iter_mut().for_each(|frame| redact_address(&mut frame.url));
            }
            _ => {}
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
    let mut capture = Capture::new(opening);
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
    const KINDS: &[&str] = &[
        "session",
        "exchange",
        "step",
        "attempt",
        "command",
        "recording",
        "blocked",
        "picture",
        "session-end",
        "trouble",
        "order",
        "end",
    ];
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
    /// One with nothing on it yet.
    pub fn new(opening: Opening) -> Capture {
        Capture {
            opening,
            sessions: Vec::new(),
            exchanges: Vec::new(),
            steps: Vec::new(),
            attempts: Vec::new(),
            commands: Vec::new(),
            blocked: Vec::new(),
            pictures: Vec::new(),
            ends: Vec::new(),
            troubles: Vec::new(),
            recordings: Vec::new(),
            orders: Vec::new(),
            end: None,
        }
    }

    fn put(&mut self, line: Line) {
        match line {
            Line::Session(start) => self.sessions.push(start),
            Line::Exchange(exchange) => self.exchanges.push(exchange),
            Line::Order(order) => self.orders.push(order),
            Line::Step(step) => self.steps.push(step),
            Line::Attempt(attempt) => self.attempts.push(attempt),
            Line::Command(command) => self.commands.push(command),
            Line::Recording(recording) => self.recordings.push(recording),
            Line::Blocked(blocked) => self.blocked.push(blocked),
            Line::Picture(picture) => self.pictures.push(picture),
            Line::SessionEnd(end) => self.ends.push(end),
            Line::Trouble(trouble) => self.troubles.push(trouble),
            Line::End(end) => self.end = Some(end),
        }
    }

    /// How a session ended; `None` when the recording was cut off before.
    pub fn end_of(&self, session: u32) -> Option<&SessionEnd> {
        self.ends.iter().find(|end| end.session == session)
    }

    /// Number of the merged run that a session belongs to; 0 on the tape of one run.
    pub fn recording_of_session(&self, session: u32) -> u32 {
        let mut found = self.recordings.iter().rev();
        found.find(|one| session > one.after_session).map_or(0, |one| one.number)
    }

    /// Number of the merged run that an exchange belongs to; 0 on the tape of one run.
    pub fn recording_of_exchange(&self, exchange: u64) -> u32 {
        let mut found = self.recordings.iter().rev();
        found.find(|one| exchange > one.after_exchange).map_or(0, |one| one.number)
    }

    /// The exchange of that number.
    pub fn exchange(&self, number: u64) -> Option<&Exchange> {
        self.exchanges.iter().find(|exchange| exchange.number == number)
    }
}
