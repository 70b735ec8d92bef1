//! Small pieces of the sentences that findings are made of.
//!
//! Never a whole sentence: each rule has its own.

use unicode_normalization::char::is_combining_mark;

use crate::event::Event;
use crate::join::is_invisible;

/// Callers named at most: more tell nobody more.
const MOST_CALLERS: usize = 3;

/// Who caused these events, as the tail of a sentence; empty where no browser told.
pub(super) fn callers<'a>(events: impl Iterator<Item = &'a Event>) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut count = 0;
    for caller in events.filter_map(|event| event.caller.as_ref()) {
        count += 1;
        let text = caller.to_string();
        if !told.contains(&text) {
            told.push(text);
        }
    }
    let more = told.len().saturating_sub(MOST_CALLERS);
    told.truncate(MOST_CALLERS);
    match (told.as_slice(), more) {
        ([], _) => String::new(),
        ([one], _) if count > 1 => format!("; caused each time by {one}"),
        (some, 0) => format!("; caused by {}", some.join(" and by ")),
        (some, more) => format!("; caused by {} and {more} more", some.join(", by ")),
    }
}

/// `one event` or `3 events`.
pub(super) fn several(count: usize, noun: &str) -> String {
    if count == 1 { format!("one {noun}") } else { format!("{count} {noun}s") }
}

/// A text as a reader can tell it from another: white space but plain spaces inside, and
/// characters that nobody sees or that hang on the one before, stand there by their number.
pub(super) fn visible(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' ' if at > 0 && at < last => out.push(' '),
            ' ' => out.push('␠'),
            c if c.is_whitespace() || is_invisible(c) || is_combining_mark(c) => {
                out.push_str(&format!("<U+{:04X}>", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Caller, Channel};

    #[test]
    fn both_culprits_are_named_and_one_is_named_once() {
        let by = |line: u32| Event {
            caller: Some(Caller {
                url: "https://s.test/a.js".to_owned(),
                line,
                ..Caller::default()
            }),
            ..Event::new(Channel::Browser, 1, "1")
        };
        let tell = |lines: &[u32]| {
            let events: Vec<Event> = lines.iter().copied().map(by).collect();
            callers(events.iter())
        };
        assert_eq!(
            tell(&[1, 2]),
            "; caused by https://s.test/a.js line 1 and by https://s.test/a.js line 2"
        );
        assert_eq!(tell(&[1, 1]), "; caused each time by https://s.test/a.js line 1");
        assert!(tell(&[1, 2, 3, 4, 5]).ends_with("and 2 more"));
        assert_eq!(callers([Event::new(Channel::Browser, 1, "1")].iter()), "");
    }

    #[test]
    fn what_nobody_sees_is_shown() {
        for (text, expected) in [
            ("order 1", "order 1"),
            (" order-1", "␠order-1"),
            ("order-1\n", "order-1\\n"),
            ("a\u{200b}b\u{a0}c", "a<U+200B>b<U+00A0>c"),
            ("gro\u{308}ße", "gro<U+0308>ße"),
            ("gr\u{f6}ße", "größe"),
            ("\u{1b}[31m", "<U+001B>[31m"),
        ] {
            assert_eq!(visible(text), expected, "{text:?}");
        }
    }

    #[test]
    fn one_is_a_word_and_more_are_figures() {
        assert_eq!((several(1, "call"), several(3, "call")), ("one call".into(), "3 calls".into()));
    }
}
