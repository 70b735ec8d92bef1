//! Tapes of the rules on addresses and user agents.

use crate::cases::Case;
use crate::tape_builder::{AGENT, IP, Sent, Tape, call, hit};

/// Both halves of a purchase whose server half is changed.
fn purchase(change: impl FnOnce(Sent) -> Sent) -> Tape {
    Tape::new()
        .session(&["Purchase"])
        .send(hit("Purchase", "order-1"))
        .send(change(call("Purchase", "order-1")))
}

/// A page of a site in production: logs come from there.
const PAGE: &str = "https://shop.example.com/";

/// A log without sessions: so many visitors, all from one address.
fn crowd(size: u32) -> Tape {
    let mut tape = Tape::new();
    for number in 0..size {
        let (id, at) = (format!("page-{number}"), i64::from(number) * 20_000);
        let fbp = format!("fb.1.1772452790000.10981153{number:02}");
        tape = tape
            .send(visitor(
                hit("PageView", &id)
                    .in_session(None)
                    .set("fbp", fbp.as_str())
                    .set("dl", PAGE)
                    .at(at),
            ))
            .send(visitor(
                call("PageView", &id)
                    .at(at + 200)
                    .set("/event_source_url", PAGE)
                    .set("/event_time", crate::tape_builder::START / 1000 + at / 1000)
                    .set("/user_data/fbp", fbp)
                    .set("/user_data/client_ip_address", "34.117.59.81"),
            ));
    }
    tape
}

/// Nobody's data: a crowd with one e-mail would be another offence.
fn visitor(sent: Sent) -> Sent {
    match sent {
        hit @ Sent::Hit { .. } => hit.without("ud[em]").without("ud[ph]").without("fbc"),
        call @ Sent::Call { .. } => {
            call.without("/user_data/em").without("/user_data/ph").without("/user_data/fbc")
        }
    }
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "private-client-ip",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .with(|session| {
                        session.persona.insert("ip".into(), "203.0.113.7".into());
                    })
                    .send(hit("Purchase", "order-1"))
                    .send(
                        call("Purchase", "order-1")
                            .set("/user_data/client_ip_address", "203.0.113.7"),
                    )
            },
            broken: || purchase(|call| call.set("/user_data/client_ip_address", "127.0.0.1")),
        },
        Case {
            rule: "malformed-client-ip",
            clean: || {
                purchase(|call| call.set("/user_data/client_ip_address", format!("{IP}.AQQCAQIB")))
            },
            broken: || {
                purchase(|call| call.set("/user_data/client_ip_address", format!("{IP}, 10.0.0.1")))
            },
        },
        Case { rule: "client-ip-shared-by-visitors", clean: || crowd(3), broken: || crowd(7) },
        Case {
            rule: "missing-client-user-agent",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .expecting("Lead", |lead| lead.channels.retain(|side| side.name() == "server"))
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1"))
                    .send(
                        call("Lead", "call-centre-1")
                            .set("/action_source", "phone_call")
                            .without("/user_data/client_user_agent")
                            .without("/event_source_url"),
                    )
            },
            broken: || purchase(|call| call.without("/user_data/client_user_agent")),
        },
        Case {
            rule: "user-agent-of-http-client",
            clean: || {
                let agent = AGENT.replace("Linux x86_64", "curl/8 in a browser's clothes");
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").by(&agent))
                    .send(call("Purchase", "order-1").set("/user_data/client_user_agent", agent))
            },
            broken: || {
                purchase(|call| call.set("/user_data/client_user_agent", "python-requests/2.32.3"))
            },
        },
    ]
}
