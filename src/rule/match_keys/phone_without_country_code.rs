//! ## What it checks
//! The digest of the phone number is of the number with its country code. With the test
//! person's number at hand this is proven; without one, the mask that newer pixel
//! scripts send beside the digest is counted, and up to nine digits are too few.
//!
//! ## Why it matters
//! Accounts hold numbers with their country code. Without it the digest is another one,
//! and the second-best key of all is lost without any error.
//!
//! ## How to fix
//! Put the country code in front before hashing, on both sides: from the country of the
//! address or with a phone library. The pixel does not add it for you; give it the whole
//! number too.
//!
//! ## Source
//! Meta, "Customer information parameters": always include the country code. Observed:
//! the pixel drops zeros in front and adds nothing.

use polars::prelude::*;

use super::shorten;
use crate::event::{Channel, Event, MatchKey};
use crate::finding::Severity;
use crate::join::Tables;
use crate::platform::meta::proof::{Mistake, Proof, Slip};
use crate::rule::suspects::{Suspect, event_of, frame, told};
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "phone-without-country-code",
    title: "the digest of a phone number without its country code",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("phone_without_country_code.rs"),
};

/// Numbers with country code have at least ten digits in all but the smallest countries
/// (ITU-T E.164 allows up to fifteen).
const FEWEST_DIGITS: usize = 10;

/// True where nothing but the country code (and the zero dialled instead of it) is wrong.
pub(super) fn is_country_code_only(mistake: &Mistake) -> bool {
    matches!(mistake.slips[..], [Slip::NoCountryCode] | [Slip::NoCountryCode, Slip::LeadingZero])
}

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    let suspects: Vec<Suspect> = told(tables)
        .filter(|(row, event)| match tables.proofs.of(*row, MatchKey::Phone) {
            Some(Proof::Mistake(mistake)) => is_country_code_only(mistake),
            Some(Proof::Unknown) => {
                !tables.proofs.knows(event.session, MatchKey::Phone)
                    && masked_short(event).is_some()
            }
            _ => false,
        })
        .map(|(row, _)| Suspect::event(row, MatchKey::Phone.name()))
        .collect();
    frame(tables, &suspects)
}

/// Digits of the number by the pixel's mask (`#` for each), where they are too few.
fn masked_short(event: &Event) -> Option<usize> {
    let mask = event.marks.get("ncud[ph]").or_else(|| event.marks.get("ncudff[ph]"))?;
    let digits = mask.chars().filter(|c| matches!(c, '#' | '9')).count();
    (mask.chars().count() == digits && (1..FEWEST_DIGITS).contains(&digits)).then_some(digits)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    let (at, event) = event_of(row, tables)?;
    let value = shorten(event.key(MatchKey::Phone)?);
    let message = match tables.proofs.of(at, MatchKey::Phone)? {
        Proof::Mistake(mistake) => format!(
            "ph of {} from the {} ({value}) is the digest of the test person's number without its country code{}",
            event.name(),
            event.channel,
            if mistake.slips.len() > 1 { ", with the zero in front" } else { "" },
        ),
        _ => format!(
            "ph of {} from the {} ({value}) is the digest of only {} digits",
            event.name(),
            event.channel,
            masked_short(event)?,
        ),
    };
    let fix = match event.channel {
        Channel::Browser => "give the pixel the number with its country code; it adds none",
        Channel::Server => "put the country code in front of the digits before hashing",
    };
    Some(Offence::new(message, fix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::meta::normalise::digest;
    use crate::rule::trial::{browser, causes, findings, of_server, server, visit, with};

    const ID: &str = "phone-without-country-code";

    #[test]
    fn the_home_form_is_found_and_worse_mistakes_are_left_to_others() {
        let phone =
            |text: &str| with(server("Purchase", "order-1"), MatchKey::Phone, &digest(text));
        assert_eq!(of_server(ID, phone("6505550112")).len(), 1);
        for other in ["16505550112", "+16505550112", "(650) 555-0112", "17005550112"] {
            assert!(of_server(ID, phone(other)).is_empty(), "{other}");
        }
    }

    #[test]
    fn without_a_person_the_pixels_mask_is_counted() {
        let masked = |mask: &str| {
            let mut event = with(browser("Lead", "1"), MatchKey::Phone, &digest("612345678"));
            event.marks.insert("ncud[ph]".into(), mask.into());
            let mut nobody = visit();
            nobody.persona.clear();
            causes(ID, vec![event], vec![nobody]).len()
        };
        assert_eq!(masked("#########"), 1);
        assert_eq!(masked("###########"), 0);
        assert_eq!(masked("********"), 0);
    }

    #[test]
    fn a_list_with_the_whole_number_in_it_is_fine() {
        let mut event = server("Purchase", "order-1");
        event.keys.insert(MatchKey::Phone, vec![digest("6505550112"), digest("16505550112")]);
        assert!(findings(ID, vec![event], vec![visit()]).is_empty());
    }
}
