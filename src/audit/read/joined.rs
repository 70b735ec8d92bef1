//! Joins the parts of the store in parallel and puts their figures together.
//!
//! Never reads an input.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::AuditError;
use super::super::store::{PART_BITS, PARTS, Store};
use crate::join::bulk::{Circumstances, Figures, Lone, Settler, Sums, Told, Twins, find_causes};

/// What a thread works with, and what it has made of its parts.
#[derive(Default)]
struct Joiner {
    settler: Settler,
    sums: Sums,
    alone: Vec<Lone>,
}

/// Joins every part, then looks at all lone events together.
pub(super) fn join(
    store: &Store,
    threads: usize,
    main: u16,
    window: i64,
    assumed: Option<u16>,
) -> Result<Figures, AuditError> {
    let given = Circumstances { main, window, common: PART_BITS };
    let mut begun = store.take_sums();
    let joiners: Vec<Joiner> = (0..threads.max(1))
        .map(|_| Joiner { sums: begun.pop().unwrap_or_default(), ..Joiner::default() })
        .collect();
    let done = each_part(joiners, |part, joiner| {
        let mut batches = store.take(part)?;
        if let Some(assumed) = assumed {
            for row in batches.iter_mut().flatten().filter(|row| row.pixel == 0) {
                row.pixel = assumed;
            }
        }
        let Joiner { settler, sums, alone } = joiner;
        settler.settle(&mut batches, given, sums, alone);
        store.put_back(part, batches)
    })?;
    let mut all = done.into_iter();
    let Joiner { mut sums, mut alone, .. } = all.next().unwrap_or_default();
    for joiner in all {
        sums.merge(joiner.sums);
        alone.extend(joiner.alone);
    }
    for more in begun {
        sums.merge(more);
    }
    find_causes(&mut alone, window);
    let asked = Twins::new(&alone);
    let mut twins: Vec<Told> = Vec::new();
    if !asked.is_empty() {
        let picked = each_part(vec![Vec::new(); threads.max(1)], |part, picked| {
            for rows in store.take(part)? {
                asked.pick(&rows, picked);
            }
            Ok(())
        })?;
        for more in picked {
            twins.extend(more);
        }
    }
    sums.book(&alone, &twins);
    Ok(sums.finish())
}

/// Does the work on every part, each thread with its own tools; the tools afterwards.
fn each_part<T: Send>(
    tools: Vec<T>,
    work: impl Fn(usize, &mut T) -> Result<(), AuditError> + Sync,
) -> Result<Vec<T>, AuditError> {
    let (next, work) = (AtomicUsize::new(0), &work);
    std::thread::scope(|scope| {
        let next = &next;
        let spawned: Vec<_> = tools
            .into_iter()
            .map(|mut tool| {
                scope.spawn(move || {
                    loop {
                        let part = next.fetch_add(1, Ordering::Relaxed);
                        if part >= PARTS {
                            return Ok(tool);
                        }
                        work(part, &mut tool)?;
                    }
                })
            })
            .collect();
        spawned
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}
