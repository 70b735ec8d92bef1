//! The shop's books against its logs, in every form of books and with far more events than
//! the sample holds.

use std::fmt::Write as _;

use polars::prelude::{Column, DataFrame, ParquetWriter};
use serde_json::{Value, json};

use crate::cli::countonce;

const START: i64 = 1_772_452_800_000;
/// More events than are kept whole.
const ORDERS: i64 = 6_000;

/// What the books say of an order; events say 1 of all.
fn amount(number: i64) -> f64 {
    if number % 500 == 9 { 2.0 } else { 1.0 }
}

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
        let (order, total) = (100_000 + number, amount(number));
        writeln!(table, "x;#{order};{};{total}", at(number)).expect("a text");
        let line =
            json!({"order_id": order, "time": at(number), "total": total, "currency": "usd"});
        writeln!(lines, "{line}").expect("a text");
    }
    put("orders.csv", &table);
    put("orders.ndjson", &lines);
    let numbers = || 0..ORDERS;
    let mut frame = DataFrame::new(
        ORDERS as usize,
        vec![
            Column::new("id".into(), numbers().map(|n| 100_000 + n).collect::<Vec<i64>>()),
            Column::new("created_at".into(), numbers().map(at).collect::<Vec<i64>>()),
            Column::new("amount".into(), numbers().map(amount).collect::<Vec<f64>>()),
        ],
    )
    .expect("a table");
    let file = std::fs::File::create(folder.path().join("orders.parquet")).expect("a file");
    ParquetWriter::new(file).finish(&mut frame).expect("written");
    let logs = ["--browser", "b.ndjson", "--server", "s.ndjson"];
    let made = countonce(folder.path(), &[&["facts", "--out", "f.parquet"][..], &logs].concat());
    assert_eq!(made.code, 0, "{}", made.err);
    let from_facts = ["f.parquet"];
    for (events, orders) in [
        (&logs[..], "orders.csv"),
        (&logs, "orders.ndjson"),
        (&logs, "orders.parquet"),
        (&from_facts, "orders.csv"),
    ] {
        let rest = ["--orders", orders, "--format", "json", "--out", "-"];
        let said = countonce(folder.path(), &[&["audit"], events, &rest].concat());
        assert_eq!(said.code, 1, "{}", said.err);
        let report: Value = serde_json::from_str(&said.out).expect("JSON");
        assert!(report["log"]["sampled_every"].as_u64() > Some(1));
        let twice = (0..ORDERS).filter(|n| n % 100 != 7 && n % 150 == 1).count();
        let figures = json!({
            "orders": ORDERS, "missing": 60, "more_than_once": twice,
            "once": ORDERS - 60 - twice as i64, "without_order": 10, "other_amount": 12,
        });
        assert_eq!(report["log"]["orders"], figures, "{events:?} {orders}");
        let found: Vec<(&Value, &Value)> = report["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|one| one["rule"] == "orders-not-matched")
            .map(|one| (&one["cause"], &one["count"]))
            .collect();
        assert_eq!(found.len(), 4, "{found:?}");
        for (cause, count) in [
            ("not counted", 60),
            ("counted more than once", twice),
            ("no order", 10),
            ("another amount", 12),
        ] {
            assert!(found.contains(&(&json!(cause), &json!(count))), "{cause}: {found:?}");
        }
    }
    put("none.csv", "colour\nred\n");
    let said =
        countonce(folder.path(), &["audit", "--browser", "b.ndjson", "--orders", "none.csv"]);
    assert_eq!(said.code, 2, "{}", said.err);
}
