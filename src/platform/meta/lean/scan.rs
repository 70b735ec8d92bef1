//! A scanner over one JSON object: names and raw values, borrowed.
//!
//! Accepts strictly less than JSON: whatever it is not sure of ends the scan, and the full
//! parser has the word. Never what a field means.

use std::borrow::Cow;

use super::sign::is_digest;

/// A value as it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Raw<'a> {
    /// A text between its quotes; `true` where it holds escapes.
    Text(&'a str, bool),
    /// A number.
    Number(&'a str),
    /// `true` or `false`.
    Flag(bool),
    /// `null`.
    Null,
    /// An object with its braces.
    Object(&'a str),
    /// An array with its brackets.
    Array(&'a str),
}

impl<'a> Raw<'a> {
    /// The text of a text, escapes resolved; everything else as its JSON.
    pub fn text(self) -> Option<Cow<'a, str>> {
        Some(match self {
            Raw::Text(text, false) | Raw::Number(text) | Raw::Object(text) | Raw::Array(text) => {
                Cow::Borrowed(text)
            }
            Raw::Text(text, true) => {
                Cow::Owned(serde_json::from_str::<String>(&format!("\"{text}\"")).ok()?)
            }
            Raw::Flag(true) => Cow::Borrowed("true"),
            Raw::Flag(false) => Cow::Borrowed("false"),
            Raw::Null => return None,
        })
    }
}

/// Objects and arrays inside each other are followed this far; the full parser goes to 128.
const DEEPEST: usize = 24;

/// Names and values of an object, or values of an array, in order.
///
/// Objects and arrays inside are either read whole as [`Raw`], or entered and left, which
/// looks at every byte once.
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    text: &'a str,
    at: usize,
    close: u8,
    inner: bool,
    first: bool,
    broken: bool,
}

/// The fields of an object; `None` where the text does not begin as one.
pub fn fields(text: &str) -> Option<Scan<'_>> {
    open(text, b'{', b'}')
}

/// The items of an array.
pub fn items(text: &str) -> Option<Scan<'_>> {
    open(text, b'[', b']')
}

fn open(text: &str, brace: u8, close: u8) -> Option<Scan<'_>> {
    let at = space(text.as_bytes(), 0);
    (text.as_bytes().get(at) == Some(&brace)).then_some(Scan {
        text,
        at: at + 1,
        close,
        inner: false,
        first: true,
        broken: false,
    })
}

/// A text that is one value; `None` where it is none or an unusual one.
pub fn whole(text: &str) -> Option<Raw<'_>> {
    let (value, after) = value(text, 0, 0)?;
    (space(text.as_bytes(), after) == text.len()).then_some(value)
}

impl<'a> Scan<'a> {
    /// The next field of an object.
    pub fn field(&mut self) -> Option<(&'a str, Raw<'a>)> {
        let name = self.name()?;
        let value = self.value()?;
        Some((name, value))
    }

    /// The name of the next field of an object; its value is to be read next.
    #[inline]
    pub fn name(&mut self) -> Option<&'a str> {
        if !self.more()? {
            return None;
        }
        if let Some((name, false, after)) = string(self.text, self.at) {
            let after = space(self.text.as_bytes(), after);
            if self.text.as_bytes().get(after) == Some(&b':') {
                self.at = space(self.text.as_bytes(), after + 1);
                return Some(name);
            }
        }
        self.broken = true;
        None
    }

    /// The next item of an array.
    pub fn item(&mut self) -> Option<Raw<'a>> {
        if self.more()? { self.value() } else { None }
    }

    /// The value at the cursor, whole.
    #[inline]
    pub fn value(&mut self) -> Option<Raw<'a>> {
        // Most values are texts without escapes.
        if let Some((text, false, after)) = string(self.text, self.at) {
            self.at = after;
            return Some(Raw::Text(text, false));
        }
        match value(self.text, self.at, 0) {
            Some((value, after)) => {
                self.at = after;
                Some(value)
            }
            None => {
                self.broken = true;
                None
            }
        }
    }

    /// Passes a digest at the cursor; false, and nothing is read, where none is there.
    #[inline]
    pub(super) fn digest(&mut self) -> bool {
        let Some(front) = self.text.as_bytes().get(self.at..self.at + 66) else { return false };
        let found = front[0] == b'"'
            && front[65] == b'"'
            && front[1..].first_chunk::<64>().is_some_and(is_digest);
        if found {
            self.at += 66;
        }
        found
    }

    /// Enters the object, or the array, at the cursor; `None` where something else is there.
    #[inline]
    pub fn enter(&self, object: bool) -> Option<Scan<'a>> {
        let (brace, close) = if object { (b'{', b'}') } else { (b'[', b']') };
        (self.text.as_bytes().get(self.at) == Some(&brace)).then_some(Scan {
            text: self.text,
            at: self.at + 1,
            close,
            inner: true,
            first: true,
            broken: false,
        })
    }

    /// Goes on behind what was entered; its text, or `None` where that was not read to its end.
    #[inline]
    pub fn leave(&mut self, inner: &Scan<'a>) -> Option<&'a str> {
        if !inner.is_done() {
            return None;
        }
        let whole = self.text.get(self.at..inner.at)?;
        self.at = inner.at;
        Some(whole)
    }

    /// True where another item of an array follows; its value is to be read next.
    #[inline]
    pub fn more(&mut self) -> Option<bool> {
        if self.broken {
            return None;
        }
        let bytes = self.text.as_bytes();
        self.at = space(bytes, self.at);
        match bytes.get(self.at) {
            Some(byte) if *byte == self.close => {
                self.at += 1;
                self.close = 0;
                self.first = false;
                if !self.inner {
                    self.broken = space(bytes, self.at) != bytes.len();
                    self.at = bytes.len();
                }
                Some(false)
            }
            Some(b',') if !self.first && self.close != 0 => {
                self.at = space(bytes, self.at + 1);
                Some(true)
            }
            Some(_) if self.first => {
                self.first = false;
                Some(true)
            }
            _ => {
                self.broken = true;
                None
            }
        }
    }

    /// True where everything was read and nothing follows.
    pub fn is_done(&self) -> bool {
        !self.broken && self.close == 0
    }
}

#[inline]
fn space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\t' | b'\r')) {
        at += 1;
    }
    at
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// A bit in every byte that is zero; the lowest one is exact.
#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// Text, whether it holds escapes, and the place behind its closing quote.
#[inline]
fn string(text: &str, at: usize) -> Option<(&str, bool, usize)> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let start = at + 1;
    let (mut at, mut escaped) = (start, false);
    loop {
        // Eight bytes at a time to the next quote, backslash or control character.
        while let Some(chunk) = bytes.get(at..at + 8) {
            let word = u64::from_le_bytes(chunk.try_into().ok()?);
            let found = zeros(word ^ (ONES * 0x22))
                | zeros(word ^ (ONES * 0x5c))
                | (word.wrapping_sub(ONES * 0x20) & !word & HIGHS);
            if found == 0 {
                at += 8;
                continue;
            }
            at += (found.trailing_zeros() / 8) as usize;
            break;
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
fn value(text: &str, at: usize, depth: usize) -> Option<(Raw<'_>, usize)> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<(String, String)>> {
        let mut scan = fields(text)?;
        let mut found = Vec::new();
        while let Some((name, value)) = scan.field() {
            found.push((name.to_owned(), format!("{value:?}")));
        }
        scan.is_done().then_some(found)
    }

    #[test]
    fn whatever_is_accepted_is_json() {
        for text in [
            r#"{"a":1,"b":"x","c":[1,{"d":null}],"e":{"f":true},"g":-1.5e3}"#,
            r#" { "a" : "täglich \"quoted\" \u00e4" } "#,
            "{}",
            r#"{"a":{},"b":[]}"#,
        ] {
            assert!(read(text).is_some(), "{text}");
            assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "{",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":01}"#,
            r#"{"a":1,}"#,
            r#"{,"a":1}"#,
            r#"{"a":1}x"#,
            r#"{"a":[1,]}"#,
            r#"{"a":"\x"}"#,
            r#"{"a":tru}"#,
            r#"{"a":1 "b":2}"#,
            "{\"a\":\"\u{1}\"}",
            r#"{"a":"unended}"#,
            r#"{"a":.5}"#,
            r#"{"a":{"b":1]}"#,
            r#"{"a":{,}}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
            assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn texts_end_at_their_quote_wherever_it_stands() {
        for length in 0..40 {
            let inner = "é".repeat(length % 3) + &"x".repeat(length);
            let text = format!(r#"{{"n":"{inner}","m":"{inner}\n"}}"#);
            let mut scan = fields(&text).expect("an object");
            assert_eq!(scan.field(), Some(("n", Raw::Text(&inner, false))));
            let (_, last) = scan.field().expect("two fields");
            assert_eq!(last.text().as_deref(), Some(format!("{inner}\n").as_str()));
        }
    }
}
