//! Tells on standard error how a run goes on: a line when a session ends, what broke it at
//! once and again at the end, and, where somebody watches, what every open session is at.
//!
//! Never a verdict: that is the report's.

mod screen;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Streams;
use super::args::Loudness;
use crate::capture::SessionStatus;
use crate::session::{Progress, Tell};
use crate::visitor::CLEAN;
use screen::Screen;

/// How often lines of open sessions are drawn anew, so that a watcher sees that it goes on.
const TICK: Duration = Duration::from_millis(120);

/// Turns progress into lines.
pub(super) struct Teller {
    streams: Streams,
    loudness: Loudness,
    begun: Instant,
    /// The lines of open sessions; `None` where nobody watches.
    board: Option<MultiProgress>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: BTreeMap<u32, Open>,
    ended: BTreeMap<&'static str, usize>,
    /// What broke sessions for good: name and words.
    broken: Vec<(String, String)>,
}

struct Open {
    name: String,
    line: Option<ProgressBar>,
}

impl Teller {
    /// A teller that writes to standard error.
    pub(super) fn new(streams: &Streams, loudness: Loudness) -> Arc<Teller> {
        let watched = streams.live && loudness != Loudness::Quiet;
        let board = watched.then(|| {
            let screen = Box::new(Screen::new(streams));
            MultiProgress::with_draw_target(ProgressDrawTarget::term_like_with_hz(screen, 12))
        });
        Arc::new(Teller {
            streams: streams.clone(),
            loudness,
            begun: Instant::now(),
            board,
            state: Mutex::default(),
        })
    }

    /// What a run calls.
    pub(super) fn sink(self: &Arc<Teller>) -> Tell {
        let teller = Arc::clone(self);
        Arc::new(move |progress| teller.tell(progress))
    }

    fn tell(&self, progress: Progress) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Begun { session, scenario, profile, variant, attempt } => {
                let mut name = plain(&scenario);
                let profile = if profile == CLEAN { String::new() } else { plain(&profile) };
                let parts: Vec<String> =
                    [profile, variant].into_iter().filter(|part| !part.is_empty()).collect();
                if !parts.is_empty() {
                    name.push_str(&format!(" ({})", parts.join(", ")));
                }
                if attempt > 1 {
                    name.push_str(&format!(", attempt {attempt}"));
                }
                let line = self.board.as_ref().map(|board| open_line(board, &name));
                state.open.insert(session, Open { name, line });
            }
            Progress::Step { session, line, text } => {
                let at = format!("{line}: {}", plain(&text));
                self.at(&state, session, &at);
            }
            Progress::Note { session, line, text } => {
                if self.loudness != Loudness::Quiet {
                    let name = state.name(session);
                    self.line(&format!("note: {name}, line {line}: {}", plain(&text)));
                }
            }
            Progress::Again { failed, untaught } => {
                // Each of them ends once more.
                for (word, count) in [("played", failed), ("skipped", untaught)] {
                    if let Some(ended) = state.ended.get_mut(word) {
                        *ended = ended.saturating_sub(count);
                    }
                }
                state.ended.retain(|_, count| *count > 0);
                if self.loudness != Loudness::Quiet {
                    let (sessions, are) =
                        if failed == 1 { ("session", "is") } else { ("sessions", "are") };
                    self.line(&format!(
                        "again   {failed} {sessions} with errors {are} played once more"
                    ));
                }
            }
            Progress::Settling { session } => self.at(&state, session, "waiting for late events"),
            Progress::Ended { session, status, error, again, took } => {
                let name = state.name(session);
                if let Some(line) = state.open.remove(&session).and_then(|open| open.line) {
                    line.finish_and_clear();
                }
                let word = match status {
                    SessionStatus::Played => "played",
                    SessionStatus::Broken => "broken",
                    SessionStatus::Stopped => "stopped",
                    SessionStatus::NotApplicable => "skipped",
                };
                let broken = status == SessionStatus::Broken;
                if self.loudness != Loudness::Quiet || broken {
                    let again = if again { ", played again" } else { "" };
                    self.line(&format!("{word:<7} {name} ({:.1} s{again})", took.as_secs_f64()));
                }
                if let Some(error) = error.filter(|_| self.loudness != Loudness::Quiet || broken) {
                    self.line(&indented(&error));
                    if broken && !again {
                        state.broken.push((name, error));
                    }
                }
                if !again {
                    *state.ended.entry(word).or_default() += 1;
                }
            }
        }
    }

    /// The end: how many sessions there were, and once more what broke.
    pub(super) fn finish(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(board) = &self.board {
            // A line that cannot be removed is only not pretty.
            let _ = board.clear();
        }
        let all: usize = state.ended.values().sum();
        if self.loudness == Loudness::Quiet || all == 0 {
            return;
        }
        // What scrolled away is said again; what stands just above is not.
        if all > 1 {
            for (name, error) in &state.broken {
                self.streams.err(&format!("broken  {name}\n{}", indented(error)));
            }
        }
        let parts: Vec<String> =
            state.ended.iter().map(|(word, count)| format!("{count} {word}")).collect();
        let sessions = if all == 1 { "session" } else { "sessions" };
        let seconds = self.begun.elapsed().as_secs_f64();
        self.streams.err(&format!("{all} {sessions} in {seconds:.1} s: {}", parts.join(", ")));
    }

    /// What a session is at: on its line, or, for those who want to know, on a line of its own.
    fn at(&self, state: &State, session: u32, what: &str) {
        let Some(open) = state.open.get(&session) else { return };
        if let Some(line) = &open.line {
            line.set_message(what.to_owned());
        }
        if self.loudness == Loudness::Verbose {
            self.line(&format!("        {}  {what}", open.name));
        }
    }

    /// A line that stays.
    fn line(&self, text: &str) {
        match &self.board {
            // A line that cannot be drawn means that nobody watches any more.
            Some(board) => drop(board.println(text)),
            None => self.streams.err(text),
        }
    }
}

impl State {
    fn name(&self, session: u32) -> String {
        self.open.get(&session).map(|open| open.name.clone()).unwrap_or_default()
    }
}

fn open_line(board: &MultiProgress, name: &str) -> ProgressBar {
    let line = board.add(ProgressBar::new_spinner());
    let style = ProgressStyle::with_template("{spinner} {prefix}  {wide_msg} {elapsed}")
        .expect("the template is constant");
    line.set_style(style);
    line.set_prefix(name.to_owned());
    line.enable_steady_tick(TICK);
    line
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("        {}", plain(line))).collect();
    lines.join("\n")
}

/// A text without anything that a terminal obeys.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '·' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said on standard error of a run of two scenarios, one of which breaks.
    fn said(live: bool, loudness: Loudness) -> String {
        let text: Arc<Mutex<String>> = Arc::default();
        let sink = Arc::clone(&text);
        let streams = Streams {
            out: Arc::new(|_| {}),
            err: Arc::new(move |part| sink.lock().expect("whole").push_str(part)),
            width: Some(100),
            colour: false,
            live,
        };
        let teller = Teller::new(&streams, loudness);
        let tell = teller.sink();
        for (session, scenario) in [(1, "Checkout"), (2, "Lead\u{1b}[2J")] {
            tell(Progress::Begun {
                session,
                scenario: scenario.to_owned(),
                profile: "clean".to_owned(),
                variant: String::new(),
                attempt: 1,
            });
        }
        tell(Progress::Step { session: 1, line: 12, text: "- click: \"#pay\"".to_owned() });
        let took = Duration::from_millis(1_500);
        let error = Some("a.yaml:12:5: no element `#pay`".to_owned());
        let broken = SessionStatus::Broken;
        tell(Progress::Ended { session: 1, status: broken, error, again: false, took });
        let played = SessionStatus::Played;
        tell(Progress::Ended { session: 2, status: played, error: None, again: false, took });
        teller.finish();
        text.lock().expect("whole").clone()
    }

    #[test]
    fn in_a_pipeline_there_are_plain_lines_and_what_broke_is_said_twice() {
        let text = said(false, Loudness::Usual);
        assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text:?}");
        assert_eq!(text.matches("no element `#pay`").count(), 2, "{text}");
        assert!(text.contains("broken  Checkout (1.5 s)\n") && text.contains("played  Lead·[2J"));
        assert!(text.trim_end().ends_with(": 1 broken, 1 played"), "{text}");
        assert!(!text.contains("click"), "steps are for those who want them: {text}");
    }

    #[test]
    fn the_quiet_hear_only_what_broke_and_the_curious_every_step() {
        let quiet = said(false, Loudness::Quiet);
        assert_eq!(quiet.lines().count(), 2, "{quiet}");
        assert!(quiet.starts_with("broken  Checkout"), "{quiet}");
        let verbose = said(false, Loudness::Verbose);
        assert!(verbose.contains("Checkout  12: - click: \"#pay\""), "{verbose}");
    }

    #[test]
    fn on_a_terminal_open_sessions_have_lines_and_what_ended_stays() {
        let text = said(true, Loudness::Usual);
        assert!(text.contains("Checkout") && text.contains('\u{1b}'), "{text:?}");
        assert!(text.contains("broken  Checkout (1.5 s)"), "{text:?}");
        assert!(text.trim_end().ends_with(": 1 broken, 1 played"), "{text:?}");
    }
}
