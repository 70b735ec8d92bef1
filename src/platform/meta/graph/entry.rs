//! One entry of a call's `data`: from its JSON to an event, verbatim.
//!
//! Numbers and booleans become text where text belongs; nulls are what SDKs send for
//! unset fields and count as absent.
//! Never whether Meta would take it: see `refusal`.

use serde_json::{Map, Value};

use super::body::text;
use crate::event::{Event, EventTime, MatchKey, MisplacedId, mask};

/// Fields of an event that Meta knows beside those the event has a place for (meta-facts 2.2).
const KNOWN_FIELDS: &[&str] = &[
    "app_data",
    "opt_out",
    "data_processing_options",
    "data_processing_options_country",
    "data_processing_options_state",
    "referrer_url",
    "advertiser_tracking_enabled",
    "advanced_measurement_table",
    "messaging_channel",
    "original_event_data",
    "attribution_data",
    "customer_segmentation",
];
/// User data that Meta and its SDKs know and this house has no match key for (meta-facts 3.1).
pub(in crate::platform::meta) const KNOWN_USER_DATA: &[&str] = &[
    "ig_account_id",
    "ig_sid",
    "f5first",
    "f5last",
    "fi",
    "dobd",
    "dobm",
    "doby",
    "data_processing_options",
];
/// Places where an id is no event id.
const MISPLACED: &[&str] = &["event_id", "eventID", "eventId", "eventid", "eid"];
/// Prefix of the marks that stand for fields Meta does not know.
pub(super) const UNKNOWN: &str = "unknown field ";
/// Figures from here on are no seconds: as seconds they lie in the year 5138.
const SMALLEST_MILLISECONDS: f64 = 100_000_000_000.0;

/// Fills an event from its JSON object.
pub(super) fn read(event: &mut Event, data: &Value) {
    let Some(fields) = data.as_object() else { return };
    for (name, value) in fields {
        if value.is_null() {
            continue;
        }
        match name.as_str() {
            "event_name" => event.name = Some(text(value.clone())),
            "event_id" => event.id = Some(text(value.clone())),
            "event_time" => event.time = Some(time(value)),
            "event_source_url" => event.page = Some(text(value.clone())),
            "action_source" => event.action_source = Some(text(value.clone())),
            "user_data" => user_data(event, value),
            "custom_data" => custom_data(event, value),
            known if KNOWN_FIELDS.contains(&known) => {
                event.marks.insert(known.to_owned(), text(value.clone()));
            }
            other => {
                if MISPLACED.contains(&other) {
                    misplaced(event, other.to_owned(), value);
                }
                event.marks.insert(format!("{UNKNOWN}{other}"), mask(&text(value.clone())));
            }
        }
    }
}

fn user_data(event: &mut Event, value: &Value) {
    let Some(fields) = value.as_object() else {
        event.marks.insert(format!("{UNKNOWN}user_data that is no object"), String::new());
        return;
    };
    for (name, value) in fields {
        if value.is_null() {
            continue;
        }
        match MatchKey::from_name(name) {
            Some(key) => event.keys.entry(key).or_default().extend(values(value)),
            None if KNOWN_USER_DATA.contains(&name.as_str()) => {
                event.marks.insert(format!("user_data.{name}"), text(value.clone()));
            }
            None => {
                let all = values(value).map(|value| (name.clone(), value));
                event.unknown_keys.extend(all);
            }
        }
    }
    // `"em": []` says nothing.
    event.keys.retain(|_, values| !values.is_empty());
}

/// The values of one user-data field: a list, or one of them.
fn values(value: &Value) -> impl Iterator<Item = String> + '_ {
    let list = match value {
        Value::Array(list) => list.as_slice(),
        other => std::slice::from_ref(other),
    };
    list.iter().filter(|value| !value.is_null()).map(|value| text(value.clone()))
}

fn custom_data(event: &mut Event, value: &Value) {
    let empty = Map::new();
    for (name, value) in value.as_object().unwrap_or(&empty) {
        if MISPLACED.contains(&name.as_str()) && !value.is_null() {
            misplaced(event, format!("custom_data.{name}"), value);
        }
        event.parameters.insert(name.clone(), value.clone());
    }
}

fn misplaced(event: &mut Event, place: String, value: &Value) {
    event.misplaced_id.get_or_insert_with(|| MisplacedId { place, id: text(value.clone()) });
}

fn time(value: &Value) -> EventTime {
    let text = text(value.clone());
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let in_milliseconds = number.is_some_and(|number| number >= SMALLEST_MILLISECONDS);
    let factor = if in_milliseconds { 1.0 } else { 1000.0 };
    EventTime {
        millis: number.map(|number| (number * factor) as i64),
        milliseconds_for_seconds: in_milliseconds,
        text,
    }
}
