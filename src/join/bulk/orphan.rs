//! Events without a partner: what on the other side comes near, and which of them only
//! say again what the same visitor said a moment before.
//!
//! Works on lone events alone, and asks once more for the rows of their visitors.
//! Never a guess without something shared.

use std::collections::HashSet;

use super::figures::Cause;
use super::row::{Flag, Row};
use super::sums::Sums;
use crate::platform::meta::lean::Hash;

/// Two sides of one action arrive within this time as a rule; the near misses have the same.
pub const NEAR_MS: i64 = 10 * 60 * 1000;
/// Two like events of one visitor and side within this time were one action.
pub const TWIN_MS: i64 = 10_000;

/// Finds the causes that are still open: each lone event is used once, nearest first.
pub fn find_causes(alone: &mut [(Row, Option<Cause>)], window: i64) {
    let open = |alone: &[(Row, Option<Cause>)], wanted: &dyn Fn(&Row) -> bool| -> Vec<u32> {
        (0..alone.len() as u32)
            .filter(|place| {
                let (row, cause) = &alone[*place as usize];
                cause.is_none() && wanted(row)
            })
            .collect()
    };
    let mut places = open(alone, &|row| row.is(Flag::Id));
    let spelt = |row: &Row| (row.fold, row.name, row.pixel);
    places.sort_unstable_by_key(|place| {
        let row = &alone[*place as usize].0;
        (spelt(row), row.order())
    });
    let found: Vec<(u32, u32)> = places
        .chunk_by(|a, b| spelt(&alone[*a as usize].0) == spelt(&alone[*b as usize].0))
        .flat_map(|run| couples(run, alone, window))
        .collect();
    for (left, right) in found {
        alone[left as usize].1 = Some(Cause::Spelling);
        alone[right as usize].1 = Some(Cause::Spelling);
    }
    let mut places = open(alone, &|row| row.visitor != 0);
    let visit = |row: &Row| (row.visitor, row.name, row.pixel);
    places.sort_unstable_by_key(|place| {
        let row = &alone[*place as usize].0;
        (visit(row), row.order())
    });
    let found: Vec<(u32, u32)> = places
        .chunk_by(|a, b| visit(&alone[*a as usize].0) == visit(&alone[*b as usize].0))
        .flat_map(|run| couples(run, alone, NEAR_MS))
        .collect();
    for (left, right) in found {
        let both = [left, right].iter().all(|place| alone[*place as usize].0.is(Flag::Id));
        let cause = if both { Cause::OtherId } else { Cause::IdMissing };
        alone[left as usize].1 = Some(cause);
        alone[right as usize].1 = Some(cause);
    }
}

/// Neighbours of opposite sides, in order of arrival, within some time of each other: each
/// takes the last one that waits. Nobody waits through a silence longer than that time. The
/// queries for other engines say the same by the steps of a walk.
fn couples(run: &[u32], alone: &[(Row, Option<Cause>)], within: i64) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    let mut waiting: Vec<u32> = Vec::new();
    let mut before = i64::MIN;
    for place in run {
        let row = &alone[*place as usize].0;
        if row.caught.saturating_sub(before) > within {
            waiting.clear();
        }
        before = row.caught;
        match waiting.last().map(|other| (*other, &alone[*other as usize].0)) {
            Some((partner, other)) if other.side() != row.side() => {
                waiting.pop();
                if row.caught - other.caught <= within {
                    found.push((partner, *place));
                }
            }
            _ => waiting.push(*place),
        }
    }
    found
}

/// Finds lone events that repeat what their visitor said a moment before.
#[derive(Debug, Default)]
pub struct Twins {
    wanted: HashSet<u64, foldhash::fast::RandomState>,
    rows: Vec<Row>,
}

fn visit(row: &Row) -> u64 {
    let mut hash = Hash::new();
    hash.add(row.visitor);
    hash.add(u64::from(row.name) << 32 | u64::from(row.pixel) << 8 | row.side() as u64);
    hash.finish()
}

impl Twins {
    /// To be asked about these lone events.
    pub fn new(alone: &[(Row, Option<Cause>)]) -> Twins {
        let wanted = alone
            .iter()
            .filter(|(row, cause)| cause.is_none() && row.visitor != 0)
            .map(|(row, _)| visit(row))
            .collect();
        Twins { wanted, rows: Vec::new() }
    }

    /// True where no lone event has a visitor.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// The rows that a lone event may be the twin of.
    pub fn pick(&self, rows: &[Row]) -> Vec<Row> {
        rows.iter()
            .filter(|row| {
                row.visitor != 0
                    && !row.is(Flag::Repeat)
                    && !row.is(Flag::Automatic)
                    && self.wanted.contains(&visit(row))
            })
            .copied()
            .collect()
    }

    /// Takes rows in.
    pub fn extend(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows);
    }

    /// Places of the lone events that are twins, by where they stand in the inputs.
    pub fn finish(mut self, alone: &[(Row, Option<Cause>)]) -> HashSet<(u64, [u64; 2])> {
        let open: HashSet<(u64, [u64; 2])> = alone
            .iter()
            .filter(|(_, cause)| cause.is_none())
            .map(|(row, _)| (row.spot, row.id))
            .collect();
        self.rows.sort_unstable_by_key(|row| (visit(row), row.order()));
        let pairs = self.rows.windows(2).filter(|pair| {
            let (earlier, row) = (&pair[0], &pair[1]);
            visit(earlier) == visit(row)
                && row.caught - earlier.caught <= TWIN_MS
                && row.content == earlier.content
        });
        pairs.map(|pair| (pair[1].spot, pair[1].id)).filter(|place| open.contains(place)).collect()
    }
}

impl Sums {
    /// Books the lone events under their causes, twins apart.
    pub fn book(&mut self, alone: &[(Row, Option<Cause>)], twins: &HashSet<(u64, [u64; 2])>) {
        for (row, cause) in alone {
            let twin = cause.is_none() && twins.contains(&(row.spot, row.id));
            let cell = self.cell(row.caught, row.name);
            if twin {
                cell.twins[row.side()] += 1;
            } else {
                cell.alone[row.side()][cause.unwrap_or(Cause::NoPartner) as usize] += 1;
            }
        }
    }
}
