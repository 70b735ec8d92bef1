//! Tapes of the pairing rules.

use super::Case;
use crate::tape_builder::{Sent, Tape, call, hit};

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "missing-server-event",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .expecting("Lead", |lead| lead.channels.retain(|side| side.name() == "browser"))
                    .pair("Purchase", "order-1")
                    .send(hit("Lead", "lead-1"))
            },
            broken: || Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")),
        },
        Case {
            rule: "missing-browser-event",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .expecting("Lead", |lead| lead.channels.retain(|side| side.name() == "server"))
                    .pair("Purchase", "order-1")
                    .send(call("Lead", "lead-1"))
            },
            broken: || Tape::new().session(&["Purchase"]).send(call("Purchase", "order-1")),
        },
        Case {
            rule: "missing-event-id",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .expecting("Lead", |lead| lead.channels.retain(|side| side.name() == "browser"))
                    .pair("Purchase", "order-1")
                    .send(hit("Lead", "").without("eid"))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "").without("/event_id"))
            },
        },
        Case {
            rule: "event-id-mismatch",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .pair("Purchase", "order-1")
                    .pair("Lead", "ORDER-1")
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "ORDER-1"))
            },
        },
        Case {
            rule: "duplicate-browser-event",
            clean: || {
                Tape::new()
                    .session(&["AddToCart"])
                    .expecting("AddToCart", |cart| cart.count = 2)
                    .pair("AddToCart", "cart-1")
                    .pair("AddToCart", "cart-2")
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .pair("Purchase", "order-1")
                    .send(hit("Purchase", "again-7"))
            },
        },
        Case {
            rule: "duplicate-server-event",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").answered(503))
                    .send(call("Purchase", "order-1").at(3_000))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .pair("Purchase", "order-1")
                    .send(call("Purchase", "order-1").at(5_000))
            },
        },
        Case {
            rule: "empty-event-id",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .pair("Purchase", "undefined-17")
                    .pair("Lead", "none")
                    .send(hit("SubscribedButtonClick", "").set("es", "automatic").set("tm", "3"))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .send(hit("Purchase", ""))
                    .send(call("Purchase", "order-1"))
                    .send(hit("Lead", "undefined"))
                    .send(call("Lead", "lead-1"))
            },
        },
        Case {
            rule: "event-id-in-wrong-place",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("cd[eventID]", "order-1"))
                    .send(call("Purchase", "order-1"))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "").without("eid").set("cd[eventID]", "order-1"))
                    .send(call("Purchase", "order-1"))
            },
        },
        Case {
            rule: "event-name-mismatch",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .pair("Purchase", "order-1")
                    .pair("Lead", "order-1")
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").set("/event_name", "purchase"))
            },
        },
        Case {
            rule: "pixel-id-mismatch",
            clean: || {
                Tape::new()
                    .session(&["Lead"])
                    .pair("Lead", "lead-1")
                    .send(hit("Lead", "lead-1").set("id", "2222222222"))
                    .send(call("Lead", "lead-1").to("/v26.0/2222222222/events"))
            },
            broken: || {
                Tape::new()
                    .session(&["Lead"])
                    .send(hit("Lead", "lead-1"))
                    .send(call("Lead", "lead-1").to("/v26.0/2222222222/events"))
            },
        },
        Case {
            rule: "event-id-reused",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead", "PageView"])
                    .pair("Purchase", "order-1")
                    .pair("Lead", "order-1")
                    // The page of the order is loaded again, and says the same.
                    .send(hit("Purchase", "order-1").at(40_000))
                    .pair("PageView", "view-1")
            },
            broken: || {
                let second = |sent: Sent| {
                    sent.in_session(Some(2))
                        .at(1_001_000)
                        .set("fbp", "fb.1.1772452790111.2200000002")
                        .set("fbc", "fb.1.1772452790111.IwAR0secondVisitor")
                };
                Tape::new()
                    .session(&["PageView", "AddToCart"])
                    .expecting("AddToCart", |cart| cart.count = 2)
                    .session(&["PageView"])
                    .with(|session| session.marks = vec!["em:of-someone-else".into()])
                    .pair("PageView", "cached-page")
                    .send(second(
                        hit("PageView", "cached-page").without("ud[em]").without("ud[ph]"),
                    ))
                    .pair("AddToCart", "session-7")
                    .send(
                        hit("AddToCart", "session-7")
                            .set("cd[content_ids]", "[\"cup\"]")
                            .at(50_000),
                    )
                    .send(
                        call("AddToCart", "session-7")
                            .set("/custom_data/content_ids", serde_json::json!(["cup"]))
                            .at(50_200),
                    )
            },
        },
        Case {
            rule: "event-id-guessable",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead", "Contact"])
                    .pair("Purchase", "17")
                    .pair("Lead", "1042")
                    // Ten digits that are no time near this one.
                    .pair("Contact", "1600000000")
            },
            broken: || {
                Tape::new()
                    .session(&["Lead", "Contact"])
                    .pair("Lead", "Lead_1772452800990")
                    .pair("Contact", "3")
            },
        },
        Case {
            rule: "dedup-window-exceeded",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").at(47 * HOUR))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").at(49 * HOUR))
            },
        },
        Case {
            rule: "fallback-dedup-only",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .expecting("Lead", |lead| lead.channels.retain(|side| side.name() == "browser"))
                    .pair("Purchase", "order-1")
                    .send(hit("Lead", "").without("eid"))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .send(hit("Purchase", "").without("eid"))
                    .send(call("Purchase", "").without("/event_id"))
                    .send(hit("Lead", "").without("eid"))
                    .send(call("Lead", "").without("/event_id").at(500))
            },
        },
        Case {
            rule: "server-before-browser",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(call("Purchase", "order-1").at(500))
                    .send(hit("Purchase", "order-1"))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .expecting("Purchase", |purchase| purchase.count = 2)
                    .send(call("Purchase", "order-1").at(500))
                    .send(hit("Purchase", "order-1"))
                    .send(hit("Purchase", "").without("eid").at(4_000))
                    .send(call("Purchase", "").without("/event_id").at(4_500))
            },
        },
    ]
}

/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;
