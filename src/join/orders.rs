//! Orders of the shop against what the platform would count: which conversion tells of
//! which order.
//!
//! A conversion belongs to the order whose number is its `order_id`, its event ID, or the
//! beginning or end of its event ID. Never whether a difference is bad.

use std::collections::{BTreeMap, HashMap};

use crate::event::{Channel, Event, Order};
use crate::platform::meta::lean::{Hash, Lean, stable};

/// Shortest number of an order that is looked for inside event IDs: shorter ones are parts
/// of too many IDs by chance. An engineering choice.
const SHORTEST_INSIDE: usize = 4;

/// Orders, ready to be looked up.
#[derive(Debug, Clone, Default)]
pub struct OrderBook {
    orders: Vec<Order>,
    numbers: HashMap<String, u32>,
    events: Vec<String>,
}

/// An event of a kind that orders have, and the order it tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Telling {
    order: Option<u32>,
    event: u16,
    pixel: u64,
    id: u64,
    visitor: u64,
    caught: i64,
    channel: Channel,
    refused: bool,
    /// Where it stands: exchange on a tape, or place in a log.
    pub exchange: u64,
}

/// What became of the orders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderMatch {
    /// Orders that were asked for.
    pub orders: u64,
    /// Orders made before the first or after the last event, of which nothing can be said.
    pub outside: u64,
    /// Orders that are counted once.
    pub once: u64,
    /// Orders that no counted conversion tells of, by event name.
    pub missing: BTreeMap<String, Vec<String>>,
    /// Orders that are counted more than once, by event name: copies that count beyond the
    /// first, and where their events stand.
    pub more: BTreeMap<String, (u64, Vec<u64>)>,
    /// How many orders are counted more than once.
    pub more_than_once: u64,
    /// Conversions that belong to no order, by event name, each with a place.
    pub without: BTreeMap<String, Vec<u64>>,
}

impl OrderBook {
    /// A book of these orders; a number that comes twice is one order.
    pub fn new(orders: Vec<Order>) -> OrderBook {
        let mut book = OrderBook::default();
        for order in orders {
            let number = bare(&order.id).to_owned();
            if number.is_empty() || book.numbers.contains_key(&number) {
                continue;
            }
            if !book.events.contains(&order.event) {
                book.events.push(order.event.clone());
            }
            book.numbers.insert(number, book.orders.len() as u32);
            book.orders.push(order);
        }
        book
    }

    /// True where no order is in it.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    /// True for events that orders have.
    pub fn is_about(&self, event: Option<&str>) -> bool {
        event.is_some_and(|event| self.events.iter().any(|known| known == event))
    }

    /// The event as far as orders are concerned; `None` where orders have no such events.
    pub fn read(&self, event: &Event) -> Option<Telling> {
        if event.automatic {
            return None;
        }
        let kind = self.events.iter().position(|known| known == event.name())?;
        let hash = |text: &str| if text.is_empty() { 0 } else { stable(text.as_bytes()) | 1 };
        Some(Telling {
            order: self.order_of(event),
            event: kind as u16,
            pixel: hash(&event.pixel),
            id: hash(event.id.as_deref().unwrap_or("")),
            visitor: Lean::of(event).visitor,
            caught: event.caught,
            channel: event.channel,
            refused: event.refused.is_some(),
            exchange: event.exchange,
        })
    }

    fn order_of(&self, event: &Event) -> Option<u32> {
        let find = |text: &str| self.numbers.get(bare(text)).copied();
        let told = event.parameters.get("order_id").and_then(|value| match value {
            serde_json::Value::String(text) => find(text),
            serde_json::Value::Number(number) => find(&number.to_string()),
            _ => None,
        });
        let id = event.id.as_deref().unwrap_or("");
        told.or_else(|| find(id)).or_else(|| {
            let signs = id.char_indices().filter(|(_, c)| !c.is_ascii_alphanumeric());
            signs
                .flat_map(|(at, c)| [&id[..at], &id[at + c.len_utf8()..]])
                .filter(|part| part.len() >= SHORTEST_INSIDE)
                .find_map(find)
        })
    }

    /// Holds the orders against the events, which may come in any order.
    pub fn settle(&self, mut told: Vec<Telling>, window: i64) -> OrderMatch {
        assume_pixel(&mut told);
        told.sort_by_key(|one| (one.caught, one.exchange));
        let span = told.first().zip(told.last()).map(|(first, last)| first.caught..=last.caught);
        let mut counted: Vec<Vec<u64>> = vec![Vec::new(); self.orders.len()];
        let mut found = OrderMatch::default();
        for group in groups(&told, window) {
            let first = told[group[0]];
            match group.iter().find_map(|at| told[*at].order) {
                Some(order) => counted[order as usize].push(first.exchange),
                None => {
                    let name = self.events[first.event as usize].clone();
                    found.without.entry(name).or_default().push(first.exchange);
                }
            }
        }
        for (order, places) in self.orders.iter().zip(counted) {
            let within = order.at.is_none_or(|at| span.as_ref().is_some_and(|s| s.contains(&at)));
            match places.len() {
                0 if !within => {
                    found.outside += 1;
                    continue;
                }
                0 => found.missing.entry(order.event.clone()).or_default().push(order.id.clone()),
                1 => found.once += 1,
                several => {
                    found.more_than_once += 1;
                    let more = found.more.entry(order.event.clone()).or_default();
                    more.0 += several as u64 - 1;
                    more.1.extend(places);
                }
            }
            found.orders += 1;
        }
        found
    }
}

/// Events that name no pixel are of the only one there is.
fn assume_pixel(told: &mut [Telling]) {
    let Some(pixel) = told.iter().map(|one| one.pixel).find(|pixel| *pixel != 0) else { return };
    if told.iter().all(|one| one.pixel == 0 || one.pixel == pixel) {
        for one in told {
            one.pixel = pixel;
        }
    }
}

/// What the platform counts once: copies of an ID within the window, and without an ID a
/// server event after a browser event of the same visitor. `told` is by arrival.
fn groups(told: &[Telling], window: i64) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut open: HashMap<u64, usize> = HashMap::new();
    for (at, one) in told.iter().enumerate().filter(|(_, one)| !one.refused) {
        let mut hash = Hash::seeded(u64::from(one.id == 0));
        hash.add(one.pixel);
        hash.add(one.event.into());
        hash.add(if one.id == 0 { one.visitor } else { one.id });
        let key = hash.finish();
        let may = one.id != 0 || (one.visitor != 0 && one.channel == Channel::Server);
        let known = open.get(&key).copied().filter(|group| {
            may && one.caught.saturating_sub(told[groups[*group][0]].caught) <= window
        });
        if let Some(group) = known {
            groups[group].push(at);
            if one.id == 0 {
                // A browser event takes one server event.
                open.remove(&key);
            }
            continue;
        }
        if one.id != 0 || (one.visitor != 0 && one.channel == Channel::Browser) {
            open.insert(key, groups.len());
        }
        groups.push(vec![at]);
    }
    groups
}

/// A number without the sign that shops put before it.
fn bare(number: &str) -> &str {
    let number = number.trim();
    number.strip_prefix('#').unwrap_or(number)
}

#[cfg(test)]
mod tests {
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
            assert_eq!(book.order_of(&event(id, Channel::Browser, 1)), found, "{id}");
        }
        let mut told = event("made-anew", Channel::Server, 1);
        told.parameters.insert("order_id".into(), 1001.into());
        assert_eq!(book.order_of(&told), Some(0));
    }

    #[test]
    fn orders_are_missing_counted_once_or_more_and_conversions_may_have_none() {
        let at = |id: &str| order(id, Some(50));
        let book = OrderBook::new(vec![
            at("a-1"),
            at("a-2"),
            at("a-3"),
            order("late", Some(900)),
            at("a-1"),
        ]);
        let told = [
            event("a-1", Channel::Browser, 1),
            event("a-1", Channel::Server, 2),
            event("a-2", Channel::Browser, 3),
            event("a-2", Channel::Server, 500),
            event("other", Channel::Browser, 600),
        ];
        let told: Vec<Telling> = told.iter().filter_map(|event| book.read(event)).collect();
        let found = book.settle(told, 100);
        assert_eq!((found.orders, found.once, found.more_than_once, found.outside), (3, 1, 1, 1));
        assert_eq!(found.missing["Purchase"], ["a-3"]);
        assert_eq!(found.more["Purchase"], (1, vec![3, 500]));
        assert_eq!(found.without["Purchase"], [600]);
    }
}
