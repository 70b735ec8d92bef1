//! Transport: what was sent arrives whole.

pub(super) mod deprecated_api_version;
mod instance;
pub(super) mod page_view_fired_twice;
pub(super) mod partial_batch_lost;
pub(super) mod pixel_loaded_twice;
pub(super) mod rejected_request;
mod retry;
pub(super) mod retry_not_idempotent;
pub(super) mod slow_server_event;
pub(super) mod unreadable_payload;

pub(super) use instance::page_view_twins;
pub(super) use retry::changed_retries;
