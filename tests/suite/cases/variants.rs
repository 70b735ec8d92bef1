//! Tapes of the rules on variants: the first session is the flow as written, the second
//! one the variant.

use countonce::capture::TwistMark;

use countonce::platform::meta::normalise::digest;

use super::Case;
use crate::tape_builder::{START, Sent, Tape};

/// When the second session begins, milliseconds after the start of the tape.
const SECOND: i64 = 1_000_000;
/// When its flow is twisted.
const TWISTED: i64 = SECOND + 30_000;

/// The second visitor: another person in another browser.
const OTHER_FBP: &str = "fb.1.1772453790000.2087654321";
const OTHER_EMAIL: &str = "mary_jones@gmail.com";
const OTHER_PHONE: &str = "+16505550188";
const OTHER_IP: &str = "73.162.41.77";

fn hit(name: &str, id: &str, at: i64) -> Sent {
    crate::tape_builder::hit(name, id)
        .at(at)
        .in_session(Some(2))
        .set("ts", (START + at).to_string())
        .set("it", (START + at - 500).to_string())
        .set("fbp", OTHER_FBP)
        .set("ud[em]", digest(OTHER_EMAIL))
        .set("ud[ph]", digest(OTHER_PHONE.trim_start_matches('+')))
        .without("fbc")
}

fn call(name: &str, id: &str, at: i64) -> Sent {
    crate::tape_builder::call(name, id)
        .at(at)
        .set("/event_time", (START + at) / 1000)
        .set("/user_data/fbp", OTHER_FBP)
        .set("/user_data/em", vec![digest(OTHER_EMAIL)])
        .set("/user_data/ph", vec![digest(OTHER_PHONE.trim_start_matches('+'))])
        .set("/user_data/client_ip_address", OTHER_IP)
        .without("/user_data/fbc")
}

/// A second session, of another person, in the variant.
fn varied(expect: &[&str], name: &str) -> Tape {
    Tape::new()
        .session(&["Purchase"])
        .pair("Purchase", "order-1")
        .session(expect)
        .variant(name)
        .with(|session| {
            session.marks = vec![
                format!("em:{}", digest(OTHER_EMAIL)),
                format!("ph:{}", digest(OTHER_PHONE.trim_start_matches('+'))),
            ];
            session.persona = [("email", OTHER_EMAIL), ("phone", OTHER_PHONE), ("ip", OTHER_IP)]
                .map(|(field, value)| (field.to_owned(), value.to_owned()))
                .into();
        })
}

/// A flow as written, and its variant with one purchase before the twist.
fn twisted(name: &str) -> Tape {
    varied(&["Purchase"], name)
        .twist(TWISTED, TwistMark::Twist)
        .send(hit("Purchase", "order-2", SECOND))
        .send(call("Purchase", "order-2", SECOND + 900))
}

/// The same event ID once more is no second conversion for the platform, and neither is a
/// view that comes again.
fn harmless(name: &str) -> Tape {
    twisted(name)
        .with(|session| {
            let mut view = session.expect[0].clone();
            view.event = "PageView".into();
            view.open = true;
            view.count = 0;
            session.expect.push(view);
        })
        .send(hit("PageView", "view-1", SECOND - 5_000))
        .send(call("PageView", "view-1", SECOND - 4_000))
        .send(hit("PageView", "view-2", TWISTED + 500))
        .send(call("PageView", "view-2", TWISTED + 900))
        .send(hit("Purchase", "order-2", TWISTED + 1_000))
}

/// Another event ID is another conversion.
fn refired(name: &str) -> Tape {
    twisted(name).send(hit("Purchase", "order-2b", TWISTED + 1_000))
}

fn first_call() -> Sent {
    crate::tape_builder::call("Purchase", "order-1")
}

fn blocked(tape: Tape) -> Tape {
    tape.with(|session| {
        session.profile = "adblock".into();
        for expected in &mut session.expect {
            expected.channels.retain(|side| side.name() == "server");
        }
    })
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "refired-on-reload",
            clean: || harmless("reload"),
            broken: || refired("reload"),
        },
        Case {
            rule: "refired-on-revisit",
            clean: || harmless("revisit"),
            broken: || refired("revisit"),
        },
        Case {
            rule: "refired-on-double-click",
            clean: || harmless("double-click"),
            broken: || refired("double-click"),
        },
        Case { rule: "refired-on-back", clean: || harmless("back"), broken: || refired("back") },
        Case {
            rule: "second-tab-double-fire",
            clean: || harmless("second-tab"),
            broken: || refired("second-tab"),
        },
        Case {
            rule: "event-id-cached-across-visitors",
            clean: || {
                varied(&["Purchase"], "second-visitor")
                    .send(hit("Purchase", "order-2", SECOND))
                    .send(call("Purchase", "order-2", SECOND + 900))
            },
            broken: || {
                varied(&["Purchase"], "second-visitor")
                    .send(hit("Purchase", "order-1", SECOND))
                    .send(call("Purchase", "order-2", SECOND + 900))
            },
        },
        Case {
            rule: "lost-when-pixel-blocked",
            clean: || blocked(Tape::new().session(&["Purchase"])).send(first_call()),
            broken: || blocked(Tape::new().session(&["Purchase", "Lead"])).send(first_call()),
        },
        Case {
            rule: "event-from-crawler",
            clean: || varied(&[], "crawler"),
            broken: || varied(&[], "crawler").send(hit("PageView", "view-1", SECOND)),
        },
        Case {
            rule: "lost-when-tab-closed",
            clean: || {
                varied(&["Purchase"], "closed-tab")
                    .expecting("Purchase", |purchase| {
                        purchase.channels.retain(|side| side.name() == "server");
                    })
                    .send(call("Purchase", "order-2", SECOND + 900))
            },
            broken: || {
                varied(&["Purchase"], "closed-tab").expecting("Purchase", |purchase| {
                    purchase.channels.retain(|side| side.name() == "server");
                })
            },
        },
    ]
}
