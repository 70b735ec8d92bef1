//! A bounded sample of whole events, chosen by event id, so that both halves of a
//! conversion are in it or out of it.
//!
//! The choice depends on the ids alone: neither on the order of lines nor on threads.
//! Never which rules are asked of it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::event::Event;

/// Most events that are kept whole. Rules on joined tables compare events with each other,
/// so their cost grows faster than the number.
const MOST: usize = 4_000;

/// Events kept whole.
#[derive(Debug, Default)]
pub struct Sample {
    /// One in this many ids; a power of two, 1 while everything is kept.
    every: AtomicU64,
    kept: Mutex<Vec<(u64, Event)>>,
}

impl Sample {
    pub(super) fn new() -> Sample {
        Sample { every: AtomicU64::new(1), kept: Mutex::default() }
    }

    /// True where an event of that hash is to be kept.
    #[inline]
    pub(super) fn wants(&self, hash: u64) -> bool {
        hash & (self.every.load(Ordering::Relaxed) - 1) == 0
    }

    pub(super) fn keep(&self, hash: u64, event: Event) {
        let mut kept = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !self.wants(hash) {
            return;
        }
        kept.push((hash, event));
        while kept.len() > MOST {
            let every = self.every.load(Ordering::Relaxed) * 2;
            self.every.store(every, Ordering::Relaxed);
            kept.retain(|(hash, _)| hash & (every - 1) == 0);
        }
    }

    /// The events, and of how many ids each one stands for: 1 where it is everything.
    pub fn finish(self) -> (Vec<Event>, u64) {
        let every = self.every.into_inner();
        let mut kept = self.kept.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.sort_by_key(|(_, event)| (event.exchange, event.entry));
        (kept.into_iter().map(|(_, event)| event).collect(), every)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;

    fn sampled(hashes: impl Iterator<Item = u64>) -> (Vec<u64>, u64) {
        let sample = Sample::new();
        for hash in hashes {
            if sample.wants(hash) {
                sample.keep(hash, Event::new(Channel::Server, hash, "1"));
            }
        }
        let (events, every) = sample.finish();
        (events.iter().map(|event| event.exchange).collect(), every)
    }

    #[test]
    fn the_sample_is_bounded_and_does_not_depend_on_the_order() {
        let hash = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 7;
        let count = 50_000;
        let (forwards, every) = sampled((0..count).map(hash));
        let (backwards, same) = sampled((0..count).rev().map(hash));
        assert_eq!((&forwards, every), (&backwards, same));
        assert!(forwards.len() <= MOST && forwards.len() > MOST / 3, "{}", forwards.len());
        assert_eq!(sampled((0..10).map(hash)).1, 1);
    }
}
