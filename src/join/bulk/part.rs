//! Takes the rows of one part through the join: brings rows of one id together and has each
//! id settled.
//!
//! Rows stay where they are: a stretch of ids at a time is copied out, so that what is at
//! work fits into the processor's nearest memory. Never what pairs or repeats.

use std::cmp::Ordering;

use super::identity::{with_id, without_id};
use super::order::{Entry, Order};
use super::orphan::Lone;
use super::row::{Flag, Row};
use super::sums::Sums;

/// Rows copied out at a time, more only where they have one id.
const STRETCH: usize = 256;

/// What every part is joined by.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    /// Number of the pixel of most events.
    pub main: u16,
    /// The platform's window, milliseconds.
    pub window: i64,
    /// Leading bits that the ids of a part have in common.
    pub common: u32,
}

/// Room for the work on a part, to be used again for the next one.
#[derive(Debug, Default)]
pub struct Settler {
    order: Order,
    stretch: Vec<Row>,
}

impl Settler {
    /// Adds up what the ids of one part make of its rows, marks repeats, and tells of the rows
    /// without a partner, each with its cause where the part alone shows it. All rows of an id
    /// are in one part.
    pub fn settle(
        &mut self,
        batches: &mut [Vec<Row>],
        given: Circumstances,
        sums: &mut Sums,
        alone: &mut Vec<Lone>,
    ) {
        self.order.clear();
        for (rows, batch) in batches.iter().zip(0..) {
            for (row, place) in rows.iter().zip(0..) {
                self.order.push(row.id[0], batch, place);
            }
        }
        let mut rest = self.order.sort(given.common);
        while !rest.is_empty() {
            let mut end = rest.len().min(STRETCH);
            while end < rest.len() && rest[end].key == rest[end - 1].key {
                end += 1;
            }
            let (entries, more) = rest.split_at_mut(end);
            rest = more;
            let copies = entries.iter().map(|at| batches[at.batch as usize][at.place as usize]);
            self.stretch.clear();
            self.stretch.extend(copies);
            settle_stretch(&mut self.stretch, entries, given, sums, alone);
            for (row, at) in self.stretch.iter().zip(entries) {
                if row.is(Flag::Repeat) {
                    batches[at.batch as usize][at.place as usize].set(Flag::Repeat);
                }
            }
        }
    }
}

fn settle_stretch(
    rows: &mut [Row],
    entries: &mut [Entry],
    given: Circumstances,
    sums: &mut Sums,
    alone: &mut Vec<Lone>,
) {
    let mut begin = 0;
    while begin < rows.len() {
        let key = rows[begin].id[0];
        let mut end = begin + 1;
        while end < rows.len() && rows[end].id[0] == key {
            end += 1;
        }
        let run = &mut rows[begin..end];
        if run.len() > 1 {
            by_arrival(run, &mut entries[begin..end]);
        }
        for group in run.chunk_by_mut(|a, b| identity(a) == identity(b)) {
            if group[0].is(Flag::Id) {
                with_id(group, given, sums, alone);
            } else {
                without_id(group, given.window, sums, alone);
            }
        }
        begin = end;
    }
}

fn identity(row: &Row) -> ([u64; 2], bool) {
    (row.id, row.is(Flag::Id))
}

/// Puts rows in the order of ids, names, pixels and arrival, and their entries with them.
fn by_arrival(rows: &mut [Row], entries: &mut [Entry]) {
    let key = |row: &Row| (identity(row), row.name, row.pixel);
    let compare = |a: &Row, b: &Row| -> Ordering { key(a).cmp(&key(b)).then_with(|| a.arrival(b)) };
    if let [first, second] = rows {
        if compare(first, second).is_gt() {
            rows.swap(0, 1);
            entries.swap(0, 1);
        }
        return;
    }
    let mut both: Vec<(Row, Entry)> = rows.iter().copied().zip(entries.iter().copied()).collect();
    both.sort_unstable_by(|(a, _), (b, _)| compare(a, b));
    for ((row, entry), (row_to, entry_to)) in both.into_iter().zip(rows.iter_mut().zip(entries)) {
        (*row_to, *entry_to) = (row, entry);
    }
}
