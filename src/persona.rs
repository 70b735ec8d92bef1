//! Test people: the plain data that scenarios type into forms, unique per session.
//!
//! Fictional and deliverable nowhere: reserved mail domains, telephone ranges set
//! aside for drama, test card numbers. What is awkward about a person (an
//! apostrophe, an umlaut, a leading zero) is the same for every seed of a kind, so
//! that a verdict never depends on which person happened to play.
//! Never a platform's normalisation or digests.

mod de_shopper;
mod make;
mod uk_shopper;
mod us_shopper;

use serde::{Deserialize, Serialize};

pub use make::{Kind, UNIQUE_WITHIN};

/// Every kind of person, the default first.
pub const KINDS: &[&Kind] = &[&us_shopper::KIND, &uk_shopper::KIND, &de_shopper::KIND];

/// Every field a person has, with what it holds, in the order of the documentation.
pub const FIELDS: &[(&str, &str)] = &[
    ("email", "E-mail address at a reserved domain; unique."),
    ("phone", "Phone number in E.164 (`+` and digits), valid and reserved for fiction; unique."),
    ("phone_national", "The same number as people of the country write it."),
    ("first_name", "First name."),
    ("last_name", "Last name; unique together with the first name."),
    ("gender", "`f` or `m`, fitting the first name."),
    ("birth_date", "Date of birth, YYYY-MM-DD; of age; unique."),
    ("street", "Street and number."),
    ("city", "City."),
    ("state", "State or region, its usual short code."),
    ("state_name", "State or region, its name."),
    ("zip", "Postal code as written in the country."),
    ("country", "Country, ISO 3166-1 alpha-2, upper case."),
    ("country_name", "Country, its name in English."),
    ("external_id", "The shop's own customer number; unique."),
    ("click_id", "Click id as in the `fbclid` parameter of a landing page; case counts; unique."),
    ("ip", "Public IPv4 address of the person's country; unique."),
    ("ipv6", "Public IPv6 address of the person's country; unique."),
    ("password", "A password that common policies accept; unique."),
    ("card", "Card number that payment providers accept in test mode only."),
    ("card_expiry", "Expiry date that goes with it, MM/YY."),
    ("card_cvc", "Security code that goes with it."),
];

/// One test person, as plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persona {
    /// Name of the kind (`us_shopper` …).
    pub kind: String,
    /// Field name and value, in the order of the documentation.
    pub fields: Vec<(String, String)>,
}

impl Persona {
    /// The person of that kind that belongs to a seed; `None` for an unknown kind.
    ///
    /// The same seed always gives the same person. E-mail, external id, click id and
    /// password differ for any two seeds; every field called unique in [`FIELDS`]
    /// differs for seeds less than [`UNIQUE_WITHIN`] apart (German phone numbers:
    /// 5,000, since no more are set aside), so sessions of one run take
    /// consecutive seeds.
    pub fn new(kind: &str, seed: u64) -> Option<Persona> {
        KINDS.iter().find(|known| known.name == kind).map(|known| known.person(seed))
    }

    /// The value of a field (`email`, `phone` …).
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn field(persona: &Persona, name: &str) -> String {
        persona.field(name).expect("a known field").to_owned()
    }

    fn people(kind: &Kind, count: u64) -> impl Iterator<Item = Persona> + '_ {
        (0..count).map(|seed| kind.person(seed))
    }

    #[test]
    fn every_kind_fills_every_field_in_the_documented_order() {
        for kind in KINDS {
            for person in people(kind, 500) {
                let names: Vec<&str> =
                    person.fields.iter().map(|(name, _)| name.as_str()).collect();
                let documented: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
                assert_eq!(names, documented, "{}", kind.name);
                for (name, value) in &person.fields {
                    assert!(!value.trim().is_empty(), "{}: {name} is empty", kind.name);
                    assert_eq!(value.trim(), value, "{}: {name}", kind.name);
                }
            }
        }
    }

    #[test]
    fn the_same_seed_is_the_same_person_and_an_unknown_kind_is_nobody() {
        assert_eq!(Persona::new("us_shopper", 7), Persona::new("us_shopper", 7));
        assert_ne!(Persona::new("us_shopper", 7), Persona::new("us_shopper", 8));
        assert_ne!(Persona::new("us_shopper", 7), Persona::new("uk_shopper", 7));
        assert_eq!(Persona::new("mars_shopper", 7), None);
    }

    #[test]
    fn what_is_called_unique_is_unique_over_ten_thousand_neighbours() {
        // An arbitrary start and one across the end of the number range.
        for start in [0, 8_462_113_377, u64::MAX - 5_000] {
            for kind in KINDS {
                let mut seen: Vec<(String, HashSet<String>)> = Vec::new();
                for step in 0..UNIQUE_WITHIN {
                    let person = kind.person(start.wrapping_add(step));
                    let mut values: Vec<(String, String)> = [
                        "email",
                        "birth_date",
                        "external_id",
                        "click_id",
                        "ip",
                        "ipv6",
                        "password",
                    ]
                    .iter()
                    .map(|name| ((*name).to_owned(), field(&person, name)))
                    .collect();
                    let name =
                        format!("{} {}", field(&person, "first_name"), field(&person, "last_name"));
                    values.push(("name".to_owned(), name));
                    // The national range is smaller than the window; with the date
                    // of birth the person is still told apart.
                    if step < kind.phones {
                        values.push(("phone".to_owned(), field(&person, "phone")));
                    }
                    let at_home = field(&person, "phone") + &field(&person, "birth_date");
                    values.push(("phone and birth date".to_owned(), at_home));
                    for (name, value) in values {
                        let at = seen.iter().position(|(known, _)| *known == name);
                        let at = at.unwrap_or_else(|| {
                            seen.push((name.clone(), HashSet::new()));
                            seen.len() - 1
                        });
                        // Counting modulo the range is broken once, where the seeds wrap.
                        let wraps = start.checked_add(UNIQUE_WITHIN).is_none();
                        let fresh = seen[at].1.insert(value.clone());
                        let strict = ["email", "external_id", "click_id", "password"];
                        if !wraps || strict.contains(&name.as_str()) {
                            assert!(fresh, "{} {name} {value} at {step}", kind.name);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn people_of_different_kinds_never_share_an_identity() {
        let mut seen = HashSet::new();
        for kind in KINDS {
            for person in people(kind, 2_000) {
                for name in ["email", "phone", "external_id", "click_id", "ip", "ipv6"] {
                    assert!(seen.insert(field(&person, name)), "{} {name}", kind.name);
                }
            }
        }
    }

    #[test]
    fn phones_are_e164_within_the_ranges_set_aside_for_fiction() {
        let patterns = [
            ("us_shopper", r"^\+1[2-9]\d{2}55501\d{2}$", r"^\([2-9]\d{2}\) 555-01\d{2}$"),
            (
                "uk_shopper",
                r"^\+44(1(13|14|16|17|18|21|31|41|51|61)4960|2079460|1914980|2896496|2920180)\d{3}$",
                r"^0[\d ]+$",
            ),
            ("de_shopper", r"^\+49(3023125|4066969|6990009|2214710|8999998)\d{3}$", r"^0\d+ \d+$"),
        ];
        for (kind, international, national) in patterns {
            let international = regex::Regex::new(international).expect("a pattern");
            let national = regex::Regex::new(national).expect("a pattern");
            for seed in 0..3_000 {
                let person = Persona::new(kind, seed).expect("a kind");
                let (phone, home) = (field(&person, "phone"), field(&person, "phone_national"));
                assert!(international.is_match(&phone), "{kind} {phone}");
                assert!(national.is_match(&home), "{kind} {home}");
                let digits: String = home.chars().filter(char::is_ascii_digit).collect();
                assert!(phone.ends_with(digits.trim_start_matches('0')), "{phone} {home}");
            }
        }
    }

    #[test]
    fn addresses_are_public_and_no_tool_takes_them_for_documentation() {
        use std::net::{Ipv4Addr, Ipv6Addr};
        for kind in KINDS {
            for person in people(kind, 2_000) {
                let four: Ipv4Addr = field(&person, "ip").parse().expect("an IPv4 address");
                let reserved = four.is_private()
                    || four.is_loopback()
                    || four.is_link_local()
                    || four.is_documentation()
                    || four.is_multicast()
                    || four.is_broadcast()
                    || four.octets()[0] == 100
                    || four.octets()[0] >= 224;
                assert!(!reserved, "{four}");
                let six: Ipv6Addr = field(&person, "ipv6").parse().expect("an IPv6 address");
                let first = six.segments()[0];
                assert!((0x2000..0x4000).contains(&first), "{six}");
                assert!(!(first == 0x2001 && six.segments()[1] == 0x0db8), "{six}");
                assert_eq!(six.to_string(), field(&person, "ipv6"), "written canonically");
            }
        }
    }

    #[test]
    fn what_is_awkward_about_a_person_does_not_depend_on_the_seed() {
        let accent = |text: &str| !text.is_ascii();
        for seed in 0..3_000 {
            let us = Persona::new("us_shopper", seed).expect("a kind");
            assert!(field(&us, "last_name").contains('\''));
            assert!(field(&us, "zip").starts_with('0'));
            assert!(field(&us, "city").contains(' '));
            assert!(field(&us, "email").starts_with(|c: char| c.is_ascii_uppercase()));
            let uk = Persona::new("uk_shopper", seed).expect("a kind");
            assert!(accent(&field(&uk, "first_name")));
            assert!(field(&uk, "last_name").contains('-'));
            assert!(field(&uk, "zip").contains(' '));
            let de = Persona::new("de_shopper", seed).expect("a kind");
            assert!(accent(&field(&de, "first_name")) && accent(&field(&de, "last_name")));
            assert!(accent(&field(&de, "city")));
            assert!(field(&de, "zip").starts_with('0'));
            for person in [us, uk, de] {
                let email = field(&person, "email");
                let domain = email.split_once('@').expect("an address").1.to_owned();
                assert!(["example.com", "example.org", "example.net"].contains(&domain.as_str()));
                assert!(email.is_ascii());
            }
        }
    }

    #[test]
    fn click_ids_carry_both_cases_and_nothing_an_address_would_escape() {
        for kind in KINDS {
            for person in people(kind, 1_000) {
                let click = field(&person, "click_id");
                let safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                assert!(click.chars().all(safe) && click.starts_with("IwAR"), "{click}");
                assert!(click.chars().any(|c| c.is_ascii_lowercase()));
                assert_ne!(click, click.to_lowercase());
            }
        }
    }

    #[test]
    fn the_card_number_passes_the_check_digit() {
        let person = Persona::new("us_shopper", 1).expect("a kind");
        let sum: u32 = field(&person, "card")
            .chars()
            .rev()
            .enumerate()
            .map(|(at, c)| {
                let digit = c.to_digit(10).expect("a digit") << (at % 2);
                if digit > 9 { digit - 9 } else { digit }
            })
            .sum();
        assert_eq!(sum % 10, 0);
    }

    #[test]
    fn birth_dates_are_real_days_of_grown_people() {
        for kind in KINDS {
            for person in people(kind, 2_000) {
                let date: jiff::civil::Date = field(&person, "birth_date").parse().expect("a day");
                assert!((1955..=2005).contains(&date.year()));
            }
        }
    }
}
