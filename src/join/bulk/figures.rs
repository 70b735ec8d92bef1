//! Sums over rows: by hour and event name, and what rolls them up.
//!
//! Never a share or a rate: those are for whoever shows them.

use std::collections::BTreeMap;

use super::lags::Lags;
use crate::event::MatchKey;
use crate::join::IdScheme;

/// Why an event has no partner, as far as facts show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Cause {
    /// The other side sent the same id under another event name.
    Name,
    /// The other side sent the same name and id to another pixel.
    Pixel,
    /// Both sides sent it, more than the platform's window apart.
    Window,
    /// The other side wrote the id differently: case, white space, punctuation, zeros.
    Spelling,
    /// The same visitor's event on the other side, and an id is missing.
    IdMissing,
    /// The same visitor's event on the other side, under an id of its own.
    OtherId,
    /// Nothing on the other side comes near.
    NoPartner,
}

impl Cause {
    /// Every cause, in the order of reports.
    pub const ALL: [Cause; 7] = [
        Cause::Name,
        Cause::Pixel,
        Cause::Window,
        Cause::Spelling,
        Cause::IdMissing,
        Cause::OtherId,
        Cause::NoPartner,
    ];

    /// The words of reports.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Name => "another event name",
            Cause::Pixel => "another pixel ID",
            Cause::Window => "more than 48 hours apart",
            Cause::Spelling => "ID written differently",
            Cause::IdMissing => "ID missing on a side",
            Cause::OtherId => "another ID on the other side",
            Cause::NoPartner => "nothing on the other side",
        }
    }
}

/// Sums of one hour and event name. Pairs of figures are browser and server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// Events, repeats and automatic ones included.
    pub events: [u32; 2],
    /// Events that the platform makes by itself.
    pub automatic: [u32; 2],
    /// Events that the platform refuses.
    pub refused: [u32; 2],
    /// Pairs, in the hour of their browser half.
    pub paired: u32,
    /// Further copies under the same id.
    pub repeats: [u32; 2],
    /// Further copies under another id or none: the same visitor said the same a moment before.
    pub twins: [u32; 2],
    /// Events without a partner, by cause; twins are not among them.
    pub alone: [[u32; 7]; 2],
    /// What the platform would count, in the hour of the first copy.
    pub counted: u32,
    /// Ids that stand for several visitors.
    pub reused: u32,
    /// Pairs whose halves name different values, in one currency.
    pub values_differ: u32,
    /// Pairs whose halves name different currencies.
    pub currencies_differ: u32,
    /// Events whose match keys were looked at: repeats and automatic ones are not.
    pub looked_at: [u32; 2],
    /// Of these, how many carry each match key.
    pub keys: [[u32; MatchKey::ALL.len()]; 2],
    /// And how many carry it well formed.
    pub valid: [[u32; MatchKey::ALL.len()]; 2],
}

impl Cell {
    /// Adds another cell.
    pub fn add(&mut self, other: &Cell) {
        self.paired += other.paired;
        self.counted += other.counted;
        self.reused += other.reused;
        self.values_differ += other.values_differ;
        self.currencies_differ += other.currencies_differ;
        for side in 0..2 {
            self.events[side] += other.events[side];
            self.automatic[side] += other.automatic[side];
            self.refused[side] += other.refused[side];
            self.repeats[side] += other.repeats[side];
            self.twins[side] += other.twins[side];
            self.looked_at[side] += other.looked_at[side];
            for (sum, more) in self.alone[side].iter_mut().zip(other.alone[side]) {
                *sum += more;
            }
            for (sum, more) in self.keys[side].iter_mut().zip(other.keys[side]) {
                *sum += more;
            }
            for (sum, more) in self.valid[side].iter_mut().zip(other.valid[side]) {
                *sum += more;
            }
        }
    }

    /// Takes back events whose match keys count for nothing.
    pub(super) fn overlook(&mut self, other: &Cell) {
        for side in 0..2 {
            self.looked_at[side] -= other.looked_at[side];
            for (sum, less) in self.keys[side].iter_mut().zip(other.keys[side]) {
                *sum -= less;
            }
            for (sum, less) in self.valid[side].iter_mut().zip(other.valid[side]) {
                *sum -= less;
            }
        }
    }

    /// Events of a side without a partner.
    pub fn alone_on(&self, side: usize) -> u32 {
        self.alone[side].iter().sum()
    }
}

/// Cells by hour (Unix hours) and number of the event name, in that order.
pub type Cells = Vec<((i64, u16), Cell)>;

/// The ids of one event name and side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdCell {
    /// Events that could carry an id.
    pub events: u32,
    /// Events that do.
    pub present: u32,
    /// Distinct ids.
    pub distinct: u32,
    /// Shortest, in characters.
    pub shortest: u32,
    /// Longest, in characters.
    pub longest: u32,
    /// Distinct ids of each scheme, in the order of the schemes' numbers.
    pub schemes: [u32; IdScheme::ALL.len()],
}

/// All sums.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// By hour and event name.
    pub cells: Cells,
    /// Lags of all pairs.
    pub lags: Lags,
    /// Ids by event name and side.
    pub ids: BTreeMap<(u16, usize), IdCell>,
}
