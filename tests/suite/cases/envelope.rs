//! Tapes of the payload rules that look at what every event carries: name, time, source,
//! page, and what holds for a whole request.

use super::Case;
use crate::tape_builder::{START, Sent, Tape, call, hit};

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "event-time-in-milliseconds",
            clean: || Tape::new().session(&["Purchase"]).pair("Purchase", "order-1"),
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").set("/event_time", START + 1_000))
            },
        },
        Case {
            rule: "misspelt-standard-event",
            clean: || {
                Tape::new()
                    .session(&["Purchased", "OrderComplete"])
                    .pair("Purchased", "a-1000")
                    .pair("OrderComplete", "b-1000")
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("ev", "purchase"))
                    .send(call("Purchase", "order-1").set("/event_name", "purchase"))
            },
        },
        Case {
            rule: "missing-event-name",
            clean: || Tape::new().session(&["None of these"]).pair("None of these", "a-1000"),
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .pair("Purchase", "order-1")
                    .send(hit("Lead", "lead-1").without("ev"))
                    .send(call("Lead", "lead-1").set("/event_name", "").refused(
                        100,
                        None,
                        "Missing required field: event_name",
                    ))
            },
        },
        Case {
            rule: "event-time-in-future",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").set("/event_time", START / 1000 + 240))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").set("/event_time", START / 1000 + 7_200))
            },
        },
        Case {
            rule: "event-time-stale",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .expecting("Purchase", |purchase| {
                        purchase.channels.retain(|side| side.name() == "server");
                    })
                    .expecting("Lead", |lead| lead.channels.retain(|side| side.name() == "server"))
                    // A till reports its day weeks later, a form within the hour.
                    .send(
                        call("Purchase", "till-1000")
                            .set("/event_time", START / 1000 - 20 * DAY)
                            .set("/action_source", "physical_store"),
                    )
                    .send(call("Lead", "lead-1").set("/event_time", START / 1000 - 2_400))
            },
            broken: || {
                Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")).send(
                    call("Purchase", "order-1").set("/event_time", START / 1000 - 8 * DAY).refused(
                        100,
                        Some(2_804_003),
                        "Event Timestamp Too Old",
                    ),
                )
            },
        },
        Case {
            rule: "event-time-not-a-number",
            clean: || {
                Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")).send(
                    call("Purchase", "order-1").set("/event_time", (START / 1000 + 1).to_string()),
                )
            },
            broken: || {
                Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")).send(
                    call("Purchase", "order-1").set("/event_time", "2026-03-02T12:00:01Z").refused(
                        100,
                        None,
                        "Invalid event_time",
                    ),
                )
            },
        },
        Case {
            rule: "missing-action-source",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").set("/action_source", "other"))
            },
            broken: || {
                Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")).send(
                    call("Purchase", "order-1").without("/action_source").refused(
                        100,
                        None,
                        "Missing required field: action_source",
                    ),
                )
            },
        },
        Case {
            rule: "invalid-action-source",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").set("/action_source", "chat"))
            },
            broken: || {
                Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")).send(
                    call("Purchase", "order-1").set("/action_source", "Website").refused(
                        100,
                        None,
                        "Invalid action_source",
                    ),
                )
            },
        },
        Case {
            rule: "missing-source-url",
            clean: || {
                Tape::new()
                    .session(&["Lead"])
                    .expecting("Lead", |lead| lead.channels.retain(|side| side.name() == "server"))
                    .send(
                        call("Lead", "call-1000")
                            .set("/action_source", "phone_call")
                            .without("/event_source_url"),
                    )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").without("/event_source_url"))
            },
        },
        Case {
            rule: "relative-source-url",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("dl", "http://shop.test/thank-you"))
                    .send(
                        call("Purchase", "order-1")
                            .set("/event_source_url", "http://shop.test/thank-you"),
                    )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").set("/event_source_url", "/thank-you"))
            },
        },
        Case {
            rule: "staging-source-url",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(
                        hit("Purchase", "order-1").set("dl", "https://staging.shop.test/thank-you"),
                    )
                    .send(
                        call("Purchase", "order-1")
                            .set("/event_source_url", "https://staging.shop.test/thank-you"),
                    )
            },
            broken: || {
                Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")).send(
                    call("Purchase", "order-1")
                        .set("/event_source_url", "http://localhost:8000/thank-you"),
                )
            },
        },
        Case {
            rule: "test-event-code-left-on",
            clean: || {
                Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")).send(
                    call("Purchase", "order-1")
                        .top("test_event_code", "")
                        .top("partner_agent", "shop-1.0"),
                )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1"))
                    .send(call("Purchase", "order-1").top("test_event_code", "TEST31415"))
            },
        },
        Case {
            rule: "oversized-request",
            clean: || Tape::new().send(many(1_000)),
            broken: || {
                Tape::new().send(many(1_001).refused(100, None, "Too many events in one request"))
            },
        },
        Case {
            rule: "invalid-data-processing-options",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(
                        hit("Purchase", "order-1")
                            .set("dpo", "LDU")
                            .set("dpoco", "1")
                            .set("dpost", "1000"),
                    )
                    .send(
                        call("Purchase", "order-1")
                            .set("/data_processing_options", serde_json::json!([])),
                    )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("dpo", "LDU").set("dpoco", "1"))
                    .send(call("Purchase", "order-1"))
            },
        },
    ]
}

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A call with that many small events.
fn many(count: usize) -> Sent {
    (1..count).map(lead).fold(lead(0), Sent::and)
}

fn lead(number: usize) -> Sent {
    call("Lead", &format!("lead-{number:04}"))
        .set("/user_data", serde_json::json!({"external_id": format!("person-{number}")}))
        .set("/action_source", "other")
        .without("/event_source_url")
}
