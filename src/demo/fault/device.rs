//! Faults of what the visitor's device tells: browser id, click id, address, user
//! agent. None of them is hashed, all of them belong to one visit.

use serde_json::{Value, json};

use super::ids::remove;
use super::{Bite, Fault};
use crate::demo::cookies::make_fbp;
use crate::platform::meta::normalise::digest;

/// The server hashes the browser id together with the personal data.
pub(super) const HASHED_BROWSER_ID: Fault = Fault {
    name: "hashed-browser-id",
    rule: "hashed-plain-key",
    also: &[
        "fbp-mismatch",
        "malformed-fbp",
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
    ],
    summary: "The server hashes the browser id together with the personal data.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| event["user_data"]["fbp"] = json!(digest(&moment.who.fbp))),
};

/// The server makes the click id cookie's value itself, with the time in seconds.
pub(super) const FBC_IN_SECONDS: Fault = Fault {
    name: "fbc-in-seconds",
    rule: "fbc-time-unit",
    also: &["fbc-mismatch", "malformed-fbc"],
    summary: "The server makes the click id cookie's value itself, with the time in seconds.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| fbc(event, moment.time / 1000)),
};

/// The server makes the click id cookie's value anew for the purchase.
pub(super) const FBC_REMADE: Fault = Fault {
    name: "fbc-made-anew",
    rule: "fbc-time-unit",
    also: &["fbc-mismatch"],
    summary: "The server makes the click id cookie's value anew for the purchase.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| fbc(event, moment.time)),
};

/// The server lower-cases the click id.
pub(super) const FBC_LOWER_CASED: Fault = Fault {
    name: "fbc-lower-cased",
    rule: "fbc-click-id-altered",
    also: &["fbc-mismatch"],
    summary: "The server lower-cases the click id.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        let value = event["user_data"]["fbc"].as_str().map(str::to_lowercase);
        if let Some(value) = value {
            event["user_data"]["fbc"] = json!(value);
        }
    }),
};

/// The server does not read the click id's cookie.
pub(super) const FBC_FORGOTTEN: Fault = Fault {
    name: "fbc-forgotten",
    rule: "fbc-missing-after-click",
    also: &["fbc-mismatch", "low-match-key-coverage"],
    summary: "The server does not read the click id's cookie.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| remove(&mut event["user_data"], "fbc")),
};

/// The server makes a new browser id for each request instead of reading the cookie.
pub(super) const FBP_PER_REQUEST: Fault = Fault {
    name: "fbp-per-request",
    rule: "unstable-fbp",
    also: &["fbp-mismatch"],
    summary: "The server makes a new browser id for each request instead of reading the cookie.",
    exit: 1,
    event: "*",
    bite: Bite::Server(|event, moment| event["user_data"]["fbp"] = json!(make_fbp(moment.time))),
};

/// The column that keeps the browser id is four characters too narrow.
pub(super) const FBP_CUT: Fault = Fault {
    name: "fbp-cut",
    rule: "fbp-mismatch",
    also: &["malformed-fbp", "unstable-fbp"],
    summary: "The column that keeps the browser id is four characters too narrow.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| {
        let fbp = &moment.who.fbp;
        let kept = fbp.chars().count().saturating_sub(4);
        event["user_data"]["fbp"] = json!(fbp.chars().take(kept).collect::<String>());
    }),
};

/// A worker process keeps the first browser id it has seen for everybody.
pub(super) const FBP_SHARED: Fault = Fault {
    name: "fbp-of-the-worker",
    rule: "fbp-shared-by-visitors",
    also: &["fbp-mismatch", "unstable-fbp"],
    summary: "A worker process keeps the first browser id it has seen for everybody.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        event["user_data"]["fbp"] = json!("fb.1.1700000000000.1234567890");
    }),
};

/// The server sends the address of its own load balancer.
pub(super) const PRIVATE_ADDRESS: Fault = Fault {
    name: "address-of-load-balancer",
    rule: "private-client-ip",
    also: &["client-ip-shared-by-visitors", "ip-family-mismatch"],
    summary: "The server sends the address of its own load balancer.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["user_data"]["client_ip_address"] = json!("10.0.3.17")),
};

/// The server sends the whole X-Forwarded-For header as the visitor's address.
pub(super) const ADDRESS_LIST: Fault = Fault {
    name: "forwarded-list",
    rule: "malformed-client-ip",
    also: &[],
    summary: "The server sends the whole X-Forwarded-For header as the visitor's address.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| {
        let own = moment.who.ip.as_deref().unwrap_or("203.0.113.1");
        event["user_data"]["client_ip_address"] = json!(format!("{own}, 10.0.3.17"));
    }),
};

/// The queue's job has no request any more, so the user agent is missing.
pub(super) const NO_USER_AGENT: Fault = Fault {
    name: "no-user-agent",
    rule: "missing-client-user-agent",
    also: &["low-match-key-coverage"],
    summary: "The queue's job has no request any more, so the user agent is missing.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| remove(&mut event["user_data"], "client_user_agent")),
};

/// The server sends the name of its own HTTP client as the visitor's browser.
pub(super) const OWN_USER_AGENT: Fault = Fault {
    name: "own-user-agent",
    rule: "user-agent-of-http-client",
    also: &["user-agent-mismatch"],
    summary: "The server sends the name of its own HTTP client as the visitor's browser.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["user_data"]["client_user_agent"] = json!("axios/1.7.9")),
};

/// The server leaves the click id itself out of the cookie's value.
pub(super) const FBC_WITHOUT_CLICK: Fault = Fault {
    name: "fbc-without-click",
    rule: "malformed-fbc",
    also: &[
        "fbc-mismatch",
        "fbc-click-id-altered",
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
    ],
    summary: "The server leaves the click id itself out of the cookie's value.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        let value = event["user_data"]["fbc"].as_str().unwrap_or_default();
        let short = value.splitn(4, '.').take(3).collect::<Vec<_>>().join(".");
        event["user_data"]["fbc"] = json!(short);
    }),
};

/// The server makes a browser id of its own, with a date in the place of the time.
pub(super) const FBP_DATED: Fault = Fault {
    name: "fbp-with-a-date",
    rule: "malformed-fbp",
    also: &["fbp-mismatch", "unstable-fbp"],
    summary: "The server makes a browser id of its own, with a date in the place of the time.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["user_data"]["fbp"] = json!("fb.1.20260923.1234567890")),
};

/// Makes the click id's value anew from its last part.
fn fbc(event: &mut Value, time: i64) {
    let value = event["user_data"]["fbc"].as_str().unwrap_or_default();
    if let Some(click) = value.splitn(4, '.').nth(3) {
        event["user_data"]["fbc"] = json!(format!("fb.1.{time}.{click}"));
    }
}
