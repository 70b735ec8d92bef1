//! Everything that a tape holds, sorted by kind, and what can be looked up in it.
//!
//! Never a file.

use super::attempt::{Attempt, Command, Recording};
use super::exchange::Exchange;
use super::record::{
    Blocked, End, Line, Opening, PictureRecord, SessionEnd, SessionStart, ShardRecord, StepRecord,
    Trouble,
};
use crate::event::Order;

/// Everything on a tape.
#[derive(Debug, Clone, PartialEq)]
pub struct Capture {
    /// First line.
    pub opening: Opening,
    /// Sessions begun, in order.
    pub sessions: Vec<SessionStart>,
    /// Hits and calls, in order of arrival.
    pub exchanges: Vec<Exchange>,
    /// Steps, in order.
    pub steps: Vec<StepRecord>,
    /// Requests as browsers tell of them, in the order of their ends.
    pub attempts: Vec<Attempt>,
    /// What pages told a platform's script, in order.
    pub commands: Vec<Command>,
    /// Runs that were merged, in order; none on the tape of one run.
    pub recordings: Vec<Recording>,
    /// Parts of a suite that were played, where it was split; one per run.
    pub shards: Vec<ShardRecord>,
    /// Requests that were kept back, in order.
    pub blocked: Vec<Blocked>,
    /// Pictures of pages, in order.
    pub pictures: Vec<PictureRecord>,
    /// Sessions ended.
    pub ends: Vec<SessionEnd>,
    /// What the taps could not do.
    pub troubles: Vec<Trouble>,
    /// Orders of the shop, where the tape holds them.
    pub orders: Vec<Order>,
    /// Last line; `None` when the recording was cut off.
    pub end: Option<End>,
}

impl Capture {
    /// One with nothing on it yet.
    pub fn new(opening: Opening) -> Capture {
        Capture {
            opening,
            sessions: Vec::new(),
            exchanges: Vec::new(),
            steps: Vec::new(),
            attempts: Vec::new(),
            commands: Vec::new(),
            blocked: Vec::new(),
            pictures: Vec::new(),
            ends: Vec::new(),
            troubles: Vec::new(),
            recordings: Vec::new(),
            shards: Vec::new(),
            orders: Vec::new(),
            end: None,
        }
    }

    pub(super) fn put(&mut self, line: Line) {
        match line {
            Line::Session(start) => self.sessions.push(start),
            Line::Exchange(exchange) => self.exchanges.push(exchange),
            Line::Order(order) => self.orders.push(order),
            Line::Step(step) => self.steps.push(step),
            Line::Attempt(attempt) => self.attempts.push(attempt),
            Line::Command(command) => self.commands.push(command),
            Line::Recording(recording) => self.recordings.push(recording),
            Line::Shard(shard) => self.shards.push(shard),
            Line::Blocked(blocked) => self.blocked.push(blocked),
            Line::Picture(picture) => self.pictures.push(picture),
            Line::SessionEnd(end) => self.ends.push(end),
            Line::Trouble(trouble) => self.troubles.push(trouble),
            Line::End(end) => self.end = Some(end),
        }
    }

    /// How a session ended; `None` when the recording was cut off before.
    pub fn end_of(&self, session: u32) -> Option<&SessionEnd> {
        self.ends.iter().find(|end| end.session == session)
    }

    /// Number of the merged run that a session belongs to; 0 on the tape of one run.
    pub fn recording_of_session(&self, session: u32) -> u32 {
        let mut found = self.recordings.iter().rev();
        found.find(|one| session > one.after_session).map_or(0, |one| one.number)
    }

    /// Number of the merged run that an exchange belongs to; 0 on the tape of one run.
    pub fn recording_of_exchange(&self, exchange: u64) -> u32 {
        let mut found = self.recordings.iter().rev();
        found.find(|one| exchange > one.after_exchange).map_or(0, |one| one.number)
    }

    /// The exchange of that number.
    pub fn exchange(&self, number: u64) -> Option<&Exchange> {
        self.exchanges.iter().find(|exchange| exchange.number == number)
    }

    /// Numbers of the shards that the suite was split into and that are not here; none where
    /// it was played as a whole.
    pub fn missing_shards(&self) -> Vec<u32> {
        let of = self.shards.iter().map(|shard| shard.of).max().unwrap_or_default();
        let here = |number: &u32| self.shards.iter().any(|shard| shard.number == *number);
        (1..=of).filter(|number| !here(number)).collect()
    }
}
