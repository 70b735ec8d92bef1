//! Rows of one part: pairs, repeats, counts, coverage.
//!
//! The definitions are those of `pairs`, `standing` and the platform's counting; rows of
//! one event id are in one part, whatever their name and pixel.
//! Never a cause that other ids would show.

use super::figures::Cause;
use super::row::{Flag, Row};
use super::sums::{Sums, hour};
use crate::event::MatchKey;

/// Values apart by more than this differ; `value-mismatch` has the same.
pub const TOLERANCE: f64 = 0.005;

/// Marks where each of the [`sorted`] rows of one part stands and adds up their figures.
/// `main` is the number of the pixel of most events. The rows without a partner come back as
/// places, each with its cause where the part alone shows it.
pub fn settle(
    rows: &mut [Row],
    main: u16,
    window: i64,
    figures: &mut Sums,
) -> Vec<(usize, Option<Cause>)> {
    let mut alone = Vec::new();
    let mut start = 0;
    while start < rows.len() {
        let id = (rows[start].id, rows[start].is(Flag::Id));
        let mut end = start + 1;
        while end < rows.len() && (rows[end].id, rows[end].is(Flag::Id)) == id {
            end += 1;
        }
        let group = &mut rows[start..end];
        let before = alone.len();
        if id.1 {
            with_id(group, start, main, window, figures, &mut alone);
        } else {
            without_id(group, start, window, figures, &mut alone);
        }
        for (place, _) in &alone[before..] {
            rows[*place].set(Flag::Alone);
        }
        for row in &rows[start..end] {
            count_row(row, figures);
        }
        start = end;
    }
    alone
}

/// The rows of one part by id, then by arrival: small keys are sorted and the rows follow
/// once.
pub fn sorted(batches: &[Vec<Row>]) -> Vec<Row> {
    let mut order: Vec<(u64, u32, u32)> =
        Vec::with_capacity(batches.iter().map(Vec::len).sum::<usize>());
    for (batch, rows) in batches.iter().zip(0..) {
        order.extend(batch_keys(batch, rows));
    }
    order.sort_unstable();
    let mut sorted: Vec<Row> =
        order.iter().map(|(_, batch, place)| batches[*batch as usize][*place as usize]).collect();
    let key = |row: &Row| (row.id, row.is(Flag::Id), row.name, row.pixel, row.caught);
    for run in sorted.chunk_by_mut(|a, b| a.id[0] == b.id[0]) {
        if run.len() > 1 {
            run.sort_unstable_by(|a, b| {
                key(a).cmp(&key(b)).then_with(|| a.order().cmp(&b.order()))
            });
        }
    }
    sorted
}

fn batch_keys(rows: &[Row], batch: u32) -> impl Iterator<Item = (u64, u32, u32)> {
    rows.iter().zip(0..).map(move |(row, place)| (row.id[0], batch, place))
}

/// True for rows that pair and repeat: the platform's own and nameless ones do not.
fn joins(row: &Row) -> bool {
    row.is(Flag::Name) && !row.is(Flag::Automatic)
}

fn with_id(
    group: &mut [Row],
    start: usize,
    main: u16,
    window: i64,
    figures: &mut Sums,
    alone: &mut Vec<(usize, Option<Cause>)>,
) {
    let before = alone.len();
    let told_main = |row: &Row, group: &[Row]| {
        group.iter().any(|other| {
            other.pixel == main && other.side() == row.side() && other.name == row.name
        })
    };
    let mut from = 0;
    while from < group.len() {
        let (name, pixel) = (group[from].name, group[from].pixel);
        let mut to = from + 1;
        while to < group.len() && (group[to].name, group[to].pixel) == (name, pixel) {
            to += 1;
        }
        let mirror = pixel != main && group[from..to].iter().all(|row| told_main(row, group));
        identity(&mut group[from..to], start + from, mirror, window, figures, alone);
        from = to;
    }
    ids(group, figures);
    // Lone rows of both sides under one id: what keeps them apart stands here.
    for at in before..alone.len() {
        let row = group[alone[at].0 - start];
        let other = alone[before..]
            .iter()
            .map(|(place, _)| group[*place - start])
            .filter(|other| other.side() != row.side())
            .filter_map(|other| match (other.name == row.name, other.pixel == row.pixel) {
                (true, true) => Some(Cause::Window),
                (true, false) => Some(Cause::Pixel),
                (false, true) => Some(Cause::Name),
                (false, false) => None,
            })
            .max();
        alone[at].1 = other;
    }
}

/// Rows of one pixel, name and id, by arrival.
fn identity(
    rows: &mut [Row],
    start: usize,
    mirror: bool,
    window: i64,
    figures: &mut Sums,
    alone: &mut Vec<(usize, Option<Cause>)>,
) {
    let first = |side: usize| rows.iter().find(|row| row.side() == side && joins(row)).copied();
    let (browser, server) = (first(0), first(1));
    let pair = browser
        .zip(server)
        .filter(|(browser, server)| (server.caught - browser.caught).abs() <= window);
    if let Some((browser, server)) = pair {
        let lag = server.caught - browser.caught;
        figures.lags.push(super::Lag {
            hour: hour(browser.caught) as i32,
            millis: lag as i32,
            name: browser.name,
        });
        let cell = figures.cell(browser.caught, browser.name);
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
    for (place, row) in rows.iter_mut().enumerate() {
        if !joins(row) {
            continue;
        }
        if row.visitor != 0 && row.visitor != visitors.0 {
            visitors = (row.visitor, visitors.1 || visitors.0 != 0);
        }
        let side = row.side();
        if !row.is(Flag::Refused) {
            if !mirror && open.is_none_or(|first| row.caught - first > window) {
                open = Some(row.caught);
                figures.cell(row.caught, row.name).counted += 1;
            }
            if known[side] {
                row.set(Flag::Repeat);
                figures.cell(row.caught, row.name).repeats[side] += 1;
                continue;
            }
            known[side] = true;
        }
        if pair.is_some() {
            if side == 0 {
                figures.cell(row.caught, row.name).paired += 1;
            }
        } else {
            alone.push((start + place, None));
        }
    }
    if visitors.1
        && let Some(row) = rows.first()
    {
        figures.cell(row.caught, row.name).reused += 1;
    }
}

/// Distinct ids of a group by name and side.
fn ids(group: &[Row], figures: &mut Sums) {
    for (place, row) in group.iter().enumerate() {
        if !joins(row) {
            continue;
        }
        let cell = figures.ids(row.name, row.side());
        cell.events += 1;
        cell.present += 1;
        let seen = group[..place]
            .iter()
            .any(|other| joins(other) && other.name == row.name && other.side() == row.side());
        if !seen {
            let length = u32::from(row.length);
            cell.distinct += 1;
            cell.shortest = if cell.shortest == 0 { length } else { cell.shortest.min(length) };
            cell.longest = cell.longest.max(length);
            *cell.schemes.entry(row.scheme).or_default() += 1;
        }
    }
}

/// Rows of one visitor without an id, by name, pixel and arrival. A server event falls to
/// an earlier browser event of the same visitor; nothing else merges.
fn without_id(
    group: &[Row],
    start: usize,
    window: i64,
    figures: &mut Sums,
    alone: &mut Vec<(usize, Option<Cause>)>,
) {
    let mut open: Vec<(u16, u16, i64)> = Vec::new();
    for (place, row) in group.iter().enumerate() {
        if !joins(row) {
            continue;
        }
        figures.ids(row.name, row.side()).events += 1;
        alone.push((start + place, None));
        if row.is(Flag::Refused) {
            continue;
        }
        if row.visitor != 0 {
            open.retain(|(_, _, caught)| row.caught - caught <= window);
            let partner = (row.side() == 1)
                .then(|| {
                    open.iter()
                        .rposition(|(name, pixel, _)| (*name, *pixel) == (row.name, row.pixel))
                })
                .flatten();
            if let Some(partner) = partner {
                open.remove(partner);
                continue;
            }
            if row.side() == 0 {
                open.push((row.name, row.pixel, row.caught));
            }
        }
        figures.cell(row.caught, row.name).counted += 1;
    }
}

/// What a row adds by itself.
fn count_row(row: &Row, figures: &mut Sums) {
    let side = row.side();
    let cell = figures.cell(row.caught, row.name);
    cell.refused[side] += u32::from(row.is(Flag::Refused));
    cell.events[side] += 1;
    if row.is(Flag::Automatic) {
        cell.automatic[side] += 1;
        return;
    }
    if row.is(Flag::Repeat) || !row.is(Flag::Name) {
        return;
    }
    cell.looked_at[side] += 1;
    let mut bits = row.keys;
    while bits != 0 {
        let key = bits.trailing_zeros() as usize;
        bits &= bits - 1;
        if key < MatchKey::ALL.len() {
            cell.keys[side][key] += 1;
            cell.valid[side][key] += row.valid >> key & 1;
        }
    }
}
