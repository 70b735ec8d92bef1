//! Headers that hold for all lines after them, for threads that each read a block from the
//! middle: every block tells the header that it ends with, and learns the one that it begins
//! with.
//!
//! Never what a line says.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::super::layout::Names;
use super::super::line::{Fields, HEADER};

/// The headers of one input.
#[derive(Default)]
pub(super) struct Headers {
    known: Mutex<Known>,
    more: Condvar,
}

#[derive(Default)]
struct Known {
    /// What holds at the end of each block, as far as all blocks before it have told theirs.
    ends: Vec<Option<Arc<Fields>>>,
    /// Last headers of blocks beyond that.
    ahead: BTreeMap<u64, Option<Arc<Fields>>>,
    /// A block could not be read, so that those after it wait for nothing.
    given_up: bool,
}

impl Headers {
    /// Tells what a block ends with and waits for what it begins with. Waits for blocks that
    /// other threads have in hand, and they tell theirs before they wait.
    pub(super) fn before(&self, block: u64, bytes: &[u8], names: &Names) -> Option<Arc<Fields>> {
        let last = last_header(bytes).and_then(|line| Fields::of(line, names)).map(Arc::new);
        let mut known = self.lock();
        known.ahead.insert(block, last);
        loop {
            let next = known.ends.len() as u64;
            let Some(last) = known.ahead.remove(&next) else { break };
            let end = last.or_else(|| known.ends.last().cloned().flatten());
            known.ends.push(end);
        }
        self.more.notify_all();
        let place = block as usize;
        while known.ends.len() < place && !known.given_up {
            known = self.more.wait(known).unwrap_or_else(PoisonError::into_inner);
        }
        place.checked_sub(1).and_then(|before| known.ends.get(before).cloned().flatten())
    }

    /// Lets go whoever waits for a block that nobody will tell of.
    pub(super) fn give_up(&self) {
        self.lock().given_up = true;
        self.more.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last line of a block that names fields.
fn last_header(bytes: &[u8]) -> Option<&str> {
    let starts = |at: &usize| *at == 0 || bytes[*at - 1] == b'\n';
    let at = memchr::memmem::rfind_iter(bytes, HEADER.as_bytes()).find(starts)?;
    let line = bytes[at..].split(|byte| *byte == b'\n').next()?;
    std::str::from_utf8(line).ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Layout;

    #[test]
    fn blocks_learn_the_header_that_holds_where_they_begin_in_whatever_order_they_come() {
        let names = Names::new(&Layout::default());
        let texts = ["#Fields: date cs-uri\n1 /a\n", "2 #Fields:\n", "#Fields: cs-uri\n/c\n", ""];
        let headers = Headers::default();
        let found: Vec<Option<Arc<Fields>>> = std::thread::scope(|scope| {
            let (headers, names) = (&headers, &names);
            let threads: Vec<_> = (0..4)
                .rev()
                .map(|block: u64| {
                    let text = texts[block as usize].as_bytes();
                    scope.spawn(move || headers.before(block, text, names))
                })
                .collect();
            threads.into_iter().rev().map(|thread| thread.join().expect("ended")).collect()
        });
        let of = |text: &str| Fields::of(text, &names).map(Arc::new);
        let first = of("#Fields: date cs-uri");
        assert_eq!(found, [None, first.clone(), first, of("#Fields: cs-uri")]);
    }

    #[test]
    fn nobody_waits_for_a_block_that_cannot_be_read() {
        let names = Names::new(&Layout::default());
        let headers = Headers::default();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| headers.before(1, b"", &names));
            headers.give_up();
            assert_eq!(waiting.join().expect("ended"), None);
        });
    }
}
