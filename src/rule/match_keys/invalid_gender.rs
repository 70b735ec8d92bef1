//! ## What it checks
//! `ge` is the digest of `f` or of `m`. There are only these two, so the digest of
//! anything else is recognised as such without knowing the person. Where the test
//! person's data prove what happened, the finding on the digest says it instead.
//!
//! ## Why it matters
//! Any other text has another digest, and that matches nobody.
//!
//! ## How to fix
//! Send the initial, lower-cased. Meta's parameter builder and the Node SDK turn words
//! into initials; the pixel and the PHP and Python SDKs digest a word as it stands.
//!
//! ## Source
//! Meta, "Customer information parameters": f or m; the treatment of words was observed.

use polars::prelude::*;

use super::{invalid, tell_invalid};
use crate::event::MatchKey;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "invalid-gender",
    title: "a gender that is neither f nor m",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("invalid_gender.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    invalid(tables, MatchKey::Gender)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    tell_invalid(row, tables, "neither f nor m", "send the digest of f or m, lower-cased")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::meta::normalise::digest;
    use crate::rule::trial::{causes, of_server, server, with};

    #[test]
    fn words_and_other_texts_are_found_without_a_person() {
        let of = |text: &str| {
            let event = with(server("Lead", "1"), MatchKey::Gender, &digest(text));
            causes("invalid-gender", vec![event], vec![])
        };
        assert!(of("f").is_empty() && of("m").is_empty() && of("").is_empty());
        assert_eq!(of("female"), ["raw gender word"]);
        assert_eq!(of("F"), ["not lower-cased"]);
        assert_eq!(of("something"), ["no known value"]);
    }

    #[test]
    fn with_a_person_the_proof_speaks() {
        let of = |text: &str| {
            let event = with(server("Purchase", "order-1"), MatchKey::Gender, &digest(text));
            of_server("invalid-gender", event)
        };
        assert!(of("female").is_empty(), "digest-misnormalised says it");
        assert_eq!(of("male"), ["raw gender word"]);
    }
}
