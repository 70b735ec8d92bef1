//! Tapes of the ledger rules.

use super::Case;
use crate::tape_builder::{Tape, call, hit};

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "double-counted",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .pair("Purchase", "order-1")
                    .send(call("Purchase", "order-1").at(60_000))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-2"))
            },
        },
        Case {
            rule: "missing-conversion",
            clean: || Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")),
            broken: || Tape::new().session(&["Purchase", "Lead"]).pair("Purchase", "order-1"),
        },
        Case {
            rule: "unexpected-event",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .with(|session| session.never = vec!["Lead".into()])
                    .pair("Purchase", "order-1")
                    .send(
                        hit("SubscribedButtonClick", "")
                            .without("eid")
                            .set("es", "automatic")
                            .set("tm", "3"),
                    )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .with(|session| session.never = vec!["Lead".into()])
                    .pair("Purchase", "order-1")
                    .pair("Lead", "lead-1")
                    .pair("ViewContent", "view-1")
            },
        },
    ]
}
