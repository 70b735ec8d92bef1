//! Faults of the way from the site to the platform.

use serde_json::json;
use uuid::Uuid;

use super::{Bite, Fault, Site};

/// The server writes its JSON by hand and forgets to escape a quotation mark.
pub(super) const BROKEN_JSON: Fault = Fault {
    name: "broken-json",
    rule: "unreadable-payload",
    also: &[
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
        "low-match-key-coverage",
    ],
    summary: "The server writes its JSON by hand and forgets to escape a quotation mark.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Request(|body| {
        *body = body.replacen(r#""content_type":"product""#, r#""content_type":"12" product""#, 1);
    }),
};

/// The client takes the good answer for a failure and sends the purchase again, with a new event ID.
pub(super) const RETRY_WITH_NEW_ID: Fault = Fault {
    name: "retry-with-new-id",
    rule: "duplicate-server-event",
    also: &[
        "double-counted",
        "missing-browser-event",
        "unexpected-event",
        "retry-not-idempotent",
        "event-id-mismatch",
    ],
    summary: "The client takes the good answer for a failure and sends the purchase again, with a new event ID.",
    exit: 1,
    event: "Purchase",
    bite: Bite::SentAgain(|event| event["event_id"] = json!(Uuid::new_v4().to_string())),
};

/// The client takes the good answer for a failure and sends the purchase again, with the time of the retry.
pub(super) const RETRY_WITH_NEW_TIME: Fault = Fault {
    name: "retry-with-new-time",
    rule: "retry-not-idempotent",
    also: &["duplicate-server-event", "double-counted", "unexpected-event"],
    summary: "The client takes the good answer for a failure and sends the purchase again, with the time of the retry.",
    exit: 1,
    event: "Purchase",
    bite: Bite::SentAgain(|event| {
        event["event_time"] = json!(event["event_time"].as_i64().unwrap_or_default() + 1);
    }),
};

/// The image meant for browsers without scripts is shown to all, so each page view is fired twice.
pub(super) const IMAGE_FOR_ALL: Fault = Fault {
    name: "image-for-all",
    rule: "page-view-fired-twice",
    also: &["duplicate-browser-event", "double-counted", "unexpected-event"],
    summary: "The image meant for browsers without scripts is shown to all, so each page view is fired twice.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::ImageForAll),
};

/// The server speaks a version of the API that is about to end.
pub(super) const OLD_VERSION: Fault = Fault {
    name: "old-api-version",
    rule: "deprecated-api-version",
    also: &[],
    summary: "The server speaks a version of the API that is about to end.",
    exit: 0,
    event: "*",
    bite: Bite::Site(Site::OldVersion("v13.0")),
};
