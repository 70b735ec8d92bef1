//! Near misses: two events without a partner that were meant to be a pair.
//!
//! Candidates of opposite sides are scored on what they share; the best pairs above
//! a threshold are named, each event at most once. Below it an event is simply
//! unmatched: there is no guess without evidence.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::id_relation::{IdRelation, relate};
use crate::event::{Channel, Event, MatchKey};

/// What kept the two apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NearMissKind {
    /// The ids differ; the relation between them, where there is one.
    Id(Option<IdRelation>),
    /// An id is missing on these sides.
    IdMissing(Vec<Channel>),
    /// Same id, different names.
    Name(Option<IdRelation>),
    /// Same name and id under different pixel ids.
    Pixel,
    /// Same name and id, too far apart in time.
    Window,
}

/// Two events that were meant to be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// Row of the browser event.
    pub browser: usize,
    /// Row of the server event.
    pub server: usize,
    /// What kept them apart.
    pub kind: NearMissKind,
    /// Strength of the evidence, 0–100 and above.
    pub score: i32,
}

/// Least evidence for a near miss: the same session, name and a few seconds, or as much by other marks.
const THRESHOLD: i32 = 60;
/// Two sides of one action arrive within this time as a rule.
const CLOSE_MS: i64 = 5_000;
/// Queues and webhooks deliver within this time as a rule.
const NEAR_MS: i64 = 10 * 60 * 1000;

/// Up to so many comparisons all are made; beyond, only those that promise something.
/// An engineering choice: the unpaired events of a visit, never those of a log.
const FEW_COMPARISONS: usize = 10_000;
/// Candidates that are looked at on either side in time, for each thing two events may have
/// in common. An engineering choice that keeps a log's work in proportion to its length.
const NEIGHBOURS: usize = 6;

/// Finds the near misses among unpaired events, best evidence first.
///
/// `browser` and `server` are rows of `events` without a partner, in order of arrival.
pub(super) fn near_misses(events: &[Event], browser: &[usize], server: &[usize]) -> Vec<NearMiss> {
    let sides = Sides::new(events, browser, server);
    let mut candidates: Vec<NearMiss> = if browser.len() * server.len() <= FEW_COMPARISONS {
        let all = browser.iter().flat_map(|left| server.iter().map(move |right| (*left, *right)));
        all.filter_map(|(left, right)| sides.judge(left, right)).collect()
    } else {
        sides.promising(browser, server)
    };
    candidates.sort_by_key(|near| {
        let gap = (events[near.browser].caught - events[near.server].caught).abs();
        (Reverse(near.score), gap, near.browser, near.server)
    });
    let (mut taken_browser, mut taken_server) = (HashSet::new(), HashSet::new());
    candidates.retain(|near| {
        let free = !taken_browser.contains(&near.browser) && !taken_server.contains(&near.server);
        if free {
            taken_browser.insert(near.browser);
            taken_server.insert(near.server);
        }
        free
    });
    candidates
}

/// Something that two halves of one event would have in common.
#[derive(PartialEq, Eq, Hash)]
enum Common<'a> {
    /// The event id, whatever its spelling.
    Id(String),
    /// The visitor, by one of the match keys.
    Visitor(MatchKey, &'a str),
    /// The event name; the moment does the rest.
    Name(&'a str, &'a str),
}

/// The unpaired events of both sides, with what is worth working out once.
struct Sides<'a> {
    events: &'a [Event],
    pages: HashMap<usize, String>,
}

impl<'a> Sides<'a> {
    fn new(events: &'a [Event], browser: &[usize], server: &[usize]) -> Sides<'a> {
        let pages = browser
            .iter()
            .chain(server)
            .filter_map(|row| Some((*row, page(&events[*row])?)))
            .collect();
        Sides { events, pages }
    }

    fn judge(&self, left: usize, right: usize) -> Option<NearMiss> {
        let (browser, server) = (&self.events[left], &self.events[right]);
        if let (Some(a), Some(b)) = (browser.session, server.session)
            && a != b
        {
            return None;
        }
        let (kind, likeness) = kind(browser, server)?;
        let pages = compare(self.pages.get(&left), self.pages.get(&right), 10, -15);
        let score = likeness + shared(browser, server) + pages;
        (score >= THRESHOLD).then_some(NearMiss { browser: left, server: right, kind, score })
    }

    /// Of many events: each one of the browser against the nearest in time of those that
    /// have anything telling in common with it.
    fn promising(&self, browser: &[usize], server: &[usize]) -> Vec<NearMiss> {
        let mut blocks: HashMap<Common<'_>, Vec<usize>> = HashMap::new();
        for row in server {
            for common in commons(&self.events[*row]) {
                blocks.entry(common).or_default().push(*row);
            }
        }
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        for left in browser {
            seen.clear();
            let at = self.events[*left].caught;
            for common in commons(&self.events[*left]) {
                let Some(block) = blocks.get(&common) else { continue };
                let here = block.partition_point(|row| self.events[*row].caught < at);
                let around = here.saturating_sub(NEIGHBOURS)..(here + NEIGHBOURS).min(block.len());
                for right in &block[around] {
                    if seen.insert(*right) {
                        found.extend(self.judge(*left, *right));
                    }
                }
            }
        }
        found
    }
}

fn commons(event: &Event) -> Vec<Common<'_>> {
    let visitor = [MatchKey::BrowserId, MatchKey::ExternalId, MatchKey::Email, MatchKey::Phone];
    let mut commons: Vec<Common<'_>> = visitor
        .into_iter()
        .filter_map(|key| Some(Common::Visitor(key, event.key(key).filter(|v| !v.is_empty())?)))
        .collect();
    commons.push(Common::Name(&event.pixel, event.name()));
    commons.extend(present(event.id.as_ref()).map(|id| Common::Id(core(id))));
    commons
}

/// An id without what its spellings differ in: case, punctuation, white space.
fn core(id: &str) -> String {
    id.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn present(id: Option<&String>) -> Option<&str> {
    id.map(String::as_str).filter(|id| !id.is_empty())
}

/// What separates the two, and how much the comparison of names and ids alone speaks for a pair.
fn kind(browser: &Event, server: &Event) -> Option<(NearMissKind, i32)> {
    let same_name = browser.name == server.name;
    let same_pixel = browser.pixel == server.pixel;
    match (present(browser.id.as_ref()), present(server.id.as_ref())) {
        (Some(a), Some(b)) if a == b => match (same_pixel, same_name) {
            (true, true) => Some((NearMissKind::Window, 60)),
            (false, true) => Some((NearMissKind::Pixel, 60)),
            (true, false) => {
                let relation = relate(browser.name(), server.name());
                let likeness = if relation.is_some() { 60 } else { 25 };
                Some((NearMissKind::Name(relation), likeness))
            }
            (false, false) => None,
        },
        (Some(a), Some(b)) if same_name && same_pixel => {
            let relation = relate(a, b);
            let likeness = if relation.is_some() { 60 } else { 25 };
            Some((NearMissKind::Id(relation), likeness))
        }
        (a, b) if same_name && same_pixel => {
            let sides = [(a, Channel::Browser), (b, Channel::Server)];
            let missing = sides.into_iter().filter(|(id, _)| id.is_none()).map(|(_, side)| side);
            Some((NearMissKind::IdMissing(missing.collect()), 30))
        }
        _ => None,
    }
}

/// What the two share beside name and id; contradictions count against.
fn shared(browser: &Event, server: &Event) -> i32 {
    let mut score = 0;
    if browser.session.is_some() && browser.session == server.session {
        score += 20;
    }
    let gap = (browser.caught - server.caught).abs();
    score += match gap {
        gap if gap <= CLOSE_MS => 15,
        gap if gap <= NEAR_MS => 5,
        _ => -20,
    };
    score += compare(browser.value().map(f64::to_bits), server.value().map(f64::to_bits), 10, -10);
    score += compare(browser.parameter("contents"), server.parameter("contents"), 10, 0);
    score += compare(browser.parameter("content_ids"), server.parameter("content_ids"), 10, -10);
    score += compare(browser.key(MatchKey::BrowserId), server.key(MatchKey::BrowserId), 15, -25);
    for person in [MatchKey::Email, MatchKey::Phone, MatchKey::ExternalId] {
        score += compare(browser.key(person), server.key(person), 5, 0);
    }
    score
}

/// Points for equality, for difference, or none where a side says nothing.
fn compare<T: PartialEq>(left: Option<T>, right: Option<T>, equal: i32, different: i32) -> i32 {
    match (left, right) {
        (Some(a), Some(b)) if a == b => equal,
        (Some(_), Some(_)) => different,
        _ => 0,
    }
}

/// Path of the page, which sites agree on more often than on the whole address.
fn page(event: &Event) -> Option<String> {
    let page = event.page.as_deref()?;
    Some(url::Url::parse(page).map_or_else(|_| page.to_owned(), |url| url.path().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(channel: Channel, name: &str, id: Option<&str>) -> Event {
        let mut event = Event::new(channel, 1, "1");
        event.session = Some(1);
        event.name = Some(name.into());
        event.id = id.map(str::to_owned);
        event
    }

    fn found(browser: Event, server: Event) -> Option<NearMissKind> {
        near_misses(&[browser, server], &[0], &[1]).into_iter().next().map(|near| near.kind)
    }

    #[test]
    fn the_cause_is_named_where_the_evidence_shows_it() {
        let b = |id| event(Channel::Browser, "Purchase", Some(id));
        let s = |id| event(Channel::Server, "Purchase", Some(id));
        assert_eq!(found(b("abc"), s("ABC")), Some(NearMissKind::Id(Some(IdRelation::Case))));
        assert_eq!(found(b("x-17-q"), s("zz81")), Some(NearMissKind::Id(None)));
        assert_eq!(
            found(
                event(Channel::Browser, "Purchase", Some("a")),
                event(Channel::Server, "Purchase", None)
            ),
            Some(NearMissKind::IdMissing(vec![Channel::Server]))
        );
        assert_eq!(
            found(b("abc"), event(Channel::Server, "purchase", Some("abc"))),
            Some(NearMissKind::Name(Some(IdRelation::Case)))
        );
    }

    #[test]
    fn contradictions_and_other_visitors_are_no_near_miss() {
        let mut other = event(Channel::Server, "Purchase", Some("zz81"));
        other.session = Some(2);
        assert_eq!(found(event(Channel::Browser, "Purchase", Some("x17q")), other), None);
        let mut browser = event(Channel::Browser, "AddToCart", Some("x17q"));
        let mut server = event(Channel::Server, "AddToCart", Some("zz81"));
        browser.parameters.insert("content_ids".into(), serde_json::json!(["a"]));
        server.parameters.insert("content_ids".into(), serde_json::json!(["b"]));
        browser.page = Some("https://shop.test/a".into());
        server.page = Some("https://shop.test/b".into());
        assert_eq!(found(browser, server), None);
    }

    #[test]
    fn in_a_long_log_the_halves_still_find_each_other() {
        let mut events = Vec::new();
        for visit in 0..400 {
            for channel in Channel::ALL {
                let id = format!("{}-{visit}-{}", channel.name(), visit * 7919 % 1000);
                let mut event = event(channel, "Purchase", Some(&id));
                event.session = None;
                event.caught = visit * 700 + i64::from(channel == Channel::Server) * 3_000;
                event.keys.insert(MatchKey::BrowserId, vec![format!("fb.1.1.{visit}")]);
                event.parameters.insert("value".into(), serde_json::json!(visit));
                events.push(event);
            }
        }
        events.sort_by_key(|event| event.caught);
        let of = |channel: Channel| -> Vec<usize> {
            (0..events.len()).filter(|row| events[*row].channel == channel).collect()
        };
        let (browser, server) = (of(Channel::Browser), of(Channel::Server));
        assert!(browser.len() * server.len() > FEW_COMPARISONS);
        let found = near_misses(&events, &browser, &server);
        assert_eq!(found.len(), 400);
        assert!(found.iter().all(|near| {
            events[near.browser].key(MatchKey::BrowserId)
                == events[near.server].key(MatchKey::BrowserId)
        }));
    }

    #[test]
    fn each_event_is_in_one_near_miss_and_the_best_wins() {
        let events = [
            event(Channel::Browser, "Purchase", Some("order-1001")),
            event(Channel::Server, "Purchase", Some("zz81-unlike")),
            event(Channel::Server, "Purchase", Some("ORDER-1001")),
        ];
        let found = near_misses(&events, &[0], &[1, 2]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].server, 2);
    }
}
