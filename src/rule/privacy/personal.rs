//! Plain personal data in texts that are no match keys: what kind it is.
//!
//! By shape (an e-mail address), by the name it stands under (`phone=…`), and by what is
//! known of the test person, who typed it somewhere.
//! Never the data itself: nothing here is handed on but the kind.

mod person;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

pub(super) use person::Person;

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
    ("address", Kind::Address),
    ("customeraddress", Kind::Address),
    ("billingaddress", Kind::Address),
    ("shippingaddress", Kind::Address),
    ("deliveryaddress", Kind::Address),
    ("street", Kind::Address),
    ("streetaddress", Kind::Address),
    ("addressline1", Kind::Address),
    ("address1", Kind::Address),
];

/// Digits of the shortest telephone number.
const SHORTEST_PHONE: usize = 7;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rule::privacy) enum Kind {
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
    /// What a person logs in with.
    Password,
    /// Number of a payment card.
    Card,
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
            Kind::Password => "password",
            Kind::Card => "card number",
        }
    }
}

/// What a value under a name gives away, the test person's data among it.
pub(super) fn kinds(name: &str, value: &str, person: &Person) -> BTreeSet<Kind> {
    let mut found = person.kinds(name, value);
    if has_email(value) {
        found.insert(Kind::Email);
    }
    found.extend(named(name, value));
    found
}

/// What stands under the name of something personal, whoever's it is.
fn named(name: &str, value: &str) -> Option<Kind> {
    let folded: String =
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let (_, kind) = NAMES.iter().find(|(known, _)| *known == folded)?;
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let holds = match kind {
        // Digests are not plain, and masked values have no letter left. An address of the
        // net is none of the post.
        _ if is_digest(value) || has_email(value) || value.contains("://") => false,
        Kind::Phone => digits >= SHORTEST_PHONE && letters == 0,
        Kind::Name => letters >= 2 && digits == 0,
        Kind::BirthDate => digits >= 4,
        Kind::Address => letters >= 3 && digits > 0,
        Kind::Email | Kind::Password | Kind::Card => true,
    };
    holds.then_some(*kind)
}

/// True for a text with an e-mail address in it.
pub(in crate::rule) fn has_email(text: &str) -> bool {
    text.contains('@')
        && EMAIL.captures_iter(text).any(|found| {
            let end = found.get(1).map_or("", |end| end.as_str()).to_ascii_lowercase();
            !FILE_ENDS.contains(&end.as_str())
        })
}

fn is_digest(value: &str) -> bool {
    matches!(value.len(), 32 | 40 | 64) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, value: &str) -> Option<Kind> {
        let fields = [("email", "ann@shop"), ("phone", "+16505551212")]
            .map(|(field, value)| (field.to_owned(), value.to_owned()));
        kinds(name, value, &Person::new(&fields.into())).first().copied()
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
            ("address", "12 Long Lane", Kind::Address),
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
