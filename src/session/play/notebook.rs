//! Puts on the tape what a session's browser tells: attempts of the platform's requests,
//! and what pages told its script.
//!
//! Never what an attempt means: it is joined with what the tap caught elsewhere.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::capture::{Attempt, Command, Line, TapeWriter};
use crate::session::browser::{Told, stack_of};
use crate::session::tap::Claims;

/// Lines of one session; a page in a loop would fill the disk.
const MOST_LINES: usize = 5_000;
/// Requests that wait for their end at a time.
const MOST_OPEN: usize = 2_000;
/// Frames at the top of a reported stack that are the watching script's own.
const OWN_FRAMES: usize = 2;

/// The notebook of one session.
pub(super) struct Notebook {
    session: u32,
    claims: Claims,
    tape: Arc<TapeWriter>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: HashMap<String, Attempt>,
    lines: usize,
}

impl Notebook {
    pub(super) fn new(session: u32, claims: Claims, tape: Arc<TapeWriter>) -> Notebook {
        Notebook { session, claims, tape, state: Mutex::default() }
    }

    /// Takes what the browser tells.
    pub(super) fn take(&self, told: Told) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let line = match told {
            Told::Request { id, at, method, url, by, stack } => {
                // A redirect is told of under the same name again; the first one counts.
                if (self.claims)(&method, &url) && state.open.len() < MOST_OPEN {
                    let session = self.session;
                    let attempt = Attempt { session, at, method, url, by, stack, error: None };
                    state.open.entry(id).or_insert(attempt);
                }
                None
            }
            Told::Answered { id } => state.open.remove(&id).map(Line::Attempt),
            Told::Failed { id, error } => state
                .open
                .remove(&id)
                .map(|attempt| Line::Attempt(Attempt { error: Some(error), ..attempt })),
            Told::Report(report) => self.command(&report).map(Line::Command),
        };
        if let Some(line) = line {
            self.write(&mut state, line);
        }
    }

    /// Writes down what never came to an end.
    pub(super) fn close(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rest: Vec<Attempt> = state.open.drain().map(|(_, attempt)| attempt).collect();
        rest.sort_by_key(|attempt| attempt.at);
        for attempt in rest {
            self.write(&mut state, Line::Attempt(attempt));
        }
    }

    fn write(&self, state: &mut State, line: Line) {
        if state.lines < MOST_LINES {
            state.lines += 1;
            // A tape that cannot be written ends the run by what the taps and steps write.
            let _ = self.tape.write(line);
        }
    }

    fn command(&self, report: &Value) -> Option<Command> {
        let text = |name: &str| {
            let found = report.get(name).and_then(Value::as_str)?;
            Some(found.chars().take(400).collect::<String>())
        };
        Some(Command {
            session: self.session,
            at: report.get("at").and_then(Value::as_i64)?,
            verb: text("verb")?,
            event: text("event")?,
            id: text("id"),
            pixel: text("pixel"),
            stack: stack_of(report.get("stack").and_then(Value::as_str)?, OWN_FRAMES),
        })
    }
}
