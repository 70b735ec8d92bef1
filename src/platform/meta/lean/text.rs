//! JSON's own grammar over a text: where a value begins and ends.
//!
//! Accepts strictly less than JSON. Never what a value means.

use super::lane::{LANE, Lane};
use super::scan::Raw;

/// Objects and arrays inside each other are followed this far; the full parser goes to 128.
const DEEPEST: usize = 24;

#[inline]
pub(super) fn space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\t' | b'\r')) {
        at += 1;
    }
    at
}

/// The place of the quote that closes a text which opens right before `at`; `None` where the
/// text holds escapes, or is none.
#[inline]
pub(super) fn plain_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(lane) = Lane::at(bytes, at) {
        let ends = lane.ends();
        if ends != 0 {
            at += ends.trailing_zeros() as usize;
            return (bytes[at] == b'"').then_some(at);
        }
        at += LANE;
    }
    let rest = bytes.get(at..)?;
    let end = at + rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
    (bytes[end] == b'"').then_some(end)
}

/// Text, whether it holds escapes, and the place behind its closing quote.
pub(super) fn string(text: &str, at: usize) -> Option<(&str, bool, usize)> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let start = at + 1;
    let (mut at, mut escaped) = (start, false);
    loop {
        while let Some(lane) = Lane::at(bytes, at) {
            let ends = lane.ends();
            if ends != 0 {
                at += ends.trailing_zeros() as usize;
                break;
            }
            at += LANE;
        }
        match *bytes.get(at)? {
            b'"' => return Some((text.get(start..at)?, escaped, at + 1)),
            b'\\' => {
                escaped = true;
                bytes.get(at + 1)?;
                at += 2;
            }
            0..0x20 => return None,
            _ => at += 1,
        }
    }
}

/// A value and the place behind it. Escapes are checked by whoever resolves them, and
/// those of texts that nobody reads here.
pub(super) fn value(text: &str, at: usize, depth: usize) -> Option<(Raw<'_>, usize)> {
    let bytes = text.as_bytes();
    let at = space(bytes, at);
    match *bytes.get(at)? {
        b'"' => {
            let (inner, escaped, after) = string(text, at)?;
            if escaped {
                serde_json::from_str::<serde::de::IgnoredAny>(text.get(at..after)?).ok()?;
            }
            Some((Raw::Text(inner, escaped), after))
        }
        b'{' => nested(text, at, depth, true).map(|(inner, end)| (Raw::Object(inner), end)),
        b'[' => nested(text, at, depth, false).map(|(inner, end)| (Raw::Array(inner), end)),
        b't' => word(bytes, at, b"true").map(|end| (Raw::Flag(true), end)),
        b'f' => word(bytes, at, b"false").map(|end| (Raw::Flag(false), end)),
        b'n' => word(bytes, at, b"null").map(|end| (Raw::Null, end)),
        _ => {
            let end = number(bytes, at)?;
            Some((Raw::Number(text.get(at..end)?), end))
        }
    }
}

fn word(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    bytes.get(at..at + word.len())?.eq(word).then_some(at + word.len())
}

/// JSON's own grammar of numbers.
fn number(bytes: &[u8], mut at: usize) -> Option<usize> {
    let digits = |mut at: usize| {
        let start = at;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        (at > start).then_some(at)
    };
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    at = if bytes.get(at) == Some(&b'0') { at + 1 } else { digits(at)? };
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        if matches!(bytes.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        at = digits(at)?;
    }
    Some(at)
}

/// The text of an object or array, and the place behind it.
fn nested(text: &str, at: usize, depth: usize, object: bool) -> Option<(&str, usize)> {
    if depth >= DEEPEST {
        return None;
    }
    let bytes = text.as_bytes();
    let close = if object { b'}' } else { b']' };
    let mut here = space(bytes, at + 1);
    if bytes.get(here) == Some(&close) {
        return Some((text.get(at..=here)?, here + 1));
    }
    loop {
        if object {
            let (_, escaped, after) = string(text, here)?;
            here = space(bytes, after);
            if escaped || bytes.get(here) != Some(&b':') {
                return None;
            }
            here += 1;
        }
        let (_, after) = value(text, here, depth + 1)?;
        here = space(bytes, after);
        match bytes.get(here)? {
            b',' => here = space(bytes, here + 1),
            byte if *byte == close => return Some((text.get(at..=here)?, here + 1)),
            _ => return None,
        }
    }
}
