//! Tapes of the parity rules.

use super::Case;
use crate::tape_builder::{Tape, call, hit};

pub fn cases() -> Vec<Case> {
    vec![Case {
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
    }]
}
