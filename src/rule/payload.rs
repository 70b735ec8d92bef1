//! Payload: the event and its parameters are well formed.

pub(super) mod event_time_in_milliseconds;
pub(super) mod missing_currency;
pub(super) mod missing_value;
