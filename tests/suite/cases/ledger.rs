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
            rule: "not-counted",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").answered(503))
                    .send(call("Purchase", "order-1").at(3_000))
                    // The browser's half counts where the server's is refused.
                    .send(hit("Lead", "lead-1"))
                    .send(call("Lead", "lead-1").refused(190, None, "Invalid access token"))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .expecting("Purchase", |purchase| {
                        purchase.channels.retain(|side| side.name() == "server");
                    })
                    .send(call("Purchase", "order-1").without("/custom_data/value").refused(
                        100,
                        Some(2_804_009),
                        "Missing value for Purchase event",
                    ))
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
