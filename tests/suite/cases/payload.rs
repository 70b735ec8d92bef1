//! Tapes of the payload rules.

use super::Case;
use crate::tape_builder::{START, Sent, Tape, call, hit};

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "missing-value",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .pair("Purchase", "order-1")
                    .pair("Lead", "lead-1")
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(
                        hit("Purchase", "order-1")
                            .without("cd[value]")
                            .without("cd[currency]")
                            .set("cd[currency]", "USD"),
                    )
                    .send(call("Purchase", "order-1"))
            },
        },
        Case {
            rule: "missing-currency",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Lead"])
                    .pair("Purchase", "order-1")
                    .pair("Lead", "lead-1")
            },
            broken: || {
                Tape::new()
                    .session(&["AddToCart"])
                    .send(hit("AddToCart", "cart-1"))
                    .send(call("AddToCart", "cart-1").without("/custom_data/currency"))
            },
        },
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
            rule: "invalid-currency",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("cd[currency]", "usd"))
                    .send(call("Purchase", "order-1").set("/custom_data/currency", "usd"))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("cd[currency]", "US$"))
                    .send(call("Purchase", "order-1").set("/custom_data/currency", "US$"))
            },
        },
        Case {
            rule: "value-not-a-number",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("cd[value]", "42.00"))
                    .send(call("Purchase", "order-1").set("/custom_data/value", "42"))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("cd[value]", "$42,00"))
                    .send(call("Purchase", "order-1"))
            },
        },
        Case {
            rule: "suspicious-value",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "ViewContent"])
                    .send(hit("Purchase", "order-1").set("cd[value]", "47.99"))
                    .send(call("Purchase", "order-1").set("/custom_data/value", 47.99))
                    .send(hit("ViewContent", "view-1").set("cd[value]", "0"))
                    .send(call("ViewContent", "view-1").set("/custom_data/value", 0))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("cd[value]", "4200"))
                    .send(call("Purchase", "order-1").set("/custom_data/value", 4200))
            },
        },
        Case {
            rule: "invalid-contents",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(
                        hit("Purchase", "order-1")
                            .set("cd[contents]", "[{\"id\":7,\"quantity\":1}]")
                            .set("cd[content_ids]", "[7]"),
                    )
                    .send(
                        call("Purchase", "order-1")
                            .set(
                                "/custom_data/contents",
                                serde_json::json!([{"id": 7, "quantity": 1}]),
                            )
                            .set("/custom_data/content_ids", serde_json::json!([7])),
                    )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(
                        hit("Purchase", "order-1")
                            .set("cd[contents]", "[{'id':'mug-blue','quantity':2}]"),
                    )
                    .send(call("Purchase", "order-1"))
            },
        },
        Case {
            rule: "empty-content-ids",
            clean: || Tape::new().session(&["Search"]).pair("Search", "search-1"),
            broken: || {
                Tape::new().session(&["Purchase"]).send(hit("Purchase", "order-1")).send(
                    call("Purchase", "order-1")
                        .set("/custom_data/content_ids", serde_json::json!([])),
                )
            },
        },
        Case {
            rule: "missing-content-type",
            clean: || {
                Tape::new()
                    .session(&["Search", "Lead"])
                    .pair("Search", "search-1")
                    .pair("Lead", "lead-1")
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").without("cd[content_type]"))
                    .send(call("Purchase", "order-1").without("/custom_data/content_type"))
            },
        },
        Case {
            rule: "invalid-content-type",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("cd[content_type]", "product_group"))
                    .send(
                        call("Purchase", "order-1")
                            .set("/custom_data/content_type", "product_group"),
                    )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("cd[content_type]", "Product"))
                    .send(call("Purchase", "order-1").set("/custom_data/content_type", "Product"))
            },
        },
        Case {
            rule: "invalid-delivery-category",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("cd[delivery_category]", "home_delivery"))
                    .send(
                        call("Purchase", "order-1")
                            .set("/custom_data/delivery_category", "home_delivery"),
                    )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("cd[delivery_category]", "Express"))
                    .send(
                        call("Purchase", "order-1")
                            .set("/custom_data/delivery_category", "Express"),
                    )
            },
        },
        Case {
            rule: "missing-contents",
            clean: || {
                Tape::new()
                    .session(&["Purchase", "Search", "AddToCart"])
                    .pair("Purchase", "order-1")
                    .pair("Search", "search-1")
                    .send(hit("AddToCart", "cart-1").without("cd[contents]"))
                    .send(call("AddToCart", "cart-1").without("/custom_data/contents"))
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase", "ViewContent"])
                    .pair("Purchase", "order-1")
                    .send(
                        hit("ViewContent", "view-1")
                            .without("cd[content_ids]")
                            .without("cd[content_type]"),
                    )
                    .send(
                        call("ViewContent", "view-1")
                            .without("/custom_data/content_ids")
                            .without("/custom_data/content_type"),
                    )
            },
        },
        Case {
            rule: "null-literal",
            clean: || {
                Tape::new()
                    .session(&["Search"])
                    .send(hit("Search", "search-1").set("cd[search_string]", "null"))
                    .send(
                        call("Search", "search-1")
                            .set("/custom_data/search_string", "null")
                            .set("/custom_data/order_id", serde_json::Value::Null),
                    )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(hit("Purchase", "order-1").set("cd[order_id]", "undefined"))
                    .send(call("Purchase", "order-1").set("/custom_data/order_id", "1001"))
            },
        },
        Case {
            rule: "unknown-parameter",
            clean: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(
                        hit("Purchase", "order-1")
                            .set("cd[colour]", "blue")
                            .set("cd[content_id]", "mug-blue"),
                    )
                    .send(
                        call("Purchase", "order-1")
                            .set("/custom_data/colour", "blue")
                            .set("/referrer_url", "https://shop.test/checkout"),
                    )
            },
            broken: || {
                Tape::new()
                    .session(&["Purchase"])
                    .send(
                        hit("Purchase", "order-1")
                            .without("cd[content_ids]")
                            .set("cd[contentIds]", "[\"mug-blue\"]"),
                    )
                    .send(call("Purchase", "order-1"))
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
