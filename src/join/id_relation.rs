//! How two texts that should be equal differ: the causes that occur in real sites.
//!
//! Used for event ids and event names. A relation is claimed only where it fully
//! explains the difference; otherwise there is none.
//! Never decides whether two events belong together; see `near_miss`.

use percent_encoding::percent_decode_str;

use crate::platform::meta::lean::Hash;

/// What turns one text into the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdRelation {
    /// They differ in upper and lower case only.
    Case,
    /// They differ in white space only.
    WhiteSpace,
    /// The same number written in two ways (leading zeros, decimals, thousands).
    Number,
    /// One is URL- or HTML-encoded once more than the other.
    Encoding,
    /// One has this text more at its front.
    Prefix(String),
    /// One has this text more at its end.
    Suffix(String),
    /// One was cut at this length, in characters.
    Truncated(usize),
    /// They differ in punctuation or quotes only.
    Punctuation,
}

impl IdRelation {
    /// The cause in the few stable words of findings.
    pub fn name(&self) -> &'static str {
        match self {
            IdRelation::Case => "case",
            IdRelation::WhiteSpace => "white space",
            IdRelation::Number => "number format",
            IdRelation::Encoding => "encoding",
            IdRelation::Prefix(_) => "prefix",
            IdRelation::Suffix(_) => "suffix",
            IdRelation::Truncated(_) => "truncated",
            IdRelation::Punctuation => "punctuation",
        }
    }
}

/// Shortest common part that makes a prefix, suffix or cut believable, in characters.
const SHORTEST_CORE: usize = 4;
/// Longest addition that still counts as a prefix or suffix, in characters.
const LONGEST_AFFIX: usize = 40;

/// The relation between two different texts, `None` where nothing simple explains it.
pub fn relate(left: &str, right: &str) -> Option<IdRelation> {
    if left == right || left.is_empty() || right.is_empty() {
        return None;
    }
    if squeeze(left) == squeeze(right) {
        return Some(IdRelation::WhiteSpace);
    }
    if left.to_lowercase() == right.to_lowercase() {
        return Some(IdRelation::Case);
    }
    if number(left).is_some() && number(left) == number(right) {
        return Some(IdRelation::Number);
    }
    if decoded(left) == decoded(right) {
        return Some(IdRelation::Encoding);
    }
    if bare(left) == bare(right) && bare(left).chars().count() >= SHORTEST_CORE {
        return Some(IdRelation::Punctuation);
    }
    let (long, short) = if left.len() >= right.len() { (left, right) } else { (right, left) };
    let length = short.chars().count();
    if length < SHORTEST_CORE {
        return None;
    }
    if let Some(rest) = long.strip_prefix(short) {
        let separated = rest.starts_with(|c: char| !c.is_alphanumeric());
        return Some(
            if separated && rest.chars().count() <= LONGEST_AFFIX && !cut_in_pattern(long, short) {
                IdRelation::Suffix(rest.to_owned())
            } else {
                IdRelation::Truncated(length)
            },
        );
    }
    let front = long.strip_suffix(short)?;
    (front.chars().count() <= LONGEST_AFFIX).then(|| IdRelation::Prefix(front.to_owned()))
}

/// Stands for an id without case, white space, punctuation and leading zeros: ids that were
/// meant to be one are equal in it as a rule.
pub fn fold_id(id: &str) -> u64 {
    let mut hash = Hash::seeded(2);
    if let Some(hex) = uuid(id).filter(|hex| hex[0] != b'0') {
        for word in hex.as_chunks::<8>().0 {
            hash.add(u64::from_le_bytes(*word));
        }
        hash.add(0);
        return hash.finish();
    }
    if id.is_ascii() {
        let mut word = [0u8; 8];
        let mut filled = 0;
        let mut begun = false;
        for byte in id.bytes().filter(u8::is_ascii_alphanumeric) {
            begun |= byte != b'0';
            if !begun {
                continue;
            }
            word[filled] = byte.to_ascii_lowercase();
            filled += 1;
            if filled == 8 {
                hash.add(u64::from_le_bytes(word));
                (word, filled) = ([0; 8], 0);
            }
        }
        hash.add(u64::from_le_bytes(word));
        return hash.finish();
    }
    let bare: String = bare(id).to_lowercase();
    hash.text(bare.trim_start_matches('0'));
    hash.finish()
}

/// The 32 digits, in small letters, of a UUID in its usual form of 36 characters.
#[inline]
pub(super) fn uuid(id: &str) -> Option<[u8; 32]> {
    let bytes: &[u8; 36] = id.as_bytes().try_into().ok()?;
    if [bytes[8], bytes[13], bytes[18], bytes[23]] != [b'-'; 4] {
        return None;
    }
    let mut hex = [0; 32];
    hex[..8].copy_from_slice(&bytes[..8]);
    hex[8..12].copy_from_slice(&bytes[9..13]);
    hex[12..16].copy_from_slice(&bytes[14..18]);
    hex[16..20].copy_from_slice(&bytes[19..23]);
    hex[20..].copy_from_slice(&bytes[24..]);
    let mut good = true;
    for byte in &mut hex {
        // Digits have this bit already.
        let small = *byte | 0x20;
        good &= (byte.wrapping_sub(b'0') < 10) | (small.wrapping_sub(b'a') < 6);
        *byte = small;
    }
    good.then_some(hex)
}

/// A UUID that lost its tail lost it by truncation, though what is missing begins with a hyphen.
fn cut_in_pattern(long: &str, short: &str) -> bool {
    let is_uuid = long.len() == 36
        && long.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    is_uuid && short.len() < long.len()
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}' && *c != '\u{200b}').collect()
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Digits of a whole number without signs of formatting.
fn number(text: &str) -> Option<String> {
    let text = text.trim().trim_matches('"');
    let whole = text.strip_suffix(".0").or_else(|| text.strip_suffix(".00")).unwrap_or(text);
    let digits: String = whole.chars().filter(|c| *c != ',').collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let trimmed = digits.trim_start_matches('0');
    Some(if trimmed.is_empty() { "0".to_owned() } else { trimmed.to_owned() })
}

fn decoded(text: &str) -> String {
    let plus = text.replace('+', " ");
    let once = percent_decode_str(&plus).decode_utf8_lossy().into_owned();
    let twice = percent_decode_str(&once).decode_utf8_lossy().into_owned();
    [
        ("&amp;", "&"),
        ("&#x2F;", "/"),
        ("&#47;", "/"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ]
    .iter()
    .fold(twice, |text, (coded, plain)| text.replace(coded, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_told_from_the_others() {
        let cases = [
            ("abc-1", "ABC-1", "case"),
            (" abc-1 ", "abc-1", "white space"),
            ("00123", "123", "number format"),
            ("1234.0", "1234", "number format"),
            ("order/17", "order%2F17", "encoding"),
            ("a&b-17", "a&amp;b-17", "encoding"),
            ("purchase.1001", "1001", "prefix"),
            ("1001", "gid://shop/Order/1001", "prefix"),
            ("1001", "1001_capi", "suffix"),
            ("3f2b8c1e-0f4a-4a7e-9a51-6b1f0c2d3e4f", "3f2b8c1e-0f4a-4a7e", "truncated"),
            ("abcdefghijkl", "abcdefgh", "truncated"),
            ("order-1001", "order1001", "punctuation"),
        ];
        for (left, right, cause) in cases {
            assert_eq!(relate(left, right).map(|r| r.name()), Some(cause), "{left} / {right}");
            assert_eq!(relate(right, left).map(|r| r.name()), Some(cause), "{right} / {left}");
        }
    }

    #[test]
    fn unlike_texts_have_no_relation() {
        for (left, right) in
            [("abc", "abc"), ("", "abc"), ("17", "99917"), ("one-id", "other-id"), ("a", "ab")]
        {
            assert_eq!(relate(left, right), None, "{left} / {right}");
        }
    }
}
