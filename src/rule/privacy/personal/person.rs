//! What is known of the test person of a visit, and whether a text gives it away.
//!
//! As whole words, whatever the case and the signs between them, also inside Base64: a
//! slug, a sentence and a form field are all read alike. A name by itself counts only
//! where it can hardly be anything else.
//! Never the data themselves: nothing is handed on but the kind.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::{Kind, has_email};

/// Digits at the end of a person's number by which it is recognised, with or without the
/// country's code.
const TELLING_DIGITS: usize = 9;
/// Letters of the shortest last name that says who it is without a first name (assumed).
const TELLING_NAME: usize = 6;
/// Letters of the shortest first and last name together that are taken for a person.
const SHORTEST_FULL_NAME: usize = 5;
/// Characters of the shortest Base64 that is looked into: below it any word is one.
const SHORTEST_BASE64: usize = 12;
/// Last names of that length that are words, colours or places as well, so that by
/// themselves they prove nothing.
const WORDS_TOO: &str = "alexander anderson austin baker barber berlin bishop butler carpenter castle \
    cooper copper coffee cotton crystal dallas diamond district england english fisher forest french \
    garden gardener german golden hamilton houston hunter indigo jackson jordan knight lavender lincoln \
    london madison mercury miller monday morning murray orange oxford parker potter purple rivers \
    savage scarlet silver spring sterling stone street summer sunday turner violet walker washington \
    weaver wellington whisky winter yellow";
/// Parameters in which stands what a visitor looked for: any word may be there.
const SEARCHES: &[&str] =
    &["searchstring", "searchterm", "search", "query", "q", "s", "keyword", "keywords", "term"];

/// A test person's data as they are looked for.
#[derive(Debug, Default)]
pub(in crate::rule::privacy) struct Person {
    email: Option<String>,
    /// Ends of telephone numbers.
    phones: Vec<String>,
    /// Card numbers, digits only.
    cards: Vec<String>,
    /// Texts that count wherever they stand.
    secrets: Vec<(String, Kind)>,
    /// Words in their order, each list folded, with a space at both ends.
    phrases: Vec<(String, Kind)>,
}

impl Person {
    /// From the plain data by field.
    pub(in crate::rule::privacy) fn new(fields: &BTreeMap<String, String>) -> Person {
        let get = |name: &str| fields.get(name).map(|v| v.trim()).filter(|v| !v.is_empty());
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let tail = |phone: &str| {
            let own = digits(phone);
            own.len().checked_sub(TELLING_DIGITS).map(|from| own[from..].to_owned())
        };
        let mut person = Person {
            email: get("email").map(str::to_lowercase),
            phones: ["phone", "phone_national"]
                .into_iter()
                .filter_map(get)
                .filter_map(tail)
                .collect(),
            cards: get("card").map(digits).filter(|card| card.len() >= 12).into_iter().collect(),
            secrets: get("password")
                .filter(|password| password.chars().count() >= 8)
                .map(|password| (password.to_owned(), Kind::Password))
                .into_iter()
                .collect(),
            phrases: Vec::new(),
        };
        if let Some(street) = get("street") {
            let words = folded(street);
            // A street without its number is on many maps and in many names.
            if words.chars().any(char::is_numeric) && words.split_whitespace().count() >= 2 {
                person.phrases.push((words, Kind::Address));
            }
        }
        person.add_names(get("first_name"), get("last_name"), get("city"));
        if let Some(date) = get("birth_date") {
            person.add_date(date);
        }
        person
    }

    fn add_names(&mut self, first: Option<&str>, last: Option<&str>, city: Option<&str>) {
        let Some(last) = last.map(folded).filter(|last| !last.trim().is_empty()) else { return };
        if let Some(first) = first.map(folded).filter(|first| !first.trim().is_empty()) {
            let letters = (first.clone() + &last).chars().filter(|c| c.is_alphabetic()).count();
            if letters >= SHORTEST_FULL_NAME {
                for (one, other) in [(&first, &last), (&last, &first)] {
                    let both = format!(" {} {} ", one.trim(), other.trim());
                    let joined = format!(" {} ", both.replace(' ', ""));
                    self.phrases.push((both, Kind::Name));
                    self.phrases.push((joined, Kind::Name));
                }
            }
        }
        let letters = last.chars().filter(|c| c.is_alphabetic()).count();
        let common = WORDS_TOO.split_whitespace().any(|word| word == last.trim())
            || city.is_some_and(|city| folded(city).contains(&last));
        if letters >= TELLING_NAME && !common {
            self.phrases.push((last, Kind::Name));
        }
    }

    /// The date of birth with four digits for the year, in the usual orders.
    fn add_date(&mut self, date: &str) {
        let words = folded(date);
        let parts: Vec<&str> = words.split_whitespace().collect();
        let [year, month, day] = parts[..] else { return };
        if year.len() != 4 {
            return;
        }
        for order in [[year, month, day], [day, month, year], [month, day, year]] {
            for gap in [" ", ""] {
                self.phrases.push((format!(" {} ", order.join(gap)), Kind::BirthDate));
            }
        }
    }

    /// What a value under a name gives away of the person.
    pub(super) fn kinds(&self, name: &str, value: &str) -> BTreeSet<Kind> {
        let mut found = BTreeSet::new();
        self.look(value, &mut found);
        for inner in unpacked(value) {
            if has_email(&inner) {
                found.insert(Kind::Email);
            }
            self.look(&inner, &mut found);
        }
        let folded: String =
            name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        if SEARCHES.contains(&folded.as_str()) {
            found.retain(|kind| !matches!(kind, Kind::Name | Kind::Address));
        }
        found
    }

    fn look(&self, text: &str, found: &mut BTreeSet<Kind>) {
        let lower = text.to_lowercase();
        if self.email.as_deref().is_some_and(|email| lower.contains(email)) {
            found.insert(Kind::Email);
        }
        for (secret, kind) in &self.secrets {
            if text.contains(secret.as_str()) {
                found.insert(*kind);
            }
        }
        if !self.phones.is_empty() || !self.cards.is_empty() {
            for run in numbers(text) {
                if self.phones.iter().any(|tail| run.contains(tail.as_str())) {
                    found.insert(Kind::Phone);
                }
                if self.cards.contains(&run) {
                    found.insert(Kind::Card);
                }
            }
        }
        if !self.phrases.is_empty() {
            let words = folded(text);
            for (phrase, kind) in &self.phrases {
                if words.contains(phrase.as_str()) {
                    found.insert(*kind);
                }
            }
        }
    }
}

/// The words of a text in lower case with single spaces between and around them;
/// apostrophes belong to their word, everything else that is no letter or digit parts two.
fn folded(text: &str) -> String {
    let mut words = String::with_capacity(text.len() + 2);
    words.push(' ');
    for c in text.chars().filter(|c| !matches!(c, '\'' | '’' | '`')) {
        if c.is_alphanumeric() {
            words.extend(c.to_lowercase());
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    if !words.ends_with(' ') {
        words.push(' ');
    }
    words
}

/// The digits of everything in a text that is written like a number and stands by itself.
fn numbers(text: &str) -> Vec<String> {
    let sign = |c: char| c.is_ascii_digit() || " +-./()\u{a0}".contains(c);
    let mut found = Vec::new();
    let mut before = None;
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let ahead = &rest[..start];
        let open = ahead.chars().next_back().or(before).is_none_or(|c| !c.is_alphanumeric());
        let run = &rest[start..];
        if !open {
            let word = run.find(|c: char| !c.is_ascii_digit()).unwrap_or(run.len());
            before = run[..word].chars().next_back();
            rest = &run[word..];
            continue;
        }
        let end = run.find(|c| !sign(c)).unwrap_or(run.len());
        let number = run[..end].trim_end_matches(|c: char| !c.is_ascii_digit());
        let after = run[number.len()..].chars().next();
        if after.is_none_or(|c| !c.is_alphanumeric()) {
            found.push(number.chars().filter(char::is_ascii_digit).collect());
        }
        before = number.chars().next_back();
        rest = &run[number.len()..];
    }
    found
}

/// Texts that stand in a text as Base64.
fn unpacked(text: &str) -> Vec<String> {
    let of_alphabet = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
    // A form decoder turns the plus sign of the alphabet into a space.
    text.split(|c: char| !of_alphabet(c) && c != ' ')
        .filter(|token| token.len() >= SHORTEST_BASE64)
        .flat_map(|token| {
            // Without a space the parts are the whole.
            let parts = token.split(' ').filter(|part| part.len() < token.len());
            let parts = parts.filter(|part| part.len() >= SHORTEST_BASE64).map(str::to_owned);
            [token.replace(' ', "+")].into_iter().chain(parts)
        })
        .filter_map(|token| {
            let bytes =
                STANDARD_NO_PAD.decode(&token).or_else(|_| URL_SAFE_NO_PAD.decode(&token)).ok()?;
            String::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(fields: &[(&str, &str)]) -> Person {
        Person::new(&fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn mary() -> Person {
        person(&[
            ("email", "mary@shop"),
            ("phone", "+16505551212"),
            ("first_name", "Mary"),
            ("last_name", "Smithson"),
            ("street", "12 Elm Street"),
            ("birth_date", "1997-02-16"),
            ("city", "New Haven"),
            ("password", "Kx7!abcdef"),
            ("card", "4242424242424242"),
        ])
    }

    #[test]
    fn what_the_person_typed_is_known_in_every_dress() {
        let mary = mary();
        for (value, kind) in [
            ("Smithson", Kind::Name),
            ("mary smithson", Kind::Name),
            ("SMITHSON, Mary", Kind::Name),
            ("for mary-smithson/orders", Kind::Name),
            ("marysmithson", Kind::Name),
            ("12 Elm Street", Kind::Address),
            ("to 12, ELM  STREET; New Haven", Kind::Address),
            ("call +16505551212 please", Kind::Phone),
            ("tel:(650) 555-1212", Kind::Phone),
            ("ord-6505551212", Kind::Phone),
            ("bWFyeUBleGFtcGxlLmNvbQ==", Kind::Email),
            ("u=bWFyeUBzaG9w&", Kind::Email),
            ("MTIgRWxtIFN0cmVldA==", Kind::Address),
            ("born 16.02.1997", Kind::BirthDate),
            ("19970216", Kind::BirthDate),
            ("4242 4242 4242 4242", Kind::Card),
            ("Kx7!abcdef", Kind::Password),
        ] {
            assert_eq!(mary.kinds("x", value), BTreeSet::from([kind]), "{value}");
        }
        let both = mary.kinds("note", "Mary Smithson, 12 Elm Street");
        assert_eq!(both, BTreeSet::from([Kind::Name, Kind::Address]));
    }

    #[test]
    fn names_that_are_words_or_places_prove_nothing_by_themselves() {
        let mary = mary();
        for value in
            ["Mary", "Blacksmithsons", "New Haven mug", "Elm Street", "1997", "02/1997", "12"]
        {
            assert_eq!(mary.kinds("x", value), BTreeSet::new(), "{value}");
        }
        for last in ["London", "Silver", "Brown", "Fox"] {
            let someone = person(&[("first_name", "Rose"), ("last_name", last)]);
            assert!(someone.kinds("x", &format!("{last} mug")).is_empty(), "{last}");
            assert!(!someone.kinds("x", &format!("Rose {last}")).is_empty(), "{last}");
        }
        let namesake = person(&[("last_name", "Winchester"), ("city", "Winchester")]);
        assert!(namesake.kinds("x", "Winchester candle").is_empty());
        assert!(Person::default().kinds("x", "anything at all 16505551212").is_empty());
    }

    #[test]
    fn what_a_visitor_looks_for_is_no_name_of_theirs() {
        let mary = mary();
        assert!(mary.kinds("search_string", "smithson kettle").is_empty());
        assert!(mary.kinds("q", "mary smithson").is_empty());
        assert_eq!(mary.kinds("q", "mary@shop"), BTreeSet::from([Kind::Email]));
    }

    #[test]
    fn numbers_that_belong_to_a_longer_word_are_none() {
        assert_eq!(numbers("a1 22-33 x44 5"), ["2233", "5"]);
        assert_eq!(numbers("+1 (650) 5"), ["16505"]);
        assert_eq!(numbers("ord-6505551212x"), Vec::<String>::new());
    }
}
