//! Orders of the shop against what the platform would count: which conversion tells of
//! which order.
//!
//! A conversion belongs to the order whose number is its `order_id`, its event ID, or the
//! beginning or end of its event ID. Never whether a difference is bad.

use std::collections::{BTreeMap, HashMap};

use crate::event::{Channel, Event, Order};
use crate::platform::meta::lean::{Hash, order_key, stable};

use super::bulk::TOLERANCE;

/// Shortest number of an order that is looked for inside event IDs: shorter ones are parts
/// of too many IDs by chance. An engineering choice.
pub const SHORTEST_INSIDE: usize = 4;
/// Characters of an event ID in which signs are looked for that part a number from the rest:
/// IDs have some forty. An engineering choice.
pub const LONGEST_INSIDE: usize = 100;

/// Orders, ready to be looked up.
#[derive(Debug, Clone, Default)]
pub struct OrderBook {
    orders: Vec<Order>,
    numbers: HashMap<String, u32>,
    keys: HashMap<u64, u32>,
    events: Vec<String>,
}

/// An event of a kind that orders have, and the order it tells of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Telling {
    order: Option<u32>,
    event: u16,
    pixel: u64,
    id: u64,
    visitor: u64,
    caught: i64,
    channel: Channel,
    refused: bool,
    /// The amount, where it is not the one of the order.
    other: Option<Other>,
    /// Where it stands: exchange on a tape, or place in a log.
    pub exchange: u64,
}

/// An amount that is not the one of the order.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Other {
    value: Option<f64>,
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
    /// Orders that no counted conversion tells of, with a number as example.
    pub missing: Cases,
    /// Copies of orders that count beyond the first, with the places of all their events.
    pub more: Cases,
    /// How many orders are counted more than once.
    pub more_than_once: u64,
    /// Orders that some event names another amount or currency for, with an example and the
    /// place of such an event of each.
    pub amounts: Cases,
    /// Conversions that belong to no order, each with a place.
    pub without: Cases,
}

/// What is wrong with orders, by event name.
pub type Cases = BTreeMap<String, Case>;

/// What is wrong with the orders of one event name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Case {
    /// How often.
    pub count: u64,
    /// In words, of the first; empty where places say enough.
    pub example: String,
    /// Where events stand that show it: exchange on a tape, or place in a log.
    pub places: Vec<u64>,
}

impl Case {
    /// The sum over event names.
    pub fn total(cases: &Cases) -> u64 {
        cases.values().map(|case| case.count).sum()
    }
}

impl OrderMatch {
    /// All that have places.
    pub fn placed(&self) -> impl Iterator<Item = &Case> {
        [&self.more, &self.amounts, &self.without].into_iter().flat_map(BTreeMap::values)
    }

    /// The same, to be changed.
    pub fn placed_mut(&mut self) -> impl Iterator<Item = &mut Case> {
        [&mut self.more, &mut self.amounts, &mut self.without]
            .into_iter()
            .flat_map(BTreeMap::values_mut)
    }
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
            book.keys.insert(order_key(&number), book.orders.len() as u32);
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
    /// `key` stands for its `order_id` and `visitor` for its browser id, which facts have
    /// and the events made of them have not.
    pub fn read(&self, event: &Event, key: u64, visitor: u64) -> Option<Telling> {
        if event.automatic {
            return None;
        }
        let kind = self.events.iter().position(|known| known == event.name())?;
        let hash = |text: &str| if text.is_empty() { 0 } else { stable(text.as_bytes()) | 1 };
        let order = self.order_of(event, key);
        Some(Telling {
            order,
            event: kind as u16,
            pixel: hash(&event.pixel),
            id: hash(event.id.as_deref().unwrap_or("")),
            visitor,
            caught: event.caught,
            channel: event.channel,
            refused: event.refused.is_some(),
            other: order.and_then(|order| other_amount(&self.orders[order as usize], event)),
            exchange: event.exchange,
        })
    }

    fn order_of(&self, event: &Event, key: u64) -> Option<u32> {
        let find = |text: &str| self.numbers.get(text).copied();
        let told = self.keys.get(&key).copied();
        let id = event.id.as_deref().unwrap_or("");
        told.or_else(|| find(id.strip_prefix('#').unwrap_or(id))).or_else(|| {
            let signs = id.char_indices().take(LONGEST_INSIDE);
            signs
                .filter(|(_, c)| !c.is_ascii_alphanumeric())
                .flat_map(|(at, c)| [&id[..at], &id[at + c.len_utf8()..]])
                .filter(|part| part.chars().nth(SHORTEST_INSIDE - 1).is_some())
                .find_map(find)
        })
    }

    /// Every order with its number, in the order of the books.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Order)> {
        self.orders.iter().map(|order| (bare(&order.id), order))
    }

    /// Holds the orders against the events, which may come in any order.
    pub fn settle(&self, mut told: Vec<Telling>, window: i64) -> OrderMatch {
        assume_pixel(&mut told);
        // The queries for other engines know no places: they have the same order by the rest.
        told.sort_by_key(|one| {
            (one.caught, one.channel, one.order.unwrap_or(u32::MAX), one.exchange)
        });
        let span = told.first().zip(told.last()).map(|(first, last)| first.caught..=last.caught);
        let mut counted: Vec<Vec<u64>> = vec![Vec::new(); self.orders.len()];
        let mut found = OrderMatch::default();
        let mut others: BTreeMap<u32, (Other, u64)> = BTreeMap::new();
        for one in told.iter().filter(|one| !one.refused) {
            if let (Some(order), Some(other)) = (one.order, one.other) {
                others.entry(order).or_insert((other, one.exchange));
            }
        }
        for group in groups(&told, window) {
            let first = told[group[0]];
            match group.iter().find_map(|at| told[*at].order) {
                Some(order) => counted[order as usize].push(first.exchange),
                None => {
                    let name = self.events[first.event as usize].clone();
                    let without = found.without.entry(name).or_default();
                    without.count += 1;
                    without.places.push(first.exchange);
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
                0 => {
                    let missing = found.missing.entry(order.event.clone()).or_default();
                    missing.count += 1;
                    if missing.count == 1 {
                        missing.example.clone_from(&order.id);
                    }
                }
                1 => found.once += 1,
                several => {
                    found.more_than_once += 1;
                    let more = found.more.entry(order.event.clone()).or_default();
                    more.count += several as u64 - 1;
                    more.places.extend(places);
                }
            }
            found.orders += 1;
        }
        for (number, (other, place)) in others {
            let order = &self.orders[number as usize];
            let amounts = found.amounts.entry(order.event.clone()).or_default();
            if amounts.count == 0 {
                amounts.example = amount_words(other.value, order.value, order.currency.as_deref());
            }
            amounts.count += 1;
            amounts.places.push(place);
        }
        found
    }
}

/// What an event says of an amount where the order says another.
fn other_amount(order: &Order, event: &Event) -> Option<Other> {
    let told = event.parameter_text("currency");
    let currency = order.currency.as_deref().zip(told.as_deref()).is_some_and(|(books, told)| {
        !told.is_empty() && !books.trim().eq_ignore_ascii_case(told.trim())
    });
    let value = order
        .value
        .zip(event.value())
        .filter(|(books, told)| (books - told).abs() > TOLERANCE)
        .map(|(_, told)| told);
    (currency || value.is_some()).then_some(Other { value })
}

/// What is said of an order whose events tell another amount, where it is the value, or
/// another currency.
pub fn amount_words(told: Option<f64>, books: Option<f64>, currency: Option<&str>) -> String {
    match (told, books) {
        (Some(told), Some(books)) => format!("{told:.2} for {books:.2}"),
        _ => format!("another currency than {}", currency.unwrap_or_default()),
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
mod tests;
