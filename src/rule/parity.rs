//! Parity: both halves of a pair say the same.

mod contents_mismatch;
mod currency_mismatch;
mod event_time_skew;
mod fbc_mismatch;
mod fbp_mismatch;
mod identity_mismatch;
mod ip_family_mismatch;
mod source_url_mismatch;
mod user_agent_mismatch;
mod value_mismatch;

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
