//! What a value is to event rules, as a number: the classes of values that are all alike
//! to every rule, and the value itself where they are not.
//!
//! A class may hold only values of which no event rule can tell two apart. When in doubt a
//! value is its own class, which costs time and never truth. Never a verdict.

use std::net::{IpAddr, Ipv4Addr};

use crate::event::{MatchKey, Secrecy};
use crate::platform::meta::browser_ids::{Unit, read_fbp, unit};
use crate::platform::meta::client::{Reach, reach, read_address};
use crate::platform::meta::proof::may_be_known;

use super::hash::Hash;
use super::lane::{ALL, LANE, Lane, all};

/// Classes; what has none of them adds its own text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(super) enum Class {
    Text = 1,
    Digest,
    Address4,
    Address6,
    Usual,
    Seconds,
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

pub(super) fn class(hash: &mut Hash, class: Class) {
    hash.add(class as u64);
}

pub(super) fn itself(hash: &mut Hash, text: &str) {
    class(hash, Class::Odd);
    hash.text(text);
}

/// What a value of a match key is to event rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// What nearly all values of the key are: there, well formed, alike to every rule.
    Usual,
    /// Of a class; whether well formed.
    Of(Class, bool),
    /// Only like itself.
    Odd,
}

/// Looks at a value of a match key.
#[inline]
pub(super) fn look(key: MatchKey, value: &str) -> Look {
    match key {
        MatchKey::ClientIp => match address(value) {
            Some((Reach::Public, true)) => Look::Usual,
            Some((reach, true)) => Look::Of(Class::Address4, reach == Reach::Public),
            Some((reach, false)) if value.contains(':') => {
                Look::Of(Class::Address6, reach == Reach::Public)
            }
            Some((reach, false)) => Look::Of(Class::Address4, reach == Reach::Public),
            None => Look::Odd,
        },
        MatchKey::ClientUserAgent if is_browser(value) => Look::Usual,
        MatchKey::ClickId if is_click(value) => Look::Usual,
        MatchKey::BrowserId if is_browser_id(value) => Look::Usual,
        MatchKey::BrowserId if is_browser_id_in_seconds(value) => Look::Of(Class::Seconds, false),
        MatchKey::ClientUserAgent | MatchKey::ClickId | MatchKey::BrowserId => Look::Odd,
        _ => match key.secrecy() {
            Secrecy::Plain if is_short_word(value) => Look::Usual,
            Secrecy::Plain => Look::Odd,
            // Where plain text is allowed, an e-mail address is still none that rules let pass.
            Secrecy::Either if is_short_word(value) && !value.contains('@') => Look::Usual,
            Secrecy::Either if is_plain_digest(value) => Look::Of(Class::Digest, true),
            _ if is_plain_digest(value) => Look::Usual,
            _ => Look::Odd,
        },
    }
}

/// Adds a value that is not alone or not usual. The answer: whether it is well formed,
/// where that is known.
pub(super) fn key(hash: &mut Hash, key: MatchKey, value: &str, look: Look) -> Option<bool> {
    let of = |class: Class| (0x100 + key as u64) << 32 | class as u64;
    match look {
        Look::Usual => {
            hash.add(of(Class::Usual));
            Some(true)
        }
        Look::Of(class, valid) => {
            hash.add(of(class));
            Some(valid)
        }
        Look::Odd => {
            hash.add(of(Class::Odd));
            hash.text(value);
            None
        }
    }
}

/// True for keys whose usual value is a digest.
#[inline]
pub(super) fn is_digested(key: MatchKey) -> bool {
    key.secrecy() == Secrecy::Hashed
}

/// 64 hex digits without capitals that are neither a digest of nothing nor of a placeholder.
#[inline]
fn is_plain_digest(value: &str) -> bool {
    <&[u8; 64]>::try_from(value.as_bytes()).is_ok_and(is_digest)
}

/// The same of bytes.
#[inline]
pub(super) fn is_digest(bytes: &[u8; 64]) -> bool {
    let (lanes, _) = bytes.as_chunks::<LANE>();
    lanes.iter().all(|lane| Lane::of(lane).hex() == ALL) && !may_be_known(bytes)
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

/// The reach of one well-formed address, and whether it is of four figures.
#[inline]
fn address(value: &str) -> Option<(Reach, bool)> {
    if let Some(four) = four(value.as_bytes()) {
        return Some((reach(IpAddr::V4(four)), true));
    }
    let plain = value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'.' || b == b':');
    if plain { Some((read_address(value).ok().map(reach)?, false)) } else { None }
}

/// Four figures with dots between, as any parser takes them.
#[inline]
fn four(bytes: &[u8]) -> Option<Ipv4Addr> {
    let (mut octets, mut part, mut sum, mut digits) = ([0; 4], 0, 0u32, 0);
    for byte in bytes {
        match byte {
            b'0'..=b'9' if digits == 0 || sum > 0 => {
                sum = sum * 10 + u32::from(byte - b'0');
                digits += 1;
                u8::try_from(sum).ok()?;
            }
            b'.' if digits > 0 && part < 3 => {
                octets[part] = sum as u8;
                (part, sum, digits) = (part + 1, 0, 0);
            }
            _ => return None,
        }
    }
    octets[3] = sum as u8;
    (part == 3 && digits > 0).then(|| Ipv4Addr::from(octets))
}

fn is_browser(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.starts_with(b"Mozilla/")
        && bytes.contains(&b' ')
        && !matches!(bytes.last(), Some(b' ' | b'\t'))
}

/// `fb.1.<13 digits>.<digits>`, or anything else that reads as a browser id.
#[inline]
fn is_browser_id(value: &str) -> bool {
    if is_bare_browser_id(value) {
        return true;
    }
    value.starts_with("fb.")
        && read_fbp(value).is_ok_and(|id| unit(id.created) == Unit::Milliseconds)
}

/// `fb.<digit>.<10 digits>.<digits>`: made with seconds for milliseconds.
fn is_browser_id_in_seconds(value: &str) -> bool {
    let bytes = value.as_bytes();
    let head = bytes.starts_with(b"fb.")
        && bytes.get(3).is_some_and(u8::is_ascii_digit)
        && bytes.get(4) == Some(&b'.')
        && bytes.get(15) == Some(&b'.');
    head && bytes[5..15].iter().all(u8::is_ascii_digit)
        && (1..=20).contains(&(bytes.len() - 16))
        && bytes[16..].iter().all(u8::is_ascii_digit)
        && read_fbp(value).is_ok_and(|id| unit(id.created) == Unit::Seconds)
}

/// True for a click id that is good, of the usual form.
fn is_click(value: &str) -> bool {
    const SHORTEST: usize = 10;
    const LONGEST: usize = 400;
    stamped(value).is_some_and(|rest| {
        (SHORTEST..LONGEST).contains(&rest.len())
            && all(rest, Lane::word, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && memchr::memchr(b'_', rest)
                .is_none_or(|at| memchr::memmem::find(&rest[at..], b"__DOT__").is_none())
    })
}

/// True for a browser id that is sure to have no appendix: four parts, all figures.
#[inline]
pub(super) fn is_bare_browser_id(value: &str) -> bool {
    stamped(value).is_some_and(|rest| {
        (1..=20).contains(&rest.len()) && all(rest, Lane::digits, |byte| byte.is_ascii_digit())
    })
}

/// What stands behind `fb.<digit>.<13 digits>.`.
#[inline]
fn stamped(value: &str) -> Option<&[u8]> {
    /// `<digit>.<13 digits>.`
    const DIGITS: u32 = 0b0111_1111_1111_1101;
    let bytes = value.as_bytes();
    let is_stamp = Lane::at(bytes, 3)?.digits() == DIGITS
        && bytes.starts_with(b"fb.")
        && bytes[4] == b'.'
        && bytes[18] == b'.';
    is_stamp.then(|| &bytes[19..])
}

/// True for a text that no rule can take for a missing value.
#[inline]
pub(super) fn says_something(text: &str) -> bool {
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
#[inline]
pub(super) fn is_whole(page: &str) -> bool {
    const LONGEST_HOST: usize = 200;
    const LONGEST_LABEL: usize = 64;
    let Some(rest) = page.strip_prefix("https://").or_else(|| page.strip_prefix("http://")) else {
        return false;
    };
    let bytes = rest.as_bytes();
    if Lane::at(bytes, 0).and_then(Lane::host).is_some() {
        return !page.ends_with(' ');
    }
    let (mut label, mut before, mut end) = (0, b'.', bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => {}
            // Two in a row stand in names of other alphabets, which are read more closely.
            b'-' if before != b'-' => {}
            b'.' if before != b'.' => label = at + 1,
            b'/' | b'?' | b'#' => {
                end = at;
                break;
            }
            _ => return false,
        }
        before = *byte;
    }
    let host = &bytes[..end];
    host.first().is_some_and(u8::is_ascii_lowercase)
        && host.get(label).is_some_and(u8::is_ascii_lowercase)
        && end - label < LONGEST_LABEL
        && end < LONGEST_HOST
        && !page.ends_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

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
