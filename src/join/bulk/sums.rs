//! Figures while they are added up, a row at a time: by hour and event name.
//!
//! Never a share or a rate, never a cause.

use std::collections::HashMap;

use super::figures::{Cell, Figures, IdCell, Lag};

/// Sums of one thread.
#[derive(Debug, Default)]
pub struct Sums {
    places: HashMap<(i64, u16), usize, foldhash::fast::RandomState>,
    cells: Vec<((i64, u16), Cell)>,
    last: usize,
    ids: Vec<[IdCell; 2]>,
    pub(super) lags: Vec<Lag>,
}

/// The Unix hour of a time in milliseconds.
#[inline]
pub(super) fn hour(millis: i64) -> i64 {
    millis.div_euclid(3_600_000)
}

impl Sums {
    /// The cell of a row.
    #[inline]
    pub(super) fn cell(&mut self, caught: i64, name: u16) -> &mut Cell {
        self.of((hour(caught), name))
    }

    #[inline]
    fn of(&mut self, key: (i64, u16)) -> &mut Cell {
        // Rows of one conversion come together.
        if self.cells.get(self.last).is_none_or(|(last, _)| *last != key) {
            self.last = *self.places.entry(key).or_insert(self.cells.len());
            if self.last == self.cells.len() {
                self.cells.push((key, Cell::default()));
            }
        }
        &mut self.cells[self.last].1
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

    /// Adds what another thread made.
    pub fn merge(&mut self, other: Sums) {
        for (key, cell) in other.cells {
            self.of(key).add(&cell);
        }
        self.lags.extend(other.lags);
        for (name, sides) in other.ids.into_iter().enumerate() {
            for (side, ids) in sides.into_iter().enumerate() {
                self.ids(name as u16, side).add(ids);
            }
        }
    }

    /// The figures.
    pub fn finish(mut self) -> Figures {
        self.lags.sort_unstable();
        let ids = self.ids.into_iter().enumerate().flat_map(|(name, sides)| {
            sides.into_iter().enumerate().map(move |(side, ids)| ((name as u16, side), ids))
        });
        Figures {
            cells: self.cells.into_iter().collect(),
            lags: self.lags,
            ids: ids.filter(|(_, ids)| ids.events > 0).collect(),
        }
    }
}

impl IdCell {
    /// Adds ids of other parts.
    fn add(&mut self, other: IdCell) {
        self.events += other.events;
        self.present += other.present;
        self.distinct += other.distinct;
        self.shortest = match (self.shortest, other.shortest) {
            (0, other) | (other, 0) => other,
            (a, b) => a.min(b),
        };
        self.longest = self.longest.max(other.longest);
        for (scheme, count) in other.schemes {
            *self.schemes.entry(scheme).or_default() += count;
        }
    }
}
