//! Tapes of the transport rules.

use super::Case;
use crate::tape_builder::{Tape, call};

pub fn cases() -> Vec<Case> {
    vec![Case {
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
    }]
}
