//! Learning while a flow is played as written: which step sets off which event.
//!
//! An event belongs to the last step that acted before it was seen. Never what it means.

use std::collections::BTreeMap;
use std::time::Duration;

use super::lesson::Learnt;
use super::tally::Tally;
use crate::event::Channel;

/// A lesson in the making.
#[derive(Debug, Default)]
pub(super) struct Learning {
    learnt: Learnt,
    /// The step that acted last.
    acting: Option<usize>,
    known: BTreeMap<(Channel, String), u32>,
}

impl Learning {
    pub(super) fn new(steps: usize) -> Learning {
        let learnt = Learnt {
            events: vec![Default::default(); steps],
            pages: vec![String::new(); steps],
            took: vec![Duration::ZERO; steps],
        };
        Learning { learnt, ..Learning::default() }
    }

    /// Notes what has come since the last time.
    pub(super) fn absorb(&mut self, tally: &mut Tally) {
        tally.look();
        for channel in Channel::ALL {
            for (event, count) in tally.counts(channel) {
                let known = self.known.entry((channel, event.clone())).or_default();
                if *known < *count
                    && let Some(events) =
                        self.acting.and_then(|step| self.learnt.events.get_mut(step))
                {
                    events.insert(event.clone());
                }
                *known = *count;
            }
        }
    }

    /// A step acts from here on.
    pub(super) fn acts(&mut self, step: usize) {
        self.acting = Some(step);
    }

    /// The page after a step, and how long that took.
    pub(super) fn stands_at(&mut self, step: usize, page: &str, took: Duration) {
        if let Some(kept) = self.learnt.pages.get_mut(step) {
            page.clone_into(kept);
        }
        if let Some(kept) = self.learnt.took.get_mut(step) {
            *kept = took;
        }
    }

    pub(super) fn whole(self) -> Learnt {
        self.learnt
    }
}
