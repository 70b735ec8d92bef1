//! Names, places and genders as faults spell them.
//! Never a language's grammar; only what programs do to text.

use super::{Draft, draft, encoded};
use crate::platform::meta::proof::slip::Slip;
use crate::platform::meta::proof::{Plain, letters, right};

/// Words for the two genders in forms of the larger shop languages.
const FEMALE: &str = "female Female FEMALE F woman Woman girl lady Lady w W weiblich Weiblich frau Frau \
    mrs Mrs mrs. Mrs. ms Ms ms. Ms. miss Miss femme Femme mujer Mujer femenino Femenino femminile she her";
const MALE: &str = "male Male MALE M man Man boy gentleman männlich Männlich herr Herr mr Mr mr. Mr. \
    homme Homme hombre Hombre masculino Masculino maschile he him";
/// ISO 3166-1 alpha-3 codes of countries with many shops.
const ALPHA3: &str = "us usa gb gbr de deu fr fra es esp it ita nl nld be bel at aut ch che ca can au aus \
    nz nzl ie irl dk dnk se swe no nor fi fin pl pol pt prt cz cze br bra mx mex ar arg in ind jp jpn";
/// What else stands for a country where its code belongs.
const NICKNAMES: &str =
    "gb uk us u.s. us america gb england gb en de ger de germany us 1 gb 44 de 49 fr 33";

/// Names with spaces or accents of countries with many shops.
const COMMON_NAMES: &[&str] = &[
    "United States",
    "United States of America",
    "United Kingdom",
    "Great Britain",
    "Germany",
    "Deutschland",
    "France",
    "Spain",
    "España",
    "Italy",
    "Italia",
    "Netherlands",
    "Nederland",
    "Belgium",
    "Austria",
    "Österreich",
    "Switzerland",
    "Schweiz",
    "Canada",
    "Australia",
    "New Zealand",
    "Ireland",
    "Denmark",
    "Sweden",
    "Norway",
    "Finland",
    "Poland",
    "Portugal",
    "Czech Republic",
    "Brazil",
    "Brasil",
    "Mexico",
    "México",
    "Argentina",
    "India",
    "Japan",
    "South Africa",
    "United Arab Emirates",
    "South Korea",
];

/// Names that are not English, or not official, with their country's code.
const OWN_NAMES: &[(&str, &str)] = &[
    ("Great Britain", "gb"),
    ("Deutschland", "de"),
    ("España", "es"),
    ("Italia", "it"),
    ("Nederland", "nl"),
    ("Österreich", "at"),
    ("Schweiz", "ch"),
    ("Brasil", "br"),
    ("México", "mx"),
];

pub(super) fn name(person: Plain<'_>, field: &str, other: &str) -> Vec<Draft> {
    let Some(raw) = person.get(field).map(str::trim) else { return Vec::new() };
    let mut found = text(raw, &[]);
    if let Some(other) = person.get(other).map(str::trim) {
        let (first, last) = if field == "first_name" { (raw, other) } else { (other, raw) };
        for gap in [" ", "", "  "] {
            for (left, right) in [(first, last), (last, first)] {
                let full = format!("{left}{gap}{right}");
                found.push(draft(full.to_lowercase(), &[Slip::FullName]));
                found.push(draft(bare(&full), &[Slip::FullName]));
                found.push(draft(&full, &[Slip::FullName, Slip::NotLowerCased]));
            }
        }
        found.push(draft(format!("{last}, {first}").to_lowercase(), &[Slip::FullName]));
    }
    if let Some(initial) = raw.chars().next() {
        found.push(draft(initial.to_lowercase().to_string(), &[Slip::InitialOnly]));
        found.push(draft(initial.to_string(), &[Slip::InitialOnly, Slip::NotLowerCased]));
    }
    found.extend(first_word(raw));
    found
}

pub(super) fn city(person: Plain<'_>) -> Vec<Draft> {
    let Some(raw) = person.get("city").map(str::trim) else { return Vec::new() };
    let lower = raw.to_lowercase();
    let spaced: &[Slip] = if raw.contains(' ') { &[Slip::SpacesKept] } else { &[] };
    let mut found = vec![
        draft(&lower, if spaced.is_empty() { &[Slip::PunctuationKept] } else { spaced }),
        draft(raw.replace(' ', ""), &[Slip::NotLowerCased]),
    ];
    for gap in ["-", "_", "+", "%20"] {
        if raw.contains(' ') {
            found.push(draft(lower.replace(' ', gap), &[Slip::SpacesReplaced]));
        }
    }
    // Punctuation dropped or parted at, and the spaces left (`st louis`).
    for gap in ["", " "] {
        let words = parted(raw, gap);
        if words.contains(' ') {
            found.push(draft(words.to_lowercase(), &[Slip::SpacesKept]));
            found.push(draft(&words, &[Slip::SpacesKept, Slip::NotLowerCased]));
        }
    }
    found.extend(text(&raw.replace(' ', ""), &[]));
    found.extend(text(raw, spaced));
    found.extend(first_word(raw));
    found
}

/// A text with another thing in the place of its punctuation, and single spaces.
fn parted(text: &str, gap: &str) -> String {
    let swapped: String = text
        .chars()
        .map(|c| if c.is_ascii_punctuation() { gap.to_owned() } else { c.to_string() })
        .collect();
    swapped.split_whitespace().collect::<Vec<&str>>().join(" ")
}

pub(super) fn gender(person: Plain<'_>) -> Vec<Draft> {
    let Some(gender) = person.get("gender").map(str::trim) else { return Vec::new() };
    let words = match gender.to_lowercase().chars().next() {
        Some('f') => FEMALE,
        Some('m') => MALE,
        _ => return Vec::new(),
    };
    words
        .split_whitespace()
        .map(|word| {
            let capital = word.len() == 1 && word.to_lowercase() == gender.to_lowercase();
            draft(word, &[if capital { Slip::NotLowerCased } else { Slip::GenderWord }])
        })
        .collect()
}

pub(super) fn state(person: Plain<'_>) -> Vec<Draft> {
    let mut found = Vec::new();
    if let Some(code) = person.get("state").map(str::trim) {
        found.extend(text(code, &[]));
        if let Some(country) = person.get("country").map(str::trim) {
            for joined in [format!("{country}-{code}"), format!("{country}{code}")] {
                found.push(draft(
                    joined.to_lowercase(),
                    &[Slip::ValueOf(crate::event::MatchKey::Country)],
                ));
                found.push(draft(joined, &[Slip::NotLowerCased]));
            }
        }
    }
    if let Some(name) = person.get("state_name").map(str::trim) {
        let full: &[Slip] =
            if right::has_state_codes(person) { &[Slip::FullStateName] } else { &[] };
        let lower = name.to_lowercase();
        if !full.is_empty() {
            found.push(draft(lower.replace(' ', ""), full));
            found.push(draft(&lower, full));
            found.push(draft(bare(name), full));
        } else if name.contains(' ') {
            found.push(draft(&lower, &[Slip::SpacesKept]));
        }
        found.extend(text(&name.replace(' ', ""), full));
        found.extend(text(name, full));
    }
    found
}

pub(super) fn country(person: Plain<'_>) -> Vec<Draft> {
    let mut found = Vec::new();
    let Some(code) = person.get("country").map(|code| code.trim().to_lowercase()) else {
        return found;
    };
    found.push(draft(code.to_uppercase(), &[Slip::NotLowerCased]));
    for list in [ALPHA3, NICKNAMES] {
        let words: Vec<&str> = list.split_whitespace().collect();
        for pair in words.chunks_exact(2).filter(|pair| pair[0] == code) {
            found.push(draft(pair[1], &[Slip::CountryCodeForm]));
            found
                .push(draft(pair[1].to_uppercase(), &[Slip::CountryCodeForm, Slip::NotLowerCased]));
        }
    }
    if let Some(name) = person.get("country_name").map(str::trim) {
        found.push(draft(name.to_lowercase(), &[Slip::FullCountryName]));
        found.push(draft(bare(name), &[Slip::FullCountryName]));
        found.extend(text(name, &[Slip::FullCountryName]));
    }
    found
}

/// The ISO code of a country that is written as people and programs write it.
pub(in crate::platform::meta::proof) fn country_of(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    [ALPHA3, NICKNAMES]
        .into_iter()
        .find_map(|list| {
            let words: Vec<&'static str> = list.split_whitespace().collect();
            words.chunks_exact(2).find(|pair| pair[1] == lower).map(|pair| pair[0])
        })
        .or_else(|| {
            OWN_NAMES.iter().find(|(name, _)| name.to_lowercase() == lower).map(|(_, code)| *code)
        })
}

/// The name in English of a country with many shops, by its ISO code.
pub(in crate::platform::meta::proof) fn common_name(code: &str) -> Option<&'static str> {
    let bare = |name: &str| bare(name);
    COMMON_NAMES.iter().copied().find(|name| {
        crate::platform::meta::normalise::countries()
            .any(|(known, of)| of == code && known == bare(name))
    })
}

/// Forms in which countries stand where a code belongs, with what is wrong about each.
pub(in crate::platform::meta::proof) fn country_forms() -> Vec<(String, Slip)> {
    let mut found = Vec::new();
    for list in [ALPHA3, NICKNAMES] {
        for word in list.split_whitespace().skip(1).step_by(2) {
            found.push((word.to_owned(), Slip::CountryCodeForm));
            found.push((word.to_uppercase(), Slip::CountryCodeForm));
        }
    }
    for name in COMMON_NAMES {
        found.push((name.to_lowercase(), Slip::FullCountryName));
        found.push(((*name).to_owned(), Slip::FullCountryName));
    }
    found
}

pub(super) fn zip(person: Plain<'_>) -> Vec<Draft> {
    let Some(raw) = person.get("zip").map(str::trim) else { return Vec::new() };
    let lower = raw.to_lowercase();
    let mut found = vec![
        draft(raw, &[Slip::NotLowerCased]),
        draft(raw.replace(' ', ""), &[Slip::NotLowerCased]),
        draft(lower.replace(' ', "-"), &[Slip::SpacesReplaced]),
        draft(lower.trim_start_matches('0'), &[Slip::LeadingZeroLost]),
        draft(format!("{}.0", lower.trim_start_matches('0')), &[Slip::NumberFormat]),
    ];
    if let Some(country) = person.get("country").map(|code| code.trim().to_lowercase()) {
        let initial = country.chars().next().unwrap_or_default();
        found.push(draft(format!("{country}-{lower}"), &[Slip::ZipForm]));
        found.push(draft(format!("{initial}-{lower}"), &[Slip::ZipForm]));
    }
    found.extend(lower.split_once(' ').map(|(outward, _)| draft(outward, &[Slip::ZipForm])));
    found.extend(encoded(&lower, &[]));
    found
}

/// A text with a capital left, with its accents damaged, or as it travels.
fn text(raw: &str, slips: &[Slip]) -> Vec<Draft> {
    let lower = raw.to_lowercase();
    let with = |more: Slip| -> Vec<Slip> { slips.iter().copied().chain([more]).collect() };
    let mut found = vec![
        draft(raw, &with(Slip::NotLowerCased)),
        draft(raw.to_uppercase(), &with(Slip::NotLowerCased)),
        draft(capitalised(&lower), &with(Slip::NotLowerCased)),
    ];
    let mut bases = vec![lower.clone(), bare(&lower)];
    bases.dedup();
    for base in bases {
        for (bytes, slip) in letters::damaged(&base) {
            found.push((bytes, with(slip)));
        }
    }
    for (bytes, slip) in letters::damaged(raw) {
        let mut both = with(slip);
        both.push(Slip::NotLowerCased);
        found.push((bytes, both));
    }
    found.extend(encoded(&lower, slips));
    found.extend(encoded(raw, &with(Slip::NotLowerCased)));
    found
}

/// Lower case, without white space and ASCII punctuation.
fn bare(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_ascii_punctuation())
        .collect()
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

fn first_word(raw: &str) -> Vec<Draft> {
    let word = |separator: char| {
        raw.split_once(separator)
            .map(|(word, _)| draft(word.to_lowercase(), &[Slip::FirstWordOnly]))
    };
    [word(' '), word('-')].into_iter().flatten().collect()
}
