//! Tapes of the parity rules.

use countonce::platform::meta::normalise::digest;
use serde_json::json;

use super::Case;
use crate::tape_builder::{AGENT, FBC, FBP, START, Sent, Tape, call, hit};

/// Both halves of a purchase, each changed.
fn purchase(browser: impl FnOnce(Sent) -> Sent, server: impl FnOnce(Sent) -> Sent) -> Tape {
    Tape::new()
        .session(&["Purchase"])
        .send(browser(hit("Purchase", "order-1")))
        .send(server(call("Purchase", "order-1")))
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "value-mismatch",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .expecting("Purchase", |purchase| purchase.value = Some(42.0))
                    .send(hit("Purchase", "order-1").set("cd[value]", "42"))
                    .send(call("Purchase", "order-1").set("/custom_data/value", 42.004))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").set("/custom_data/value", 4200))
            },
        },
        Case {
            rule: "currency-mismatch",
            clean: || purchase(|hit| hit.set("cd[currency]", "usd"), |call| call),
            broken: || purchase(|hit| hit, |call| call.set("/custom_data/currency", "EUR")),
        },
        Case {
            rule: "contents-mismatch",
            clean: || {
                purchase(
                    |hit| hit.without("cd[contents]").set("cd[content_ids]", "[\"7\",\"12\"]"),
                    |call| {
                        call.set("/custom_data/content_ids", json!([12, 7])).set(
                            "/custom_data/contents",
                            json!([{"id": "12", "quantity": 1}, {"id": "7", "quantity": 1}]),
                        )
                    },
                )
            },
            broken: || {
                purchase(
                    |hit| hit,
                    |call| {
                        call.set("/custom_data/content_ids", json!(["mug-blue-xl"])).set(
                            "/custom_data/contents",
                            json!([{"id": "mug-blue-xl", "quantity": 2, "item_price": 21.0}]),
                        )
                    },
                )
            },
        },
        Case {
            rule: "event-time-skew",
            clean: || purchase(|hit| hit, |call| call.set("/event_time", START / 1000 - 240)),
            broken: || purchase(|hit| hit, |call| call.set("/event_time", START / 1000 - 2_400)),
        },
        Case {
            rule: "source-url-mismatch",
            clean: || {
                purchase(
                    |hit| hit,
                    |call| call.set("/event_source_url", "https://SHOP.test/thank-you/?order=1"),
                )
            },
            broken: || {
                purchase(
                    |hit| hit,
                    |call| call.set("/event_source_url", "http://shop.test/thank-you"),
                )
            },
        },
        Case {
            rule: "identity-mismatch",
            clean: || {
                purchase(
                    |hit| hit.set("ud[external_id]", digest("user-7")),
                    |call| call.set("/user_data/external_id", "User-7"),
                )
            },
            broken: || {
                let named = |tape: Tape| {
                    tape.with(|session| {
                        session.persona.insert("last_name".into(), "O'Smith".into());
                    })
                };
                named(Tape::new().session(&["Purchase"]))
                    .send(hit("Purchase", "order-1").set("ud[ln]", digest("osmith")))
                    .send(
                        call("Purchase", "order-1")
                            .set("/user_data/ln", json!([digest("o'smith")])),
                    )
            },
        },
        Case {
            rule: "fbp-mismatch",
            clean: || {
                purchase(|hit| hit, |call| call.set("/user_data/fbp", format!("{FBP}.AQQCAQIB")))
            },
            broken: || {
                purchase(|hit| hit, |call| call.set("/user_data/fbp", "fb.1.1772452801200.77"))
            },
        },
        Case {
            rule: "fbc-mismatch",
            clean: || {
                let earlier = FBC.replace("1772452790000", "1772452789400");
                purchase(
                    |hit| hit,
                    |call| call.set("/user_data/fbc", format!("{earlier}.AQQCAQIB")),
                )
            },
            broken: || {
                let later = FBC.replace("1772452790000", "1772452796000");
                purchase(|hit| hit, |call| call.set("/user_data/fbc", later))
            },
        },
        Case {
            rule: "user-agent-mismatch",
            clean: || purchase(|hit| hit.by(AGENT), |call| call),
            broken: || {
                purchase(|hit| hit, |call| call.set("/user_data/client_user_agent", &AGENT[..64]))
            },
        },
        Case {
            rule: "ip-family-mismatch",
            clean: || purchase(|hit| hit.set("ud[client_ip_address]", "73.162.41.9"), |call| call),
            broken: || {
                purchase(|hit| hit.set("ud[client_ip_address]", "2601:645:4100::9"), |call| call)
            },
        },
    ]
}
