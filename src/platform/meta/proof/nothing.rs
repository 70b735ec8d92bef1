//! Digests of nothing: of the empty text and of the literals that programs make of a
//! missing value; and digests of values that belong to nobody.
//! Never the data of a person.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use md5::{Digest as _, Md5};
use sha1::Sha1;

use super::sha256;
use crate::event::MatchKey;
use crate::platform::meta::normalise::hex;

/// What stands for a missing value once a program has made text of it (meta-facts 3.3).
const LITERALS: &[&str] = &[
    "",
    " ",
    "null",
    "NULL",
    "Null",
    "nil",
    "undefined",
    "Undefined",
    "none",
    "None",
    "nan",
    "NaN",
    "true",
    "false",
    "True",
    "False",
    "0",
    "[object Object]",
    "[object object]",
    "[objectobject]",
    "objectobject",
    "{}",
    "[]",
    "\"\"",
    "''",
    "n/a",
    "N/A",
    "-",
    "unknown",
    "not set",
    "(not set)",
    "undefined@gmail.com",
    "null@gmail.com",
    "none@gmail.com",
    "nan@gmail.com",
    "undefinedundefined",
    "undefined undefined",
    "nullnull",
    "null null",
];
/// Of these, the ones that are also names of people or places.
const ALSO_NAMES: &[&str] = &["nan", "NaN", "true", "True", "unknown", "nil"];
/// Addresses, numbers and names that stand for no one in particular (meta-facts 3.3, 7.40, 7.49).
const PLACEHOLDERS: &[(MatchKey, &str)] = &[
    (MatchKey::Email, "test@test.com"),
    (MatchKey::Email, "test@example.com"),
    (MatchKey::Email, "test@gmail.com"),
    (MatchKey::Email, "testing@test.com"),
    (MatchKey::Email, "user@example.com"),
    (MatchKey::Email, "email@example.com"),
    (MatchKey::Email, "example@example.com"),
    (MatchKey::Email, "guest@example.com"),
    (MatchKey::Email, "guest@guest.com"),
    (MatchKey::Email, "customer@example.com"),
    (MatchKey::Email, "john@example.com"),
    (MatchKey::Email, "john.doe@example.com"),
    (MatchKey::Email, "johndoe@example.com"),
    (MatchKey::Email, "joe@eg.com"),
    (MatchKey::Email, "a@a.com"),
    (MatchKey::Email, "a@b.com"),
    (MatchKey::Email, "admin@admin.com"),
    (MatchKey::Email, "noreply@example.com"),
    (MatchKey::Email, "no-reply@example.com"),
    (MatchKey::Email, "noemail@example.com"),
    (MatchKey::Email, "no@email.com"),
    (MatchKey::Email, "foo@bar.com"),
    (MatchKey::Phone, "0000000000"),
    (MatchKey::Phone, "+0000000000"),
    (MatchKey::Phone, "00000000000"),
    (MatchKey::Phone, "1111111111"),
    (MatchKey::Phone, "11111111111"),
    (MatchKey::Phone, "1234567890"),
    (MatchKey::Phone, "11234567890"),
    (MatchKey::Phone, "123456789"),
    (MatchKey::Phone, "9999999999"),
    (MatchKey::Phone, "5555555555"),
    (MatchKey::Phone, "15555555555"),
    (MatchKey::FirstName, "test"),
    (MatchKey::LastName, "test"),
    (MatchKey::FirstName, "guest"),
    (MatchKey::LastName, "guest"),
    (MatchKey::ExternalId, "guest"),
    (MatchKey::ExternalId, "anonymous"),
    (MatchKey::ExternalId, "test"),
];

static NOTHING: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut found = HashMap::new();
    for literal in LITERALS {
        let once = sha256(literal.as_bytes());
        found.entry(sha256(once.as_bytes())).or_insert(*literal);
        found.entry(once).or_insert(*literal);
        found.entry(hex(&Md5::digest(literal.as_bytes()))).or_insert(*literal);
        found.entry(hex(&Sha1::digest(literal.as_bytes()))).or_insert(*literal);
    }
    found
});

static NOBODY: LazyLock<HashMap<(MatchKey, String), &'static str>> = LazyLock::new(|| {
    PLACEHOLDERS.iter().map(|(key, text)| ((*key, sha256(text.as_bytes())), *text)).collect()
});

/// The first eight characters of every digest above.
static BEGINNINGS: LazyLock<HashSet<[u8; 8], foldhash::fast::RandomState>> = LazyLock::new(|| {
    let digests = NOTHING.keys().chain(NOBODY.keys().map(|(_, digest)| digest));
    digests.filter_map(|digest| digest.as_bytes().first_chunk().copied()).collect()
});

/// A bit for every beginning, by some bits of its hash: one look into a few kilobytes tells
/// nearly all other digests.
static FILTER: LazyLock<Box<[u64; FILTER_WORDS]>> = LazyLock::new(|| {
    let mut words = Box::new([0; FILTER_WORDS]);
    let beginnings: BTreeSet<&[u8; 8]> = BEGINNINGS.iter().collect();
    for beginning in beginnings {
        let place = place(*beginning);
        words[place / 64] |= 1 << (place % 64);
    }
    words
});
const FILTER_WORDS: usize = 1 << 10;

/// The place of a beginning in the filter.
#[inline]
fn place(beginning: [u8; 8]) -> usize {
    (u64::from_le_bytes(beginning).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize
}

/// False where a lower-case digest is neither one of nothing nor one of a placeholder, told
/// by its first characters: cheap, and true once in twenty million other digests.
#[inline]
pub fn may_be_known(digest: &[u8]) -> bool {
    digest.first_chunk().is_none_or(|beginning| {
        let place = place(*beginning);
        FILTER[place / 64] >> (place % 64) & 1 == 1 && BEGINNINGS.contains(beginning)
    })
}

/// The literal of nothing whose digest (SHA-256, MD5 or SHA-1, also digested twice) this
/// is, in any case of letters and with Meta's appendix.
pub fn nothing(key: MatchKey, value: &str) -> Option<&'static str> {
    let value = super::without_appendix(key, value.trim()).to_ascii_lowercase();
    let literal = NOTHING.get(&value).copied()?;
    let name = matches!(key, MatchKey::FirstName | MatchKey::LastName | MatchKey::City);
    (!(name && ALSO_NAMES.contains(&literal))).then_some(literal)
}

/// The placeholder whose digest this is: a value that belongs to nobody in particular.
pub fn placeholder(key: MatchKey, value: &str) -> Option<&'static str> {
    let value = super::without_appendix(key, value.trim()).to_ascii_lowercase();
    NOBODY.get(&(key, value)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_known_in_every_dress() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for value in [empty.to_owned(), empty.to_uppercase(), format!("{empty}.AQQCAQIB")] {
            assert_eq!(nothing(MatchKey::City, &value), Some(""));
        }
        assert_eq!(nothing(MatchKey::Email, "d41d8cd98f00b204e9800998ecf8427e"), Some(""));
        assert_eq!(
            nothing(MatchKey::Email, &sha256(b"undefined@gmail.com")),
            Some("undefined@gmail.com")
        );
        assert_eq!(nothing(MatchKey::FirstName, &sha256(b"nan")), None, "a first name");
        assert_eq!(nothing(MatchKey::Phone, &sha256(b"nan")), Some("nan"));
        assert_eq!(nothing(MatchKey::Email, &sha256(b"ann@example.com")), None);
    }

    #[test]
    fn placeholders_belong_to_their_key() {
        assert_eq!(placeholder(MatchKey::Email, &sha256(b"test@test.com")), Some("test@test.com"));
        assert_eq!(placeholder(MatchKey::Phone, &sha256(b"test@test.com")), None);
        assert_eq!(placeholder(MatchKey::City, &sha256(b"test")), None);
    }
}
