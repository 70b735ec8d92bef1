//! Faults of what an event says: value, currency, contents, time, place.

use serde_json::{Value, json};

use super::ids::remove;
use super::{Bite, Fault, REFUSED};

/// The server reports the net value, the browser the gross one.
pub(super) const VALUE_WITHOUT_TAX: Fault = Fault {
    name: "value-without-tax",
    rule: "value-mismatch",
    also: &["suspicious-value"],
    summary: "The server reports the net value, the browser the gross one.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| scale(event, 1.0 / 1.19)),
};

/// The server reports the value in cents.
pub(super) const VALUE_IN_CENTS: Fault = Fault {
    name: "value-in-cents",
    rule: "value-mismatch",
    also: &["suspicious-value"],
    summary: "The server reports the value in cents.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| scale(event, 100.0)),
};

/// The server's currency is a constant, whatever the store.
pub(super) const OTHER_CURRENCY: Fault = Fault {
    name: "currency-hard-coded",
    rule: "currency-mismatch",
    also: &[],
    summary: "The server's currency is a constant, whatever the store.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["custom_data"]["currency"] = json!("CHF")),
};

/// The server reports the id of the product family instead of the variant that was bought.
pub(super) const OTHER_CONTENTS: Fault = Fault {
    name: "parent-product-ids",
    rule: "contents-mismatch",
    also: &[],
    summary: "The server reports the id of the product family instead of the variant that was bought.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| parents(event)),
};

/// The server gives the home page as the page of every purchase.
pub(super) const OTHER_PAGE: Fault = Fault {
    name: "source-url-of-home-page",
    rule: "source-url-mismatch",
    also: &[],
    summary: "The server gives the home page as the page of every purchase.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| {
        let host = moment.page.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        event["event_source_url"] = json!(format!("{host}/"));
    }),
};

/// Both channels spell the event Add To Cart.
pub(super) const MISSPELT_EVENT: Fault = Fault {
    name: "event-name-misspelt",
    rule: "misspelt-standard-event",
    also: &["missing-conversion", "unexpected-event"],
    summary: "Both channels spell the event Add To Cart.",
    exit: 1,
    event: "AddToCart",
    bite: Bite::Both(|moment| moment.name = "Add To Cart".into()),
};

/// The pixel call of the purchase has no value.
pub(super) const NO_VALUE_IN_BROWSER: Fault = Fault {
    name: "no-value-in-browser",
    rule: "missing-value",
    also: &["value-mismatch"],
    summary: "The pixel call of the purchase has no value.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Browser(|call| drop(call.params.shift_remove("value"))),
};

/// The server event of the purchase has no value.
pub(super) const NO_VALUE_ON_SERVER: Fault = Fault {
    name: "no-value-on-server",
    rule: "missing-value",
    also: &["value-mismatch", "rejected-request", "missing-server-event", "low-server-coverage"],
    summary: "The server event of the purchase has no value.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| remove(&mut event["custom_data"], "value")),
};

/// The pixel call of the purchase has no currency.
pub(super) const NO_CURRENCY_IN_BROWSER: Fault = Fault {
    name: "no-currency-in-browser",
    rule: "missing-currency",
    also: &["currency-mismatch"],
    summary: "The pixel call of the purchase has no currency.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Browser(|call| drop(call.params.shift_remove("currency"))),
};

/// The server event of the purchase has no currency.
pub(super) const NO_CURRENCY_ON_SERVER: Fault = Fault {
    name: "no-currency-on-server",
    rule: "missing-currency",
    also: &["currency-mismatch", "rejected-request", "missing-server-event", "low-server-coverage"],
    summary: "The server event of the purchase has no currency.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| remove(&mut event["custom_data"], "currency")),
};

/// The server sends the currency's sign instead of its code.
pub(super) const CURRENCY_SYMBOL: Fault = Fault {
    name: "currency-symbol",
    rule: "invalid-currency",
    also: &["currency-mismatch", "rejected-request", "missing-server-event", "low-server-coverage"],
    summary: "The server sends the currency's sign instead of its code.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["custom_data"]["currency"] = json!("$")),
};

/// The page fires the value as it is shown to people, with sign and decimal comma.
pub(super) const VALUE_AS_TEXT: Fault = Fault {
    name: "value-as-text",
    rule: "value-not-a-number",
    also: &["value-mismatch", "suspicious-value"],
    summary: "The page fires the value as it is shown to people, with sign and decimal comma.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Browser(|call| {
        let value = call.params.get("value").and_then(Value::as_f64).unwrap_or_default();
        call.params.insert("value".into(), json!(format!("$ {value:.2}").replace('.', ",")));
    }),
};

/// The page fires contents as the text of a script literal, in single quotes.
pub(super) const CONTENTS_AS_SCRIPT: Fault = Fault {
    name: "contents-as-script",
    rule: "invalid-contents",
    also: &["contents-mismatch"],
    summary: "The page fires contents as the text of a script literal, in single quotes.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Browser(|call| {
        let text = Value::Array(call.params.get("contents").into_iter().cloned().collect());
        call.params.insert("contents".into(), json!(text[0].to_string().replace('"', "'")));
    }),
};

/// The cart is emptied before the server reads the content ids from it.
pub(super) const NO_CONTENT_IDS: Fault = Fault {
    name: "empty-content-ids",
    rule: "empty-content-ids",
    also: &["contents-mismatch", "missing-contents"],
    summary: "The cart is emptied before the server reads the content ids from it.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        event["custom_data"]["content_ids"] = json!([]);
        event["custom_data"]["contents"] = json!([]);
    }),
};

/// The page fires the order number before it is known.
pub(super) const NULL_TEXT: Fault = Fault {
    name: "undefined-order-id",
    rule: "null-literal",
    also: &[],
    summary: "The page fires the order number before it is known.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Browser(|call| drop(call.params.insert("order_id".into(), json!("undefined")))),
};

/// The server sends the event's time in milliseconds.
pub(super) const TIME_IN_MILLISECONDS: Fault = Fault {
    name: "time-in-milliseconds",
    rule: "event-time-in-milliseconds",
    also: &[
        "event-time-in-future",
        "event-time-skew",
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
    ],
    summary: "The server sends the event's time in milliseconds.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| event["event_time"] = json!(moment.time)),
};

/// The server sends local time as if it were universal time.
pub(super) const TIME_IN_FUTURE: Fault = Fault {
    name: "time-in-future",
    rule: "event-time-in-future",
    also: &[
        "event-time-skew",
        "dedup-window-exceeded",
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
    ],
    summary: "The server sends local time as if it were universal time.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| shift(event, moment.time, 2 * HOUR)),
};

/// The server sends the day the customer signed up as the time of the purchase.
pub(super) const TIME_STALE: Fault = Fault {
    name: "time-stale",
    rule: "event-time-stale",
    also: &[
        "event-time-skew",
        "dedup-window-exceeded",
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
    ],
    summary: "The server sends the day the customer signed up as the time of the purchase.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, moment| shift(event, moment.time, -9 * 24 * HOUR)),
};

/// The server does not say where the purchase happened.
pub(super) const NO_ACTION_SOURCE: Fault = Fault {
    name: "no-action-source",
    rule: "missing-action-source",
    also: REFUSED,
    summary: "The server does not say where the purchase happened.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| remove(event, "action_source")),
};

/// The server sends the path of the page without scheme and host.
pub(super) const RELATIVE_URL: Fault = Fault {
    name: "relative-source-url",
    rule: "relative-source-url",
    also: &["source-url-mismatch", "missing-source-url"],
    summary: "The server sends the path of the page without scheme and host.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["event_source_url"] = json!("/thank-you")),
};

/// The server sends the event's time as a date that people read.
pub(super) const TIME_AS_TEXT: Fault = Fault {
    name: "time-as-text",
    rule: "event-time-not-a-number",
    also: REFUSED,
    summary: "The server sends the event's time as a date that people read.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["event_time"] = json!("2026-09-23 14:05:00")),
};

/// The server says web where the purchase happened on a website.
pub(super) const WRONG_ACTION_SOURCE: Fault = Fault {
    name: "action-source-web",
    rule: "invalid-action-source",
    also: REFUSED,
    summary: "The server says web where the purchase happened on a website.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| event["action_source"] = json!("web")),
};

/// The server does not say on which page the purchase happened.
pub(super) const NO_SOURCE_URL: Fault = Fault {
    name: "no-source-url",
    rule: "missing-source-url",
    also: &[
        "source-url-mismatch",
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
    ],
    summary: "The server does not say on which page the purchase happened.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| remove(event, "event_source_url")),
};

/// The server gives an address of the staging system.
pub(super) const STAGING_URL: Fault = Fault {
    name: "staging-source-url",
    rule: "staging-source-url",
    also: &["source-url-mismatch"],
    summary: "The server gives an address of the staging system.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| {
        event["event_source_url"] = json!("http://localhost:3000/thank-you");
    }),
};

/// Neither channel says whether the ids are those of products or of groups.
pub(super) const NO_CONTENT_TYPE: Fault = Fault {
    name: "no-content-type",
    rule: "missing-content-type",
    also: &[],
    summary: "Neither channel says whether the ids are those of products or of groups.",
    exit: 1,
    event: "ViewContent",
    bite: Bite::Both(|moment| drop(moment.params.shift_remove("content_type"))),
};

/// Both channels write the kind of content with a capital letter.
pub(super) const CONTENT_TYPE_CASE: Fault = Fault {
    name: "content-type-in-capitals",
    rule: "invalid-content-type",
    also: &[],
    summary: "Both channels write the kind of content with a capital letter.",
    exit: 1,
    event: "ViewContent",
    bite: Bite::Both(|moment| drop(moment.params.insert("content_type".into(), json!("Product")))),
};

/// The variable that holds the event's name is unset on the server.
pub(super) const NO_EVENT_NAME: Fault = Fault {
    name: "no-event-name",
    rule: "missing-event-name",
    also: &[
        "rejected-request",
        "missing-server-event",
        "low-server-coverage",
        "missing-conversion",
    ],
    summary: "The variable that holds the event's name is unset on the server.",
    exit: 1,
    event: "Purchase",
    bite: Bite::Server(|event, _| remove(event, "event_name")),
};

/// One hour in seconds.
const HOUR: i64 = 60 * 60;

fn scale(event: &mut Value, factor: f64) {
    let value = event["custom_data"]["value"].as_f64().unwrap_or_default();
    event["custom_data"]["value"] = json!((value * factor * 100.0).round() / 100.0);
}

fn shift(event: &mut Value, time: i64, seconds: i64) {
    event["event_time"] = json!(time / 1000 + seconds);
}

/// Replaces each stock number by the part before its first dash.
fn parents(event: &mut Value) {
    let parent = |id: &mut Value| {
        let family = id.as_str().and_then(|id| id.split('-').next()).map(str::to_owned);
        *id = json!(family);
    };
    let data = &mut event["custom_data"];
    data["content_ids"].as_array_mut().into_iter().flatten().for_each(parent);
    for item in data["contents"].as_array_mut().into_iter().flatten() {
        parent(&mut item["id"]);
    }
}
