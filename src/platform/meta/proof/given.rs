//! A person made of one plain value, for questions from outside of any scenario: what the
//! value says beside itself (a number its country, the name of a state its code).
//!
//! Never a guess: what could be two things stays as it was written.

mod dialling;

use std::collections::BTreeMap;

use super::super::normalise::{Implementation, STATES, countries, normalise};
use super::wrong::{common_name, country_of};
use crate::event::MatchKey;

/// What is known of a person through one value of this key, by the names of a persona's
/// fields. `country` is an ISO code in lower case.
pub fn person_of(key: MatchKey, value: &str, country: Option<&str>) -> BTreeMap<String, String> {
    let mut person = BTreeMap::new();
    let mut put = |field: &str, value: &str| {
        person.insert(field.to_owned(), value.to_owned());
    };
    if let Some(country) = country {
        put("country", country);
    }
    match key {
        MatchKey::Phone => {
            for (field, value) in phone(value, country) {
                put(field, &value);
            }
        }
        MatchKey::BirthDate => {
            // Written in any order; the parameter builder's reading is Meta's own.
            let read = normalise(Implementation::ParameterBuilder, key, value)
                .filter(|date| date.len() == 8 && date.is_ascii());
            match read {
                Some(date) => {
                    put("birth_date", &format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]));
                }
                None => put("birth_date", value),
            }
        }
        MatchKey::Gender => {
            let letter = normalise(Implementation::ParameterBuilder, key, value);
            put("gender", letter.as_deref().unwrap_or(value));
        }
        MatchKey::Country => match country_code(value) {
            Some(code) => {
                let is_code = value.trim().len() == 2;
                let name = if is_code { common_name(code).unwrap_or_default() } else { value };
                put("country", code);
                put("country_name", name);
            }
            None => put("country", value),
        },
        MatchKey::State => {
            let letters = collapsed(value);
            let named = states().find(|(name, _)| *name == letters);
            let coded = states()
                .find(|(_, code)| *code == letters)
                .filter(|_| matches!(country, None | Some("us" | "ca")));
            match (named, coded) {
                (Some((name, code)), _) => {
                    put("state", code);
                    put("state_name", value);
                    put("country", country.unwrap_or(country_of_state(name)));
                }
                (None, Some((name, _))) => {
                    put("state", value);
                    put("state_name", name);
                    put("country", country.unwrap_or(country_of_state(name)));
                }
                (None, None) => put("state", value),
            }
        }
        MatchKey::Email => put("email", value),
        MatchKey::FirstName => put("first_name", value),
        MatchKey::LastName => put("last_name", value),
        MatchKey::City => put("city", value),
        MatchKey::Zip => put("zip", value),
        other => put(other.name(), value),
    }
    person
}

/// The ISO code, in lower case, of a country that is written as a code, as one of the codes
/// and names that stand for it, or in English.
pub fn country_code(text: &str) -> Option<&'static str> {
    let letters = collapsed(text);
    countries()
        .find(|(_, code)| *code == letters)
        .or_else(|| countries().find(|(name, _)| *name == letters))
        .map(|(_, code)| code)
        .or_else(|| country_of(text.trim()))
}

/// The code of a country in [ISO 3166-1] that is nearest to a word that is none.
pub fn nearest_country(text: &str) -> Option<&'static str> {
    let letters = collapsed(text);
    if letters.len() <= 3 {
        let near = |code: &&str| strsim::damerau_levenshtein(code, &letters);
        return countries().map(|(_, code)| code).min_by_key(near).filter(|code| near(code) <= 2);
    }
    let near = |name: &str| strsim::damerau_levenshtein(name, &letters);
    countries()
        .min_by_key(|(name, _)| near(name))
        .filter(|(name, _)| near(name) * 3 <= letters.len())
        .map(|(_, code)| code)
}

/// Both forms of a phone number, as far as they can be told. Without its country a number
/// as it is dialled at home has only that form.
fn phone(value: &str, country: Option<&str>) -> Vec<(&'static str, String)> {
    let typed = value.trim();
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let abroad = typed.strip_prefix('+').or_else(|| typed.strip_prefix("00"));
    if let Some(rest) = abroad {
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        let mut found = vec![("phone", typed.to_owned())];
        if let Some(code) = dialling::code_in(&digits) {
            found.push(("phone_national", at_home(rest, code)));
        }
        return found;
    }
    let Some(code) = country.and_then(dialling::code_of) else {
        let field = if digits.starts_with('0') { "phone_national" } else { "phone" };
        return vec![(field, typed.to_owned())];
    };
    let behind = dialling::behind(&digits, code);
    let has_code = !digits.starts_with('0') && digits.len() == behind.len() + code.len();
    let national = if has_code { at_home(typed, code) } else { typed.to_owned() };
    vec![("phone", format!("+{code}{behind}")), ("phone_national", national)]
}

/// A number as it is dialled at home, out of one with its calling code in front.
fn at_home(typed: &str, code: &str) -> String {
    let mut left = code.len();
    let rest = typed.trim_start_matches(|c: char| {
        let dropped = left > 0;
        if c.is_ascii_digit() && dropped {
            left -= 1;
        }
        dropped
    });
    let rest = rest.trim_start_matches([' ', '-', '.', '/']).trim();
    if code == "1" || rest.starts_with('0') || rest.starts_with("(0") {
        return rest.to_owned();
    }
    format!("0{rest}")
}

fn collapsed(text: &str) -> String {
    text.to_lowercase().chars().filter(char::is_ascii_lowercase).collect()
}

fn states() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut words = STATES.split_whitespace();
    std::iter::from_fn(move || Some((words.next()?, words.next()?)))
}

/// The list begins with the provinces of Canada.
fn country_of_state(name: &str) -> &'static str {
    let province = states()
        .take_while(|(province, _)| *province != "alabama")
        .any(|(province, _)| province == name);
    if province { "ca" } else { "us" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(key: MatchKey, value: &str, country: Option<&str>, field: &str) -> String {
        person_of(key, value, country).remove(field).unwrap_or_default()
    }

    #[test]
    fn a_number_tells_its_country_or_is_told_it() {
        for (value, country, phone, national) in [
            ("+1 (650) 555-1212", None, "+1 (650) 555-1212", "(650) 555-1212"),
            ("+44 20 7183 8750", None, "+44 20 7183 8750", "020 7183 8750"),
            ("020 7183 8750", Some("gb"), "+442071838750", "020 7183 8750"),
            ("020 7183 8750", None, "", "020 7183 8750"),
            ("1 650 555 1212", Some("us"), "+16505551212", "650 555 1212"),
            ("(650) 555-1212", Some("us"), "+16505551212", "(650) 555-1212"),
            ("442071838750", Some("gb"), "+442071838750", "02071838750"),
            ("442071838750", None, "442071838750", ""),
        ] {
            assert_eq!(get(MatchKey::Phone, value, country, "phone"), phone, "{value}");
            assert_eq!(get(MatchKey::Phone, value, country, "phone_national"), national, "{value}");
        }
    }

    #[test]
    fn dates_places_and_genders_are_read_however_they_are_written() {
        assert_eq!(get(MatchKey::BirthDate, "2/16/1997", None, "birth_date"), "1997-02-16");
        assert_eq!(get(MatchKey::BirthDate, "soon", None, "birth_date"), "soon");
        assert_eq!(get(MatchKey::Gender, "woman", None, "gender"), "f");
        for text in ["United Kingdom", "UK", "gbr", "GB", "Great Britain"] {
            assert_eq!(get(MatchKey::Country, text, None, "country"), "gb", "{text}");
        }
        assert_eq!(get(MatchKey::Country, "GB", None, "country_name"), "United Kingdom");
        assert_eq!(get(MatchKey::State, "California", None, "state"), "ca");
        assert_eq!(get(MatchKey::State, "ON", None, "country"), "ca");
        assert_eq!(get(MatchKey::State, "Bayern", Some("de"), "state"), "Bayern");
        assert_eq!(country_code("ZZZ"), None);
        assert_eq!(nearest_country("Germny"), Some("de"));
        assert!(nearest_country("ZZZ").is_some());
    }
}
