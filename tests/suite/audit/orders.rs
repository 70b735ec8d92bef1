//! The shop's books against its logs, in every form of books and with far more events than
//! the sample holds.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::cli::countonce;

const START: i64 = 1_772_452_800_000;
/// More events than are kept whole.
const ORDERS: i64 = 6_000;

fn at(number: i64) -> i64 {
    START + number * 60_000
}

/// Purchases of both sides: every 100th order is lost on both, every 150th has another ID
/// on the server, and ten conversions belong to no order.
fn sides() -> (String, String) {
    let (mut browser, mut server) = (String::new(), String::new());
    let line = |side: &mut String, id: &str, order: Option<i64>, caught: i64| {
        let mut event = json!({
            "received_at": caught, "pixel_id": "1", "event_name": "Purchase",
            "event_time": caught / 1000, "event_id": id, "custom_data": {"value": 1.0, "currency": "USD"},
        });
        event["action_source"] = "website".into();
        event["event_source_url"] = "https://shop.test/thanks".into();
        event["user_data"] =
            json!({"client_ip_address": "73.162.41.9", "client_user_agent": "Mozilla/5.0 (X11)"});
        if let Some(order) = order {
            event["custom_data"]["order_id"] = order.to_string().into();
        }
        writeln!(side, "{event}").expect("a text");
    };
    for number in (0..ORDERS).filter(|number| number % 100 != 7) {
        let order = 100_000 + number;
        let anew = format!("anew.{number}.x");
        let id = format!("purchase-{order}");
        line(&mut browser, &id, None, at(number));
        let other = if number % 150 == 1 { &anew } else { &id };
        line(&mut server, other, Some(order), at(number) + 900);
    }
    for number in 0..10 {
        line(&mut browser, &format!("test.{number}.z"), None, at(number * 50) + 5);
    }
    (browser, server)
}

#[test]
fn orders_are_held_against_all_events_and_not_against_a_sample() {
    let folder = tempfile::tempdir().expect("a folder");
    let (browser, server) = sides();
    let put =
        |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    put("b.ndjson", &browser);
    put("s.ndjson", &server);
    let mut table = "Order Number;order_number;created_at;total_price\n".to_owned();
    let mut lines = String::new();
    for number in 0..ORDERS {
        let order = 100_000 + number;
        writeln!(table, "x;#{order};{};1.0", at(number)).expect("a text");
        writeln!(lines, "{}", json!({"order_id": order, "time": at(number)})).expect("a text");
    }
    put("orders.csv", &table);
    put("orders.ndjson", &lines);
    for orders in ["orders.csv", "orders.ndjson"] {
        let said = countonce(
            folder.path(),
            &[
                "audit",
                "--browser",
                "b.ndjson",
                "--server",
                "s.ndjson",
                "--orders",
                orders,
                "--format",
                "json",
                "--out",
                "-",
            ],
        );
        assert_eq!(said.code, 1, "{}", said.err);
        let report: Value = serde_json::from_str(&said.out).expect("JSON");
        assert!(report["log"]["sampled_every"].as_u64() > Some(1));
        let twice = (0..ORDERS).filter(|n| n % 100 != 7 && n % 150 == 1).count();
        let figures = json!({
            "orders": ORDERS, "missing": 60, "more_than_once": twice,
            "once": ORDERS - 60 - twice as i64, "without_order": 10,
        });
        assert_eq!(report["log"]["orders"], figures, "{orders}");
        let found: Vec<(&Value, &Value)> = report["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|one| one["rule"] == "orders-not-matched")
            .map(|one| (&one["cause"], &one["count"]))
            .collect();
        assert_eq!(found.len(), 3, "{found:?}");
        for (cause, count) in
            [("not counted", 60), ("counted more than once", twice), ("no order", 10)]
        {
            assert!(found.contains(&(&json!(cause), &json!(count))), "{cause}: {found:?}");
        }
    }
    put("none.csv", "colour\nred\n");
    let said =
        countonce(folder.path(), &["audit", "--browser", "b.ndjson", "--orders", "none.csv"]);
    assert_eq!(said.code, 2, "{}", said.err);
}
