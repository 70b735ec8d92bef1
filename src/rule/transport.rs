//! Transport: what was sent arrives whole.

pub(super) mod unreadable_payload;
