//! Rows of one event id: pairs, repeats, counts.
//!
//! The definitions are those of `pairs`, `standing` and the platform's counting.
//! Never a cause that other ids would show.

use std::collections::VecDeque;

use super::figures::Cause;
use super::orphan::Lone;
use super::part::Circumstances;
use super::row::{Flag, Row};
use super::sums::Sums;

/// Values apart by more than this differ; `value-mismatch` has the same.
pub const TOLERANCE: f64 = 0.005;

/// Settles the rows of one id, by name, pixel and arrival.
pub(super) fn with_id(
    group: &mut [Row],
    given: Circumstances,
    sums: &mut Sums,
    alone: &mut Vec<Lone>,
) {
    let before = alone.len();
    for of_name in group.chunk_by_mut(|a, b| a.name == b.name) {
        distinct(of_name, sums);
        let on_main = sides(of_name.iter().filter(|row| row.pixel == given.main));
        for rows in of_name.chunk_by_mut(|a, b| a.pixel == b.pixel) {
            // The same was told the main pixel: it counts there.
            let mirror = rows[0].pixel != given.main && sides(rows.iter()) & !on_main == 0;
            identity(rows, mirror, given.window, sums, alone);
        }
    }
    if alone.len() > before + 1 {
        kept_apart(&mut alone[before..]);
    }
}

/// A bit for each side that rows are of.
fn sides<'a>(rows: impl Iterator<Item = &'a Row>) -> u8 {
    rows.fold(0, |sides, row| sides | 1 << row.side())
}

/// Counts the id of a group for the sides that have it under this name.
fn distinct(rows: &[Row], sums: &mut Sums) {
    let sides = sides(rows.iter().filter(|row| row.joins()));
    for side in [0, 1] {
        if sides & 1 << side != 0 {
            sums.ids(rows[0].name, side).distinct(rows[0].length, rows[0].scheme);
        }
    }
}

/// Lone events of both sides under one id: what keeps them apart stands among them.
fn kept_apart(alone: &mut [Lone]) {
    let mut kinds: Vec<(usize, u16, u16)> = alone.iter().map(Lone::kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for row in alone {
        let (side, name, pixel) = row.kind();
        let others = kinds.iter().filter(|other| other.0 != side);
        row.cause = others
            .filter_map(|other| match (other.1 == name, other.2 == pixel) {
                (true, true) => Some(Cause::Window),
                (true, false) => Some(Cause::Pixel),
                (false, true) => Some(Cause::Name),
                (false, false) => None,
            })
            .max();
    }
}

/// Rows of one pixel, name and id, by arrival.
fn identity(rows: &mut [Row], mirror: bool, window: i64, sums: &mut Sums, alone: &mut Vec<Lone>) {
    let first = |side: usize| rows.iter().find(|row| row.side() == side && row.joins());
    let pair = first(0)
        .zip(first(1))
        .filter(|(browser, server)| (server.caught - browser.caught).abs() <= window);
    let paired = pair.is_some();
    if let Some((browser, server)) = pair {
        sums.lag(browser.caught, browser.name, server.caught - browser.caught);
        let cell = sums.cell(browser.caught, browser.name);
        cell.currencies_differ += u32::from(
            browser.currency != server.currency && browser.currency != 0 && server.currency != 0,
        );
        cell.values_differ += u32::from(
            browser.currency == server.currency && (browser.value - server.value).abs() > TOLERANCE,
        );
    }
    let mut known = [false; 2];
    let mut visitors: (u64, bool) = (0, false);
    let mut open: Option<i64> = None;
    for row in rows.iter_mut().filter(|row| row.joins()) {
        if row.visitor != 0 && row.visitor != visitors.0 {
            visitors = (row.visitor, visitors.1 || visitors.0 != 0);
        }
        let side = row.side();
        if !row.is(Flag::Refused) {
            if !mirror && open.is_none_or(|first| row.caught - first > window) {
                open = Some(row.caught);
                sums.cell(row.caught, row.name).counted += 1;
            }
            if known[side] {
                row.set(Flag::Repeat);
                sums.repeat(row);
                continue;
            }
            known[side] = true;
        }
        if !paired {
            alone.push(Lone::new(row));
        } else if side == 0 {
            sums.cell(row.caught, row.name).paired += 1;
        }
    }
    if visitors.1 {
        sums.cell(rows[0].caught, rows[0].name).reused += 1;
    }
}

/// Settles the rows of one visitor without an id, by name, pixel and arrival. A server event
/// falls to an earlier browser event of the same visitor; nothing else merges.
pub(super) fn without_id(group: &[Row], window: i64, sums: &mut Sums, alone: &mut Vec<Lone>) {
    let mut open: VecDeque<i64> = VecDeque::new();
    for rows in group.chunk_by(|a, b| (a.name, a.pixel) == (b.name, b.pixel)) {
        open.clear();
        for row in rows.iter().filter(|row| row.joins()) {
            alone.push(Lone::new(row));
            if row.is(Flag::Refused) {
                continue;
            }
            if row.visitor != 0 {
                while open.front().is_some_and(|caught| row.caught - caught > window) {
                    open.pop_front();
                }
                if row.side() == 0 {
                    open.push_back(row.caught);
                } else if open.pop_back().is_some() {
                    continue;
                }
            }
            sums.cell(row.caught, row.name).counted += 1;
        }
    }
}
