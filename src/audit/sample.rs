//! A bounded sample of whole events, chosen by event id, so that both halves of a
//! conversion are in it or out of it.
//!
//! The choice depends on the ids alone: neither on the order of lines nor on threads.
//! Never which rules are asked of it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::event::Event;
use crate::platform::Platform;

use super::Spot;
use super::exchange::Whole;

/// Most events that are kept whole. Rules on joined tables compare events with each other,
/// so their cost grows faster than the number.
const MOST: usize = 4_000;
/// Most events of a sample, once it is one: enough to find whatever is no rarity.
const MOST_OF_MORE: usize = 2_000;

/// Events kept whole.
#[derive(Debug, Default)]
pub(super) struct Sample {
    /// One in this many ids; a power of two, 1 while everything is kept.
    every: AtomicU64,
    kept: Mutex<Vec<Kept>>,
}

/// An event of the sample; it is decoded when the sample is complete.
#[derive(Debug)]
pub(super) struct Kept {
    /// Hash of its id.
    pub(super) hash: u64,
    pub(super) spot: Spot,
    pub(super) entry: u32,
    /// Arrival, Unix milliseconds; 0 where it is not known.
    pub(super) caught: i64,
    pub(super) whole: Whole,
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

    pub(super) fn keep(&self, event: Kept) {
        let mut kept = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !self.wants(event.hash) {
            return;
        }
        kept.push(event);
        loop {
            let every = self.every.load(Ordering::Relaxed);
            if kept.len() <= if every == 1 { MOST } else { MOST_OF_MORE } {
                return;
            }
            let every = every * 2;
            self.every.store(every, Ordering::Relaxed);
            kept.retain(|event| event.hash & (every - 1) == 0);
        }
    }

    /// The events, and of how many ids each one stands for: 1 where it is everything.
    pub(super) fn finish(self, platform: &Platform, threads: usize) -> (Vec<Event>, u64) {
        let every = self.every.into_inner();
        let mut kept = self.kept.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.sort_by_key(|event| (event.spot, event.entry));
        let share = kept.len().div_ceil(threads.max(1)).max(1);
        let mut shares: Vec<Vec<Kept>> = Vec::new();
        while kept.len() > share {
            let rest = kept.split_off(share);
            shares.push(std::mem::replace(&mut kept, rest));
        }
        shares.push(kept);
        let events = std::thread::scope(|scope| {
            let threads: Vec<_> =
                shares.into_iter().map(|share| scope.spawn(|| decode(share, platform))).collect();
            threads
                .into_iter()
                .flat_map(|thread| match thread.join() {
                    Ok(events) => events,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect()
        });
        (events, every)
    }
}

fn decode(kept: Vec<Kept>, platform: &Platform) -> Vec<Event> {
    kept.into_iter()
        .filter_map(|kept| {
            let mut event = kept.whole.decode(platform)?;
            event.exchange = kept.spot.0;
            event.entry = kept.entry;
            event.caught = kept.caught;
            Some(event)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;
    use crate::platform::PLATFORMS;

    fn sampled(hashes: impl Iterator<Item = u64>) -> (Vec<u64>, u64) {
        let sample = Sample::new();
        for hash in hashes {
            if sample.wants(hash) {
                let whole = Whole::of(Event::new(Channel::Server, hash, "1"));
                sample.keep(Kept { hash, spot: Spot(hash), entry: 0, caught: 0, whole });
            }
        }
        let (events, every) = sample.finish(PLATFORMS[0], 2);
        (events.iter().map(|event| event.exchange).collect(), every)
    }

    #[test]
    fn the_sample_is_bounded_and_does_not_depend_on_the_order() {
        let hash = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 7;
        let count = 50_000;
        let (forwards, every) = sampled((0..count).map(hash));
        let (backwards, same) = sampled((0..count).rev().map(hash));
        assert_eq!((&forwards, every), (&backwards, same));
        assert!(
            forwards.len() <= MOST_OF_MORE && forwards.len() > MOST_OF_MORE / 3,
            "{}",
            forwards.len()
        );
        assert_eq!(sampled((0..10).map(hash)).1, 1);
    }
}
