//! Tapes of the rules on digests.

use countonce::platform::meta::normalise::digest;
use serde_json::json;

use crate::cases::Case;
use crate::tape_builder::{EM, PH, START, Sent, Tape, call, hit};

/// A session whose test person has every field.
pub fn known(expect: &[&str]) -> Tape {
    Tape::new().session(expect).with(|session| {
        for (field, value) in [
            ("phone_national", "(650) 555-1212"),
            ("first_name", "John"),
            ("last_name", "O'Smith"),
            ("gender", "m"),
            ("birth_date", "1997-02-16"),
            ("city", "Menlo Park"),
            ("state", "CA"),
            ("state_name", "California"),
            ("zip", "04025"),
            ("country", "US"),
            ("country_name", "United States"),
            ("external_id", "User-7"),
        ] {
            session.persona.insert(field.into(), value.into());
        }
    })
}

/// Both halves of a purchase whose server half is changed.
fn purchase(change: impl FnOnce(Sent) -> Sent) -> Tape {
    known(&["Purchase"]).send(hit("Purchase", "order-1")).send(change(call("Purchase", "order-1")))
}

/// The whole person as one implementation or another has it.
fn whole(call: Sent) -> Sent {
    call.set("/user_data/fn", json!([digest("john")]))
        .set("/user_data/ln", json!([digest("o'smith")]))
        .set("/user_data/ge", json!([digest("m")]))
        .set("/user_data/db", json!([digest("19970216")]))
        .set("/user_data/ct", json!([digest("menlopark")]))
        .set("/user_data/st", json!([digest("ca")]))
        .set("/user_data/zp", json!([digest("04025")]))
        .set("/user_data/country", json!([digest("us")]))
        .set("/user_data/external_id", json!(["User-7"]))
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "hashed-plain-key",
            clean: || {
                purchase(|call| {
                    call.set("/user_data/subscription_id", &EM[..32])
                        .set("/user_data/external_id", EM)
                })
            },
            broken: || {
                purchase(|call| call.set("/user_data/client_ip_address", digest("73.162.41.9")))
            },
        },
        Case {
            rule: "malformed-digest",
            clean: || purchase(|call| call.set("/user_data/em", format!("{EM}.AQQCAQIB"))),
            broken: || {
                purchase(|call| {
                    call.set("/user_data/em", EM.to_uppercase()).set("/user_data/ph", &PH[..32])
                })
            },
        },
        Case {
            rule: "digest-of-nothing",
            clean: || purchase(|call| call.set("/user_data/fn", digest("john"))),
            broken: || {
                purchase(|call| {
                    call.set("/user_data/ct", digest("")).set("/user_data/fn", digest("undefined"))
                })
            },
        },
        Case {
            rule: "digest-not-of-persona",
            clean: || {
                purchase(|sent| {
                    whole(sent)
                        .set("/user_data/em", json!([digest("old.address@example.com"), EM]))
                        .set("/user_data/external_id", json!([digest("4711")]))
                })
            },
            broken: || {
                purchase(|call| call.set("/user_data/em", json!([digest("billing@example.com")])))
            },
        },
        Case {
            rule: "digest-misnormalised",
            clean: || {
                purchase(|sent| {
                    whole(sent)
                        .set("/user_data/ln", json!([digest("osmith")]))
                        .set("/user_data/em", json!([digest("John_Smith@gmail.com"), EM]))
                })
            },
            broken: || {
                purchase(|call| {
                    call.set("/user_data/em", json!([digest(EM)]))
                        .set("/user_data/ph", json!([digest("+16505551212")]))
                        .set("/user_data/ge", json!([digest("male")]))
                        .set("/user_data/fn", json!([digest("o'smith")]))
                })
            },
        },
        Case {
            rule: "phone-without-country-code",
            clean: || purchase(|call| call.set("/user_data/ph", json!([digest("6505551212"), PH]))),
            broken: || purchase(|call| call.set("/user_data/ph", json!([digest("6505551212")]))),
        },
        Case {
            rule: "placeholder-identity",
            clean: || {
                two_people(
                    &digest("bob@example.org"),
                    call("Purchase", "order-2").set("/user_data/em", digest("bob@example.org")),
                )
                .send(call("Purchase", "order-1"))
            },
            broken: || {
                let shop = digest("guest.order@example.com");
                let tape = two_people(
                    &digest("bob@example.org"),
                    call("Purchase", "order-2").set("/user_data/em", shop.as_str()),
                );
                tape.send(call("Purchase", "order-1").set("/user_data/em", shop).at(1_300))
            },
        },
        Case {
            rule: "invalid-country",
            clean: || unknown_person("/user_data/country", "gb"),
            broken: || unknown_person("/user_data/country", "united kingdom"),
        },
        Case {
            rule: "invalid-gender",
            clean: || unknown_person("/user_data/ge", "f"),
            broken: || unknown_person("/user_data/ge", "Female"),
        },
        Case {
            rule: "invalid-birth-date",
            clean: || unknown_person("/user_data/db", "19840229"),
            broken: || unknown_person("/user_data/db", "29.02.1984"),
        },
    ]
}

/// A purchase of somebody of whom nothing is known but what the call says.
fn unknown_person(place: &str, text: &str) -> Tape {
    Tape::new()
        .session(&["Purchase"])
        .with(|session| session.persona.clear())
        .send(hit("Purchase", "order-1"))
        .send(call("Purchase", "order-1").set(place, digest(text)))
}

/// Two visits by two people; the second one's server half is given. The first one's
/// server half is left to the case where it sends it itself.
fn two_people(second_mail: &str, second_call: Sent) -> Tape {
    const LATER: i64 = 1_000_000;
    const FBP: &str = "fb.1.1772453790000.2000000002";
    const CLICK: &str = "IwAR0SecondVisitorsClickIdWhichIsAnother";
    let fbc = format!("fb.1.1772453790000.{CLICK}");
    Tape::new()
        .session(&["Purchase"])
        .session(&["Purchase"])
        .with(|session| {
            for (field, value) in [
                ("email", "bob@example.org"),
                ("phone", "+16505550113"),
                ("click_id", CLICK),
                ("ip", "73.162.41.10"),
            ] {
                session.persona.insert(field.into(), value.into());
            }
        })
        .send(hit("Purchase", "order-1"))
        .send(
            hit("Purchase", "order-2")
                .in_session(Some(2))
                .at(LATER + 1_000)
                .set("ud[em]", second_mail)
                .set("ud[ph]", digest("16505550113"))
                .set("fbp", FBP)
                .set("fbc", fbc.as_str()),
        )
        .send(
            second_call
                .at(LATER + 1_200)
                .set("/event_time", (START + LATER) / 1000 + 1)
                .set("/user_data/ph", digest("16505550113"))
                .set("/user_data/client_ip_address", "73.162.41.10")
                .set("/user_data/fbp", FBP)
                .set("/user_data/fbc", fbc),
        )
}
