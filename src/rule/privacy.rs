//! Privacy and safety: nothing travels that must not.

mod access_token_in_browser;
mod access_token_in_url;
mod event_without_consent;
mod personal;
mod personal_data_in_custom_data;
mod personal_data_in_url;

/// Its rules, in the order of the catalogue.
pub(super) const RULES: &[&super::Rule] = &[
    &personal_data_in_url::RULE,
    &personal_data_in_custom_data::RULE,
    &event_without_consent::RULE,
    &access_token_in_browser::RULE,
    &access_token_in_url::RULE,
];

pub(super) use event_without_consent::{refused_by, without_consent};
