//! The table engine's own threads. Whoever asks the engine many small questions does so from
//! within them: from outside, every question waits for another thread to wake up.
//!
//! Never what is worked on.

use polars_core::runtime::RAYON;

/// Does the work in one of the engine's threads.
pub fn within<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    RAYON.install(work)
}

/// Does two things side by side.
pub fn both<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    RAYON.join(one, other)
}

/// Does the same work in every one of the engine's threads, but in no more than `most`.
pub fn crew<T: Send>(most: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    within(|| {
        let threads = RAYON.current_num_threads().clamp(1, most);
        let mut made: Vec<Option<T>> = (0..threads).map(|_| None).collect();
        let work = &work;
        RAYON.scope(|scope| {
            for place in &mut made {
                scope.spawn(move |_| *place = Some(work()));
            }
        });
        made.into_iter().flatten().collect()
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_crew_shares_the_work_and_all_of_it_comes_back() {
        let next = AtomicUsize::new(0);
        let take = || -> Vec<usize> {
            let mut taken = Vec::new();
            loop {
                match next.fetch_add(1, Ordering::Relaxed) {
                    number @ 0..100 => taken.push(number),
                    _ => return taken,
                }
            }
        };
        let parts = crew(4, take);
        assert!(!parts.is_empty() && parts.len() <= 4);
        let mut all = parts.concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..100));
    }

    #[test]
    fn engine_threads_may_ask_for_engine_threads() {
        assert_eq!(within(|| both(|| within(|| 1), || crew(1, || 2))), (1, vec![2]));
    }
}
