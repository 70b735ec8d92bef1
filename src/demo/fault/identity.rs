//! Faults of match keys: what keeps the platform from recognising the person.

use md5::Md5;
use serde_json::{Value, json};
use sha2::Digest as _;
use uuid::Uuid;

use super::ids::remove;
use super::{Bite, Fault};
use crate::demo::cookies::make_fbp;
use crate::demo::tracking::Moment;
use crate::platform::meta::normalise::digest;

/// The server sends the e-mail address of the buyer in plain text.
pub(super) const PLAIN_EMAIL: Fault = Fault {
    name: "plain-email",
    rule: "unhashed-personal-data",
    also: &[
        "identity-mismatch",
        "malformed-digest",
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
    ],
    summary: "The server sends the e-mail address of the buyer in plain text.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| {
        event["user_data"]["em"] = json!([moment.who.customer.email])
    }),
};

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

/// The server writes digests in upper case.
pub(super) const UPPER_CASE_DIGEST: Fault = Fault {
    name: "upper-case-digest",
    rule: "malformed-digest",
    also: &["identity-mismatch"],
    summary: "The server writes digests in upper case.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| {
        event["user_data"]["em"] = json!([digest(&email(moment)).to_uppercase()])
    }),
};

/// The server hashes the e-mail address with MD5.
pub(super) const MD5_DIGEST: Fault = Fault {
    name: "md5-digest",
    rule: "malformed-digest",
    also: &["identity-mismatch", "digest-misnormalised"],
    summary: "The server hashes the e-mail address with MD5.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| event["user_data"]["em"] = json!([md5(&email(moment))])),
};

/// The server hashes an empty text because guests have no account.
pub(super) const DIGEST_OF_NOTHING: Fault = Fault {
    name: "digest-of-nothing",
    rule: "digest-of-nothing",
    also: &["identity-mismatch", "digest-not-of-persona"],
    summary: "The server hashes an empty text because guests have no account.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["user_data"]["em"] = json!([digest("")])),
};

/// The server hashes the digest that the database already holds.
pub(super) const DOUBLE_HASH: Fault = Fault {
    name: "double-hash",
    rule: "digest-misnormalised",
    also: &["identity-mismatch", "digest-not-of-persona"],
    summary: "The server hashes the digest that the database already holds.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| {
        event["user_data"]["em"] = json!([digest(&digest(&email(moment)))])
    }),
};

/// The server hashes the e-mail address in the upper case that the ledger keeps.
pub(super) const NOT_LOWER_CASED: Fault = Fault {
    name: "email-in-upper-case",
    rule: "digest-misnormalised",
    also: &["identity-mismatch", "digest-not-of-persona"],
    summary: "The server hashes the e-mail address in the upper case that the ledger keeps.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| {
        event["user_data"]["em"] = json!([digest(&email(moment).to_uppercase())])
    }),
};

/// The server confuses first and last name.
pub(super) const SWAPPED_NAMES: Fault = Fault {
    name: "swapped-names",
    rule: "digest-misnormalised",
    also: &["identity-mismatch", "digest-not-of-persona"],
    summary: "The server confuses first and last name.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        let keys = &mut event["user_data"];
        let first = keys["fn"].take();
        keys["fn"] = keys["ln"].take();
        keys["ln"] = first;
    }),
};

/// The server hashes the telephone number without the country's code.
pub(super) const NATIONAL_PHONE: Fault = Fault {
    name: "national-phone",
    rule: "phone-without-country-code",
    also: &["identity-mismatch", "digest-misnormalised", "digest-not-of-persona"],
    summary: "The server hashes the telephone number without the country's code.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| {
        event["user_data"]["ph"] = json!([digest(&moment.who.customer.national_digits())])
    }),
};

/// The server hashes an alias address that a marketplace made up for the order.
pub(super) const OTHER_PERSON: Fault = Fault {
    name: "alias-address",
    rule: "digest-not-of-persona",
    also: &["identity-mismatch"],
    summary: "The server hashes an alias address that a marketplace made up for the order.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        event["user_data"]["em"] = json!([digest(&format!("{}@orders.shop.test", Uuid::new_v4()))])
    }),
};

/// The server sends the same test address for every guest.
pub(super) const PLACEHOLDER: Fault = Fault {
    name: "placeholder-email",
    rule: "placeholder-identity",
    also: &["identity-mismatch", "digest-not-of-persona", "digest-of-nothing"],
    summary: "The server sends the same test address for every guest.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["user_data"]["em"] = json!([digest("test@test.com")])),
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
        event["user_data"]["fbp"] = json!("fb.1.1700000000000.1234567890")
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

/// The server sends the digest of the e-mail address under the name email.
pub(super) const WRONG_KEY: Fault = Fault {
    name: "email-under-wrong-name",
    rule: "wrong-match-key-name",
    also: &[
        "low-match-key-coverage",
        "unknown-parameter",
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
    ],
    summary: "The server sends the digest of the e-mail address under the name email.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        let digests = event["user_data"]["em"].take();
        event["user_data"]["email"] = digests;
        remove(&mut event["user_data"], "em");
    }),
};

/// The server sends nothing of the buyer but city, country and browser.
pub(super) const TOO_FEW_KEYS: Fault = Fault {
    name: "place-only",
    rule: "too-few-match-keys",
    also: &[
        "low-match-key-coverage",
        "low-match-quality",
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
    ],
    summary: "The server sends nothing of the buyer but city, country and browser.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| keep(event, &["ct", "country", "client_user_agent"])),
};

/// The server looks personal data up in the account, and guests have none.
pub(super) const GUEST_FORGOTTEN: Fault = Fault {
    name: "guest-forgotten",
    rule: "low-match-key-coverage",
    also: &["low-match-quality"],
    summary: "The server looks personal data up in the account, and guests have none.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        keep(event, &["external_id", "fbp", "fbc", "client_ip_address", "client_user_agent"]);
    }),
};

/// The page starts the pixel without telling it who the visitor is.
pub(super) const NO_ADVANCED_MATCHING: Fault = Fault {
    name: "no-advanced-matching",
    rule: "low-match-key-coverage",
    also: &["low-match-quality", "fallback-dedup-only"],
    summary: "The page starts the pixel without telling it who the visitor is.",
    exit: 1,
    event: "*",
    bite: Bite::Matching(serde_json::Map::clear),
};

/// The e-mail address as it is hashed where all is well.
fn email(moment: &Moment) -> String {
    moment.who.customer.email.trim().to_lowercase()
}

fn md5(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes the click id's value anew from its last part.
fn fbc(event: &mut Value, time: i64) {
    let value = event["user_data"]["fbc"].as_str().unwrap_or_default();
    if let Some(click) = value.splitn(4, '.').nth(3) {
        event["user_data"]["fbc"] = json!(format!("fb.1.{time}.{click}"));
    }
}

/// Leaves only these match keys.
fn keep(event: &mut Value, keys: &[&str]) {
    if let Some(object) = event["user_data"].as_object_mut() {
        object.retain(|key, _| keys.contains(&key.as_str()));
    }
}
