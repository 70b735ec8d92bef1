//! What kind of text a value on the wire is: a digest, of which kind, or none.
//! Never of what it is a digest.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// The shape of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// 64 hex digits, no capitals.
    Sha256,
    /// 64 hex digits, some of them capitals.
    UpperSha256,
    /// A SHA-256 with white space around it.
    PaddedSha256,
    /// A SHA-256 with something in front (`sha256:`, `0x`).
    PrefixedSha256,
    /// 32 hex digits.
    Md5,
    /// 40 hex digits.
    Sha1,
    /// 56, 96 or 128 hex digits.
    OtherSha2,
    /// Base64 of as many bytes as a digest has.
    Base64,
    /// Hex digits, nearly as many as a SHA-256 has.
    CutSha256,
    /// An empty text.
    Empty,
    /// Anything else.
    Plain,
}

impl Shape {
    /// How messages name it.
    pub fn words(self) -> &'static str {
        match self {
            Shape::Sha256 => "SHA-256",
            Shape::UpperSha256 => "upper case",
            Shape::PaddedSha256 => "white space around it",
            Shape::PrefixedSha256 => "text in front of it",
            Shape::Md5 => "MD5",
            Shape::Sha1 => "SHA-1",
            Shape::OtherSha2 => "SHA-224, SHA-384 or SHA-512",
            Shape::Base64 => "Base64",
            Shape::CutSha256 => "wrong length",
            Shape::Empty => "empty",
            Shape::Plain => "plain text",
        }
    }
}

/// Fewest hex digits that can only be a digest gone wrong.
const SHORTEST_CUT: usize = 50;
/// What sites put in front of a digest.
const PREFIXES: [&str; 6] = ["sha256:", "sha256-", "sha256$", "sha-256:", "0x", "\\x"];

/// The shape of a value. The appendix of Meta's parameter builder (2 or 8 characters
/// after a dot, meta-facts 3.4) belongs to a digest and is not looked at.
pub fn shape(value: &str) -> Shape {
    if value.is_empty() {
        return Shape::Empty;
    }
    let trimmed = value.trim();
    let body = match trimmed.rsplit_once('.') {
        Some((body, tail)) if matches!(tail.len(), 2 | 8) => body,
        _ => trimmed,
    };
    if is_hex(body) {
        return match body.len() {
            64 if value.len() != trimmed.len() => Shape::PaddedSha256,
            64 if body.bytes().any(|byte| byte.is_ascii_uppercase()) => Shape::UpperSha256,
            64 => Shape::Sha256,
            32 => Shape::Md5,
            40 => Shape::Sha1,
            56 | 96 | 128 => Shape::OtherSha2,
            SHORTEST_CUT.. => Shape::CutSha256,
            _ => Shape::Plain,
        };
    }
    let behind = |prefix: &str| {
        let (head, rest) = trimmed.split_at_checked(prefix.len()).unwrap_or_default();
        rest.len() == 64 && head.eq_ignore_ascii_case(prefix) && is_hex(rest)
    };
    if PREFIXES.iter().any(|prefix| behind(prefix)) {
        return Shape::PrefixedSha256;
    }
    if is_base64_digest(trimmed) { Shape::Base64 } else { Shape::Plain }
}

fn is_hex(text: &str) -> bool {
    // Without a way out before the end the loop runs on vectors.
    !text.is_empty() && text.bytes().fold(true, |hex, byte| hex & byte.is_ascii_hexdigit())
}

/// True for 16, 20, 32 or 64 bytes in Base64. A word of that length has no digits.
fn is_base64_digest(text: &str) -> bool {
    let mixed = text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
        && text.bytes().any(|byte| byte.is_ascii_lowercase());
    mixed
        && text.len() >= 22
        && [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD].iter().any(|alphabet| {
            alphabet.decode(text).is_ok_and(|bytes| matches!(bytes.len(), 16 | 20 | 32 | 64))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_digest_is_told_from_plain_text() {
        let hex = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f";
        for (value, expected) in [
            (hex.to_owned(), Shape::Sha256),
            (format!("{hex}.AQQCAQIB"), Shape::Sha256),
            (format!("{hex}.BA"), Shape::Sha256),
            (hex.to_uppercase(), Shape::UpperSha256),
            (format!(" {hex}"), Shape::PaddedSha256),
            (format!("sha256:{hex}"), Shape::PrefixedSha256),
            (hex[..32].to_owned(), Shape::Md5),
            (hex[..40].to_owned(), Shape::Sha1),
            (format!("{hex}{hex}"), Shape::OtherSha2),
            (hex[..63].to_owned(), Shape::CutSha256),
            ("YqFORPdlQZ0Q/qmTZzYacnwSNl4lIPMiGNUF7Zqg9i8=".to_owned(), Shape::Base64),
            (String::new(), Shape::Empty),
            ("ann@example.com".to_owned(), Shape::Plain),
            ("16505551212".to_owned(), Shape::Plain),
            ("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch".to_owned(), Shape::Plain),
            ("facade".to_owned(), Shape::Plain),
        ] {
            assert_eq!(shape(&value), expected, "{value}");
        }
    }
}
