//! What a session has had so far on either channel, and when both are quiet.
//!
//! The browser tap belongs to the session as a whole. The server tap is everyone's:
//! a sighting there is the session's when it shares a mark with it, and marks are
//! learnt from what the browser tap saw.
//! Never what a mark means; what is judged is decided by the join, from the tape.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;

use crate::capture::Sighting;
use crate::event::{Channel, Expectation};
use crate::session::witness::{Seen, Witness};

/// Requests that stay open this long without anything else happening are not waited
/// for: pages keep some open for ever (long polling).
const STANDING: Duration = Duration::from_millis(1500);

/// A session's own share of what the taps have seen.
pub(super) struct Tally {
    own: Witness,
    server: Option<Witness>,
    marks: HashSet<String>,
    browser: BTreeMap<String, u32>,
    calls: BTreeMap<String, u32>,
    /// Server sightings since the session began that share no mark with it so far.
    strangers: Vec<Sighting>,
    read_own: usize,
    read_server: usize,
    /// When a call of this session was last noticed.
    last_call: Option<Instant>,
}

/// What is waited for.
#[derive(Debug, Clone)]
pub(super) enum Goal<'a> {
    /// All that is expected, on each channel wanted, and quiet.
    Expected(&'a [Expectation]),
    /// Nothing in particular: quiet.
    Quiet,
    /// One event on one channel.
    Event(&'a str, Channel),
}

/// How long nothing must have happened, and since when at the earliest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stillness {
    pub(super) quiet: Duration,
    pub(super) since: Instant,
}

/// Changes of a tap, to notice that something has happened.
type Version = (usize, u64, Option<Instant>);

fn version(seen: &Seen) -> Version {
    (seen.sightings.len(), seen.open, seen.last)
}

impl Tally {
    /// Starts to count; what the server tap saw before belongs to others.
    pub(super) fn new(own: Witness, server: Option<Witness>, marks: &[String]) -> Tally {
        let read_server = server.as_ref().map_or(0, |tap| tap.look(|seen| seen.sightings.len()));
        Tally {
            own,
            server,
            marks: marks.iter().cloned().collect(),
            browser: BTreeMap::new(),
            calls: BTreeMap::new(),
            strangers: Vec::new(),
            read_own: 0,
            read_server,
            last_call: None,
        }
    }

    /// How many events of that name the session has had on a channel.
    pub(super) fn count(&self, channel: Channel, event: &str) -> u32 {
        self.counts(channel).get(event).copied().unwrap_or(0)
    }

    /// All events of the session on a channel, by name.
    pub(super) fn counts(&self, channel: Channel) -> &BTreeMap<String, u32> {
        match channel {
            Channel::Browser => &self.browser,
            Channel::Server => &self.calls,
        }
    }

    /// Reads what has come so far.
    pub(super) fn look(&mut self) {
        self.read();
    }

    /// What the browser tap saw.
    pub(super) fn own(&self) -> &Witness {
        &self.own
    }

    /// Waits until the goal is reached and, except for a single event, the taps are
    /// still; false when the deadline came first.
    pub(super) async fn wait(
        &mut self,
        goal: &Goal<'_>,
        still: Option<Stillness>,
        deadline: Instant,
    ) -> bool {
        loop {
            let (own, server) = self.read();
            let now = Instant::now();
            let quiet_at = still.map_or(now, |still| self.quiet_at(still));
            let reached = self.has(goal);
            if reached && quiet_at <= now {
                return true;
            }
            if now >= deadline {
                return false;
            }
            let wake = if reached { quiet_at.min(deadline) } else { deadline };
            self.change(own, server, wake).await;
        }
    }

    /// Waits until something happens on either tap, or until the given time.
    async fn change(&self, own: Version, server: Option<Version>, wake: Instant) {
        let tick = wake.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let mine = self.own.until(wake, tick, |seen| version(seen) != own);
        match (&self.server, server) {
            (Some(tap), Some(before)) => {
                let theirs = tap.until(wake, tick, |seen| version(seen) != before);
                tokio::select! {
                    _ = mine => {}
                    _ = theirs => {}
                }
            }
            _ => {
                mine.await;
            }
        }
    }

    fn has(&self, goal: &Goal<'_>) -> bool {
        match goal {
            Goal::Quiet => true,
            Goal::Event(event, channel) => self.count(*channel, event) > 0,
            Goal::Expected(expected) => expected.iter().all(|one| {
                let on = |channel| {
                    !one.wants(channel)
                        || channel == Channel::Server && self.server.is_none()
                        || self.count(channel, &one.event) >= one.count
                };
                Channel::ALL.into_iter().all(on)
            }),
        }
    }

    /// When the session counts as quiet if nothing more happens.
    ///
    /// Calls of other sessions do not disturb: only the session's own count.
    fn quiet_at(&self, still: Stillness) -> Instant {
        let own = self.own.look(|seen| {
            let last = seen.last.map_or(still.since, |last| last.max(still.since));
            last + if seen.open == 0 { still.quiet } else { STANDING.max(still.quiet) }
        });
        let calls = self.last_call.map_or(still.since, |last| last.max(still.since)) + still.quiet;
        own.max(calls)
    }

    /// Reads what came since the last time.
    fn read(&mut self) -> (Version, Option<Version>) {
        let (fresh, own) = self.own.look(|seen| {
            (seen.sightings.get(self.read_own..).unwrap_or_default().to_vec(), version(seen))
        });
        self.read_own += fresh.len();
        let mut learnt = false;
        for sighting in fresh {
            *self.browser.entry(sighting.event).or_default() += 1;
            for mark in sighting.marks {
                learnt |= self.marks.insert(mark);
            }
        }
        let Some(tap) = &self.server else { return (own, None) };
        let (calls, server) = tap.look(|seen| {
            (seen.sightings.get(self.read_server..).unwrap_or_default().to_vec(), version(seen))
        });
        self.read_server += calls.len();
        if learnt || !calls.is_empty() {
            // A call may come before the hit that tells whose it is.
            let mut open = std::mem::take(&mut self.strangers);
            open.extend(calls);
            for call in open {
                if call.marks.iter().any(|mark| self.marks.contains(mark)) {
                    *self.calls.entry(call.event).or_default() += 1;
                    self.last_call = Some(Instant::now());
                } else {
                    self.strangers.push(call);
                }
            }
        }
        (own, Some(server))
    }
}

/// Names and counts as a reader sees them: `PageView ×2, Lead`.
pub(super) fn listed(counts: &BTreeMap<String, u32>) -> String {
    if counts.is_empty() {
        return "nothing".to_owned();
    }
    let each = counts.iter().map(|(event, count)| match count {
        1 => event.clone(),
        many => format!("{event} ×{many}"),
    });
    each.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighting(event: &str, marks: &[&str]) -> Sighting {
        Sighting {
            event: event.to_owned(),
            marks: marks.iter().map(|mark| (*mark).to_owned()).collect(),
        }
    }

    fn saw(tap: &Witness, event: &str, marks: &[&str]) {
        let sighting = sighting(event, marks);
        tap.note(|seen| {
            seen.last = Some(Instant::now());
            seen.sightings.push(sighting);
        });
    }

    fn expectation(event: &str, count: u32, channels: &[Channel]) -> Expectation {
        Expectation {
            event: event.to_owned(),
            count,
            channels: channels.to_vec(),
            value: None,
            currency: None,
            keys: BTreeMap::new(),
            open: false,
            place: crate::event::Place::default(),
        }
    }

    fn soon(millis: u64) -> Instant {
        Instant::now() + Duration::from_millis(millis)
    }

    fn still(millis: u64) -> Stillness {
        Stillness { quiet: Duration::from_millis(millis), since: Instant::now() }
    }

    #[tokio::test]
    async fn a_session_waits_for_the_late_call_of_its_own_visitor_only() {
        let (own, server) = (Witness::default(), Witness::default());
        saw(&server, "Purchase", &["order-1"]);
        let mut tally = Tally::new(own.clone(), Some(server.clone()), &["order-1".to_owned()]);
        let expected = [expectation("Purchase", 1, &Channel::ALL)];
        saw(&own, "Purchase", &["id-7"]);
        saw(&server, "Purchase", &["id-of-someone-else"]);
        let goal = Goal::Expected(&expected);
        assert!(
            !tally.wait(&goal, Some(still(10)), soon(100)).await,
            "nothing of its own has come"
        );
        let late = server.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            saw(&late, "Purchase", &["id-7"]);
        });
        let begun = Instant::now();
        assert!(tally.wait(&goal, Some(still(50)), soon(5000)).await);
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(350) && took < Duration::from_secs(5), "{took:?}");
    }

    #[tokio::test]
    async fn a_call_that_came_before_its_hit_is_recognised_when_the_hit_comes() {
        let (own, server) = (Witness::default(), Witness::default());
        let mut tally = Tally::new(own.clone(), Some(server.clone()), &[]);
        saw(&server, "Lead", &["browser-id"]);
        assert!(!tally.wait(&Goal::Event("Lead", Channel::Server), None, soon(10)).await);
        saw(&own, "PageView", &["browser-id"]);
        assert!(tally.wait(&Goal::Event("Lead", Channel::Server), None, soon(10)).await);
    }

    #[tokio::test]
    async fn quiet_is_counted_from_the_last_thing_that_happened() {
        let own = Witness::default();
        let mut tally = Tally::new(own.clone(), None, &[]);
        let other = own.clone();
        tokio::spawn(async move {
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_millis(200)).await;
                saw(&other, "PageView", &[]);
            }
        });
        let begun = Instant::now();
        assert!(tally.wait(&Goal::Quiet, Some(still(250)), soon(5000)).await);
        assert!(begun.elapsed() >= Duration::from_millis(850), "{:?}", begun.elapsed());
        assert_eq!(tally.count(Channel::Browser, "PageView"), 3);
        assert_eq!(listed(tally.counts(Channel::Browser)), "PageView ×3");
    }

    #[tokio::test]
    async fn a_request_that_stays_open_delays_but_does_not_block() {
        let own = Witness::default();
        own.begin();
        let mut tally = Tally::new(own.clone(), None, &[]);
        let begun = Instant::now();
        assert!(tally.wait(&Goal::Quiet, Some(still(250)), soon(60_000)).await);
        let took = begun.elapsed();
        assert!(took >= STANDING && took < STANDING * 4, "{took:?}");
    }

    #[tokio::test]
    async fn every_conversion_expected_is_waited_for_on_the_channels_named() {
        let own = Witness::default();
        let server = Witness::default();
        let mut tally = Tally::new(own.clone(), Some(server), &[]);
        let expected = [expectation("Lead", 2, &[Channel::Browser])];
        saw(&own, "Lead", &[]);
        assert!(!tally.wait(&Goal::Expected(&expected), Some(still(1)), soon(20)).await);
        saw(&own, "Lead", &[]);
        assert!(tally.wait(&Goal::Expected(&expected), Some(still(1)), soon(20)).await);
    }
}
