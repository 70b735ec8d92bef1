//! Transport: what was sent arrives whole.

mod deprecated_api_version;
mod instance;
mod page_view_fired_twice;
mod partial_batch_lost;
mod pixel_loaded_twice;
mod rejected_request;
mod retry;
mod retry_not_idempotent;
mod slow_server_event;
mod unreadable_payload;

/// Its rules, in the order of the catalogue.
pub(super) const RULES: &[&super::Rule] = &[
    &rejected_request::RULE,
    &partial_batch_lost::RULE,
    &retry_not_idempotent::RULE,
    &slow_server_event::RULE,
    &unreadable_payload::RULE,
    &pixel_loaded_twice::RULE,
    &page_view_fired_twice::RULE,
    &deprecated_api_version::RULE,
];

pub(super) use instance::page_view_twins;
pub(super) use retry::changed_retries;
