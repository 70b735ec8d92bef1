//! The health of event ids, per event type and side: how many carry one, how many are
//! distinct, of what making they are, how long, how many collide.
//! Never whether that is good.

use std::collections::{BTreeMap, BTreeSet};

use super::gateway::{is_gateway_copy, is_gateway_id};
use super::id_relation::uuid;
use crate::event::{Channel, Event};

/// What an id looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdScheme {
    /// A UUID of any version, with or without hyphens.
    Uuid,
    /// A Unix time in seconds or milliseconds, alone or before a short rest.
    Timestamp,
    /// A whole number of up to six digits.
    Counter,
    /// A longer number, or a number with a word before or after it, as orders have.
    OrderNumber,
    /// Made by the platform's own libraries or gateways.
    Platform,
    /// Long and random: at least sixteen letters and digits mixed.
    Random,
    /// Anything else.
    Other,
}

impl IdScheme {
    /// Every scheme, in the order of their numbers.
    pub const ALL: [IdScheme; 7] = [
        IdScheme::Uuid,
        IdScheme::Timestamp,
        IdScheme::Counter,
        IdScheme::OrderNumber,
        IdScheme::Platform,
        IdScheme::Random,
        IdScheme::Other,
    ];

    /// The word reports use.
    pub fn name(self) -> &'static str {
        match self {
            IdScheme::Uuid => "UUID",
            IdScheme::Timestamp => "time stamp",
            IdScheme::Counter => "counter",
            IdScheme::OrderNumber => "order number",
            IdScheme::Platform => "made by the platform",
            IdScheme::Random => "random",
            IdScheme::Other => "other",
        }
    }

    /// The word of the scheme of that number.
    pub fn named(number: u8) -> &'static str {
        IdScheme::ALL
            .into_iter()
            .find(|scheme| *scheme as u8 == number)
            .map_or("other", IdScheme::name)
    }

    /// Tells the scheme of one id.
    pub fn of(id: &str) -> IdScheme {
        if uuid(id).is_some() {
            return IdScheme::Uuid;
        }
        let bare = || id.bytes().filter(|byte| *byte != b'-');
        if bare().count() == 32 && bare().all(|byte| byte.is_ascii_hexdigit()) {
            return IdScheme::Uuid;
        }
        if is_gateway_id(id) || id.starts_with(IN_APP_PREFIX) {
            return IdScheme::Platform;
        }
        let digits = id.chars().filter(char::is_ascii_digit).count();
        let letters = id.chars().filter(|c| c.is_alphabetic()).count();
        let first = &id[..id.bytes().take_while(u8::is_ascii_digit).count()];
        if is_time(first) && id.len() - first.len() <= 8 {
            return IdScheme::Timestamp;
        }
        if digits == id.len() && !id.is_empty() {
            return if digits <= 6 { IdScheme::Counter } else { IdScheme::OrderNumber };
        }
        let runs = id.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).count();
        if digits >= 2
            && runs <= 2
            && letters <= 24
            && digits + letters + 6 >= id.len()
            && id.len() < 40
            && !mixed(id)
        {
            return IdScheme::OrderNumber;
        }
        if digits + letters >= 16 && mixed(id) { IdScheme::Random } else { IdScheme::Other }
    }
}

/// Prefix of ids that Meta's in-app bridge on iOS makes (meta-facts 1.7, read in the
/// script's code).
const IN_APP_PREFIX: &str = "pcm_plugin-set_";

/// Digits in hex of the digests that ids are made of: MD5, SHA-1, SHA-256.
const DIGEST_LENGTHS: [usize; 3] = [32, 40, 64];

/// True for an id that was made up when it was needed (random, or of the clock), and was
/// handed over by nobody.
pub fn looks_generated(id: &str) -> bool {
    let made = |part: &str| {
        DIGEST_LENGTHS.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit())
            || is_time(part)
            || uuid(part).is_some()
    };
    let scheme = IdScheme::of(id);
    let tail = id.len().checked_sub(UUID_LENGTH).and_then(|at| id.get(at..));
    matches!(scheme, IdScheme::Uuid | IdScheme::Timestamp | IdScheme::Random | IdScheme::Platform)
        || tail.is_some_and(made)
        || id.split(|c: char| !c.is_ascii_alphanumeric()).any(made)
}

/// Characters of a UUID in its usual form.
const UUID_LENGTH: usize = 36;

/// Unix times from 2001 to 2065, in seconds or milliseconds.
fn is_time(digits: &str) -> bool {
    let number: u64 = digits.parse().unwrap_or(0);
    match digits.len() {
        10 => (1_000_000_000..3_000_000_000).contains(&number),
        13 => (1_000_000_000_000..3_000_000_000_000).contains(&number),
        _ => false,
    }
}

/// True where letters and digits take turns more than once, as random texts do.
fn mixed(id: &str) -> bool {
    let mut kinds = id.chars().filter(|c| c.is_alphanumeric()).map(|c| c.is_ascii_digit());
    let Some(mut last) = kinds.next() else { return false };
    let turns = kinds.filter(|kind| std::mem::replace(&mut last, *kind) != *kind).count();
    turns >= 3
}

/// The ids of one event type on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdHealth {
    /// Event name.
    pub event: String,
    /// Side.
    pub channel: Channel,
    /// Events that could carry an id.
    pub events: u32,
    /// Events that do.
    pub present: u32,
    /// Distinct ids.
    pub distinct: u32,
    /// Ids that more than one session uses.
    pub collisions: u32,
    /// Shortest and longest, in characters; zero where there is none.
    pub lengths: (u32, u32),
    /// How many ids of each scheme.
    pub schemes: BTreeMap<IdScheme, u32>,
    /// True when different actions all carry the same id: several visitors', or some time apart.
    pub constant: bool,
}

/// Draws it up by event name and side. Events that the platform makes by itself cannot
/// carry the site's id and are left out, and so are the copies of its gateways.
pub(super) fn id_health(events: &[Event]) -> Vec<IdHealth> {
    let mut groups: BTreeMap<(&str, Channel), Vec<&Event>> = BTreeMap::new();
    let of_site = |event: &&Event| !event.automatic && !is_gateway_copy(event);
    for event in events.iter().filter(of_site).filter(|event| event.name.is_some()) {
        groups.entry((event.name(), event.channel)).or_default().push(event);
    }
    groups
        .into_iter()
        .map(|((name, channel), events)| {
            let mut users: BTreeMap<&str, BTreeSet<Option<u32>>> = BTreeMap::new();
            let mut present = 0;
            for event in &events {
                if let Some(id) = event.id.as_deref().filter(|id| !id.is_empty()) {
                    present += 1;
                    users.entry(id).or_default().insert(event.session);
                }
            }
            let mut schemes = BTreeMap::new();
            for id in users.keys() {
                *schemes.entry(IdScheme::of(id)).or_insert(0) += 1;
            }
            let length = |id: &&str| id.chars().count() as u32;
            IdHealth {
                event: name.to_owned(),
                channel,
                events: events.len() as u32,
                present,
                distinct: users.len() as u32,
                collisions: users.values().filter(|sessions| sessions.len() > 1).count() as u32,
                lengths: (
                    users.keys().map(length).min().unwrap_or(0),
                    users.keys().map(length).max().unwrap_or(0),
                ),
                schemes,
                constant: users.len() == 1 && present > 1 && several_actions(&events),
            }
        })
        .collect()
}

/// Two events of one side within this time may tell of one action, milliseconds. An
/// engineering choice.
const ONE_ACTION_MS: i64 = 10_000;

/// True for events of several visits, or too far apart to tell of one action.
fn several_actions(events: &[&Event]) -> bool {
    let mut visits = events.iter().map(|event| event.session);
    let first = visits.next();
    let times = || events.iter().map(|event| event.caught);
    let span = times().max().zip(times().min()).map_or(0, |(last, first)| last - first);
    visits.any(|visit| Some(visit) != first) || span > ONE_ACTION_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_told_apart() {
        for (id, scheme) in [
            ("3f2b8c1e-0f4a-4a7e-9a51-6b1f0c2d3e4f", IdScheme::Uuid),
            ("3F2B8C1E0F4A4A7E9A516B1F0C2D3E4F", IdScheme::Uuid),
            ("1772452800000", IdScheme::Timestamp),
            ("1772452800.123", IdScheme::Timestamp),
            ("17", IdScheme::Counter),
            ("100004711", IdScheme::OrderNumber),
            ("order-1001", IdScheme::OrderNumber),
            ("purchase.2024-1001", IdScheme::OrderNumber),
            ("ob3_plugin-set_0f4a", IdScheme::Platform),
            ("k3J9sd82Lq0Zx7Bn", IdScheme::Random),
            ("checkout", IdScheme::Other),
        ] {
            assert_eq!(IdScheme::of(id), scheme, "{id}");
        }
    }

    #[test]
    fn ids_made_on_the_spot_are_told_from_those_of_the_shop() {
        for id in [
            "3f2b8c1e-0f4a-4a7e-9a51-6b1f0c2d3e4f",
            "purchase_3f2b8c1e-0f4a-4a7e-9a51-6b1f0c2d3e4f",
            "ev_1772452800",
            "1772452800123.5",
            "k3J9sd82Lq0Zx7Bn",
        ] {
            assert!(looks_generated(id), "{id}");
        }
        for id in ["1001", "order-1001", "100004711", "checkout", "made-anew-004"] {
            assert!(!looks_generated(id), "{id}");
        }
    }

    #[test]
    fn a_gateways_copy_is_no_event_of_the_site() {
        let mut copy = Event::new(Channel::Server, 1, "1");
        copy.name = Some("Purchase".into());
        copy.id = Some("ob3_plugin-set_0f4a".into());
        assert!(id_health(&[copy]).is_empty());
    }

    #[test]
    fn collisions_are_ids_of_two_sessions() {
        let event = |session: u32, id: &str| {
            let mut event = Event::new(Channel::Browser, 1, "1");
            event.session = Some(session);
            event.name = Some("Purchase".into());
            event.id = Some(id.into());
            event
        };
        let health = id_health(&[event(1, "a-1"), event(1, "a-1"), event(2, "a-1"), event(2, "")]);
        assert_eq!((health[0].events, health[0].present, health[0].distinct), (4, 3, 1));
        assert_eq!(health[0].collisions, 1);
        assert!(health[0].constant);
        let twice = id_health(&[event(1, "a-1"), event(1, "a-1")]);
        assert!(!twice[0].constant, "one action, told twice");
    }
}
