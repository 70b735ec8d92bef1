//! Joins the parts of the store in parallel and puts their figures together.
//!
//! Never reads an input.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::AuditError;
use super::super::store::{PARTS, Store};
use crate::join::bulk::{Cause, Figures, Row, Sums, Twins, find_causes, settle, sorted};

/// A lone event, and why, where its part shows it.
type Alone = (Row, Option<Cause>);

/// Joins every part, then looks at all lone events together.
pub(super) fn join(
    store: &Store,
    threads: usize,
    main: u16,
    window: i64,
    assumed: Option<u16>,
) -> Result<Figures, AuditError> {
    let done = each_part(threads, |part, (sums, alone): &mut (Sums, Vec<Alone>)| {
        let mut batches = store.take(part)?;
        if let Some(assumed) = assumed {
            for row in batches.iter_mut().flatten().filter(|row| row.pixel == 0) {
                row.pixel = assumed;
            }
        }
        let mut rows = sorted(&batches);
        drop(batches);
        let lonely = settle(&mut rows, main, window, sums);
        alone.extend(lonely.into_iter().map(|(place, cause)| (rows[place], cause)));
        store.put_back(part, rows)
    })?;
    let mut sums = Sums::default();
    let mut alone = Vec::new();
    for (of_thread, lonely) in done {
        sums.merge(of_thread);
        alone.extend(lonely);
    }
    let mut alone = in_order(&alone);
    find_causes(&mut alone, window);
    let asked = Twins::new(&alone);
    let mut twins = Twins::default();
    if !asked.is_empty() {
        let picked = each_part(threads, |part, picked: &mut Vec<Row>| {
            for rows in store.take(part)? {
                picked.extend(asked.pick(&rows));
            }
            Ok(())
        })?;
        for rows in picked {
            twins.extend(rows);
        }
    }
    sums.book(&alone, &twins.finish(&alone));
    Ok(sums.finish())
}

/// In the order of the inputs, whichever thread found them.
fn in_order(alone: &[Alone]) -> Vec<Alone> {
    let mut order: Vec<(u64, [u64; 2], u32)> =
        alone.iter().zip(0..).map(|((row, _), place)| (row.spot, row.id, place)).collect();
    order.sort_unstable();
    order.into_iter().map(|(.., place)| alone[place as usize]).collect()
}

/// Does the work on every part; what each thread made of its parts.
fn each_part<T: Default + Send>(
    threads: usize,
    work: impl Fn(usize, &mut T) -> Result<(), AuditError> + Sync,
) -> Result<Vec<T>, AuditError> {
    let next = AtomicUsize::new(0);
    let made: Mutex<Vec<T>> = Mutex::default();
    std::thread::scope(|scope| {
        let spawned: Vec<_> = (0..threads.max(1))
            .map(|_| {
                scope.spawn(|| {
                    let mut own = T::default();
                    loop {
                        let part = next.fetch_add(1, Ordering::Relaxed);
                        if part >= PARTS {
                            let mut made =
                                made.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                            made.push(own);
                            return Ok(());
                        }
                        work(part, &mut own)?;
                    }
                })
            })
            .collect();
        for thread in spawned {
            match thread.join() {
                Ok(result) => result?,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(())
    })?;
    Ok(made.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}
