//! What the taps have seen so far, and waiting for it.
//!
//! Each tap owns a witness; a session waits on its own browser tap's witness and
//! on the run's server tap's. Waiting is always for a condition with a deadline.
//! Never what a sighting means.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::capture::Sighting;

/// Everything one tap has seen.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Events, in order of arrival.
    pub sightings: Vec<Sighting>,
    /// Requests that were the platform's and are on the tape.
    pub recorded: u64,
    /// Requests that the site answered.
    pub site_answers: u64,
    /// Requests begun and not yet answered.
    pub open: u64,
    /// When a request last began or ended.
    pub last: Option<Instant>,
    /// What the tap could not do (site unreachable, tape unwritable), in order.
    pub troubles: Vec<String>,
    /// Clients that did not trust the tap's certificate, and what each has to be told; in
    /// the troubles, too.
    pub distrusted: Vec<String>,
}

impl Seen {
    /// True when nothing is open and nothing has happened for `quiet`.
    pub fn is_quiet_for(&self, quiet: Duration) -> bool {
        self.open == 0 && self.last.is_none_or(|last| last.elapsed() >= quiet)
    }
}

/// A tap's record of what it has seen, shared between the tap and those who wait.
#[derive(Debug, Clone, Default)]
pub struct Witness {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    seen: Mutex<Seen>,
    changed: Notify,
}

impl Witness {
    /// Changes the record and wakes everyone who waits.
    pub fn note(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.lock());
        self.inner.changed.notify_waiters();
    }

    /// Marks the begin of a request.
    pub fn begin(&self) {
        self.note(|seen| {
            seen.open += 1;
            seen.last = Some(Instant::now());
        });
    }

    /// Marks the end of a request.
    pub fn end(&self) {
        self.note(|seen| {
            seen.open = seen.open.saturating_sub(1);
            seen.last = Some(Instant::now());
        });
    }

    /// Looks at the record.
    pub fn look<T>(&self, at: impl FnOnce(&Seen) -> T) -> T {
        at(&self.lock())
    }

    /// Waits until the condition holds; false when the deadline came first.
    ///
    /// The condition is tried at every change and at least every `tick`, since quiet
    /// is the absence of change.
    pub async fn until(
        &self,
        deadline: Instant,
        tick: Duration,
        condition: impl Fn(&Seen) -> bool,
    ) -> bool {
        loop {
            let changed = self.inner.changed.notified();
            if self.look(&condition) {
                return true;
            }
            let now = Instant::now();
            if now >= deadline {
                return false;
            }
            let pause = tick.min(deadline - now);
            let _ = tokio::time::timeout(pause, changed).await;
        }
    }

    /// Waits until the condition holds, however long that takes.
    pub async fn changed(&self, condition: impl Fn(&Seen) -> bool) {
        loop {
            let mut changed = std::pin::pin!(self.inner.changed.notified());
            // What happens between the look and the wait must not be missed.
            changed.as_mut().enable();
            if self.look(&condition) {
                return;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.inner.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_ends_with_the_condition_or_the_deadline() {
        let witness = Witness::default();
        let other = witness.clone();
        let task = tokio::spawn(async move {
            let deadline = Instant::now() + Duration::from_secs(5);
            other.until(deadline, Duration::from_millis(50), |seen| seen.recorded == 1).await
        });
        witness.note(|seen| seen.recorded += 1);
        assert!(task.await.expect("joined"));
        let soon = Instant::now() + Duration::from_millis(20);
        assert!(!witness.until(soon, Duration::from_millis(5), |seen| seen.recorded == 2).await);
    }
}
