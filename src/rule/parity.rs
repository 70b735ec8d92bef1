//! Parity: both halves of a pair say the same.

pub(super) mod contents_mismatch;
pub(super) mod currency_mismatch;
pub(super) mod event_time_skew;
pub(super) mod fbc_mismatch;
pub(super) mod fbp_mismatch;
pub(super) mod identity_mismatch;
pub(super) mod ip_family_mismatch;
pub(super) mod source_url_mismatch;
pub(super) mod user_agent_mismatch;
pub(super) mod value_mismatch;

/// Its rules, in the order of the catalogue.
pub(super) const RULES: &[&super::Rule] = &[
    &value_mismatch::RULE,
    &currency_mismatch::RULE,
    &contents_mismatch::RULE,
    &event_time_skew::RULE,
    &source_url_mismatch::RULE,
    &identity_mismatch::RULE,
    &fbp_mismatch::RULE,
    &fbc_mismatch::RULE,
    &user_agent_mismatch::RULE,
    &ip_family_mismatch::RULE,
];
