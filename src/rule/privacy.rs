//! Privacy and safety: nothing travels that must not.

pub(super) mod access_token_in_browser;
pub(super) mod access_token_in_url;
pub(super) mod event_without_consent;
mod personal;
pub(super) mod personal_data_in_custom_data;
pub(super) mod personal_data_in_url;

pub(super) use event_without_consent::{refused_by, without_consent};
