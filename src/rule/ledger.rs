//! Ledger: one conversion, counted once.

pub(super) mod double_counted;
pub(super) mod missing_conversion;
pub(super) mod not_counted;
pub(super) mod unexpected_event;
