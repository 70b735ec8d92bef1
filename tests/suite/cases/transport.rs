//! Tapes of the transport rules.

use super::Case;
use crate::tape_builder::{PIXEL, START, Sent, Tape, call, hit};

/// What the platform says to an event that is too old.
const TOO_OLD: &str = "Event Timestamp Too Old";

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "rejected-request",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .pair("Purchase", "order-1")
                    .send(hit("Lead", "lead-1"))
                    .send(call("Lead", "lead-1").refused(
                        2,
                        None,
                        "Service temporarily unavailable",
                    ))
                    .send(call("Lead", "lead-1").at(4_000))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .send(hit("Purchase", "order-1"))
                    .send(hit("Lead", "lead-1"))
                    .send(
                        call("Purchase", "order-1")
                            .set("/event_time", OLD)
                            .and(call("Lead", "lead-1"))
                            .refused(100, Some(2_804_003), TOO_OLD),
                    )
                    .send(call("Lead", "lead-1").at(4_000))
            },
        },
        Case {
            rule: "partial-batch-lost",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .send(hit("Purchase", "order-1"))
                    .send(hit("Lead", "lead-1"))
                    .send(
                        call("Purchase", "order-1")
                            .set("/event_time", OLD)
                            .and(call("Lead", "lead-1"))
                            .refused(100, Some(2_804_003), TOO_OLD),
                    )
                    .send(call("Lead", "lead-1").at(4_000))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase", "Lead", "Contact"])
                    .send(hit("Purchase", "order-1"))
                    .send(hit("Lead", "lead-1"))
                    .send(
                        call("Purchase", "order-1")
                            .set("/event_time", OLD)
                            .and(call("Lead", "lead-1"))
                            .refused(100, Some(2_804_003), TOO_OLD),
                    )
                    .send(hit("Contact", "contact-1"))
                    .send(call("Contact", "contact-1").answered(503))
            },
        },
        Case {
            rule: "retry-not-idempotent",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "AddToCart"])
                    .expecting("AddToCart", |cart| cart.count = 2)
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").answered(503))
                    .send(call("Purchase", "order-1").at(5_000))
                    // Two like actions, of which the first met a failure and came again.
                    .send(hit("AddToCart", "cart-1"))
                    .send(call("AddToCart", "cart-1").answered(503))
                    .send(call("AddToCart", "cart-1").at(6_000))
                    .send(hit("AddToCart", "cart-2").at(20_000))
                    .send(
                        call("AddToCart", "cart-2")
                            .at(20_200)
                            .set("/event_time", START / 1000 + 20),
                    )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").answered(503))
                    .send(call("Purchase", "order-1-try-2").at(5_000))
                    .pair("Lead", "lead-1")
                    .send(call("Lead", "lead-1").set("/event_time", START / 1000 + 7).at(7_000))
            },
        },
        Case {
            rule: "slow-server-event",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").at(45_000))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").at(600_000))
            },
        },
        Case {
            rule: "pixel-loaded-twice",
            clean: || {
                Tape::new()
                    .session(&["PageView"])
                    .expecting("PageView", |view| view.count = 2)
                    .send(view("view-1", 1_000, START + 900))
                    .send(call("PageView", "view-1"))
                    // The page is loaded again.
                    .send(view("view-2", 3_000, START + 2_900))
                    .send(call("PageView", "view-2").at(3_200))
            },
            broken: || {
                Tape::new()
                    .session(&["PageView"])
                    .send(view("view-1", 1_000, START + 900))
                    .send(call("PageView", "view-1"))
                    .send(view("view-2", 1_050, START + 980).set("v", "2.9.300"))
            },
        },
        Case {
            rule: "page-view-fired-twice",
            clean: || {
                Tape::new()
                    .session(&["PageView"])
                    .expecting("PageView", |view| view.count = 3)
                    .send(view("view-1", 1_000, START + 900))
                    .send(call("PageView", "view-1"))
                    // The route changes, and later comes back.
                    .send(view("view-2", 2_000, START + 900).set("dl", "https://shop.test/mugs"))
                    .send(
                        call("PageView", "view-2")
                            .at(2_200)
                            .set("/event_source_url", "https://shop.test/mugs"),
                    )
                    .send(view("view-3", 30_000, START + 900))
                    .send(call("PageView", "view-3").at(30_200))
            },
            broken: || {
                Tape::new()
                    .session(&["PageView"])
                    .send(view("view-1", 1_000, START + 900).set("ec", "0"))
                    .send(call("PageView", "view-1"))
                    .send(view("view-2", 1_040, START + 900))
                    .send(
                        view("", 1_010, START + 900)
                            .without("eid")
                            .without("dl")
                            .without("it")
                            .without("ec")
                            .set("noscript", "1"),
                    )
            },
        },
        Case {
            rule: "deprecated-api-version",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    // It ends in May of the year of the tape.
                    .send(call("Purchase", "order-1").to(&format!("/v19.0/{PIXEL}/events")))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").to(&format!("/v16.0/{PIXEL}/events")))
            },
        },
        Case {
            rule: "unreadable-payload",
            clean: || Tape::new().session(&["Purchase"]).pair("Purchase", "order-1"),
            broken: || {
                Tape::new().session(&["Purchase"]).pair("Purchase", "order-1").send(
                    call("Purchase", "order-1")
                        .raw("{\"data\": [{\"event_name\": \"Purchase\", \"event_id\":")
                        .answered(400)
                        .at(2_000),
                )
            },
        },
    ]
}

/// Ten days before the tape, in seconds.
const OLD: i64 = START / 1000 - 864_000;

/// A page view at that time after the start, of the script that began at that time.
fn view(id: &str, at: i64, began: i64) -> Sent {
    hit("PageView", id).at(at).set("it", began.to_string())
}
