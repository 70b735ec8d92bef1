//! Figures while they are added up, a row at a time: by hour and event name.
//!
//! What a row adds by itself is counted when it comes in, in the order of the logs, where
//! neighbours are of one hour; what its id makes of it is added by the join.
//! Never a share or a rate, never a cause.

use std::collections::HashMap;

use super::bits::{Bits, FULL, each};
use super::figures::{Cell, Figures, IdCell};
use super::lags::Lags;
use super::row::{Flag, Row};
use crate::event::MatchKey;

/// Sums of one thread.
#[derive(Debug, Default)]
pub struct Sums {
    cells: Slots,
    /// Match keys of repeats, which have been counted as they came in and are taken back.
    overlooked: Slots,
    ids: Vec<[IdCell; 2]>,
    /// Place of a cell, and milliseconds from its browser half to its server half.
    lags: Vec<(u32, i32)>,
}

/// Cells in the order in which they came up, and where to find them.
#[derive(Debug, Default)]
struct Slots {
    places: HashMap<(i64, u16), u32, foldhash::fast::RandomState>,
    list: Vec<Slot>,
    /// Places that were asked for of late, by the last bits of hour and name.
    recent: Vec<u32>,
}

/// A cell, and match keys by side that are not in it yet: those that are there from the first
/// bit on, those that are well formed from bit [`VALID`] on.
#[derive(Debug)]
struct Slot {
    key: (i64, u16),
    cell: Cell,
    keys: [Bits; 2],
}

const VALID: usize = 32;
/// Places that are remembered: those of a month with as many names as sites have in use.
const RECENT: usize = 1 << 13;
const NAMES: usize = 10;
/// The match keys there are.
const KNOWN: u32 = (1 << MatchKey::ALL.len()) - 1;

/// The Unix hour of a time in milliseconds.
#[inline]
pub(super) fn hour(millis: i64) -> i64 {
    millis.div_euclid(3_600_000)
}

impl Slots {
    #[inline]
    fn place(&mut self, key: (i64, u16)) -> u32 {
        let near = (key.0 as usize).wrapping_mul(NAMES) + usize::from(key.1);
        match self.recent.get(near % RECENT) {
            Some(place) if self.list[*place as usize].key == key => *place,
            _ => self.find(key, near % RECENT),
        }
    }

    #[inline(never)]
    fn find(&mut self, key: (i64, u16), near: usize) -> u32 {
        let place = *self.places.entry(key).or_insert(self.list.len() as u32);
        if place as usize == self.list.len() {
            self.list.push(Slot { key, cell: Cell::default(), keys: Default::default() });
        }
        self.recent.resize(RECENT, 0);
        self.recent[near] = place;
        place
    }

    #[inline]
    fn of(&mut self, key: (i64, u16)) -> &mut Slot {
        let place = self.place(key) as usize;
        &mut self.list[place]
    }
}

impl Slot {
    /// Counts the match keys of a row.
    #[inline]
    fn look_at(&mut self, row: &Row) {
        let side = row.side();
        let there = row.keys & KNOWN;
        self.cell.looked_at[side] += 1;
        let mask = u64::from(there) | u64::from(there & row.valid) << VALID;
        let full = self.keys[side].add(mask);
        if full != 0 {
            each(full, |bit| self.cell.add_key(side, bit, FULL));
        }
    }

    /// The cell, with all that was counted beside it.
    fn whole(&mut self) -> &mut Cell {
        for (side, keys) in self.keys.iter_mut().enumerate() {
            keys.drain(|bit, more| self.cell.add_key(side, bit, more));
        }
        &mut self.cell
    }
}

impl Cell {
    fn add_key(&mut self, side: usize, bit: usize, more: u32) {
        let counts = if bit < VALID { &mut self.keys } else { &mut self.valid };
        counts[side][bit % VALID] += more;
    }
}

impl Sums {
    /// The cell of a row.
    #[inline]
    pub(super) fn cell(&mut self, caught: i64, name: u16) -> &mut Cell {
        &mut self.cells.of((hour(caught), name)).cell
    }

    /// The ids of an event name and side.
    #[inline]
    pub(super) fn ids(&mut self, name: u16, side: usize) -> &mut IdCell {
        let name = usize::from(name);
        if self.ids.len() <= name {
            self.ids.resize_with(name + 1, Default::default);
        }
        &mut self.ids[name][side]
    }

    /// Counts what a row adds by itself.
    #[inline]
    pub fn add(&mut self, row: &Row) {
        let side = row.side();
        let slot = self.cells.of((hour(row.caught), row.name));
        slot.cell.events[side] += 1;
        slot.cell.refused[side] += u32::from(row.is(Flag::Refused));
        if row.is(Flag::Automatic) {
            slot.cell.automatic[side] += 1;
            return;
        }
        if !row.is(Flag::Name) {
            return;
        }
        slot.look_at(row);
        let ids = self.ids(row.name, side);
        ids.events += 1;
        ids.present += u32::from(row.is(Flag::Id));
    }

    /// Takes a row that was counted for a repeat.
    pub(super) fn repeat(&mut self, row: &Row) {
        let key = (hour(row.caught), row.name);
        self.cells.of(key).cell.repeats[row.side()] += 1;
        self.overlooked.of(key).look_at(row);
    }

    /// Adds the lag of a pair.
    #[inline]
    pub(super) fn lag(&mut self, caught: i64, name: u16, millis: i64) {
        let place = self.cells.place((hour(caught), name));
        self.lags.push((place, millis as i32));
    }

    /// Adds what another thread made.
    pub fn merge(&mut self, mut other: Sums) {
        let places: Vec<u32> =
            other.cells.list.iter().map(|slot| self.cells.place(slot.key)).collect();
        for (slot, place) in other.cells.list.iter_mut().zip(&places) {
            self.cells.list[*place as usize].cell.add(slot.whole());
        }
        for slot in &mut other.overlooked.list {
            self.overlooked.of(slot.key).cell.add(slot.whole());
        }
        self.lags
            .extend(other.lags.iter().map(|(place, millis)| (places[*place as usize], *millis)));
        for (name, sides) in other.ids.into_iter().enumerate() {
            for (side, ids) in sides.into_iter().enumerate() {
                self.ids(name as u16, side).add(&ids);
            }
        }
    }

    /// The figures.
    pub fn finish(mut self) -> Figures {
        for slot in &mut self.overlooked.list {
            self.cells.of(slot.key).whole().overlook(slot.whole());
        }
        let slots = &mut self.cells.list;
        let mut order: Vec<u32> = (0..slots.len() as u32).collect();
        order.sort_unstable_by_key(|place| slots[*place as usize].key);
        let lags = lags(slots, &order, &self.lags);
        let cells = order
            .into_iter()
            .map(|place| {
                let slot = &mut slots[place as usize];
                (slot.key, std::mem::take(slot.whole()))
            })
            .collect();
        let ids = self.ids.into_iter().enumerate().flat_map(|(name, sides)| {
            sides.into_iter().enumerate().map(move |(side, ids)| ((name as u16, side), ids))
        });
        Figures { cells, lags, ids: ids.filter(|(_, ids)| ids.events > 0).collect() }
    }
}

/// Puts the lags of each cell side by side, cells in their order.
fn lags(slots: &[Slot], order: &[u32], lags: &[(u32, i32)]) -> Lags {
    let mut at = vec![0; slots.len()];
    for (place, _) in lags {
        at[*place as usize] += 1;
    }
    let mut ends = Vec::with_capacity(order.len());
    let mut end = 0;
    for place in order {
        let count = std::mem::replace(&mut at[*place as usize], end);
        end += count;
        let (hour, name) = slots[*place as usize].key;
        ends.push((hour, name, end));
    }
    let mut millis = vec![0; lags.len()];
    for (place, lag) in lags {
        let at = &mut at[*place as usize];
        millis[*at] = *lag;
        *at += 1;
    }
    Lags { ends, millis }
}

impl IdCell {
    /// Adds ids of other parts.
    fn add(&mut self, other: &IdCell) {
        self.events += other.events;
        self.present += other.present;
        self.distinct += other.distinct;
        self.shortest = match (self.shortest, other.shortest) {
            (0, other) | (other, 0) => other,
            (a, b) => a.min(b),
        };
        self.longest = self.longest.max(other.longest);
        for (sum, more) in self.schemes.iter_mut().zip(other.schemes) {
            *sum += more;
        }
    }

    /// Adds an id that is not among them.
    pub(super) fn distinct(&mut self, length: u16, scheme: u8) {
        let length = u32::from(length);
        self.distinct += 1;
        self.shortest = if self.shortest == 0 { length } else { self.shortest.min(length) };
        self.longest = self.longest.max(length);
        let schemes = &mut self.schemes;
        schemes[usize::from(scheme).min(schemes.len() - 1)] += 1;
    }
}
