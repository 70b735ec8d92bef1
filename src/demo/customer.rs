//! The person behind an order: what was typed into the forms, and the match keys
//! that both channels make of it.
//!
//! The text handed to the pixel and the text that the server hashes are one and
//! the same, so that the two sides cannot drift apart.
//! Never what the events are.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::catalogue::COUNTRIES;
use crate::event::MatchKey;
use crate::platform::meta::normalise::{Implementation, digest, normalise};

/// Longest text a form field may hold, in characters.
const FIELD_LIMIT: usize = 120;

/// What somebody typed; empty where nothing was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Customer {
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) street: String,
    pub(super) city: String,
    pub(super) state: String,
    pub(super) zip: String,
    pub(super) country: String,
    pub(super) gender: String,
    pub(super) birth_date: String,
}

/// A form as it was posted.
pub(super) type Form = BTreeMap<String, String>;

impl Customer {
    /// Reads the checkout form; the error says per field what is missing.
    pub(super) fn read(form: &Form) -> Result<Customer, Vec<(&'static str, &'static str)>> {
        let mut wrong = Vec::new();
        let mut field = |name: &'static str, required: bool| {
            let text = form.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
            if text.chars().count() > FIELD_LIMIT {
                wrong.push((name, "is too long"));
            } else if required && text.is_empty() {
                wrong.push((name, "is needed"));
            }
            text
        };
        let customer = Customer {
            email: field("email", true),
            phone: field("phone", true),
            first_name: field("first_name", true),
            last_name: field("last_name", true),
            street: field("street", true),
            city: field("city", true),
            state: field("state", false),
            zip: field("zip", true),
            country: field("country", true).to_uppercase(),
            gender: field("gender", false),
            birth_date: field("birth_date", false),
        };
        if !customer.email.is_empty() && !is_email(&customer.email) {
            wrong.push(("email", "does not look like an e-mail address"));
        }
        if !customer.phone.is_empty() && customer.phone_digits().len() < 7 {
            wrong.push(("phone", "does not look like a telephone number"));
        }
        if !customer.country.is_empty() && customer.calling_code().is_none() {
            wrong.push(("country", "is not one we deliver to"));
        }
        if !customer.birth_date.is_empty() && customer.birth_parts().is_none() {
            wrong.push(("birth_date", "is written like 1990-12-31"));
        }
        if wrong.is_empty() { Ok(customer) } else { Err(wrong) }
    }

    /// The telephone number in international form, digits only: what people type
    /// nationally gets the calling code of their country.
    pub(super) fn phone_digits(&self) -> String {
        let digits: String = self.phone.chars().filter(char::is_ascii_digit).collect();
        if self.phone.starts_with('+') {
            // The trunk zero that people write in brackets is no part of the number.
            return self.phone.replace("(0)", "").chars().filter(char::is_ascii_digit).collect();
        }
        if let Some(international) = digits.strip_prefix("00") {
            return international.to_owned();
        }
        let Some((code, trunk)) = self.calling_code() else { return digits };
        // North American numbers are ten digits; a leading 1 is the country's code.
        let national = match digits.strip_prefix(trunk) {
            Some(rest) if trunk == "0" || rest.len() == 10 => rest,
            _ => &digits,
        };
        format!("{code}{national}")
    }

    /// The number without the code of its country.
    pub(super) fn national_digits(&self) -> String {
        let digits = self.phone_digits();
        let code = self.calling_code().map_or("", |(code, _)| code);
        digits.strip_prefix(code).unwrap_or(&digits).to_owned()
    }

    fn calling_code(&self) -> Option<(&'static str, &'static str)> {
        COUNTRIES
            .iter()
            .find(|(iso, ..)| *iso == self.country)
            .map(|(_, _, code, trunk)| (*code, *trunk))
    }

    fn birth_parts(&self) -> Option<(&str, &str, &str)> {
        let mut parts = self.birth_date.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let digits =
            |text: &str, length| text.len() == length && text.chars().all(|c| c.is_ascii_digit());
        (parts.next().is_none() && digits(year, 4) && digits(month, 2) && digits(day, 2))
            .then_some((year, month, day))
    }

    /// The match keys in plain text, as `fbq('init', …)` takes them.
    pub(super) fn matching(&self) -> Map<String, Value> {
        // Meta, customer information parameters: zip codes without spaces. The pixel
        // and the parameter builder keep inner spaces, so they go here, once for both.
        let zip: String = self.zip.chars().filter(|c| !c.is_whitespace()).collect();
        // With dashes the pixel takes a date for a telephone number as well (observed,
        // script 2.9.324); written with slashes it does not.
        let birth = self
            .birth_parts()
            .map(|(year, month, day)| format!("{month}/{day}/{year}"))
            .unwrap_or_default();
        let phone = if self.phone.is_empty() { String::new() } else { self.phone_digits() };
        let keys = [
            (MatchKey::Email, self.email.clone()),
            (MatchKey::Phone, phone),
            (MatchKey::FirstName, self.first_name.clone()),
            (MatchKey::LastName, self.last_name.clone()),
            (MatchKey::Gender, self.gender.clone()),
            (MatchKey::BirthDate, birth),
            (MatchKey::City, self.city.clone()),
            (MatchKey::State, self.state.clone()),
            (MatchKey::Zip, zip),
            (MatchKey::Country, self.country.to_lowercase()),
        ];
        keys.into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(key, text)| (key.name().to_owned(), Value::String(text)))
            .collect()
    }
}

/// The same match keys as the server sends them: normalised as Meta's parameter
/// builder does it, then hashed. What normalises to nothing is left out.
pub(super) fn digests(matching: &Map<String, Value>) -> Map<String, Value> {
    matching
        .iter()
        .filter_map(|(name, text)| {
            let key = MatchKey::from_name(name)?;
            let text = normalise(Implementation::ParameterBuilder, key, text.as_str()?)?;
            Some((name.clone(), json!([digest(&text)])))
        })
        .collect()
}

/// A plain look at an address: one `@` with something on both sides, a dot after it.
pub(super) fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && domain.contains('.')
            && !domain.contains('@')
            && !text.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(changes: &[(&str, &str)]) -> Form {
        let mut form: Form = [
            ("email", "Ada.Byron@Example.org"),
            ("phone", "+1 (202) 555-0147"),
            ("first_name", "Ada"),
            ("last_name", "O'Byron"),
            ("street", "1 Mill Lane"),
            ("city", "San Francisco"),
            ("state", "CA"),
            ("zip", "94105"),
            ("country", "us"),
            ("gender", "f"),
            ("birth_date", "1990-12-31"),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into();
        form.extend(changes.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
        form
    }

    #[track_caller]
    fn phone(phone: &str, country: &str) -> String {
        Customer::read(&form(&[("phone", phone), ("country", country)]))
            .expect("valid")
            .phone_digits()
    }

    #[test]
    fn national_numbers_get_the_code_of_their_country() {
        assert_eq!(phone("+1 (202) 555-0147", "US"), "12025550147");
        assert_eq!(phone("(202) 555-0147", "US"), "12025550147");
        assert_eq!(phone("1-202-555-0147", "US"), "12025550147");
        assert_eq!(phone("020 7946 0018", "GB"), "442079460018");
        assert_eq!(phone("+44 (0)20 7946 0018", "GB"), "442079460018");
        assert_eq!(phone("0049 30 23125 001", "DE"), "493023125001");
        assert_eq!(phone("030 23125 001", "DE"), "493023125001");
    }

    #[test]
    fn what_is_hashed_is_what_meta_documents() {
        let customer =
            Customer::read(&form(&[("zip", "SW1A 1AA"), ("country", "gb")])).expect("valid");
        let digests = digests(&customer.matching());
        for (key, text) in [
            ("em", "ada.byron@example.org"),
            ("ph", "12025550147"),
            ("fn", "ada"),
            ("ln", "obyron"),
            ("ge", "f"),
            ("db", "19901231"),
            ("ct", "sanfrancisco"),
            ("st", "ca"),
            ("zp", "sw1a1aa"),
            ("country", "gb"),
        ] {
            assert_eq!(digests[key], json!([digest(text)]), "{key}");
        }
    }

    #[test]
    fn a_form_is_refused_field_by_field() {
        let wrong = Customer::read(&form(&[
            ("email", "ada"),
            ("street", " "),
            ("country", "XX"),
            ("birth_date", "31.12.1990"),
        ]));
        let fields: Vec<&str> =
            wrong.expect_err("refused").into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["street", "email", "country", "birth_date"]);
    }

    #[test]
    fn keys_that_were_not_asked_for_are_absent() {
        let customer = Customer { email: "ada@example.org".into(), ..Customer::default() };
        let matching = customer.matching();
        assert_eq!(matching.keys().collect::<Vec<_>>(), ["em"]);
    }
}
