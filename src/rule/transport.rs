//! Transport: what was sent arrives whole.

pub(super) mod deprecated_api_version;
pub(super) mod instance;
pub(super) mod page_view_fired_twice;
pub(super) mod partial_batch_lost;
pub(super) mod pixel_loaded_twice;
pub(super) mod rejected_request;
pub(super) mod retry;
pub(super) mod retry_not_idempotent;
pub(super) mod slow_server_event;
pub(super) mod unreadable_payload;

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
pub(super) use retry::{after_withheld, changed_retries, is_passing};
