//! The tape: JSON Lines, one record a line, the first one naming the format.
//!
//! Readers refuse a format they do not know, skip records of a kind they do not
//! know, and hand back what precedes a broken line beside the error, so that a
//! tape cut off by a crash can still be judged.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::content::Capture;
use super::record::{Line, Opening};
use super::redact::{redact, redact_address};

/// Format number that this version writes and reads.
pub const TAPE_FORMAT: u32 = 1;

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
        "shard",
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
