//! Ledger: one conversion, counted once.

mod double_counted;
mod missing_conversion;
mod not_counted;
mod unexpected_event;

/// Its rules, in the order of the catalogue.
pub(super) const RULES: &[&super::Rule] = &[
    &double_counted::RULE,
    &not_counted::RULE,
    &missing_conversion::RULE,
    &unexpected_event::RULE,
];
