//! Faults of event IDs, event names and pixel IDs: what keeps the two copies of a
//! conversion from being recognised as one.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Bite, Fault, Site, UNPAIRED};

/// The pixel call of the purchase has no event ID.
pub(super) const MISSING_IN_BROWSER: Fault = Fault {
    name: "no-id-in-browser",
    rule: "missing-event-id",
    also: &[
        "duplicate-browser-event",
        "missing-server-event",
        "missing-browser-event",
        "double-counted",
        "fallback-dedup-only",
        "low-dedup-rate",
    ],
    summary: "The pixel call of the purchase has no event ID.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Browser(|call| call.id = Value::Null),
};

/// The server event of the purchase has no event ID.
pub(super) const MISSING_ON_SERVER: Fault = Fault {
    name: "no-id-on-server",
    rule: "missing-event-id",
    also: &[
        "missing-server-event",
        "missing-browser-event",
        "double-counted",
        "fallback-dedup-only",
        "low-dedup-rate",
    ],
    summary: "The server event of the purchase has no event ID.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| remove(event, "event_id")),
};

/// The template variable of the event ID is empty in the browser.
pub(super) const EMPTY: Fault = Fault {
    name: "empty-id",
    rule: "empty-event-id",
    also: &[
        "duplicate-browser-event",
        "missing-server-event",
        "missing-browser-event",
        "double-counted",
        "missing-event-id",
        "fallback-dedup-only",
    ],
    summary: "The template variable of the event ID is empty in the browser.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Browser(|call| call.id = json!("")),
};

/// The pixel call has the event ID among the event's parameters.
pub(super) const AS_PARAMETER: Fault = Fault {
    name: "id-among-parameters",
    rule: "event-id-in-wrong-place",
    also: &[
        "duplicate-browser-event",
        "missing-server-event",
        "missing-browser-event",
        "double-counted",
        "missing-event-id",
        "unknown-parameter",
        "fallback-dedup-only",
    ],
    summary: "The pixel call has the event ID among the event's parameters.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Browser(|call| {
        let id = std::mem::take(&mut call.id);
        call.params.insert("eventID".into(), id);
    }),
};

/// Each channel makes its own random event ID.
pub(super) const REGENERATED: Fault = Fault {
    name: "id-regenerated",
    rule: "event-id-mismatch",
    also: UNPAIRED,
    summary: "Each channel makes its own random event ID.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["event_id"] = json!(Uuid::new_v4().to_string())),
};

/// The database returns the event ID in upper case.
pub(super) const UPPER_CASED: Fault = Fault {
    name: "id-upper-cased",
    rule: "event-id-mismatch",
    also: UNPAIRED,
    summary: "The database returns the event ID in upper case.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| event["event_id"] = json!(moment.id.to_uppercase())),
};

/// The server puts a prefix before the event ID.
pub(super) const PREFIXED: Fault = Fault {
    name: "id-prefixed",
    rule: "event-id-mismatch",
    also: UNPAIRED,
    summary: "The server puts a prefix before the event ID.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| event["event_id"] = json!(format!("order-{}", moment.id))),
};

/// The event ID is read from a file and keeps its line end.
pub(super) const WHITE_SPACE: Fault = Fault {
    name: "id-with-white-space",
    rule: "event-id-mismatch",
    also: UNPAIRED,
    summary: "The event ID is read from a file and keeps its line end.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| event["event_id"] = json!(format!("{}\n", moment.id))),
};

/// The column that keeps the event ID for the server is twenty characters wide.
pub(super) const TRUNCATED: Fault = Fault {
    name: "id-truncated",
    rule: "event-id-mismatch",
    also: UNPAIRED,
    summary: "The column that keeps the event ID for the server is twenty characters wide.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| event["event_id"] = json!(first(&moment.id, 20))),
};

/// The event ID is an order number with leading zeros, and the server turns it into a number.
pub(super) const LEADING_ZEROS: Fault = Fault {
    name: "id-leading-zeros",
    rule: "event-id-mismatch",
    also: &[
        "missing-server-event",
        "missing-browser-event",
        "double-counted",
        "low-dedup-rate",
        "event-id-guessable",
    ],
    summary: "The event ID is an order number with leading zeros, and the server turns it into a number.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Apart(
        |moment| moment.id = format!("{:012}", moment.time % 1_000_000_000),
        |event, moment| event["event_id"] = json!(moment.id.parse::<u64>().unwrap_or_default()),
    ),
};

/// A page cache keeps the event ID of the first visitor's product view for everyone.
pub(super) const REUSED: Fault = Fault {
    name: "id-reused",
    rule: "event-id-reused",
    also: &[
        "double-counted",
        "duplicate-browser-event",
        "duplicate-server-event",
        "unexpected-event",
        "missing-conversion",
        "not-counted",
    ],
    summary: "A page cache keeps the event ID of the first visitor's product view for everyone.",
    exit: 1,
    event: "ViewContent",
    bite: Bite::Both(|moment| {
        "cached-view".clone_into(&mut moment.id);
    }),
};

/// The event ID is the clock's reading in milliseconds.
pub(super) const GUESSABLE: Fault = Fault {
    name: "id-from-clock",
    rule: "event-id-guessable",
    also: &[],
    summary: "The event ID is the clock's reading in milliseconds.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Both(|moment| moment.id = moment.time.to_string()),
};

/// The server calls the event purchase instead of Purchase.
pub(super) const NAME_CASE: Fault = Fault {
    name: "event-name-in-lower-case",
    rule: "event-name-mismatch",
    also: &[
        "missing-server-event",
        "missing-browser-event",
        "double-counted",
        "misspelt-standard-event",
        "missing-conversion",
        "unexpected-event",
        "low-match-key-coverage",
    ],
    summary: "The server calls the event purchase instead of Purchase.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["event_name"] = json!("purchase")),
};

/// The server reports to the dataset of the staging project.
pub(super) const OTHER_DATASET: Fault = Fault {
    name: "other-dataset",
    rule: "pixel-id-mismatch",
    also: UNPAIRED,
    summary: "The server reports to the dataset of the staging project.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::OtherDataset("1000000000000009")),
};

/// Takes a field out of an object; anything else is left alone.
pub(super) fn remove(value: &mut Value, field: &str) {
    if let Some(object) = value.as_object_mut() {
        object.shift_remove(field);
    }
}

fn first(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}
