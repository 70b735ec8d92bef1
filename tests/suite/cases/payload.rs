//! Tapes of the payload rules that look at what an event says of the action: value,
//! currency, contents.

use super::Case;
use crate::tape_builder::{Tape, call, hit};

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
    ]
}
