//! One thread's work: an event comes in, its row of facts goes out.
//!
//! Counts verdicts, keeps the sample, writes facts when they are wanted.
//! Never reads a file, never knows a rule.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::event::{Channel, Event};
use crate::finding::Finding;
use crate::join::bulk::{Flag, NONE_TIME, Row};
use crate::join::{OrderBook, Telling, fold_and_scheme};
use crate::platform::Platform;
use crate::platform::meta::lean::{Hash, Lean, wide};

use super::exchange::Whole;
use super::facts_file::{Fact, FactsWriter};
use super::intern::{Interner, Numbers};
use super::read::Request;
use super::sample::{Kept, Sample};
use super::store::{Batches, Store};
use super::verdict::{Judge, Tally, Verdict, Verdicts};
use super::{AuditError, Spot};

/// What all threads share.
pub(super) struct Shared<'a> {
    pub(super) request: &'a Request,
    pub(super) platform: &'a Platform,
    pub(super) judge: Judge<'a>,
    pub(super) store: Store,
    pub(super) sample: Sample,
    pub(super) names: Interner,
    pub(super) pixels: Interner,
    pub(super) currencies: Interner,
    pub(super) facts: Option<&'a FactsWriter>,
    pub(super) orders: OrderBook,
}

/// Where an event stands and what its log says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) channel: Channel,
    pub(super) spot: Spot,
    pub(super) entry: u32,
    /// When it arrived, where the log says so.
    pub(super) caught: Option<i64>,
    /// Pixel of the log, where the event itself names none.
    pub(super) pixel: Option<&'a str>,
}

/// A verdict that is kept under a number, or one for this event alone.
pub(super) enum Said {
    Kept(u32),
    Own(Box<Verdict>),
}

/// Sums of one thread. Workers stand side by side in memory; on lines of the cache of their own
/// they do not take these from each other with every event.
#[repr(align(128))]
pub(super) struct Worker<'a> {
    shared: &'a Shared<'a>,
    pub(super) verdicts: Verdicts,
    batches: Batches<'a>,
    names: Numbers<'a>,
    pixels: Numbers<'a>,
    currencies: Numbers<'a>,
    facts: Vec<Fact>,
    /// Events by side and number of their pixel.
    pub(super) by_pixel: [HashMap<u16, u64>; 2],
    last_pixel: ([u16; 2], [u64; 2]),
    /// Events of orders.
    told: Vec<Telling>,
    /// Events taken.
    pub(super) events: u64,
    /// Events whose rules had to be asked.
    pub(super) asked: u64,
    /// How long that took.
    pub(super) judging: Duration,
    /// How long it took to get at the bytes of files.
    pub(super) fetching: Duration,
    /// Events without any time.
    pub(super) timeless: u64,
    /// First and last arrival by side.
    pub(super) span: [Option<(i64, i64)>; 2],
}

/// What one thread has added up.
pub(super) struct Sum {
    pub(super) tally: Tally,
    pub(super) by_pixel: [HashMap<u16, u64>; 2],
    pub(super) told: Vec<Telling>,
    pub(super) events: u64,
    pub(super) asked: u64,
    pub(super) signatures: u64,
    pub(super) judging: Duration,
    pub(super) fetching: Duration,
    pub(super) timeless: u64,
    pub(super) span: [Option<(i64, i64)>; 2],
}

impl<'a> Worker<'a> {
    pub(super) fn new(shared: &'a Shared<'a>) -> Worker<'a> {
        Worker {
            shared,
            verdicts: Verdicts::default(),
            batches: Batches::new(&shared.store),
            names: Numbers::new(&shared.names),
            pixels: Numbers::new(&shared.pixels),
            currencies: Numbers::new(&shared.currencies),
            facts: Vec::new(),
            by_pixel: Default::default(),
            last_pixel: ([0; 2], [0; 2]),
            told: Vec::new(),
            events: 0,
            asked: 0,
            judging: Duration::ZERO,
            fetching: Duration::ZERO,
            timeless: 0,
            span: [None; 2],
        }
    }

    /// The rules' words on an event.
    pub(super) fn judge(&mut self, event: &Event) -> Verdict {
        self.asked += 1;
        let begun = Instant::now();
        let findings: Vec<Finding> = (self.shared.judge)(event);
        self.judging += begun.elapsed();
        Verdict { refused: event.refused.clone(), findings }
    }

    /// True where the request wants the event at all.
    #[inline]
    pub(super) fn wants(&self, lean: &Lean<'_>, around: &Around<'_>) -> bool {
        let request = self.shared.request;
        if request.is_open() {
            return true;
        }
        let pixel = if lean.pixel.is_empty() { around.pixel.unwrap_or("") } else { &lean.pixel };
        let caught = around.caught.or(lean.time);
        let within = |caught: i64| {
            request.since.is_none_or(|since| caught >= since)
                && request.until.is_none_or(|until| caught < until)
        };
        (request.events.is_empty()
            || lean
                .name
                .as_deref()
                .is_some_and(|name| request.events.iter().any(|event| event == name)))
            && (request.pixels.is_empty()
                || pixel.is_empty()
                || request.pixels.iter().any(|wanted| wanted == pixel))
            && caught.is_none_or(within)
    }

    /// True where the sample may want the event whole.
    #[inline]
    pub(super) fn samples(&self, lean: &Lean<'_>, around: &Around<'_>) -> bool {
        self.shared.facts.is_none()
            && (self.shared.sample.wants(chosen(key_of(lean, around)))
                || self.shared.orders.is_about(lean.name.as_deref()))
    }

    /// Takes an event: `whole` builds it in full when the sample wants it.
    #[inline]
    pub(super) fn take(
        &mut self,
        lean: &Lean<'_>,
        around: &Around<'_>,
        said: &Said,
        refused: bool,
        whole: &dyn Fn() -> Option<Whole>,
    ) -> Result<(), AuditError> {
        self.events += 1;
        let spot = around.spot;
        match said {
            Said::Kept(number) => self.verdicts.count(*number, spot),
            Said::Own(verdict) => self.verdicts.count_once(verdict, spot),
        }
        let side = usize::from(around.channel == Channel::Server);
        let caught = around.caught.or(lean.time);
        match caught {
            None => self.timeless += 1,
            Some(caught) => {
                let (first, last) = self.span[side].unwrap_or((caught, caught));
                self.span[side] = Some((first.min(caught), last.max(caught)));
            }
        }
        let pixel_text =
            if lean.pixel.is_empty() { around.pixel.unwrap_or("") } else { &lean.pixel };
        let pixel = self.pixels.of(pixel_text);
        if self.last_pixel.0[side] != pixel {
            self.flush_pixel(side);
            self.last_pixel.0[side] = pixel;
        }
        self.last_pixel.1[side] += 1;
        let id = lean.id.as_deref().filter(|id| !id.is_empty());
        let mut flags = 0;
        let mut set = |flag: Flag, is: bool| flags |= if is { flag as u8 } else { 0 };
        set(Flag::Server, side == 1);
        set(Flag::Automatic, lean.automatic);
        set(Flag::Refused, refused);
        set(Flag::Id, id.is_some());
        set(Flag::Name, lean.name.is_some());
        let hashed = key_of(lean, around);
        let (fold, scheme) = match id.map(fold_and_scheme) {
            Some((fold, scheme)) => (fold, scheme as u8),
            None => (0, 0),
        };
        let row = Row {
            id: hashed,
            caught: caught.unwrap_or(0),
            time: lean.time.unwrap_or(NONE_TIME),
            value: lean.value.unwrap_or(f64::NAN),
            visitor: lean.visitor,
            content: lean.content,
            fold,
            spot: spot.0,
            keys: lean.keys,
            valid: lean.valid,
            length: id.map_or(0, characters),
            pixel,
            name: self.names.of(lean.name.as_deref().unwrap_or("")),
            currency: lean.currency.as_deref().map_or(0, |text| self.currencies.of(text)),
            flags,
            scheme,
        };
        if self.shared.facts.is_some() {
            let verdict = match said {
                Said::Kept(number) => self.verdicts.get(*number),
                Said::Own(verdict) => verdict,
            };
            self.facts.push(Fact::new(lean, around, pixel_text, caught, &row, verdict));
            if self.facts.len() >= FactsWriter::BATCH {
                self.flush_facts()?;
            }
            return Ok(());
        }
        self.batches.add(row)?;
        let chosen = chosen(hashed);
        let sampled = self.shared.sample.wants(chosen);
        if sampled || self.shared.orders.is_about(lean.name.as_deref()) {
            let told = (lean.order, lean.visitor);
            self.look_at(sampled.then_some(chosen), around, caught.unwrap_or(0), told, whole());
        }
        Ok(())
    }

    /// Keeps an event for the sample, and what orders want to know of it.
    #[cold]
    fn look_at(
        &mut self,
        sampled: Option<u64>,
        around: &Around<'_>,
        caught: i64,
        (order, visitor): (u64, u64),
        whole: Option<Whole>,
    ) {
        let Some(mut whole) = whole else { return };
        if !self.shared.orders.is_empty() {
            let Some(mut event) = whole.decode(self.shared.platform) else { return };
            event.exchange = around.spot.0;
            event.entry = around.entry;
            event.caught = caught;
            self.told.extend(self.shared.orders.read(&event, order, visitor));
            whole = Whole::of(event);
        }
        if let Some(hash) = sampled {
            let (spot, entry) = (around.spot, around.entry);
            self.shared.sample.keep(Kept { hash, spot, entry, caught, whole });
        }
    }

    fn flush_pixel(&mut self, side: usize) {
        let (pixel, count) = (self.last_pixel.0[side], self.last_pixel.1[side]);
        if count > 0 {
            *self.by_pixel[side].entry(pixel).or_default() += count;
        }
        self.last_pixel.1[side] = 0;
    }

    fn flush_facts(&mut self) -> Result<(), AuditError> {
        let facts = std::mem::take(&mut self.facts);
        match self.shared.facts {
            Some(writer) if !facts.is_empty() => writer.write(facts),
            _ => Ok(()),
        }
    }

    /// Hands over everything that is left.
    pub(super) fn finish(mut self) -> Result<Sum, AuditError> {
        self.flush_pixel(0);
        self.flush_pixel(1);
        self.flush_facts()?;
        self.batches.finish()?;
        let signatures = self.verdicts.len() as u64;
        Ok(Sum {
            tally: self.verdicts.finish(),
            by_pixel: self.by_pixel,
            told: self.told,
            events: self.events,
            asked: self.asked,
            signatures,
            judging: self.judging,
            fetching: self.fetching,
            timeless: self.timeless,
            span: self.span,
        })
    }
}

/// What events are grouped by: their id, else their visitor, else nothing that another has.
#[inline]
fn key_of(lean: &Lean<'_>, around: &Around<'_>) -> [u64; 2] {
    match lean.id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => wide(id.as_bytes()),
        None if lean.visitor != 0 => {
            let mut hash = Hash::seeded(7);
            hash.add(lean.visitor);
            [hash.finish(), lean.visitor]
        }
        None => {
            let mut hash = Hash::seeded(8);
            hash.add(around.spot.0);
            hash.add(u64::from(around.entry));
            [hash.finish(), around.spot.0]
        }
    }
}

/// The length of a text in characters, as far as a row has room for it.
fn characters(text: &str) -> u16 {
    let length = if text.is_ascii() { text.len() } else { text.chars().count() };
    length.min(u16::MAX.into()) as u16
}

/// The bits by which the sample is chosen: others than those of the parts.
fn chosen(key: [u64; 2]) -> u64 {
    key[0] & ((1 << 58) - 1)
}
