//! Further faults of ids and of the way of events: options misspelt, halves that the two
//! sides never agreed on, queues and batches.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::ids::remove;
use super::{Bite, Fault, Site};
use crate::platform::meta::vocabulary::MOST_EVENTS;

/// The option of the event ID is misspelt, which the pixel ignores in silence.
pub(super) const ID_OPTION: Fault = Fault {
    name: "id-option-misspelt",
    rule: "missing-event-id",
    also: &[
        "duplicate-browser-event",
        "missing-server-event",
        "missing-browser-event",
        "double-counted",
        "fallback-dedup-only",
        "low-dedup-rate",
        "server-before-browser",
    ],
    summary: "The page hands the event ID over as eventId, which the pixel ignores in silence.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::IdOption("eventId")),
};

/// The page hands an object over where the event ID belongs.
pub(super) const ID_OBJECT: Fault = Fault {
    name: "id-as-object",
    rule: "event-id-in-wrong-place",
    also: &[
        "duplicate-browser-event",
        "missing-server-event",
        "missing-browser-event",
        "double-counted",
        "missing-event-id",
        "fallback-dedup-only",
    ],
    summary: "The page hands an object over where the event ID belongs.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Browser(|call| call.id = json!({ "purchase": call.id })),
};

/// Neither channel sends an event ID.
pub(super) const NO_IDS: Fault = Fault {
    name: "no-ids-at-all",
    rule: "fallback-dedup-only",
    also: &[
        "missing-event-id",
        "missing-server-event",
        "missing-browser-event",
        "double-counted",
        "duplicate-browser-event",
        "server-before-browser",
    ],
    summary: "Neither channel sends an event ID; the shop relies on the browser id alone.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Halves(
        |mut call| {
            call.id = Value::Null;
            vec![call]
        },
        |mut event, _| {
            remove(&mut event, "event_id");
            vec![event]
        },
    ),
};

/// The page keeps one event ID for every article put into the cart.
pub(super) const ID_KEPT: Fault = Fault {
    name: "id-kept-by-the-page",
    rule: "event-id-reused",
    also: &[
        "event-id-mismatch",
        "missing-server-event",
        "missing-browser-event",
        "double-counted",
        "missing-conversion",
        "not-counted",
        "unexpected-event",
        "low-dedup-rate",
    ],
    summary: "The page keeps one event ID for every article put into the cart; the server makes new ones.",
    exit: 1,
    event: "AddToCart",
    bite: Bite::Browser(|call| call.id = json!("add-to-cart-a81f09")),
};

/// The page fires an event of its own name where the server sends the standard one.
pub(super) const RENAMED: Fault = Fault {
    name: "event-renamed-in-browser",
    rule: "event-name-mismatch",
    also: &[
        "missing-server-event",
        "missing-browser-event",
        "double-counted",
        "unexpected-event",
        "missing-conversion",
        "low-match-key-coverage",
    ],
    summary: "The page fires OrderCompleted where the server sends Purchase.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Browser(|call| "OrderCompleted".clone_into(&mut call.name)),
};

/// Each side makes its own ids for page views.
pub(super) const PAGE_VIEW_IDS: Fault = Fault {
    name: "page-view-ids-differ",
    rule: "low-dedup-rate",
    also: &["event-id-mismatch", "missing-server-event", "missing-browser-event", "double-counted"],
    summary: "Page and server each make the event IDs of page views.",
    exit: 1,
    event: "PageView",
    bite: Bite::Server(|event, _| event["event_id"] = json!(Uuid::new_v4().to_string())),
};

/// The server reports a sample of the page views only.
pub(super) const SAMPLED: Fault = Fault {
    name: "page-views-sampled",
    rule: "low-server-coverage",
    also: &["missing-server-event", "low-match-key-coverage", "low-dedup-rate"],
    summary: "The server reports a quarter of the page views only, to save money.",
    exit: 1,
    event: "PageView",
    bite: Bite::ServerCopies(|event| {
        let kept =
            event["event_id"].as_str().is_some_and(|id| id.starts_with(['0', '1', '2', '3']));
        if kept { vec![event] } else { Vec::new() }
    }),
};

/// The server reports the purchase when the card is looked at, from an order without articles.
pub(super) const PURCHASE_ON_REVIEW: Fault = Fault {
    name: "purchase-on-review",
    rule: "duplicate-server-event",
    also: &[
        "unexpected-event",
        "double-counted",
        "missing-browser-event",
        "empty-content-ids",
        "missing-contents",
        "event-id-mismatch",
        "contents-mismatch",
    ],
    summary: "The server reports a purchase as soon as the card is typed, from an order without articles.",
    exit: 1,
    event: "*",
    bite: Bite::ServerCopies(|event| {
        if event["event_name"] != "AddPaymentInfo" {
            return vec![event];
        }
        let mut early = event.clone();
        early["event_name"] = json!("Purchase");
        early["event_id"] = json!(Uuid::new_v4().to_string());
        early["custom_data"]["content_ids"] = json!([]);
        early["custom_data"]["contents"] = json!([]);
        vec![event, early]
    }),
};

/// A gateway reports each purchase beside the server's own event, under an ID of its own.
pub(super) const GATEWAY: Fault = Fault {
    name: "gateway-beside-server",
    rule: "duplicate-server-event",
    also: &["double-counted", "unexpected-event", "missing-browser-event", "event-id-mismatch"],
    summary: "A gateway reports the purchase beside the server's own event, under an ID of its own.",
    exit: 1,
    event: "Purchase",
    bite: Bite::ServerCopies(|event| {
        let mut copy = event.clone();
        let own = event["event_id"].as_str().unwrap_or_default();
        copy["event_id"] =
            json!(format!("ob3_plugin-set_{}", crate::platform::meta::normalise::digest(own)));
        vec![event, copy]
    }),
};

/// A view of an article that is told days late takes the page view beside it along.
pub(super) const BATCH_LOST: Fault = Fault {
    name: "stale-view-in-batch",
    rule: "partial-batch-lost",
    also: &[
        "event-time-stale",
        "event-time-skew",
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
        "low-match-key-coverage",
    ],
    summary: "A product view dated days back makes the platform refuse the page view beside it, and nobody sends that again.",
    exit: 1,
    event: "ViewContent",
    bite: Bite::Server(|event, moment| {
        event["event_time"] = json!(moment.time / 1000 - 9 * 24 * 60 * 60);
    }),
};

/// The call was copied from the back end of a mobile app.
pub(super) const AS_APP: Fault = Fault {
    name: "action-source-of-the-app",
    rule: "rejected-request",
    also: &["missing-server-event", "low-server-coverage", "low-match-key-coverage"],
    summary: "The server's purchase says that it comes from an app, without the data that the platform wants of apps.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["action_source"] = json!("app")),
};

/// A loop adds the purchase to the request more than a thousand times.
pub(super) const OVERSIZED: Fault = Fault {
    name: "request-too-large",
    rule: "oversized-request",
    also: &[
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
        "duplicate-server-event",
        "partial-batch-lost",
        "unexpected-event",
        "double-counted",
    ],
    summary: "A loop adds the purchase to the request until it holds more events than one may.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Request(|body| {
        let Ok(mut request) = serde_json::from_str::<Value>(body) else { return };
        if let Some(events) = request["data"].as_array_mut()
            && let Some(purchase) =
                events.iter().find(|event| event["event_name"] == "Purchase").cloned()
        {
            events.resize(MOST_EVENTS + 1, purchase);
        }
        *body = request.to_string();
    }),
};

/// How long the purchase waits in the queue: far longer than any other event, and still
/// within the time for which a run waits for late events.
const WAIT: Duration = Duration::from_millis(1_800);

/// The purchase waits in a queue that is emptied now and then.
pub(super) const SLOW_QUEUE: Fault = Fault {
    name: "slow-queue",
    rule: "slow-server-event",
    also: &["event-time-skew"],
    summary: "The purchase waits in a queue that is emptied only now and then.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Late(WAIT),
};

/// The access token travels in the address of each call.
pub(super) const TOKEN_IN_QUERY: Fault = Fault {
    name: "token-in-address",
    rule: "access-token-in-url",
    also: &[],
    summary: "The access token travels in the address of each call, where logs keep it.",
    exit: 0,
    event: "*",
    bite: Bite::Site(Site::TokenInQuery),
};

/// A plug-in brings its own copy of the pixel's base code.
pub(super) const SECOND_PIXEL: Fault = Fault {
    name: "pixel-loaded-by-plugin",
    rule: "pixel-loaded-twice",
    also: &[
        "page-view-fired-twice",
        "duplicate-browser-event",
        "double-counted",
        "unexpected-event",
        "missing-event-id",
        "missing-server-event",
        "low-server-coverage",
        "low-match-key-coverage",
        "server-before-browser",
    ],
    summary: "A plug-in starts a second copy of the pixel beside the theme's own.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::SecondPixel),
};

/// The product page changes its address without loading, and the pixel views it again.
pub(super) const ROUTE_CHANGE: Fault = Fault {
    name: "route-changes-unannounced",
    rule: "missing-event-id",
    also: &[
        "missing-server-event",
        "page-view-fired-twice",
        "duplicate-browser-event",
        "double-counted",
        "unexpected-event",
        "low-server-coverage",
        "server-before-browser",
    ],
    summary: "Product pages change their address without loading, and the pixel views them again without an ID.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::RouteChange),
};
