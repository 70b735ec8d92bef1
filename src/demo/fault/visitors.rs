//! Faults that show only for some visitors, or when a flow has a twist.
//!
//! Each names the profile and the variant in which it is looked for.

use serde_json::json;

use super::{Bite, Fault, Site};

/// Under which circumstances a fault of this family shows: fault, profile, variant.
pub(super) const CIRCUMSTANCES: &[(&str, &str, &str)] = &[
    ("fires-anew-on-reload", "clean", "reload"),
    ("fires-anew-on-revisit", "clean", "revisit"),
    ("fires-anew-on-return", "clean", "back"),
    ("fires-anew-in-second-tab", "clean", "second-tab"),
    ("every-click-counts", "clean", "double-click"),
    ("id-of-cached-page", "clean", "second-visitor"),
    ("reports-crawlers", "clean", "crawler"),
    ("server-waits-for-thank-you", "clean", "closed-tab"),
    ("retries-under-new-id", "clean", "server-late"),
    ("no-id-anywhere", "clean", "server-first"),
    ("page-view-without-id", "clean", "server-first"),
    ("server-waits-for-pixel", "adblock", ""),
    ("server-waits-for-pixel-in-firefox", "firefox-strict", ""),
    ("server-waits-for-pixel-script", "pixel-down", ""),
    ("banner-without-effect", "consent-refused", ""),
    ("ignores-privacy-signal", "gpc", ""),
];

const ANEW: &str = "The thank-you page tells of the purchase each time it is shown, with an event ID of that view.";
const WAITS: &str =
    "The server tells of a purchase only when the pixel's script says that it has run.";

/// What any further telling under another event ID brings with it.
const AGAIN: &[&str] = &[
    "double-counted",
    "duplicate-browser-event",
    "missing-server-event",
    "event-id-mismatch",
    "unexpected-event",
    "fallback-dedup-only",
];

const fn anew(name: &'static str, rule: &'static str) -> Fault {
    Fault {
        name,
        rule,
        also: AGAIN,
        summary: ANEW,
        exit: 1,
        event: "*",
        bite: Bite::Site(Site::TellsAnew),
    }
}

const fn waits(name: &'static str) -> Fault {
    Fault {
        name,
        rule: "lost-when-pixel-blocked",
        also: &["not-counted", "low-match-quality"],
        summary: WAITS,
        exit: 1,
        event: "*",
        bite: Bite::Site(Site::ServerWaitsForPixel),
    }
}

pub(super) const ON_RELOAD: Fault = anew("fires-anew-on-reload", "refired-on-reload");
pub(super) const ON_REVISIT: Fault = anew("fires-anew-on-revisit", "refired-on-revisit");
pub(super) const ON_RETURN: Fault = anew("fires-anew-on-return", "refired-on-back");
pub(super) const IN_SECOND_TAB: Fault = anew("fires-anew-in-second-tab", "second-tab-double-fire");
pub(super) const BLOCKED: Fault = waits("server-waits-for-pixel");
pub(super) const IN_FIREFOX: Fault = waits("server-waits-for-pixel-in-firefox");
pub(super) const SCRIPT_DOWN: Fault = waits("server-waits-for-pixel-script");

/// The cart button works on while its request is under way.
pub(super) const EVERY_CLICK: Fault = Fault {
    name: "every-click-counts",
    rule: "refired-on-double-click",
    also: &[
        "double-counted",
        "duplicate-browser-event",
        "duplicate-server-event",
        "value-mismatch",
    ],
    summary: "The cart button works on while its request is under way, and each click is told under an event ID of its own.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::EveryClickCounts),
};

/// The event ID of product views is made of the article, as in a cached page.
pub(super) const CACHED: Fault = Fault {
    name: "id-of-cached-page",
    rule: "event-id-cached-across-visitors",
    also: &["event-id-reused", "event-id-guessable", "not-counted", "missing-conversion"],
    summary: "The product page comes from a cache, its event ID with it.",
    exit: 1,
    event: "ViewContent",
    bite: Bite::Both(|moment| "5f0c1e5e-6a51-4f0e-9f55-5d0f1a6b7c8d".clone_into(&mut moment.id)),
};

/// The server reports page views for whoever asks.
pub(super) const CRAWLERS: Fault = Fault {
    name: "reports-crawlers",
    rule: "event-from-crawler",
    also: &["missing-browser-event", "double-counted", "duplicate-server-event"],
    summary: "The server reports a page view for every request, those of crawlers too.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::ReportsCrawlers),
};

/// The server tells of a purchase when the thank-you page is shown.
pub(super) const THANK_YOU: Fault = Fault {
    name: "server-waits-for-thank-you",
    rule: "lost-when-tab-closed",
    also: &["not-counted"],
    summary: "The purchase is told when the thank-you page is shown, not when the order is placed.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::TellsOnThankYou),
};

/// A retry makes new event IDs.
pub(super) const RETRIES: Fault = Fault {
    name: "retries-under-new-id",
    rule: "retry-not-idempotent",
    also: &[
        "double-counted",
        "missing-server-event",
        "missing-browser-event",
        "event-id-mismatch",
        "fallback-dedup-only",
        "duplicate-server-event",
        "low-dedup-rate",
        "unexpected-event",
    ],
    summary: "A call that failed for the moment is sent again with event IDs of its own.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::RetriesAnew),
};

/// Neither side has an event ID for what goes into the cart.
pub(super) const NO_ID: Fault = Fault {
    name: "no-id-anywhere",
    rule: "double-counted",
    also: &[
        "missing-event-id",
        "fallback-dedup-only",
        "missing-server-event",
        "missing-browser-event",
        "duplicate-browser-event",
        "server-before-browser",
        "null-literal",
        "empty-event-id",
        "low-dedup-rate",
    ],
    summary: "Neither side gives what goes into the cart an event ID; only the fallback merges it, and only browser first.",
    exit: 1,
    event: "AddToCart",
    bite: Bite::ApartCalls(
        |call| call.id = json!(null),
        |event, _| {
            if let Some(fields) = event.as_object_mut() {
                fields.remove("event_id");
            }
        },
    ),
};

/// One request handler of many forgets the event ID, and the server is faster than its pages.
pub(super) const PAGE_WITHOUT_ID: Fault = Fault {
    name: "page-view-without-id",
    rule: "server-before-browser",
    also: &["missing-event-id", "missing-server-event", "double-counted", "fallback-dedup-only"],
    summary: "The handler of the cart forgets the event ID of its page view, and the server is faster than the page.",
    exit: 1,
    event: "PageView",
    bite: Bite::Server(|event, moment| {
        if moment.page.contains("/cart") {
            super::ids::remove(event, "event_id");
        }
    }),
};

/// The banner is shown and asked by nobody.
pub(super) const BANNER: Fault = Fault {
    name: "banner-without-effect",
    rule: "event-without-consent",
    also: &["unexpected-event", "missing-browser-event"],
    summary: "The server keeps the visitor's refusal and tells all the same.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::ServerIgnoresRefusal),
};

/// The privacy signal of the browser is not read.
pub(super) const SIGNAL: Fault = Fault {
    name: "ignores-privacy-signal",
    rule: "event-without-consent",
    also: &[],
    summary: "The Global Privacy Control signal of the browser is not read.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::IgnoresSignal),
};
