//! ## What it checks
//! `db` is the digest of a date from 1900 on as YYYYMMDD. There are few enough days to
//! try them all, so every other digest is recognised without knowing the person, and
//! common wrong forms are named: with hyphens, day or month first. Where the test
//! person's data prove what happened, the finding on the digest says it instead.
//!
//! ## Why it matters
//! A date in another form has another digest, and that matches nobody.
//!
//! ## How to fix
//! Write eight digits, year first. The pixel and Meta's parameter builder read most
//! forms; the SDKs digest a date as it stands.
//!
//! ## Source
//! Meta, "Customer information parameters": YYYYMMDD; the treatment of other forms was
//! observed.

use polars::prelude::*;

use super::{invalid, tell_invalid};
use crate::event::MatchKey;
use crate::finding::Severity;
use crate::join::Tables;
use crate::rule::{Check, Offence, Row, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "invalid-birth-date",
    title: "a birth date that is no YYYYMMDD",
    severity: Severity::Warn,
    check: Check::Table { query, tell },
    source: include_str!("invalid_birth_date.rs"),
};

fn query(tables: &Tables) -> PolarsResult<LazyFrame> {
    invalid(tables, MatchKey::BirthDate)
}

fn tell(row: &Row<'_>, tables: &Tables) -> Option<Offence> {
    tell_invalid(row, tables, "no date as YYYYMMDD", "send the digest of YYYYMMDD")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::meta::normalise::digest;
    use crate::rule::trial::{causes, server, with};

    #[test]
    fn days_pass_and_other_forms_are_named() {
        let of = |text: &str| {
            let event = with(server("Lead", "1"), MatchKey::BirthDate, &digest(text));
            causes("invalid-birth-date", vec![event], vec![])
        };
        assert!(of("19840229").is_empty() && of("20080101").is_empty());
        assert_eq!(of("1984-02-29"), ["date format"]);
        assert_eq!(of("29021984"), ["date order"]);
        assert_eq!(of("29/02/1984"), ["date order, date format"]);
        assert_eq!(of("19830229"), ["no known value"]);
    }
}
