//! Plain personal data in texts that are no match keys: what kind it is.
//!
//! By shape (an e-mail address), by the name it stands under (`phone=…`), and by what the
//! test person typed.
//! Never the data itself: nothing here is handed on but the kind.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

/// An e-mail address anywhere in a text.
static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9][A-Za-z0-9._%+'-]*@(?:[A-Za-z0-9-]+\.)+([A-Za-z]{2,})")
        .expect("the pattern is constant")
});

/// Ends of file names that look like those of mail hosts (`logo@2x.png`).
const FILE_ENDS: &[&str] = &[
    "avif", "bmp", "css", "gif", "htm", "html", "ico", "jpeg", "jpg", "js", "json", "map", "mjs",
    "mp4", "pdf", "php", "png", "svg", "ttf", "webm", "webp", "woff", "xml",
];

/// Names under which sites pass personal data, folded to letters.
const NAMES: &[(&str, Kind)] = &[
    ("phone", Kind::Phone),
    ("phonenumber", Kind::Phone),
    ("telephone", Kind::Phone),
    ("tel", Kind::Phone),
    ("mobile", Kind::Phone),
    ("mobilephone", Kind::Phone),
    ("customerphone", Kind::Phone),
    ("billingphone", Kind::Phone),
    ("firstname", Kind::Name),
    ("lastname", Kind::Name),
    ("fname", Kind::Name),
    ("lname", Kind::Name),
    ("surname", Kind::Name),
    ("givenname", Kind::Name),
    ("familyname", Kind::Name),
    ("fullname", Kind::Name),
    ("customername", Kind::Name),
    ("birthdate", Kind::BirthDate),
    ("birthday", Kind::BirthDate),
    ("dateofbirth", Kind::BirthDate),
    ("dob", Kind::BirthDate),
    ("street", Kind::Address),
    ("streetaddress", Kind::Address),
    ("addressline1", Kind::Address),
    ("address1", Kind::Address),
];

/// Digits of the shortest telephone number.
const SHORTEST_PHONE: usize = 7;
/// Digits at the end of a person's number by which it is recognised, with or without the
/// country's code.
const TELLING_DIGITS: usize = 9;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// A person's name.
    Name,
    /// Date of birth.
    BirthDate,
    /// Postal address.
    Address,
}

impl Kind {
    /// The words in findings.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Email => "e-mail address",
            Kind::Phone => "telephone number",
            Kind::Name => "name of a person",
            Kind::BirthDate => "date of birth",
            Kind::Address => "postal address",
        }
    }
}

/// What a value under a name gives away. `persona` is the test person's plain data by field.
pub(super) fn kind(name: &str, value: &str, persona: &BTreeMap<String, String>) -> Option<Kind> {
    if has_email(value) || is_persona_email(value, persona) {
        return Some(Kind::Email);
    }
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    if is_persona_phone(value, &digits, persona) {
        return Some(Kind::Phone);
    }
    let folded: String =
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let (_, kind) = NAMES.iter().find(|(known, _)| *known == folded)?;
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let holds = match kind {
        // Digests are not plain, and masked values have no letter left.
        _ if is_digest(value) => false,
        Kind::Phone => digits.len() >= SHORTEST_PHONE && letters == 0,
        Kind::Name => letters >= 2 && digits.is_empty(),
        Kind::BirthDate => digits.len() >= 4,
        Kind::Address => letters >= 3 && !digits.is_empty(),
        Kind::Email => true,
    };
    holds.then_some(*kind)
}

/// True for a text with an e-mail address in it.
pub(super) fn has_email(text: &str) -> bool {
    EMAIL.captures_iter(text).any(|found| {
        let end = found.get(1).map_or("", |end| end.as_str()).to_ascii_lowercase();
        !FILE_ENDS.contains(&end.as_str())
    })
}

fn is_persona_email(value: &str, persona: &BTreeMap<String, String>) -> bool {
    persona
        .get("email")
        .filter(|email| !email.is_empty())
        .is_some_and(|email| value.to_lowercase().contains(&email.to_lowercase()))
}

/// The person's number, in whatever notation: nothing but the signs of a number around it.
fn is_persona_phone(value: &str, digits: &str, persona: &BTreeMap<String, String>) -> bool {
    let signs = value.chars().all(|c| c.is_ascii_digit() || " +-./()\u{a0}".contains(c));
    signs
        && ["phone", "phone_national"].iter().filter_map(|field| persona.get(*field)).any(|phone| {
            let own: String = phone.chars().filter(char::is_ascii_digit).collect();
            let tail = own.len().checked_sub(TELLING_DIGITS).map(|from| &own[from..]);
            tail.is_some_and(|tail| digits.ends_with(tail))
        })
}

fn is_digest(value: &str) -> bool {
    matches!(value.len(), 32 | 40 | 64) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, value: &str) -> Option<Kind> {
        let persona = BTreeMap::from([
            ("email".to_owned(), "ann@shop".to_owned()),
            ("phone".to_owned(), "+16505551212".to_owned()),
        ]);
        kind(name, value, &persona)
    }

    #[test]
    fn personal_data_is_told_by_shape_name_and_person() {
        for (name, value, expected) in [
            ("q", "write to ann.lee+1@example.com", Kind::Email),
            ("q", "ANN@SHOP", Kind::Email),
            ("x", "(650) 555-1212", Kind::Phone),
            ("phone", "020 7183 8750", Kind::Phone),
            ("First-Name", "Ann", Kind::Name),
            ("dob", "1997-02-16", Kind::BirthDate),
            ("street", "12 Long Lane", Kind::Address),
        ] {
            assert_eq!(of(name, value), Some(expected), "{name}={value}");
        }
    }

    #[test]
    fn what_only_looks_like_it_passes() {
        for (name, value) in [
            ("src", "logo@2x.png"),
            ("handle", "@ann"),
            ("phone", "pixel-9"),
            ("tel", "0"),
            ("name", "Blue mug"),
            ("email", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
            ("firstname", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
            ("order", "16505551299"),
            ("order", "ord-6505551212x"),
        ] {
            assert_eq!(of(name, value), None, "{name}={value}");
        }
    }
}
