//! Ledger: one conversion, counted once.

pub(super) mod double_counted;
pub(super) mod missing_conversion;
pub(super) mod not_counted;
pub(super) mod unexpected_event;

/// Its rules, in the order of the catalogue.
pub(super) const RULES: &[&super::Rule] = &[
    &double_counted::RULE,
    &not_counted::RULE,
    &missing_conversion::RULE,
    &unexpected_event::RULE,
];
