//! Tapes of the privacy rules.

use super::Case;
use crate::tape_builder::{PIXEL, Sent, Tape, call, hit};

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "personal-data-in-url",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(
                        hit("Purchase", "order-1")
                            .set("dl", "https://shop.test/thank-you?order=1001&email=_removed_")
                            .set("rl", "https://shop.test/img/logo@2x.png?phone=pixel-9"),
                    )
                    .send(call("Purchase", "order-1").set(
                        "/event_source_url",
                        "https://shop.test/thank-you?order=1001&email=_removed_",
                    ))
            },
            broken: || {
                let page = "https://shop.test/thank-you?email=john_smith%40gmail.com";
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .send(hit("Purchase", "order-1").set("dl", page))
                    .send(call("Purchase", "order-1").set("/event_source_url", page))
                    .send(hit("Lead", "lead-1").set("rl", page))
                    .send(
                        call("Lead", "lead-1")
                            .set("/referrer_url", "https://shop.test/search?q=%2B1+650-555-1212"),
                    )
            },
        },
        Case {
            rule: "personal-data-in-custom-data",
            clean: || {
                let digest = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f";
                Tape::new()
                    .session(&["Purchase"])
                    .send(
                        hit("Purchase", "order-1")
                            .set("cd[content_name]", "Mug \"@home\" 16505551299")
                            .set("cd[customer_email]", digest),
                    )
                    .send(call("Purchase", "order-1"))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("cd[email]", "john_smith@gmail.com"))
                    .send(
                        call("Purchase", "order-1").set(
                            "/custom_data/buyer",
                            serde_json::json!({"phone": "(650) 555-1212"}),
                        ),
                    )
            },
        },
        Case {
            rule: "event-without-consent",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .pair("Purchase", "order-1")
                    // Nothing for the one who refused, and limited use for the one who objects.
                    .session(&["Purchase"])
                    .with(|session| session.profile = "consent-refused".into())
                    .session(&["Lead"])
                    .with(|session| {
                        session.profile = "gpc".into();
                        session.persona.insert("ip".into(), "73.162.41.10".into());
                    })
                    .send(
                        other(hit("Lead", "lead-3"), 3)
                            .set("dpo", "LDU")
                            .set("dpoco", "0")
                            .set("dpost", "0"),
                    )
                    .send(
                        call("Lead", "lead-3")
                            .set(
                                "/user_data",
                                serde_json::json!({
                                    "external_id": "visitor-3",
                                    "fbp": "fb.1.1772452790003.3300000003",
                                    "fbc": "fb.1.1772452790003.IwAR0visitor3",
                                    "client_ip_address": "73.162.41.10",
                                    "client_user_agent": crate::tape_builder::AGENT,
                                }),
                            )
                            .set("/data_processing_options", serde_json::json!(["LDU"]))
                            .set("/data_processing_options_country", 0)
                            .set("/data_processing_options_state", 0)
                            .at(2_001_200)
                            .set("/event_time", crate::tape_builder::START / 1000 + 2_001),
                    )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .with(|session| session.profile = "consent-refused".into())
                    .send(call("Purchase", "order-1"))
                    .session(&["Lead"])
                    .with(|session| session.profile = "gpc".into())
                    .send(other(hit("Lead", "lead-2"), 2))
            },
        },
        Case {
            rule: "access-token-in-browser",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("cd[token]", "gift-token"))
                    .send(call("Purchase", "order-1"))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .pair("Purchase", "order-1")
                    .send(
                        hit("Lead", "lead-1")
                            .set("dl", "https://shop.test/thank-you?access_token=EAATESTTOKEN"),
                    )
                    .send(call("Lead", "lead-1"))
                    .send(call("Lead", "lead-1").at(1_300).sent_from_page())
            },
        },
        Case {
            rule: "access-token-in-url",
            clean: || Tape::new().session(&["Purchase"]).pair("Purchase", "order-1"),
            broken: || {
                Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")).send(
                    call("Purchase", "order-1")
                        .to(&format!("/v26.0/{PIXEL}/events?access_token=EAATESTTOKEN")),
                )
            },
        },
    ]
}

/// The hit of another visitor, in that visitor's session.
fn other(sent: Sent, number: u32) -> Sent {
    sent.in_session(Some(number))
        .without("ud[em]")
        .without("ud[ph]")
        .set("fbc", format!("fb.1.177245279000{number}.IwAR0visitor{number}"))
        .at(i64::from(number - 1) * 1_000_000 + 1_000)
        .set("fbp", format!("fb.1.177245279000{number}.{number}{number}0000000{number}"))
        .set("it", (1_772_452_800_000 + i64::from(number - 1) * 1_000_000).to_string())
}
