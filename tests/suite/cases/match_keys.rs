//! Tapes of the match keys rules.

mod browser_ids;
mod clients;
mod digests;

use countonce::event::Channel;

use super::Case;
use crate::tape_builder::{EM, FBC, Sent, Tape, call, hit};

pub fn cases() -> Vec<Case> {
    let mut all = vec![
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
        Case {
            rule: "wrong-match-key-name",
            clean: || {
                Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")).send(
                    call("Purchase", "order-1").set("/user_data/lead_id", 525_645_896_321_948_u64),
                )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").set("/user_data/phone_number", EM))
            },
        },
        Case {
            rule: "too-few-match-keys",
            clean: || {
                Tape::new()
                    .session(&["PageView"])
                    .send(stranger(hit("PageView", "page-1")))
                    .send(stranger(call("PageView", "page-1")).without("/user_data/fbp"))
            },
            broken: || {
                Tape::new()
                    .session(&["PageView"])
                    .send(stranger(hit("PageView", "page-1")).without("fbp"))
                    .send(
                        stranger(call("PageView", "page-1"))
                            .without("/user_data/fbp")
                            .without("/user_data/client_ip_address"),
                    )
            },
        },
        Case {
            rule: "low-match-quality",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "PageView"])
                    .send(hit("Purchase", "order-1").without("fbc"))
                    .send(call("Purchase", "order-1").without("/user_data/fbc"))
                    .send(stranger(hit("PageView", "page-1")))
                    .send(stranger(call("PageView", "page-1")))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(stranger(hit("Purchase", "order-1")))
                    .send(stranger(call("Purchase", "order-1")))
            },
        },
    ];
    all.extend(digests::cases());
    all.extend(browser_ids::cases());
    all.extend(clients::cases());
    all
}

/// An event of a visitor who has told nothing and clicked on nothing.
fn stranger(sent: Sent) -> Sent {
    match sent {
        hit @ Sent::Hit { .. } => hit.without("ud[em]").without("ud[ph]").without("fbc"),
        call @ Sent::Call { .. } => {
            call.without("/user_data/em").without("/user_data/ph").without("/user_data/fbc")
        }
    }
}

/// The click id of the tape's visitor.
fn click() -> &'static str {
    FBC.splitn(4, '.').nth(3).expect("four parts")
}
