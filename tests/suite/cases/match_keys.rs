//! Tapes of the match keys rules.

use countonce::event::Channel;

use super::Case;
use crate::tape_builder::{EM, Tape, call, hit};

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "unhashed-personal-data",
            clean: || {
                Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")).send(
                    call("Purchase", "order-1").set("/user_data/em", format!("{EM}.AQQCAQIB")),
                )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").set("/user_data/em", "John_Smith@gmail.com"))
            },
        },
        Case {
            rule: "low-match-key-coverage",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .expecting("Purchase", |purchase| {
                        purchase
                            .keys
                            .insert(Channel::Server, vec!["em".into(), "ph".into(), "fbp".into()]);
                    })
                    .pair("Purchase", "order-1")
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .expecting("Purchase", |purchase| {
                        purchase
                            .keys
                            .insert(Channel::Server, vec!["em".into(), "ph".into(), "fbp".into()]);
                    })
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").without("/user_data/ph"))
            },
        },
    ]
}
