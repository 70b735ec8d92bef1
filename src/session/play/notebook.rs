//! Puts on the tape what a session's browser tells: attempts of the platform's requests,
//! and what pages told its script.
//!
//! Never what an attempt means: it is joined with what the tap caught elsewhere.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::capture::{Attempt, Command, Line, TapeWriter};
use crate::session::browser::{NO_REASON, Told, stack_of};
use crate::session::tap::Claims;

/// Lines of one session; a page in a loop would fill the disk.
const MOST_LINES: usize = 5_000;
/// Requests that wait for their end at a time.
const MOST_OPEN: usize = 2_000;
/// Frames at the top of a reported stack that are the watching script's own.
const OWN_FRAMES: usize = 2;

/// True where a browser says no more than that a request was kept back: Chromium names no
/// reason for what a page's policy refuses, Firefox says `NS_ERROR_…_BLOCKED` at best.
fn is_bare(error: &str) -> bool {
    error == NO_REASON || error.contains("BLOCKED")
}

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
    /// Attempts that failed and that the page's policy may explain.
    failed: Vec<Attempt>,
    /// What the page's policy refused, and that no attempt was found for.
    refused: Vec<Attempt>,
    lines: usize,
}

impl State {
    /// An attempt failed; it is held back where its reason may still be told.
    fn fails(&mut self, failed: Attempt) -> Option<Attempt> {
        if let Some(at) = self.refused.iter().position(|refused| refused.url == failed.url) {
            let refused = self.refused.swap_remove(at);
            return Some(Attempt { error: refused.error, ..failed });
        }
        let waits = failed.error.as_deref().is_some_and(is_bare) && self.failed.len() < MOST_OPEN;
        if !waits {
            return Some(failed);
        }
        self.failed.push(failed);
        None
    }

    /// A page's policy refused a request: the reason of one that failed, or will.
    fn refuses(&mut self, refused: Attempt) -> Option<Attempt> {
        if let Some(at) = self.failed.iter().position(|failed| failed.url == refused.url) {
            let failed = self.failed.remove(at);
            return Some(Attempt { error: refused.error, ..failed });
        }
        if self.refused.len() < MOST_OPEN {
            self.refused.push(refused);
        }
        None
    }
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
            Told::Failed { id, error } => {
                let attempt = state.open.remove(&id);
                let attempt = attempt.map(|attempt| Attempt { error: Some(error), ..attempt });
                attempt.and_then(|failed| state.fails(failed)).map(Line::Attempt)
            }
            Told::Refused { at, url, directive } => {
                let (session, method) = (self.session, "GET".to_owned());
                let error = Some(format!("the page's content security policy ({directive})"));
                let by = "other".to_owned();
                let refused = Attempt { session, at, method, url, by, stack: Vec::new(), error };
                let ours = (self.claims)(&refused.method, &refused.url);
                ours.then(|| state.refuses(refused)).flatten().map(Line::Attempt)
            }
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
        rest.append(&mut state.failed);
        rest.append(&mut state.refused);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(url: &str, error: &str) -> Attempt {
        Attempt {
            session: 1,
            at: 1,
            method: "GET".to_owned(),
            url: url.to_owned(),
            by: "script".to_owned(),
            stack: Vec::new(),
            error: Some(error.to_owned()),
        }
    }

    #[test]
    fn the_reason_of_a_failure_may_be_told_before_or_after_it() {
        let mut state = State::default();
        let policy = || attempt("https://pixel.test/a", "the page's policy");
        let bare = || attempt("https://pixel.test/a", NO_REASON);
        let error = |found: Option<Attempt>| found.and_then(|found| found.error);
        assert_eq!(state.fails(bare()), None);
        assert_eq!(error(state.refuses(policy())).as_deref(), Some("the page's policy"));
        assert_eq!(state.refuses(policy()), None);
        assert_eq!(error(state.fails(bare())).as_deref(), Some("the page's policy"));
        assert!(state.failed.is_empty() && state.refused.is_empty());
        let named = attempt("https://pixel.test/b", "net::ERR_FAILED");
        assert_eq!(state.fails(named.clone()), Some(named), "it needs no other reason");
    }
}
