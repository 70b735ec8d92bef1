//! ## What it checks
//! `country` is the digest of an ISO 3166-1 alpha-2 code in lower case. There are few,
//! so every other digest is recognised without knowing the person, and common wrong
//! forms are named: capitals, three letters, the full name, "uk". Where the test person's
//! data prove what happened, the finding on the digest says it instead.
//!
//! ## Why it matters
//! The country narrows down whom the platform looks for. In another form its digest
//! equals none, and the whole address loses its worth.
//!
//! ## How to fix
//! Send the two letters, lower-cased: `us`, `gb` (not `uk`), `de`. The pixel shortens
//! English names; the SDKs do not.
//!
//! ## Source
//! Meta, "Customer information parameters": two-letter codes in ISO 3166-1 alpha-2,
//! lower case.

use polars::prelude::*;

use super::{invalid, tell_invalid};
use crate::event::MatchKey;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "invalid-country",
    title: "a country that is no ISO code",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("invalid_country.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    invalid(tables, MatchKey::Country)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    tell_invalid(row, tables, "no ISO 3166-1 alpha-2 code", "send the two-letter code, lower-cased")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::meta::normalise::digest;
    use crate::rule::trial::{causes, server, with};

    #[test]
    fn codes_pass_and_other_forms_are_named() {
        let of = |text: &str| {
            let event = with(server("Lead", "1"), MatchKey::Country, &digest(text));
            causes("invalid-country", vec![event], vec![])
        };
        assert!(of("us").is_empty() && of("gb").is_empty());
        assert_eq!(of("US"), ["not lower-cased"]);
        assert_eq!(of("usa"), ["no ISO country code"]);
        assert_eq!(of("united kingdom"), ["full country name"]);
        assert_eq!(of("atlantis"), ["no known value"]);
    }
}
