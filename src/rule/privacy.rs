//! Privacy and safety: nothing travels that must not.

pub(super) mod access_token_in_browser;
pub(super) mod access_token_in_url;
pub(super) mod event_without_consent;
pub(super) mod personal;
pub(super) mod personal_data_in_custom_data;
pub(super) mod personal_data_in_url;

/// Its rules, in the order of the catalogue.
pub(super) const RULES: &[&super::Rule] = &[
    &personal_data_in_url::RULE,
    &personal_data_in_custom_data::RULE,
    &event_without_consent::RULE,
    &access_token_in_browser::RULE,
    &access_token_in_url::RULE,
];

pub(super) use event_without_consent::{refused_by, without_consent};
pub(super) use personal::has_email;
