//! The end of a session, in three moves: wait until all that is expected has come, leave
//! the page so that its last beacon is sent, wait again.
//!
//! None of it needs commands to the page's window, so that it can run beside the next
//! session. Never judges what came.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::session::{Open, Played, millis, now};
use super::tally::{Goal, Stillness};
use super::{Progress, Tell, Times};
use crate::capture::{Line, SessionEnd, SessionStatus};

/// How long the taps are listened to after a page was left: its last requests are
/// under way by then.
const FAREWELL: Duration = Duration::from_secs(2);

/// The same when the user wants the run to end.
const SHORT_FAREWELL: Duration = Duration::from_millis(500);

/// How a session ended.
pub(super) struct Ended {
    pub(super) session: u32,
    pub(super) status: SessionStatus,
    pub(super) error: Option<String>,
    pub(super) screenshot: Option<PathBuf>,
    pub(super) times: Times,
}

impl Played {
    /// Waits for what is late, leaves the page, closes everything and ends the record.
    pub(super) async fn finish(mut self, tell: &Tell) -> Ended {
        let mut site_answers = 0;
        if let Some(open) = self.open.take() {
            (tell)(Progress::Settling { session: self.number });
            site_answers = self.leave(open).await;
            let missed = self.stage.faults.close(self.number);
            let written = &self.part.scenario.server_faults;
            for fault in missed.iter().filter(|fault| written.contains(fault)) {
                (tell)(Progress::Note {
                    session: self.number,
                    line: fault.place.line,
                    text: format!("no call was met by the server fault `{}`", fault.answer.name()),
                });
            }
        }
        if let Some(learning) = self.learning.take() {
            if self.status == SessionStatus::Played {
                self.part.lesson.learn(learning.whole());
            }
        }
        let times = Times {
            whole: self.begun.elapsed(),
            browser: self.browser_time,
            waiting: self.waiting,
        };
        let mut error = self.mishap.as_ref().map(ToString::to_string);
        let end = SessionEnd {
            session: self.number,
            at: now(),
            status: self.status,
            error: error.clone(),
            screenshot: self.screenshot.as_ref().map(|path| beside(path, self.stage.tape.path())),
            site_answers,
            millis: millis(times.whole),
            browser_millis: millis(times.browser),
        };
        if let Err(cause) = self.stage.tape.write(Line::SessionEnd(end)) {
            self.status = SessionStatus::Broken;
            error = Some(error.map_or_else(|| cause.to_string(), |own| format!("{own}; {cause}")));
        }
        let screenshot = self.screenshot.take();
        Ended { session: self.number, status: self.status, error, screenshot, times }
    }

    async fn leave(&mut self, open: Open) -> u64 {
        let Open { tab, tap, mut tally, notebook } = open;
        let stage = Arc::clone(&self.stage);
        let scenario = Arc::clone(&self.part.scenario);
        let expect = std::mem::take(&mut self.expect);
        let quiet = stage.deadlines.quiet;
        if self.status == SessionStatus::Played {
            let settle = scenario.settle.map_or(stage.deadlines.settle, Duration::from_millis);
            let nothing = expect.is_empty();
            let quiet = if nothing { stage.deadlines.silence } else { quiet };
            let begun = Instant::now();
            let still = Stillness { quiet, since: begun };
            let goal = Goal::Expected(&expect);
            let mut stop = stage.stop.clone();
            tokio::select! {
                _ = tally.wait(&goal, Some(still), begun + settle) => {}
                Ok(_) = stop.wait_for(|stopped| *stopped) => self.status = SessionStatus::Stopped,
            }
            self.waiting += begun.elapsed();
        }
        self.browser_time += tab.page.busy();
        let begun = Instant::now();
        // A browser that is gone sends nothing more; what it sent is on the tape.
        let left = !self.browser_gone && tab.leave().await.is_ok();
        self.browser_time += begun.elapsed();
        if left {
            let farewell = match self.status {
                SessionStatus::Stopped => SHORT_FAREWELL,
                _ => FAREWELL,
            };
            let since = Instant::now();
            let still = Stillness { quiet, since };
            tally.wait(&Goal::Quiet, Some(still), since + farewell).await;
            self.waiting += since.elapsed();
        }
        let begun = Instant::now();
        // A profile that cannot be removed goes with its browser.
        let _ = tab.close().await;
        self.browser_time += begun.elapsed();
        notebook.close();
        if let Some(learning) = &mut self.learning {
            learning.absorb(&mut tally);
        }
        let site_answers = tally.own().look(|seen| seen.site_answers);
        tap.close().await;
        site_answers
    }
}

/// A path relative to the tape where it lies below the tape's folder.
pub(super) fn beside(path: &Path, tape: &Path) -> String {
    let folder = tape.parent().unwrap_or(Path::new(""));
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn screenshots_are_named_relative_to_the_tape() {
        let path = Path::new("reports/run/screenshots/session-1.png");
        assert_eq!(beside(path, Path::new("reports/run/tape.jsonl")), "screenshots/session-1.png");
        assert_eq!(beside(Path::new("/x/1.png"), Path::new("reports/t.jsonl")), "/x/1.png");
    }
}
