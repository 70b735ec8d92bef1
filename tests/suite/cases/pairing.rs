//! Tapes of the pairing rules.

use super::Case;
use crate::tape_builder::{Tape, call, hit};

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
    ]
}
