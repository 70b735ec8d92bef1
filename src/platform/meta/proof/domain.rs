//! Keys with so few possible values that a digest tells its value, person or not:
//! gender, country and birth date.
//! Never says the value itself, only what form it has.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use sha2::{Digest as _, Sha256};

use super::slip::Slip;
use super::wrong;
use crate::event::MatchKey;
use crate::platform::meta::normalise::countries;
use crate::platform::meta::people::without_appendix;

/// First and last believed birth date: Meta, "Customer information parameters", from 1900;
/// the end is open so that a verdict never depends on the clock.
const DATES: (Date, Date) = (date(1900, 1, 1), date(2099, 12, 31));
/// Birth years of people who shop; only for them wrong forms are tried.
const LIKELY_YEARS: std::ops::RangeInclusive<i16> = 1935..=2015;
/// Words for genders whose digests are worth knowing without a person.
const GENDERS: &str = "female male Female Male FEMALE MALE F M woman man Woman Man w W d x X \
    weiblich männlich divers mr mrs ms other Other diverse nonbinary non-binary u U 1 2";

/// What the digest of a key with few values can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// One of the values that Meta knows.
    Valid,
    /// One of its values in a wrong form.
    Misformed(Vec<Slip>),
    /// None of its values in any form that is known.
    Invalid,
}

/// A SHA-256 as bytes: the sets below are large.
type Sum = [u8; 32];

/// What the SHA-256 stands for; `None` for keys with too many values to say, and for
/// values that are no SHA-256.
pub fn meaning(key: MatchKey, value: &str) -> Option<Meaning> {
    let sum = bytes(without_appendix(key, value.trim()))?;
    let (valid, wrong) = match key {
        MatchKey::Gender => (GENDER_VALID.contains(&sum), GENDER_WRONG.get(&sum)),
        MatchKey::Country => (COUNTRY_VALID.contains(&sum), COUNTRY_WRONG.get(&sum)),
        MatchKey::BirthDate => {
            let valid = DATE_VALID.contains(&sum);
            // The wrong forms are many; they are only made once something is wrong.
            (valid, if valid { None } else { DATE_WRONG.get(&sum) })
        }
        _ => return None,
    };
    Some(match wrong {
        _ if valid => Meaning::Valid,
        Some(slips) => Meaning::Misformed(slips.clone()),
        None => Meaning::Invalid,
    })
}

fn sum(text: impl AsRef<[u8]>) -> Sum {
    Sha256::digest(text.as_ref()).into()
}

/// The bytes of 64 hex digits.
fn bytes(hex: &str) -> Option<Sum> {
    if hex.len() != 64 || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut found = [0; 32];
    for (place, byte) in found.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[place * 2..place * 2 + 2], 16).ok()?;
    }
    Some(found)
}

static GENDER_VALID: LazyLock<HashSet<Sum>> = LazyLock::new(|| ["f", "m"].map(sum).into());

static GENDER_WRONG: LazyLock<HashMap<Sum, Vec<Slip>>> = LazyLock::new(|| {
    GENDERS
        .split_whitespace()
        .map(|word| {
            let slip =
                if matches!(word, "F" | "M") { Slip::NotLowerCased } else { Slip::GenderWord };
            (sum(word), vec![slip])
        })
        .collect()
});

static COUNTRY_VALID: LazyLock<HashSet<Sum>> =
    LazyLock::new(|| countries().map(|(_, code)| sum(code)).collect());

static COUNTRY_WRONG: LazyLock<HashMap<Sum, Vec<Slip>>> = LazyLock::new(|| {
    let mut found = HashMap::new();
    for (name, code) in countries() {
        found.insert(sum(code.to_uppercase()), vec![Slip::NotLowerCased]);
        if name.len() > 3 {
            found.insert(sum(name), vec![Slip::FullCountryName]);
        }
    }
    for (text, slip) in wrong::country_forms() {
        found.entry(sum(text)).or_insert_with(|| vec![slip]);
    }
    found
});

static DATE_VALID: LazyLock<HashSet<Sum>> = LazyLock::new(|| {
    days().map(|day| sum(format!("{:04}{:02}{:02}", day.year(), day.month(), day.day()))).collect()
});

static DATE_WRONG: LazyLock<HashMap<Sum, Vec<Slip>>> = LazyLock::new(|| {
    let mut found = HashMap::new();
    for day in days().filter(|day| LIKELY_YEARS.contains(&day.year())) {
        for (bytes, slips) in wrong::common_dates(day) {
            found.entry(sum(bytes)).or_insert(slips);
        }
    }
    found
});

fn days() -> impl Iterator<Item = Date> {
    DATES.0.series(1.day()).take_while(|day| *day <= DATES.1)
}
