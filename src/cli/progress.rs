//! Tells on standard error how a run goes on: a line when a session ends, its steps only
//! where somebody watches.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Streams;
use crate::capture::SessionStatus;
use crate::session::{Progress, Tell};

/// Turns progress into lines.
pub(super) struct Teller {
    streams: Streams,
    /// Names of open sessions.
    names: Mutex<BTreeMap<u32, String>>,
}

impl Teller {
    /// A teller that writes to standard error.
    pub(super) fn new(streams: &Streams) -> Arc<Teller> {
        Arc::new(Teller { streams: streams.clone(), names: Mutex::default() })
    }

    /// What a run calls.
    pub(super) fn sink(self: &Arc<Teller>) -> Tell {
        let teller = Arc::clone(self);
        Arc::new(move |progress| teller.tell(progress))
    }

    fn tell(&self, progress: Progress) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Begun { session, scenario, profile, attempt } => {
                let mut name = scenario;
                if profile != "clean" {
                    name.push_str(&format!(" ({profile})"));
                }
                if attempt > 1 {
                    name.push_str(&format!(", attempt {attempt}"));
                }
                self.live(&format!("▸ {name}"));
                names.insert(session, name);
            }
            Progress::Step { session, line, text } => {
                let name = names.get(&session).map_or("", String::as_str);
                self.live(&format!("▸ {name}  {line}: {text}"));
            }
            Progress::Note { session, line, text } => {
                let name = names.get(&session).cloned().unwrap_or_default();
                self.line(&format!("note: {name}, line {line}: {text}"));
            }
            Progress::Settling { session } => {
                let name = names.get(&session).map_or("", String::as_str);
                self.live(&format!("▸ {name}  waiting for late events"));
            }
            Progress::Ended { session, status, error, again, took } => {
                let name = names.remove(&session).unwrap_or_default();
                let word = match status {
                    SessionStatus::Played => "played",
                    SessionStatus::Broken => "broken",
                    SessionStatus::Stopped => "stopped",
                    SessionStatus::NotApplicable => "skipped",
                };
                let again = if again { ", played again" } else { "" };
                self.line(&format!("{word:<7} {name} ({:.1} s{again})", took.as_secs_f64()));
                if let Some(error) = error {
                    self.line(&format!("        {}", error.replace('\n', "\n        ")));
                }
            }
        }
    }

    /// A line that stays.
    fn line(&self, text: &str) {
        let clear = if self.streams.live { "\r\x1b[2K" } else { "" };
        (self.streams.err)(&format!("{clear}{text}\n"));
    }

    /// A line that the next one replaces; nothing where nobody watches.
    fn live(&self, text: &str) {
        if self.streams.live {
            let short: String = text.chars().take(78).collect();
            (self.streams.err)(&format!("\r\x1b[2K{short}"));
        }
    }
}
