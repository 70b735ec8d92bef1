//! Orders held against events of every kind. Never a file.

use super::*;

fn order(id: &str, at: Option<i64>) -> Order {
    Order { id: id.into(), at, value: None, currency: None, event: "Purchase".into() }
}

fn event(id: &str, channel: Channel, caught: i64) -> Event {
    let mut event = Event::new(channel, caught as u64, "1");
    event.name = Some("Purchase".into());
    event.id = Some(id.into()).filter(|id: &String| !id.is_empty());
    event.caught = caught;
    event
}

#[test]
fn an_order_is_known_by_its_number_and_by_ids_made_of_it() {
    let book = OrderBook::new(vec![order("#1001", None), order("7", None)]);
    for (id, found) in [
        ("1001", Some(0)),
        ("order-1001", Some(0)),
        ("1001_Purchase", Some(0)),
        ("7", Some(1)),
        ("order-7", None),
        ("10011", None),
        ("x1001", None),
    ] {
        assert_eq!(book.order_of(&event(id, Channel::Browser, 1), 0), found, "{id}");
    }
    let told = event("made-anew", Channel::Server, 1);
    assert_eq!(book.order_of(&told, order_key(" #1001")), Some(0));
}

#[test]
fn orders_are_missing_counted_once_or_more_and_conversions_may_have_none() {
    let at = |id: &str| order(id, Some(50));
    let book =
        OrderBook::new(vec![at("a-1"), at("a-2"), at("a-3"), order("late", Some(900)), at("a-1")]);
    let told = [
        event("a-1", Channel::Browser, 1),
        event("a-1", Channel::Server, 2),
        event("a-2", Channel::Browser, 3),
        event("a-2", Channel::Server, 500),
        event("other", Channel::Browser, 600),
    ];
    let told: Vec<Telling> = told.iter().filter_map(|event| book.read(event, 0, 0)).collect();
    let found = book.settle(told, 100);
    assert_eq!((found.orders, found.once, found.more_than_once, found.outside), (3, 1, 1, 1));
    assert_eq!(
        (found.missing["Purchase"].count, found.missing["Purchase"].example.as_str()),
        (1, "a-3")
    );
    assert_eq!((found.more["Purchase"].count, &found.more["Purchase"].places), (1, &vec![3, 500]));
    assert_eq!(found.without["Purchase"].places, [600]);
}

#[test]
fn amounts_are_compared_where_both_name_them() {
    let books = |value: Option<f64>, currency: Option<&str>| Order {
        value,
        currency: currency.map(str::to_owned),
        ..order("a-1", None)
    };
    let told = |value: f64, currency: &str| {
        let mut event = event("a-1", Channel::Server, 7);
        event.parameters.insert("value".into(), value.into());
        event.parameters.insert("currency".into(), currency.into());
        event
    };
    for (order, event, words) in [
        (books(Some(42.0), Some("usd")), told(42.0, "USD"), None),
        (books(None, None), told(1.0, "EUR"), None),
        (books(Some(42.0), None), event("a-1", Channel::Server, 7), None),
        (books(Some(42.0), Some("USD")), told(40.0, "USD"), Some("40.00 for 42.00")),
        (books(Some(42.0), Some("USD")), told(42.0, "EUR"), Some("another currency than USD")),
    ] {
        let book = OrderBook::new(vec![order.clone()]);
        let found = book.settle(book.read(&event, 0, 0).into_iter().collect(), 100);
        let wanted =
            words.map(|words: &str| Case { count: 1, example: words.to_owned(), places: vec![7] });
        assert_eq!(found.amounts.get("Purchase").cloned(), wanted, "{order:?}");
    }
}
