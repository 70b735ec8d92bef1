//! What a value is to event rules, as a number: the classes of values that are all alike
//! to every rule, and the value itself where they are not.
//!
//! A class may hold only values of which no event rule can tell two apart. When in doubt a
//! value is its own class, which costs time and never truth. Never a verdict.

use crate::event::{MatchKey, Secrecy};
use crate::platform::meta::browser_ids::{Unit, read_fbp, unit};
use crate::platform::meta::client::{Reach, reach, read_address};
use crate::platform::meta::proof::may_be_known;

use super::scan::{Raw, fields, items};

/// A hash that is the same on every machine and in every version: facts files hold it.
#[derive(Debug, Clone, Copy)]
pub struct Hash(u64);

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const STEP: u64 = 0xd6e8_feb8_6659_fd93;

#[inline]
fn fold(left: u64, right: u64) -> u64 {
    let wide = u128::from(left) * u128::from(right);
    (wide as u64) ^ ((wide >> 64) as u64)
}

impl Hash {
    /// An empty one.
    pub fn new() -> Hash {
        Hash(SEED)
    }

    /// One that differs from others by its seed.
    pub fn seeded(seed: u64) -> Hash {
        Hash(fold(SEED ^ seed, STEP))
    }

    /// Adds a number.
    #[inline]
    pub fn add(&mut self, word: u64) {
        self.0 = fold(self.0 ^ word, STEP).wrapping_add(SEED);
    }

    /// Adds bytes and their length.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            self.add(u64::from_le_bytes(word));
        }
        let mut word = [0; 8];
        let rest = chunks.remainder();
        word[..rest.len()].copy_from_slice(rest);
        self.add(u64::from_le_bytes(word));
        self.add(bytes.len() as u64 | 1 << 63);
    }

    /// Adds a text.
    #[inline]
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// The result.
    #[inline]
    pub fn finish(self) -> u64 {
        fold(self.0 ^ STEP, SEED)
    }
}

impl Default for Hash {
    fn default() -> Hash {
        Hash::new()
    }
}

/// The hash of some bytes.
pub fn stable(bytes: &[u8]) -> u64 {
    let mut hash = Hash::new();
    hash.bytes(bytes);
    hash.finish()
}

/// Classes; what has none of them adds its own text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
enum Class {
    Text = 1,
    Digest,
    Name,
    Address4,
    Address6,
    Browser,
    Click,
    BrowserId,
    Page,
    Number,
    Decimal,
    Flag,
    Null,
    Object,
    Array,
    ListOfIds,
    Item,
    Odd,
}

fn class(hash: &mut Hash, class: Class) {
    hash.add(class as u64);
}

fn itself(hash: &mut Hash, text: &str) {
    class(hash, Class::Odd);
    hash.text(text);
}

/// Adds what a value of a match key is. The answers: whether it is there, whether it is
/// well formed, where that is known.
#[inline]
pub(super) fn key(hash: &mut Hash, key: MatchKey, value: &str) -> Option<bool> {
    hash.add(0x100 + key as u64);
    match key {
        MatchKey::ClientIp => {
            if let Some(reach) = address(value) {
                let class_of = if value.contains(':') { Class::Address6 } else { Class::Address4 };
                class(hash, class_of);
                return Some(reach == Reach::Public);
            }
        }
        MatchKey::ClientUserAgent => {
            if is_browser(value) {
                class(hash, Class::Browser);
                return Some(true);
            }
        }
        MatchKey::ClickId => {
            if let Some(good) = click(value) {
                class(hash, Class::Click);
                return Some(good);
            }
        }
        MatchKey::BrowserId => {
            if is_browser_id(value) {
                class(hash, Class::BrowserId);
                return Some(true);
            }
        }
        _ if key.secrecy() == Secrecy::Plain => {
            if is_short_word(value) {
                class(hash, Class::Name);
                return Some(true);
            }
        }
        _ => {
            if is_plain_digest(value) {
                class(hash, Class::Digest);
                return Some(true);
            }
            if key.secrecy() == Secrecy::Either && is_short_word(value) {
                class(hash, Class::Name);
                return Some(true);
            }
        }
    }
    itself(hash, value);
    None
}

/// 64 hex digits without capitals that are neither a digest of nothing nor of a placeholder.
#[inline]
fn is_plain_digest(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() == 64
        && bytes.iter().fold(true, |good, byte| {
            good & (byte.wrapping_sub(b'0') < 10 || byte.wrapping_sub(b'a') < 6)
        })
        && !may_be_known(bytes)
}

/// Shorter than any digest in any notation, and no word for nothing.
fn is_short_word(value: &str) -> bool {
    const SHORTER: usize = 22;
    let bytes = value.as_bytes();
    (1..SHORTER).contains(&bytes.len())
        && bytes[0].is_ascii_alphanumeric()
        && !matches!(bytes[0], b'n' | b'N' | b'u' | b'U')
        && bytes.iter().all(u8::is_ascii_graphic)
}

/// The reach of one well-formed address.
fn address(value: &str) -> Option<Reach> {
    let plain = value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'.' || b == b':');
    if plain { read_address(value).ok().map(reach) } else { None }
}

fn is_browser(value: &str) -> bool {
    value.starts_with("Mozilla/") && value.contains(' ') && !value.ends_with([' ', '\t'])
}

/// `fb.1.<13 digits>.<digits>`, or anything else that reads as a browser id.
fn is_browser_id(value: &str) -> bool {
    if let Some(rest) = stamped(value)
        && (1..=20).contains(&rest.len())
        && rest.iter().all(u8::is_ascii_digit)
    {
        return true;
    }
    value.starts_with("fb.")
        && read_fbp(value).is_ok_and(|id| unit(id.created) == Unit::Milliseconds)
}

/// Whether a click id is good; `None` where it is not of the usual form.
fn click(value: &str) -> Option<bool> {
    const SHORTEST: usize = 10;
    const LONGEST: usize = 400;
    let rest = stamped(value)?;
    let usual = (SHORTEST..LONGEST).contains(&rest.len())
        && rest.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        && !rest.windows(7).any(|window| window == b"__DOT__");
    usual.then_some(true)
}

/// What stands behind `fb.<digit>.<13 digits>.`.
#[inline]
fn stamped(value: &str) -> Option<&[u8]> {
    let bytes = value.as_bytes();
    let stamp = bytes.get(5..18)?;
    let head = bytes.starts_with(b"fb.") && bytes[3].is_ascii_digit() && bytes[4] == b'.';
    (head && stamp.iter().all(u8::is_ascii_digit) && bytes.get(18) == Some(&b'.'))
        .then(|| &bytes[19..])
}

/// True for a text that no rule can take for a missing value.
#[inline]
fn says_something(text: &str) -> bool {
    /// Longest word for nothing, with room for white space around it.
    const LONGEST: usize = 15;
    let bytes = text.as_bytes();
    match bytes.first() {
        None => false,
        Some(b'u' | b'U' | b'n' | b'N' | b'(' | b'[') => {
            bytes.len() > LONGEST && !bytes.ends_with(b" ")
                || !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
                    && !text.ends_with(char::is_whitespace)
        }
        Some(byte) => byte.is_ascii_graphic(),
    }
}

/// Every word that some language prints for a missing value.
const WORDS: [&str; 7] = ["undefined", "null", "(null)", "nan", "[object object]", "none", "nil"];

/// Adds an event id.
pub(super) fn id(hash: &mut Hash, id: &str) {
    if says_something(id) { class(hash, Class::Text) } else { itself(hash, id) }
}

/// Adds the address of a page.
pub(super) fn page(hash: &mut Hash, page: &str) {
    if is_whole(page) { class(hash, Class::Page) } else { itself(hash, page) }
}

/// True for an address that any parser of addresses takes, with a name as its host.
fn is_whole(page: &str) -> bool {
    let Some(rest) = page.strip_prefix("https://").or_else(|| page.strip_prefix("http://")) else {
        return false;
    };
    let bytes = rest.as_bytes();
    let end = bytes.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(bytes.len());
    let host = &bytes[..end];
    let last = host.rsplit(|b| *b == b'.').next().unwrap_or_default();
    host.first().is_some_and(u8::is_ascii_lowercase)
        && last.first().is_some_and(u8::is_ascii_lowercase)
        && last.len() < 64
        && host.len() < 200
        && !host.windows(2).any(|pair| pair == b"..")
        && !host.windows(4).any(|four| four == b"xn--")
        && host
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'))
        && !page.ends_with(' ')
}

/// Adds a parameter.
pub(super) fn parameter(hash: &mut Hash, name: &str, value: Raw<'_>) {
    hash.text(name);
    match (name, value) {
        // Few values, and rules that look at each.
        ("currency" | "content_type" | "delivery_category", _) => raw(hash, value),
        ("contents", Raw::Array(list)) => contents(hash, list),
        ("content_ids", Raw::Array(list)) => content_ids(hash, list),
        ("contents" | "content_ids", Raw::Text(..) | Raw::Object(_)) => raw(hash, value),
        ("value" | "predicted_ltv" | "net_revenue", Raw::Text(text, _)) => {
            if is_decimal(text) {
                class(hash, Class::Decimal)
            } else {
                itself(hash, text)
            }
        }
        (_, Raw::Text(text, escaped)) => {
            let says = if escaped {
                value.text().is_some_and(|text| says_something(&text))
            } else {
                says_something(text)
            };
            if says { class(hash, Class::Text) } else { raw(hash, value) }
        }
        (_, Raw::Number(_)) => class(hash, Class::Number),
        (_, Raw::Flag(_)) => class(hash, Class::Flag),
        (_, Raw::Null) => class(hash, Class::Null),
        (_, Raw::Object(_)) => class(hash, Class::Object),
        (_, Raw::Array(_)) => class(hash, Class::Array),
    }
}

/// Adds a value as it stands.
pub(super) fn raw(hash: &mut Hash, value: Raw<'_>) {
    let (kind, text) = match value {
        Raw::Text(text, _) => (1, text),
        Raw::Number(text) => (2, text),
        Raw::Flag(flag) => (3 + u64::from(flag), ""),
        Raw::Null => (5, ""),
        Raw::Object(text) => (6, text),
        Raw::Array(text) => (7, text),
    };
    hash.add(kind);
    itself(hash, text);
}

fn is_decimal(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    [whole, fraction]
        .iter()
        .all(|part| (1..16).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
}

/// The items of `content_ids`: all alike, or as they stand.
fn content_ids(hash: &mut Hash, list: &str) {
    let Some(mut scan) = items(list) else { return itself(hash, list) };
    let (mut usual, mut count) = (true, 0);
    while let Some(item) = scan.item() {
        count += 1;
        usual &= match item {
            Raw::Text(text, escaped) => !escaped && says_something(text),
            Raw::Number(_) => true,
            _ => false,
        };
    }
    if usual && count > 0 && scan.is_done() {
        class(hash, Class::ListOfIds);
    } else {
        itself(hash, list);
    }
}

/// The items of `contents`, each by what its fields are; equal ones in a row once.
fn contents(hash: &mut Hash, list: &str) {
    class(hash, Class::Array);
    let Some(mut scan) = items(list) else { return itself(hash, list) };
    let mut last = 0;
    while let Some(item) = scan.item() {
        let Raw::Object(text) = item else {
            return itself(hash, list);
        };
        let Some(sign) = content(text) else { return itself(hash, list) };
        if sign != last {
            hash.add(sign);
        }
        last = sign;
    }
    if !scan.is_done() {
        itself(hash, list);
    }
}

fn content(item: &str) -> Option<u64> {
    let mut hash = Hash::new();
    class(&mut hash, Class::Item);
    let (mut scan, mut seen) = (fields(item)?, 0u32);
    // Order does not matter to rules, so the parts are added up; a field twice is unusual.
    let mut sum = 0u64;
    while let Some((name, value)) = scan.field() {
        let place = match name {
            "id" => 1,
            "quantity" => 2,
            "item_price" => 4,
            "delivery_category" => 8,
            _ => continue,
        };
        if seen & place != 0 {
            return None;
        }
        seen |= place;
        let mut part = Hash::seeded(u64::from(place));
        match (name, value) {
            ("id", Raw::Text(text, false)) if says_something(text) => class(&mut part, Class::Text),
            ("quantity", Raw::Number(text))
                if text.starts_with(|c: char| ('1'..='9').contains(&c))
                    && text.bytes().all(|b| b.is_ascii_digit())
                    && text.len() < 16 =>
            {
                class(&mut part, Class::Number);
            }
            ("id" | "item_price", Raw::Number(_)) => class(&mut part, Class::Number),
            ("item_price" | "quantity", Raw::Text(..)) => class(&mut part, Class::Text),
            (_, other) => raw(&mut part, other),
        }
        sum = sum.wrapping_add(part.finish());
    }
    scan.is_done().then(|| {
        hash.add(sum);
        hash.finish()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_same_everywhere_and_forever() {
        assert_eq!(stable(b""), stable(b""));
        assert_ne!(stable(b"a"), stable(b"a\0"));
        assert_ne!(stable(b"12345678"), stable(b"123456781"));
        // Facts files of other versions and machines hold these.
        assert_eq!(stable(b"fb.1.1772452800000.1234567890"), FIXED);
    }
    const FIXED: u64 = 10_878_505_395_103_214_897;

    #[test]
    fn only_texts_that_say_something_are_alike() {
        for text in ["a", "order-1", "Nike", "0", "unlike", "null-1", "none of them all"] {
            assert!(says_something(text), "{text}");
        }
        for text in
            ["", " ", "null", "Undefined", "NaN", "None", "nil", " x", "[object Object]", "null "]
        {
            assert!(!says_something(text), "{text}");
        }
    }

    #[test]
    fn only_whole_addresses_are_alike() {
        for page in ["https://shop.test/", "http://www.shop.test/a?b=c#d", "https://a-b.example"] {
            assert!(
                is_whole(page) && url::Url::parse(page).is_ok_and(|url| url.host_str().is_some()),
                "{page}"
            );
        }
        for page in [
            "/a",
            "https:///a",
            "https://1.2.3.4/",
            "https://a..b/",
            "ftp://a.test/",
            "",
            "https://a.1/",
            "https://A.test/",
        ] {
            assert!(!is_whole(page), "{page}");
        }
    }
}
