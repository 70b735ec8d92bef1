//! What was learnt while the flow was played as written: which step set off which event,
//! and which page stood after it. Variants are derived from it.
//!
//! Never what an event means.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What one flow showed, step by step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Learnt {
    /// Names of the events that came after each step and before the next one that acts.
    pub(crate) events: Vec<BTreeSet<String>>,
    /// Address of the page after each step; empty where unknown.
    pub(crate) pages: Vec<String>,
    /// How long each step took; zero where unknown.
    pub(crate) took: Vec<Duration>,
}

/// A lesson that variants wait for.
#[derive(Debug, Default)]
pub struct Lesson {
    state: Mutex<State>,
}

#[derive(Debug, Default, Clone)]
enum State {
    #[default]
    Open,
    Learnt(Learnt),
    /// The flow as written could not be played.
    Missed(String),
}

impl Lesson {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when it has been learnt, or never will be.
    pub(super) fn is_over(&self) -> bool {
        !matches!(*self.lock(), State::Open)
    }

    pub(super) fn learn(&self, learnt: Learnt) {
        *self.lock() = State::Learnt(learnt);
    }

    /// Has those who want it wait until it is taught once more.
    pub fn reopen(&self) {
        *self.lock() = State::Open;
    }

    pub(super) fn miss(&self, why: &str) {
        let mut state = self.lock();
        if matches!(*state, State::Open) {
            *state = State::Missed(why.to_owned());
        }
    }

    /// What was learnt, or why nothing was.
    pub(super) fn learnt(&self) -> Result<Learnt, String> {
        match self.lock().clone() {
            State::Learnt(learnt) => Ok(learnt),
            State::Missed(why) => Err(why),
            State::Open => Err("the flow as written was not played".to_owned()),
        }
    }
}
