//! Near misses: two events without a partner that were meant to be a pair.
//!
//! Candidates of opposite sides are scored on what they share; the best pairs above
//! a threshold are named, each event at most once. Below it an event is simply
//! unmatched: there is no guess without evidence.

use std::cmp::Reverse;
use std::collections::HashSet;

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

/// Finds the near misses among unpaired events, best evidence first.
///
/// `browser` and `server` are rows of `events` without a partner.
pub(super) fn near_misses(events: &[Event], browser: &[usize], server: &[usize]) -> Vec<NearMiss> {
    let mut candidates = Vec::new();
    for &left in browser {
        for &right in server {
            if let Some(candidate) = judge(events, left, right) {
                candidates.push(candidate);
            }
        }
    }
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

fn judge(events: &[Event], left: usize, right: usize) -> Option<NearMiss> {
    let (browser, server) = (&events[left], &events[right]);
    if let (Some(a), Some(b)) = (browser.session, server.session)
        && a != b
    {
        return None;
    }
    let (kind, likeness) = kind(browser, server)?;
    let score = likeness + shared(browser, server);
    (score >= THRESHOLD).then_some(NearMiss { browser: left, server: right, kind, score })
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
    score += compare(page(browser), page(server), 10, -15);
    let key = |event: &Event, key: MatchKey| event.key(key).map(str::to_owned);
    score += compare(key(browser, MatchKey::BrowserId), key(server, MatchKey::BrowserId), 15, -25);
    for person in [MatchKey::Email, MatchKey::Phone, MatchKey::ExternalId] {
        score += compare(key(browser, person), key(server, person), 5, 0);
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
