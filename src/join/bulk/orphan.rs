//! Events without a partner: what on the other side comes near.
//!
//! Works on lone events alone. Never a guess without something shared.

use super::figures::Cause;
use super::order::{Entry, Order};
use super::row::{Flag, Row};

/// Two sides of one action arrive within this time as a rule; the near misses have the same.
pub const NEAR_MS: i64 = 10 * 60 * 1000;

/// What is kept of a row without a partner.
#[derive(Debug, Clone, Copy)]
pub struct Lone {
    pub(super) caught: i64,
    pub(super) visitor: u64,
    pub(super) fold: u64,
    pub(super) tie: i64,
    pub(super) spot: u64,
    /// The first half of the row's id: tells events of one line apart.
    pub(super) id: u64,
    pub(super) pixel: u16,
    pub(super) name: u16,
    flags: u8,
    /// Why it has no partner, where that is known.
    pub(super) cause: Option<Cause>,
}

impl Lone {
    pub(super) fn new(row: &Row) -> Lone {
        Lone {
            caught: row.caught,
            visitor: row.visitor,
            fold: row.fold,
            tie: row.tie(),
            spot: row.spot,
            id: row.id[0],
            pixel: row.pixel,
            name: row.name,
            flags: row.flags,
            cause: None,
        }
    }

    pub(super) fn side(&self) -> usize {
        usize::from(self.flags & Flag::Server as u8 != 0)
    }

    fn has_id(&self) -> bool {
        self.flags & Flag::Id as u8 != 0
    }

    pub(super) fn kind(&self) -> (usize, u16, u16) {
        (self.side(), self.name, self.pixel)
    }

    fn order(&self) -> (i64, usize, i64, u64) {
        (self.caught, self.side(), self.tie, self.spot)
    }
}

/// What two events share beside their name and pixel: a spelling of their id, or a visitor.
type Shared = fn(&Lone) -> u64;

/// Finds the causes that are still open: each lone event is used once, nearest first.
pub fn find_causes(alone: &mut [Lone], window: i64) {
    let mut order = Order::default();
    couple(alone, &mut order, window, Lone::has_id, |lone| lone.fold, |_, _| Cause::Spelling);
    couple(
        alone,
        &mut order,
        NEAR_MS,
        |lone| lone.visitor != 0,
        |lone| lone.visitor,
        |one, other| {
            if one.has_id() && other.has_id() { Cause::OtherId } else { Cause::IdMissing }
        },
    );
}

/// Finds couples among the events without a cause that are wanted and share something, and
/// gives them their cause.
fn couple(
    alone: &mut [Lone],
    order: &mut Order,
    within: i64,
    wanted: fn(&Lone) -> bool,
    shared: Shared,
    cause: fn(&Lone, &Lone) -> Cause,
) {
    let key = |lone: &Lone| (shared(lone), lone.name, lone.pixel);
    order.clear();
    for (lone, place) in alone.iter().zip(0..) {
        if lone.cause.is_none() && wanted(lone) {
            order.push(mixed(key(lone)), 0, place);
        }
    }
    let mut found = Vec::new();
    for run in order.sort(0).chunk_by_mut(|a, b| a.key == b.key) {
        if run.len() < 2 {
            continue;
        }
        let of = |entry: &Entry| &alone[entry.place as usize];
        run.sort_unstable_by_key(|entry| (key(of(entry)), of(entry).order()));
        found.clear();
        for alike in run.chunk_by(|a, b| key(of(a)) == key(of(b))) {
            couples(alike, alone, within, &mut found);
        }
        for (left, right) in &found {
            let cause = Some(cause(&alone[*left as usize], &alone[*right as usize]));
            alone[*left as usize].cause = cause;
            alone[*right as usize].cause = cause;
        }
    }
}

/// One number for a hash, a name and a pixel: of the same hash, never the same for two.
pub(super) fn mixed((hash, name, pixel): (u64, u16, u16)) -> u64 {
    let kind = u64::from(name) << 16 | u64::from(pixel);
    hash.wrapping_mul(SPREAD) ^ kind.wrapping_mul(SPREAD_MORE)
}

/// Odd numbers without a pattern: a product with them spreads and loses nothing.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
const SPREAD_MORE: u64 = 0xd6e8_feb8_6659_fd93;

/// Neighbours of opposite sides, in order of arrival, within some time of each other: each
/// takes the last one that waits. Nobody waits through a silence longer than that time. The
/// queries for other engines say the same by the steps of a walk.
fn couples(run: &[Entry], alone: &[Lone], within: i64, found: &mut Vec<(u32, u32)>) {
    let mut waiting: Vec<u32> = Vec::new();
    let mut before = i64::MIN;
    for Entry { place, .. } in run {
        let row = &alone[*place as usize];
        if row.caught.saturating_sub(before) > within {
            waiting.clear();
        }
        before = row.caught;
        match waiting.last().map(|other| (*other, &alone[*other as usize])) {
            Some((partner, other)) if other.side() != row.side() => {
                waiting.pop();
                if row.caught - other.caught <= within {
                    found.push((partner, *place));
                }
            }
            _ => waiting.push(*place),
        }
    }
}
