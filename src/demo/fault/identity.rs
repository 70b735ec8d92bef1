//! Faults of match keys: what keeps the platform from recognising the person.

use md5::Md5;
use serde_json::{Value, json};
use sha2::Digest as _;
use uuid::Uuid;

use super::ids::remove;
use super::{ANOTHERS, Bite, Fault};
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
        event["user_data"]["em"] = json!([moment.who.customer.email]);
    }),
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
        event["user_data"]["em"] = json!([digest(&email(moment)).to_uppercase()]);
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
    also: ANOTHERS,
    summary: "The server hashes an empty text because guests have no account.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["user_data"]["em"] = json!([digest("")])),
};

/// The server hashes the digest that the database already holds.
pub(super) const DOUBLE_HASH: Fault = Fault {
    name: "double-hash",
    rule: "digest-misnormalised",
    also: ANOTHERS,
    summary: "The server hashes the digest that the database already holds.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| {
        event["user_data"]["em"] = json!([digest(&digest(&email(moment)))]);
    }),
};

/// The server hashes the e-mail address in the upper case that the ledger keeps.
pub(super) const NOT_LOWER_CASED: Fault = Fault {
    name: "email-in-upper-case",
    rule: "digest-misnormalised",
    also: ANOTHERS,
    summary: "The server hashes the e-mail address in the upper case that the ledger keeps.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| {
        event["user_data"]["em"] = json!([digest(&email(moment).to_uppercase())]);
    }),
};

/// The server confuses first and last name.
pub(super) const SWAPPED_NAMES: Fault = Fault {
    name: "swapped-names",
    rule: "digest-misnormalised",
    also: ANOTHERS,
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
        event["user_data"]["ph"] = json!([digest(&moment.who.customer.national_digits())]);
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
        event["user_data"]["em"] = json!([digest(&format!("{}@orders.shop.test", Uuid::new_v4()))]);
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
    Md5::digest(text.as_bytes()).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// Leaves only these match keys.
fn keep(event: &mut Value, keys: &[&str]) {
    if let Some(object) = event["user_data"].as_object_mut() {
        object.retain(|key, _| keys.contains(&key.as_str()));
    }
}
