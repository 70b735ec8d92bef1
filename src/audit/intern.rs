//! Names, pixels and currencies as small numbers.
//!
//! Threads share the numbers and ask each other seldom. Never what a text means.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::event::mask_personal;

/// Texts with numbers, shared by all threads.
#[derive(Debug, Default)]
pub(super) struct Interner {
    shared: Mutex<(HashMap<String, u16>, Vec<String>)>,
}

/// Beyond it, texts share the last number: more names than that are no names.
const MOST_TEXTS: usize = 60_000;

impl Interner {
    /// One that has the empty text as number 0.
    pub(super) fn new() -> Interner {
        let interner = Interner::default();
        interner.number("");
        interner
    }

    fn number(&self, text: &str) -> u16 {
        let mut shared = self.shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(number) = shared.0.get(text) {
            return *number;
        }
        let number = shared.1.len().min(MOST_TEXTS) as u16;
        if shared.1.len() < MOST_TEXTS {
            shared.1.push(text.to_owned());
            shared.0.insert(text.to_owned(), number);
        } else if shared.1.len() == MOST_TEXTS {
            shared.1.push("(others)".to_owned());
        }
        number
    }

    /// All texts by their number, as a report may name them.
    pub(super) fn finish(self) -> Vec<String> {
        let (_, texts) =
            self.shared.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        texts.iter().map(|text| mask_personal(text)).collect()
    }
}

/// The numbers that a thread has seen.
pub(super) struct Numbers<'a> {
    shared: &'a Interner,
    own: HashMap<Box<str>, u16, foldhash::fast::RandomState>,
    /// The last one of each length and first letter: nearly always the one that is wanted.
    last: Vec<(Box<str>, u16)>,
}

/// Places of [`Numbers::last`]; a power of two.
const LAST: usize = 64;

impl<'a> Numbers<'a> {
    /// Nothing seen yet.
    pub(super) fn new(shared: &'a Interner) -> Numbers<'a> {
        // The empty text has the number 0.
        Numbers { shared, own: HashMap::default(), last: vec![("".into(), 0); LAST] }
    }

    /// The number of a text.
    #[inline]
    pub(super) fn of(&mut self, text: &str) -> u16 {
        let first = text.as_bytes().first().copied().unwrap_or(0);
        let place = (text.len() ^ usize::from(first)) & (LAST - 1);
        let (last, number) = &self.last[place];
        if **last == *text {
            return *number;
        }
        let number = self.look_up(text);
        self.last[place] = (text.into(), number);
        number
    }

    fn look_up(&mut self, text: &str) -> u16 {
        if let Some(number) = self.own.get(text) {
            return *number;
        }
        let number = self.shared.number(text);
        self.own.insert(text.into(), number);
        number
    }
}
