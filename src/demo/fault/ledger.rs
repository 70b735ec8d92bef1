//! Faults of the ledger: conversions lost, invented or reported more often than
//! they happened.

use serde_json::json;
use uuid::Uuid;

use super::{Bite, Fault, Site};
use crate::demo::tracking::{Moment, PixelCall};

/// A plug-in beside the theme's own code reports every purchase a second time, on both channels, with an event ID of its own.
pub(super) const TWO_INTEGRATIONS: Fault = Fault {
    name: "two-integrations",
    rule: "double-counted",
    also: &[
        "duplicate-browser-event",
        "duplicate-server-event",
        "unexpected-event",
        "fallback-dedup-only",
    ],
    summary: "A plug-in beside the theme's own code reports every purchase a second time, on both channels, with an event ID of its own.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Copies(|moment| {
        let again = Moment { id: Uuid::new_v4().to_string(), ..moment.clone() };
        vec![moment, again]
    }),
};

/// The purchase is reported only for a payment method that nobody uses.
pub(super) const PURCHASE_LOST: Fault = Fault {
    name: "purchase-lost",
    rule: "missing-conversion",
    also: &["not-counted"],
    summary: "The purchase is reported only for a payment method that nobody uses.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Copies(|_| Vec::new()),
};

/// Product pages report a lead as soon as they are looked at.
pub(super) const LEAD_ON_VIEW: Fault = Fault {
    name: "lead-on-view",
    rule: "unexpected-event",
    also: &["double-counted"],
    summary: "Product pages report a lead as soon as they are looked at.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::ReportsOnView("Lead")),
};

/// The order handler does not report the purchase to the Conversions API.
pub(super) const SERVER_FORGETS: Fault = Fault {
    name: "server-forgets-purchase",
    rule: "missing-server-event",
    also: &["low-server-coverage", "low-dedup-rate", "low-match-key-coverage"],
    summary: "The order handler does not report the purchase to the Conversions API.",
    exit: 1,
    event: "Purchase",
    bite: Bite::ServerCopies(|_| Vec::new()),
};

/// The first purchase after the start is lost on the server.
pub(super) const FIRST_LOST: Fault = Fault {
    name: "first-purchase-lost",
    rule: "missing-server-event",
    also: &["low-match-key-coverage"],
    summary: "The queue's worker is started by the first purchase and loses it; later ones are told.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::LosesFirstPurchase),
};

/// A flag that the server set keeps the thank-you page from firing the purchase.
pub(super) const BROWSER_BLOCKED: Fault = Fault {
    name: "browser-skips-purchase",
    rule: "missing-browser-event",
    also: &["low-dedup-rate", "low-match-key-coverage"],
    summary: "A flag that the server set keeps the thank-you page from firing the purchase.",
    exit: 1,
    event: "Purchase",
    bite: Bite::BrowserCopies(|_| Vec::new()),
};

/// A tag manager and the theme both fire the purchase, with the same event ID.
pub(super) const BROWSER_FIRES_TWICE: Fault = Fault {
    name: "browser-fires-twice",
    rule: "duplicate-browser-event",
    also: &["double-counted", "unexpected-event"],
    summary: "A tag manager and the theme both fire the purchase, with the same event ID.",
    exit: 1,
    event: "Purchase",
    bite: Bite::BrowserCopies(|call| vec![call.clone(), call]),
};

/// The click handler of the cart button is bound twice and makes an event ID each time.
pub(super) const CLICK_BOUND_TWICE: Fault = Fault {
    name: "click-bound-twice",
    rule: "duplicate-browser-event",
    also: &["double-counted", "missing-server-event", "unexpected-event", "event-id-mismatch"],
    summary: "The click handler of the cart button is bound twice and makes an event ID each time.",
    exit: 1,
    event: "AddToCart",
    bite: Bite::BrowserCopies(|call| {
        let again = PixelCall { id: json!(Uuid::new_v4().to_string()), ..call.clone() };
        vec![call, again]
    }),
};

/// The thank-you page fires the purchase each time it is shown.
pub(super) const REFIRED_ON_RELOAD: Fault = Fault {
    name: "refired-on-reload",
    rule: "duplicate-browser-event",
    also: &["double-counted", "unexpected-event"],
    summary: "The thank-you page fires the purchase each time it is shown.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::ThankYouFiresAgain),
};

/// The order handler and the payment webhook both report the purchase, with the same event ID.
pub(super) const WEBHOOK_AND_HANDLER: Fault = Fault {
    name: "webhook-and-handler",
    rule: "duplicate-server-event",
    also: &["double-counted", "unexpected-event"],
    summary: "The order handler and the payment webhook both report the purchase, with the same event ID.",
    exit: 1,
    event: "Purchase",
    bite: Bite::ServerCopies(|event| vec![event.clone(), event]),
};

/// A missing environment variable switches pixel and Conversions API off.
pub(super) const UNTRACKED: Fault = Fault {
    name: "untracked",
    rule: "nothing-captured",
    also: &["missing-conversion", "not-counted", "low-match-key-coverage"],
    summary: "A missing environment variable switches pixel and Conversions API off.",
    exit: 3,
    event: "*",
    bite: Bite::Site(Site::Untracked),
};
