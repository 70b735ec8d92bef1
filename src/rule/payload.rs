//! Payload: the event and its parameters are well formed.

pub(super) mod empty_content_ids;
pub(super) mod event_time_in_future;
pub(super) mod event_time_in_milliseconds;
pub(super) mod event_time_not_a_number;
pub(super) mod event_time_stale;
pub(super) mod invalid_action_source;
pub(super) mod invalid_content_type;
pub(super) mod invalid_contents;
pub(super) mod invalid_currency;
pub(super) mod invalid_data_processing_options;
pub(super) mod invalid_delivery_category;
pub(super) mod missing_action_source;
pub(super) mod missing_content_type;
pub(super) mod missing_contents;
pub(super) mod missing_currency;
pub(super) mod missing_event_name;
pub(super) mod missing_source_url;
pub(super) mod missing_value;
pub(super) mod misspelt_standard_event;
pub(super) mod null_literal;
pub(super) mod oversized_request;
pub(super) mod relative_source_url;
pub(super) mod staging_source_url;
pub(super) mod suspicious_value;
pub(super) mod test_event_code_left_on;
pub(super) mod unknown_parameter;
pub(super) mod value_not_a_number;

/// Its rules, in the order of the catalogue.
pub(super) const RULES: &[&super::Rule] = &[
    &misspelt_standard_event::RULE,
    &missing_event_name::RULE,
    &missing_value::RULE,
    &missing_currency::RULE,
    &invalid_currency::RULE,
    &value_not_a_number::RULE,
    &suspicious_value::RULE,
    &invalid_contents::RULE,
    &empty_content_ids::RULE,
    &missing_content_type::RULE,
    &invalid_content_type::RULE,
    &invalid_delivery_category::RULE,
    &missing_contents::RULE,
    &null_literal::RULE,
    &unknown_parameter::RULE,
    &event_time_in_milliseconds::RULE,
    &event_time_in_future::RULE,
    &event_time_stale::RULE,
    &event_time_not_a_number::RULE,
    &missing_action_source::RULE,
    &invalid_action_source::RULE,
    &missing_source_url::RULE,
    &relative_source_url::RULE,
    &staging_source_url::RULE,
    &test_event_code_left_on::RULE,
    &oversized_request::RULE,
    &invalid_data_processing_options::RULE,
];

use crate::event::{Channel, Event};
use crate::platform::meta::vocabulary::meant_field;

/// True for an entry of a server API call, whoever made it.
fn is_call(event: &Event) -> bool {
    event.channel == Channel::Server || event.transport == "call"
}

/// Mark of a field that the platform does not know, before the field's name.
const UNKNOWN_FIELD: &str = "unknown field ";

/// Fields of the event that the platform does not know.
fn unknown_fields(event: &Event) -> impl Iterator<Item = &str> {
    event.marks.keys().filter_map(|mark| mark.strip_prefix(UNKNOWN_FIELD))
}

/// True where a field is there under a misspelt name; `unknown-parameter` names it.
fn is_misspelt(event: &Event, field: &str) -> bool {
    unknown_fields(event).any(|unknown| meant_field(unknown) == Some(field))
}

/// True where the event names products, in either form.
fn names_products(event: &Event) -> bool {
    ["content_ids", "contents"].into_iter().any(|name| match event.parameter(name) {
        Some(serde_json::Value::Array(list)) => !list.is_empty(),
        Some(serde_json::Value::String(text)) => !super::literal::says_nothing(text),
        Some(_) => true,
        None => false,
    })
}

const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Time zones reach from 12 hours behind UTC to 14 before it.
const FURTHEST_ZONE_MS: i64 = 14 * HOUR_MS;
/// How exact a distance must be to be that of a time zone.
const ZONE_TOLERANCE_MS: i64 = MINUTE_MS;

/// A distance in time in words, and whether it is that of a time zone (whole and half
/// hours) or of a wrong clock.
fn distance(millis: i64) -> (String, &'static str) {
    let to_half_hour = (millis + HOUR_MS / 4).rem_euclid(HOUR_MS / 2) - HOUR_MS / 4;
    let zone = to_half_hour.abs() <= ZONE_TOLERANCE_MS
        && (HOUR_MS - ZONE_TOLERANCE_MS..=FURTHEST_ZONE_MS + ZONE_TOLERANCE_MS).contains(&millis);
    let words = match millis {
        millis if millis < 2 * HOUR_MS && !zone => format!("{} minutes", millis / MINUTE_MS),
        millis if millis < 48 * HOUR_MS => {
            format!("{:.1} hours", millis as f64 / HOUR_MS as f64)
        }
        millis => format!("{} days", millis / (24 * HOUR_MS)),
    };
    (words, if zone { "time zone" } else { "wrong clock" })
}
