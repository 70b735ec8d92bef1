//! Further faults of match keys: traits of the person, ids and clicks of the visit.

use serde_json::{Value, json};

use super::ids::remove;
use super::{ANOTHERS, Bite, Fault, Site};
use crate::platform::meta::normalise::digest;

/// The server sends the shop's language in the place of the buyer's country.
pub(super) const LANGUAGE_AS_COUNTRY: Fault = Fault {
    name: "language-as-country",
    rule: "invalid-country",
    also: ANOTHERS,
    summary: "The server hashes the shop's language in the place of the buyer's country.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["user_data"]["country"] = json!([digest("en")])),
};

/// The server hashes a word for no answer in the place of the gender.
pub(super) const GENDER_UNKNOWN: Fault = Fault {
    name: "gender-not-given",
    rule: "invalid-gender",
    also: ANOTHERS,
    summary: "The server hashes the form's word for no answer as the gender.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["user_data"]["ge"] = json!([digest("unspecified")])),
};

/// The server hashes the form's default date in the place of the date of birth.
pub(super) const DEFAULT_BIRTH_DATE: Fault = Fault {
    name: "default-birth-date",
    rule: "invalid-birth-date",
    also: ANOTHERS,
    summary: "The server hashes the form's default date, written with slashes, as the date of birth.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["user_data"]["db"] = json!([digest("01/01/1970")])),
};

/// The server hashes the date of birth in American order.
pub(super) const AMERICAN_BIRTH_DATE: Fault = Fault {
    name: "birth-date-in-american-order",
    rule: "digest-misnormalised",
    also: &["identity-mismatch", "invalid-birth-date", "digest-not-of-persona"],
    summary: "The server hashes the date of birth with month and day first and slashes.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| {
        let parts: Vec<&str> = moment.who.customer.birth_date.split('-').collect();
        if let [year, month, day] = parts.as_slice() {
            event["user_data"]["db"] = json!([digest(&format!("{month}/{day}/{year}"))]);
        }
    }),
};

/// The page hands the gender to the pixel as a whole word.
pub(super) const GENDER_WORD: Fault = Fault {
    name: "gender-as-a-word",
    rule: "digest-misnormalised",
    also: &["identity-mismatch", "invalid-gender", "digest-not-of-persona"],
    summary: "The page hands the gender to the pixel as a word, which it hashes as written.",
    exit: 1,
    event: "*",
    bite: Bite::Matching(|keys| {
        let word = match keys.get("ge").and_then(Value::as_str) {
            Some("f" | "F") => "Female",
            Some("m" | "M") => "Male",
            _ => return,
        };
        keys.insert("ge".into(), json!(word));
    }),
};

/// The page hands the word undefined to the pixel as the e-mail address.
pub(super) const UNDEFINED_EMAIL: Fault = Fault {
    name: "undefined-email",
    rule: "digest-of-nothing",
    also: &["identity-mismatch", "digest-not-of-persona", "placeholder-identity"],
    summary: "The page hands the word undefined to the pixel as the e-mail address.",
    exit: 1,
    event: "*",
    bite: Bite::Matching(|keys| drop(keys.insert("em".into(), json!("undefined")))),
};

/// The server sends the shop's own id of the customer with a prefix that the page lacks.
pub(super) const OTHER_EXTERNAL_ID: Fault = Fault {
    name: "external-id-with-prefix",
    rule: "identity-mismatch",
    also: &["digest-not-of-persona"],
    summary: "The server puts the customer group before the shop's own id, the page does not.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| {
        let id = format!("retail-{}", moment.who.external_id);
        event["user_data"]["external_id"] = json!([digest(&id)]);
    }),
};

/// The server sends the user agent of another device.
pub(super) const OTHER_USER_AGENT: Fault = Fault {
    name: "user-agent-from-cache",
    rule: "user-agent-mismatch",
    also: &[],
    summary: "A cache before the server keeps the first visitor's user agent for everybody.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        event["user_data"]["client_user_agent"] = json!(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
        );
    }),
};

/// The server sends the public address of the content network for everybody.
pub(super) const ADDRESS_OF_NETWORK: Fault = Fault {
    name: "address-of-content-network",
    rule: "private-client-ip",
    also: &["ip-family-mismatch"],
    summary: "The server sends the public address of the content network for every visitor.",
    exit: 1,
    event: "*",
    bite: Bite::Server(|event, _| {
        event["user_data"]["client_ip_address"] = json!("34.117.59.81");
    }),
};

/// The column that keeps the landing page cuts the click id.
pub(super) const FBC_CUT: Fault = Fault {
    name: "fbc-cut",
    rule: "fbc-click-id-altered",
    also: &["fbc-mismatch"],
    summary: "The column that keeps the landing page cuts the click id.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        change_fbc(event, |fbc| {
            let kept = fbc.chars().count().saturating_sub(8);
            fbc.chars().take(kept).collect()
        });
    }),
};

/// The server keeps the click id as JSON and sends it with its quotation marks.
pub(super) const FBC_QUOTED: Fault = Fault {
    name: "fbc-in-quotes",
    rule: "malformed-fbc",
    also: &[
        "fbc-mismatch",
        "fbc-click-id-altered",
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
    ],
    summary: "The server keeps the click id as JSON and sends it with its quotation marks.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| change_fbc(event, |fbc| format!("\"{fbc}\""))),
};

/// The server remembers the click of an earlier visit.
pub(super) const FBC_OF_EARLIER_CLICK: Fault = Fault {
    name: "fbc-of-an-earlier-click",
    rule: "fbc-click-id-altered",
    also: &["fbc-mismatch"],
    summary: "The account remembers the click of an earlier visit and wins over the cookie.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        change_fbc(event, |_| "fb.1.1760000000000.IwAR0earlierVisit7Qx2kLmZ".to_owned());
    }),
};

/// How far the clock of the worker is ahead, milliseconds.
const CLOCK_AHEAD_MS: i64 = 60_000;

/// The server dates the click by a clock that is ahead.
pub(super) const FBC_OTHER_CLOCK: Fault = Fault {
    name: "fbc-dated-by-another-clock",
    rule: "fbc-mismatch",
    also: &[],
    summary: "The server dates the click by a clock that is a minute ahead, instead of reading the cookie.",
    exit: 1,
    event: "*",
    bite: Bite::Server(|event, _| {
        change_fbc(event, |fbc| {
            let parts: Vec<&str> = fbc.splitn(4, '.').collect();
            match (parts.as_slice(), parts.get(2).and_then(|time| time.parse::<i64>().ok())) {
                ([version, index, _, click], Some(time)) => {
                    format!("{version}.{index}.{}.{click}", time + CLOCK_AHEAD_MS)
                }
                _ => fbc.to_owned(),
            }
        });
    }),
};

/// The server learns of the click only after the landing page.
pub(super) const FBC_LATE: Fault = Fault {
    name: "fbc-late",
    rule: "fbc-missing-after-click",
    also: &["fbc-mismatch", "low-match-key-coverage"],
    summary: "The server reads the click id's cookie, which the landing request does not have yet.",
    exit: 1,
    event: "PageView",
    bite: Bite::Server(|event, moment| {
        if moment.page.contains("fbclid=") {
            remove(&mut event["user_data"], "fbc");
        }
    }),
};

/// The server sends the bare click id under a name of its own.
pub(super) const CLICK_ID_BY_NAME: Fault = Fault {
    name: "click-id-under-wrong-name",
    rule: "wrong-match-key-name",
    also: &["unknown-parameter", "rejected-request", "missing-server-event", "low-server-coverage"],
    summary: "The server sends the bare click id under the name click_id.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| {
        let click = moment.who.fbc.as_deref().and_then(|fbc| fbc.splitn(4, '.').nth(3));
        event["user_data"]["click_id"] = json!(click);
    }),
};

/// Neither channel is told who the customer is.
pub(super) const KNOWS_NOBODY: Fault = Fault {
    name: "customers-kept-back",
    rule: "low-match-quality",
    also: &["low-match-key-coverage"],
    summary: "Neither channel is told who the customer is, whatever the forms say.",
    exit: 1,
    event: "*",
    bite: Bite::Site(Site::KnowsNobody),
};

fn change_fbc(event: &mut Value, change: impl Fn(&str) -> String) {
    let changed = event["user_data"]["fbc"].as_str().map(change);
    if let Some(changed) = changed {
        event["user_data"]["fbc"] = json!(changed);
    }
}
