//! Lone events that only say again what the same visitor said a moment before.
//!
//! Asks once more for the rows of their visitors. Never what other causes there are.

use std::collections::HashSet;

use super::figures::Cause;
use super::order::Order;
use super::orphan::{Lone, mixed};
use super::row::{Flag, Row};
use super::sums::Sums;
use crate::platform::meta::lean::Hash;

/// Two like events of one visitor and side within this time were one action.
pub const TWIN_MS: i64 = 10_000;

/// Events by where they stand in the inputs and the first half of their id.
type Places = HashSet<(u64, u64), foldhash::fast::RandomState>;

/// Knows whose rows a lone event may be the twin of.
#[derive(Debug)]
pub struct Twins {
    /// A filter after Bloom with two bits to a visitor, name, pixel and side: it lets all
    /// through that are wanted, and a few that are not, which do no harm.
    wanted: Vec<u64>,
    any: bool,
}

/// What is kept of a row that a lone event may be the twin of.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    visit: u64,
    caught: i64,
    content: u64,
    tie: i64,
    spot: u64,
    id: u64,
}

/// Bits of the filter for each entry: one in seventy comes through that is not wanted.
const BITS: usize = 16;

/// Who said what and where: visitor, name, pixel and side.
#[inline]
fn visit(visitor: u64, name: u16, pixel: u16, side: usize) -> u64 {
    let mut hash = Hash::new();
    hash.add(mixed((visitor, name, pixel)) ^ side as u64);
    hash.finish()
}

impl Twins {
    /// To be asked about these lone events.
    pub fn new(alone: &[Lone]) -> Twins {
        let open = || alone.iter().filter(|lone| lone.cause.is_none() && lone.visitor != 0);
        let count = open().count();
        let mut twins = Twins {
            wanted: vec![0; (count * BITS).next_power_of_two().max(64) / 64],
            any: count > 0,
        };
        for lone in open() {
            for (word, bit) in twins.bits(visit(lone.visitor, lone.name, lone.pixel, lone.side())) {
                twins.wanted[word] |= bit;
            }
        }
        twins
    }

    /// Words of the filter, and what is set in them.
    #[inline]
    fn bits(&self, visit: u64) -> [(usize, u64); 2] {
        let last = self.wanted.len() - 1;
        [visit, visit.rotate_left(32)].map(|part| ((part >> 6) as usize & last, 1 << (part & 63)))
    }

    /// True where no lone event has a visitor.
    pub fn is_empty(&self) -> bool {
        !self.any
    }

    /// Picks the rows that a lone event may be the twin of.
    pub fn pick(&self, rows: &[Row], picked: &mut Vec<Told>) {
        for row in rows {
            if row.visitor == 0 || row.is(Flag::Repeat) || row.is(Flag::Automatic) {
                continue;
            }
            let visit = visit(row.visitor, row.name, row.pixel, row.side());
            if self.bits(visit).iter().all(|(word, bit)| self.wanted[*word] & bit != 0) {
                picked.push(Told {
                    visit,
                    caught: row.caught,
                    content: row.content,
                    tie: row.tie(),
                    spot: row.spot,
                    id: row.id[0],
                });
            }
        }
    }
}

/// Those of the picked rows that say again what the one before said.
fn again(picked: &[Told]) -> Places {
    let mut order = Order::default();
    for (told, place) in picked.iter().zip(0..) {
        order.push(told.visit, 0, place);
    }
    let mut found = Places::default();
    for run in order.sort(0).chunk_by_mut(|a, b| a.key == b.key) {
        if run.len() < 2 {
            continue;
        }
        run.sort_unstable_by_key(|entry| {
            let told = &picked[entry.place as usize];
            (told.caught, told.tie, told.spot)
        });
        for pair in run.windows(2) {
            let [earlier, told] = [0, 1].map(|at: usize| &picked[pair[at].place as usize]);
            if told.caught - earlier.caught <= TWIN_MS && told.content == earlier.content {
                found.insert((told.spot, told.id));
            }
        }
    }
    found
}

impl Sums {
    /// Books the lone events under their causes, twins of the picked rows apart.
    pub fn book(&mut self, alone: &[Lone], picked: &[Told]) {
        let twins = again(picked);
        for lone in alone {
            let twin = lone.cause.is_none() && twins.contains(&(lone.spot, lone.id));
            let cell = self.cell(lone.caught, lone.name);
            if twin {
                cell.twins[lone.side()] += 1;
            } else {
                let cause = lone.cause.unwrap_or(Cause::NoPartner);
                cell.alone[lone.side()][cause as usize] += 1;
            }
        }
    }
}
