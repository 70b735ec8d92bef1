//! Tapes of the rules on browser ids and click ids.

use super::click;
use crate::cases::Case;
use crate::tape_builder::{FBC, FBP, Sent, Tape, call, hit};

/// Both halves of a purchase whose server half is changed.
fn purchase(change: impl FnOnce(Sent) -> Sent) -> Tape {
    Tape::new()
        .session(&["Purchase"])
        .send(hit("Purchase", "order-1"))
        .send(change(call("Purchase", "order-1")))
}

/// Two pairs whose server halves carry these values.
fn twice(place: &'static str, first: String, second: String) -> Tape {
    Tape::new()
        .session(&["AddToCart", "Purchase"])
        .send(hit("AddToCart", "cart-1"))
        .send(call("AddToCart", "cart-1").set(place, first))
        .send(hit("Purchase", "order-1").at(5_000))
        .send(call("Purchase", "order-1").at(5_200).set(place, second))
}

/// A landing from an ad, and what follows.
fn landing(change: impl FnOnce(Sent) -> Sent) -> Tape {
    let page = format!("https://shop.test/?utm_source=ad&fbclid={}", click());
    Tape::new()
        .session(&["PageView", "Purchase"])
        .send(hit("PageView", "page-1").set("dl", page.as_str()))
        .send(call("PageView", "page-1").set("/event_source_url", page))
        .send(hit("Purchase", "order-1").at(5_000))
        .send(change(call("Purchase", "order-1").at(5_200)))
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "malformed-fbp",
            clean: || purchase(|call| call.set("/user_data/fbp", format!("{FBP}.AQQCAQIB"))),
            broken: || purchase(|call| call.set("/user_data/fbp", "1098115397")),
        },
        Case {
            rule: "malformed-fbc",
            clean: || purchase(|call| call.set("/user_data/fbc", format!("{FBC}.AQQCAQIB"))),
            broken: || purchase(|sent| sent.set("/user_data/fbc", click())),
        },
        Case {
            rule: "fbc-time-unit",
            clean: || {
                let earlier = FBC.replace("1772452790000", "1772452789500");
                twice("/user_data/fbc", earlier, FBC.to_owned())
            },
            broken: || {
                let at = |created: &str| FBC.replace("1772452790000", created);
                twice("/user_data/fbc", at("1772452801200"), at("1772452805200"))
            },
        },
        Case {
            rule: "fbc-click-id-altered",
            clean: || landing(|call| call.set("/user_data/fbc", format!("{FBC}_aem_AbCdEf"))),
            broken: || landing(|call| call.set("/user_data/fbc", FBC.to_lowercase())),
        },
        Case {
            rule: "fbc-missing-after-click",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").without("fbc"))
                    .send(call("Purchase", "order-1").without("/user_data/fbc"))
            },
            broken: || landing(|call| call.without("/user_data/fbc")),
        },
        Case {
            rule: "unstable-fbp",
            clean: || twice("/user_data/fbp", format!("{FBP}.AQQCAQIB"), FBP.to_owned()),
            broken: || {
                twice(
                    "/user_data/fbp",
                    "fb.1.1772452801200.1".to_owned(),
                    "fb.1.1772452805200.2".to_owned(),
                )
            },
        },
        Case {
            rule: "fbp-shared-by-visitors",
            clean: || second_visitor("fb.1.1772453790000.2000000002"),
            broken: || second_visitor(FBP),
        },
    ]
}

/// Two visits, of which the second has this browser id.
fn second_visitor(fbp: &str) -> Tape {
    const LATER: i64 = 1_000_000;
    Tape::new()
        .session(&["PageView"])
        .session(&["PageView"])
        .with(|session| {
            session.persona.clear();
        })
        .pair("PageView", "page-1")
        .send(
            hit("PageView", "page-2")
                .in_session(Some(2))
                .at(LATER + 1_000)
                .set("fbp", fbp)
                .without("ud[em]")
                .without("ud[ph]")
                .without("fbc"),
        )
        .send(
            call("PageView", "page-2")
                .at(LATER + 1_200)
                .set("/event_time", (crate::tape_builder::START + LATER) / 1000 + 1)
                .set("/user_data/fbp", fbp)
                .without("/user_data/em")
                .without("/user_data/ph")
                .without("/user_data/fbc"),
        )
}
