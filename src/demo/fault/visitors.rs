//! Faults that show only for some visitors, or when a flow has a twist.
//!
//! Each names the scenario, the profile and the variant in which it is looked for.

use serde_json::json;

use super::{Bite, Fault, Showing, Site};

/// Where each fault of this family shows.
pub(super) const CIRCUMSTANCES: &[(&str, Showing)] = &[
    ("fires-anew-on-reload", twisted("reload")),
    ("fires-anew-on-revisit", twisted("revisit")),
    ("fires-anew-on-return", twisted("back")),
    ("fires-anew-in-second-tab", twisted("second-tab")),
    ("every-click-counts", twisted("double-click")),
    ("id-of-cached-page", twisted("second-visitor")),
    ("reports-crawlers", twisted("crawler")),
    ("server-waits-for-thank-you", twisted("closed-tab")),
    ("retries-under-new-id", twisted("server-late")),
    ("no-id-anywhere", twisted("server-first")),
    ("page-view-without-id", twisted("server-first")),
    ("server-waits-for-pixel", visited_by("adblock")),
    ("server-waits-for-pixel-in-firefox", visited_by("firefox-strict")),
    ("server-waits-for-pixel-script", visited_by("pixel-down")),
    ("banner-without-effect", visited_by("consent-refused")),
    ("ignores-privacy-signal", visited_by("gpc")),
    ("privacy-signal-on-pages-only", visited_by("brave-like")),
    (
        "undecided-counts-as-yes",
        Showing { scenario: "German checkout", ..visited_by("consent-granted-late") },
    ),
    ("browser-id-by-script", visited_by("itp")),
    ("browser-id-for-the-session", visited_by("returning")),
    ("no-id-on-telephones", visited_by("mobile")),
    ("impatient-fallback", visited_by("slow-network")),
    ("image-without-id", Showing { scenario: "Newsletter lead", ..visited_by("no-script") }),
];

const fn twisted(variant: &'static str) -> Showing {
    Showing { scenario: PURCHASE, profile: "clean", variant }
}

const fn visited_by(profile: &'static str) -> Showing {
    Showing { scenario: PURCHASE, profile, variant: "" }
}

/// The scenario that shows most.
const PURCHASE: &str = "Guest checkout";

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

/// The privacy signal is read where pages are made, and nowhere else.
pub(super) const SIGNAL_ON_PAGES: Fault = Fault {
    name: "privacy-signal-on-pages-only",
    rule: "event-without-consent",
    also: &["low-match-quality"],
    summary: "The consent tool of the page reads the browser's privacy signal; the server, which nobody told of it, does not.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::ServerIgnoresSignal),
};

/// Silence is taken for agreement, in a country that asks first.
pub(super) const UNDECIDED: Fault = Fault {
    name: "undecided-counts-as-yes",
    rule: "event-without-consent",
    also: &["unexpected-event"],
    summary: "Whoever has not answered the banner is tracked, in a country where visitors must be asked first.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::UndecidedIsYes),
};

/// The cookie of the browser id is a script's.
pub(super) const BY_SCRIPT: Fault = Fault {
    name: "browser-id-by-script",
    rule: "unstable-fbp",
    also: &["fbp-mismatch", "low-match-quality"],
    summary: "A script sets the browser id's cookie on a visitor's first page; tracking prevention takes it after seven days, and the server goes on with the old one.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::BrowserIdByScript),
};

/// What the shop knows of a visitor ends with the browser.
pub(super) const FORGETS: Fault = Fault {
    name: "browser-id-for-the-session",
    rule: "unstable-fbp",
    also: &["fbp-mismatch"],
    summary: "The session cookie ends with the browser, and each new session gets a browser id of its own, whatever the cookie says.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::ForgetsVisits),
};

/// Telephones get an old template.
pub(super) const PHONES: Fault = Fault {
    name: "no-id-on-telephones",
    rule: "missing-event-id",
    also: &[
        "double-counted",
        "duplicate-browser-event",
        "missing-server-event",
        "missing-browser-event",
        "fallback-dedup-only",
        "low-dedup-rate",
        "null-literal",
        "empty-event-id",
        "server-before-browser",
    ],
    summary: "Telephones get an older template, which fires the purchase without an event ID.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::PhonesWithoutIds),
};

/// A fallback that does not wait for long.
pub(super) const IMPATIENT: Fault = Fault {
    name: "impatient-fallback",
    rule: "duplicate-browser-event",
    also: &["double-counted", "fbc-missing-after-click", "low-match-key-coverage"],
    summary: "The page sends by image what the pixel's script has not sent within a fifth of a second; on a slow line the script comes later and sends it again.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::Impatient),
};

/// The image for browsers without scripts is the one that everybody copies.
pub(super) const IMAGE: Fault = Fault {
    name: "image-without-id",
    rule: "double-counted",
    also: &["missing-event-id", "fallback-dedup-only", "server-before-browser"],
    summary: "The image for browsers without scripts is copied from the manual as it stands there, without the event ID that the server gives the page view.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::ImageWithoutId),
};
