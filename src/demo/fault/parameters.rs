//! Further faults of what an event says: odd values, contents in the wrong form, options
//! and keys that the platform does not know.

use serde_json::{Value, json};

use super::{Bite, Fault, REFUSED};
use crate::demo::tracking::Moment;

/// The shop adds prices up in binary fractions and reports the noise.
pub(super) const FLOAT_NOISE: Fault = Fault {
    name: "value-with-float-noise",
    rule: "suspicious-value",
    also: &[],
    summary: "The shop adds prices up in binary fractions and reports the noise.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Both(|moment| {
        let value = moment.params.get("value").and_then(Value::as_f64).unwrap_or_default();
        moment.params.insert("value".into(), json!(value + 0.000_000_000_04));
    }),
};

/// Purchases paid with a voucher are reported as worth nothing.
pub(super) const ZERO_VALUE: Fault = Fault {
    name: "value-zero",
    rule: "suspicious-value",
    also: &["value-mismatch"],
    summary: "Purchases are reported before the total is known, as worth nothing.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Both(|moment| drop(moment.params.insert("value".into(), json!(0.0)))),
};

/// Both channels name a way of delivery in words of the shop's own.
pub(super) const DELIVERY_WORDS: Fault = Fault {
    name: "delivery-in-own-words",
    rule: "invalid-delivery-category",
    also: &[],
    summary: "Both channels name the way of delivery in words of the shop's own.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Both(|moment| {
        moment.params.insert("delivery_category".into(), json!("Home Delivery"));
    }),
};

/// Neither channel says which articles were looked at.
pub(super) const NO_CONTENTS: Fault = Fault {
    name: "no-contents",
    rule: "missing-contents",
    also: &["missing-content-type", "empty-content-ids"],
    summary: "Neither channel says which articles were put into the cart.",
    exit: 1,
    event: "AddToCart",
    bite: Bite::Both(|moment| {
        for name in ["contents", "content_ids"] {
            moment.params.shift_remove(name);
        }
    }),
};

/// The page joins quantities as texts.
pub(super) const QUANTITY_AS_TEXT: Fault = Fault {
    name: "quantity-as-text",
    rule: "invalid-contents",
    also: &["contents-mismatch"],
    summary: "The page joins quantities as texts, so that one and one are eleven.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Browser(|call| {
        let items = call.params.get_mut("contents").and_then(Value::as_array_mut);
        for item in items.into_iter().flatten() {
            item["quantity"] = json!(format!("01{}", item["quantity"]));
        }
    }),
};

/// The page fires the list of content ids as one text with commas.
pub(super) const IDS_AS_TEXT: Fault = Fault {
    name: "content-ids-as-text",
    rule: "invalid-contents",
    also: &["contents-mismatch"],
    summary: "The server sends the list of content ids as one text with commas.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        let ids: Vec<String> = event["custom_data"]["content_ids"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|id| id.as_str().map(str::to_owned))
            .collect();
        event["custom_data"]["content_ids"] = json!(format!("{},", ids.join(",")));
    }),
};

/// The server asks for Limited Data Use with a state but without its country.
pub(super) const STATE_WITHOUT_COUNTRY: Fault = Fault {
    name: "limited-use-without-country",
    rule: "invalid-data-processing-options",
    also: &[],
    summary: "The server asks for Limited Data Use with a state but without its country.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        event["data_processing_options"] = json!(["LDU"]);
        event["data_processing_options_state"] = json!(1000);
    }),
};

/// The server sends a field that belongs to events of apps.
pub(super) const UNEXPECTED_KEY: Fault = Fault {
    name: "field-of-app-events",
    rule: "unknown-parameter",
    also: REFUSED,
    summary: "The server sends a field that the platform does not know and refuses.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["advertiser_tracking"] = json!(true)),
};

/// The browser leaves the purchase to the server, whose event is refused.
pub(super) const BOTH_LOST: Fault = Fault {
    name: "left-to-a-refused-server",
    rule: "not-counted",
    also: &[
        "rejected-request",
        "missing-action-source",
        "missing-browser-event",
        "missing-conversion",
        "low-match-key-coverage",
    ],
    summary: "The page leaves the purchase to the server, whose event the platform refuses.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Halves(
        |_| Vec::new(),
        |mut event, _| {
            super::ids::remove(&mut event, "action_source");
            vec![event]
        },
    ),
};

/// Times are written in the time of a zone to the west, as if it were universal time.
pub(super) const TIME_OF_ZONE: Fault = Fault {
    name: "time-of-another-zone",
    rule: "event-time-skew",
    also: &["event-time-stale"],
    summary: "The server writes times in its own zone, hours behind, as if they were universal.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment: &Moment| {
        event["event_time"] = json!(moment.time / 1000 - 5 * 60 * 60);
    }),
};
