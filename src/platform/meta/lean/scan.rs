//! A scanner over one JSON object: names and raw values, borrowed.
//!
//! Accepts strictly less than JSON: whatever it is not sure of ends the scan, and the full
//! parser has the word. Never what a field means.

mod figures;

use std::borrow::Cow;

use super::sign::is_digest;
use super::text::{plain_end, space, value};

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
    /// True for `null`.
    #[inline]
    pub fn is_null(self) -> bool {
        matches!(self, Raw::Null)
    }

    /// The text of a text, escapes resolved; everything else as its JSON.
    #[inline]
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Raw::Text(text, false) => Some(Cow::Borrowed(text)),
            other => other.unusual_text(),
        }
    }

    fn unusual_text(self) -> Option<Cow<'a, str>> {
        Some(match self {
            Raw::Text(text, true) => {
                Cow::Owned(serde_json::from_str::<String>(&format!("\"{text}\"")).ok()?)
            }
            Raw::Text(text, false) | Raw::Number(text) | Raw::Object(text) | Raw::Array(text) => {
                Cow::Borrowed(text)
            }
            Raw::Flag(true) => Cow::Borrowed("true"),
            Raw::Flag(false) => Cow::Borrowed("false"),
            Raw::Null => return None,
        })
    }
}

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

/// The object that a text begins with; all of it where it begins with none.
pub fn first(text: &str) -> &str {
    match value(text, 0, 0) {
        Some((Raw::Object(object), _)) => object,
        _ => {
            // Deeper inside each other than this scanner goes.
            let mut values =
                serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
            values.next();
            text.get(..values.byte_offset()).unwrap_or(text)
        }
    }
}

/// A text that is one value; `None` where it is none or an unusual one.
pub fn whole(text: &str) -> Option<Raw<'_>> {
    let (value, after) = value(text, 0, 0)?;
    (space(text.as_bytes(), after) == text.len()).then_some(value)
}

impl<'a> Scan<'a> {
    /// A cursor over a text whose shape somebody else knows.
    #[inline]
    pub(super) fn over(text: &'a str) -> Scan<'a> {
        Scan { text, at: 0, close: 0, inner: true, first: false, broken: false }
    }

    /// A cursor so many bytes further on.
    #[inline]
    pub(super) fn ahead(&self, bytes: usize) -> Scan<'a> {
        Scan { at: self.at + bytes, ..self.clone() }
    }

    /// Where the cursor stands, in bytes.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What is left of the text.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Passes so many bytes, which somebody has looked at.
    #[inline]
    pub(super) fn pass(&mut self, bytes: usize) {
        self.at += bytes;
    }

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
        if let Some(name) = self.plain() {
            let after = space(self.text.as_bytes(), self.at);
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

    /// Passes exactly these bytes; false, and nothing is passed, where others stand there.
    #[inline]
    pub(super) fn passes(&mut self, wanted: &[u8]) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    /// The text without escapes at the cursor; `None`, and nothing is passed, where something
    /// else is there.
    #[inline]
    pub fn plain(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let end = plain_end(bytes, self.at + 1)?;
        let text = self.text.get(self.at + 1..end)?;
        self.at = end + 1;
        Some(text)
    }

    /// The value at the cursor, whole.
    #[inline]
    pub fn value(&mut self) -> Option<Raw<'a>> {
        // Most values are texts without escapes.
        if let Some(text) = self.plain() {
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

    /// Passes a list of one digest, written without blanks, at the cursor.
    #[inline]
    pub(super) fn listed_digest(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) != Some(&b'[') || bytes.get(self.at + 67) != Some(&b']') {
            return false;
        }
        self.at += 1;
        let found = self.digest();
        if found {
            self.at += 1;
        } else {
            self.at -= 1;
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
    fn the_first_object_ends_at_its_brace_however_deep_it_is() {
        let deep = format!("{}1{}", "{\"a\":".repeat(60), "}".repeat(60));
        for object in [r#"{"a":"}"}"#, "{}", &deep] {
            assert_eq!(first(&format!("{object},\"b\":1}}")), object);
            assert_eq!(first(object), object);
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
