//! Phone numbers as faults spell them.
//! Never whether a number can be dialled.

use super::{Draft, draft};
use crate::platform::meta::proof::slip::Slip;
use crate::platform::meta::proof::{Plain, right};

/// Country codes that shops put in front of every number.
const COUNTRY_CODES: &str = "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 54 55 \
    56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 98 212 213 216 234 254 351 352 353 354 \
    355 356 357 358 359 370 371 372 380 381 385 386 420 421 852 886 961 962 965 966 971 972 974";

pub(super) fn drafts(person: Plain<'_>) -> Vec<Draft> {
    let Some(full) = right::digits(person, "phone") else { return at_home(person) };
    let typed = person.get("phone").unwrap_or_default().trim();
    let mut found = vec![
        draft(format!("+{full}"), &[Slip::PlusKept]),
        draft(format!("00{full}"), &[Slip::ExitCodeKept]),
        draft(format!("011{full}"), &[Slip::ExitCodeKept]),
        draft(format!("+00{full}"), &[Slip::ExitCodeKept, Slip::PlusKept]),
        draft(format!("0{full}"), &[Slip::LeadingZero]),
        draft(format!("{full}.0"), &[Slip::NumberFormat]),
        draft(format!("%2b{full}"), &[Slip::UrlEncoded, Slip::PlusKept]),
        draft(format!("%2B{full}"), &[Slip::UrlEncoded, Slip::PlusKept]),
        draft(format!(" {full}"), &[Slip::PlusAsSpace]),
        draft(typed, form(typed)),
    ];
    let home = person.get("phone_national").unwrap_or_default().trim();
    let dialled: String = home.chars().filter(char::is_ascii_digit).collect();
    let bare = dialled.trim_start_matches('0').to_owned();
    if bare.is_empty() || !full.ends_with(&bare) || bare == full {
        return found;
    }
    let code = &full[..full.len() - bare.len()];
    found.push(draft(&bare, &[Slip::NoCountryCode]));
    found.push(draft(&dialled, &[Slip::NoCountryCode, Slip::LeadingZero]));
    let mut at_home = vec![Slip::NoCountryCode];
    at_home.extend(form(home));
    found.push(draft(home, &at_home));
    if let Some(without_zero) = home.strip_prefix('0') {
        found.push(draft(without_zero, &at_home));
    }
    found.push(draft(format!("+{bare}"), &[Slip::NoCountryCode, Slip::PlusKept]));
    found.push(draft(format!("{code}{dialled}"), &[Slip::TrunkZero]));
    found.push(draft(format!("+{code}{dialled}"), &[Slip::TrunkZero, Slip::PlusKept]));
    found.push(draft(format!("00{code}{dialled}"), &[Slip::TrunkZero, Slip::ExitCodeKept]));
    found.push(draft(format!("{code}{full}"), &[Slip::CountryCodeTwice]));
    found.push(draft(format!("+{code}{full}"), &[Slip::CountryCodeTwice, Slip::PlusKept]));
    // As people write a number for abroad, and what a helper leaves of it.
    let unzeroed = home.strip_prefix('0').unwrap_or(home);
    let bracketed = format!("(0){unzeroed}");
    for written in [unzeroed, home, bracketed.as_str()] {
        for gap in [" ", "-", "."] {
            let written = format!("{code}{gap}{written}");
            found.push(draft(&written, form(&written)));
            let mut plus = form(&written).to_vec();
            plus.insert(0, Slip::PlusKept);
            found.push(draft(format!("+{written}"), &plus));
            let unspaced = written.replace(' ', "");
            found.push(draft(&unspaced, form(&unspaced)));
        }
    }
    for other in COUNTRY_CODES.split_whitespace().filter(|other| *other != code) {
        found.push(draft(format!("{other}{bare}"), &[Slip::WrongCountryCode]));
        found.push(draft(format!("{other}{dialled}"), &[Slip::WrongCountryCode]));
        found.push(draft(format!("+{other}{bare}"), &[Slip::WrongCountryCode, Slip::PlusKept]));
    }
    found
}

/// A number of which only the form is known in which it is dialled at home: whatever is made
/// of it lacks the country's code.
fn at_home(person: Plain<'_>) -> Vec<Draft> {
    let Some(home) = person.get("phone_national").map(str::trim) else { return Vec::new() };
    let dialled: String = home.chars().filter(char::is_ascii_digit).collect();
    let mut written = vec![Slip::NoCountryCode];
    written.extend(form(home));
    vec![
        draft(dialled.trim_start_matches('0'), &[Slip::NoCountryCode]),
        draft(&dialled, &[Slip::NoCountryCode, Slip::LeadingZero]),
        draft(home, &written),
    ]
}

/// What is left in a number that is more than digits.
fn form(written: &str) -> &'static [Slip] {
    if written.contains(['(', ')', '-', '.', '/']) {
        &[Slip::PunctuationKept]
    } else if written.contains(' ') {
        &[Slip::SpacesKept]
    } else {
        &[Slip::PlusKept]
    }
}
