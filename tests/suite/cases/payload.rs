//! Tapes of the payload rules.

use super::Case;
use crate::tape_builder::{START, Tape, call, hit};

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "missing-value",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .pair("Purchase", "order-1")
                    .pair("Lead", "lead-1")
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(
                        hit("Purchase", "order-1")
                            .without("cd[value]")
                            .without("cd[currency]")
                            .set("cd[currency]", "USD"),
                    )
                    .send(call("Purchase", "order-1"))
            },
        },
        Case {
            rule: "missing-currency",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .pair("Purchase", "order-1")
                    .pair("Lead", "lead-1")
            },
            broken: || {
                Tape::new()
                    .session(&["AddToCart"])
                    .send(hit("AddToCart", "cart-1"))
                    .send(call("AddToCart", "cart-1").without("/custom_data/currency"))
            },
        },
        Case {
            rule: "event-time-in-milliseconds",
            clean: || Tape::new().session(&["Purchase"]).pair("Purchase", "order-1"),
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").set("/event_time", START + 1_000))
            },
        },
    ]
}
