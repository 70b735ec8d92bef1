//! Near misses: two events without a partner that were meant to be a pair.
//!
//! Candidates of opposite sides are scored on what they share; the best pairs above
//! a threshold are named, each event at most once. Below it an event is simply
//! unmatched: there is no guess without evidence.

mod likeness;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::id_relation::IdRelation;
use crate::event::{Channel, Event, MatchKey};
pub(super) use likeness::Truth;
use likeness::{Looks, judge, present};

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

/// Up to so many comparisons all are made; beyond, only those that promise something.
/// An engineering choice: the unpaired events of a visit, never those of a log.
const FEW_COMPARISONS: usize = 10_000;
/// Candidates that are looked at on either side in time, for each thing two events may have
/// in common. An engineering choice that keeps a log's work in proportion to its length.
const NEIGHBOURS: usize = 6;

/// Finds the near misses among unpaired events, best evidence first.
///
/// `browser` and `server` are rows of `events` without a partner, in order of arrival;
/// `truth` says of an event what really happened of its kind.
pub(super) fn near_misses(
    events: &[Event],
    browser: &[usize],
    server: &[usize],
    truth: &dyn Fn(&Event) -> Truth,
) -> Vec<NearMiss> {
    let sides = Sides::new(events, browser, server, truth);
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

/// The unpaired events of both sides, with what is worked out once.
struct Sides<'a> {
    events: &'a [Event],
    looks: HashMap<usize, Looks>,
    truth: &'a dyn Fn(&Event) -> Truth,
}

impl<'a> Sides<'a> {
    fn new(
        events: &'a [Event],
        browser: &[usize],
        server: &[usize],
        truth: &'a dyn Fn(&Event) -> Truth,
    ) -> Sides<'a> {
        let rows = browser.iter().chain(server);
        Sides { events, looks: rows.map(|row| (*row, Looks::of(&events[*row]))).collect(), truth }
    }

    fn judge(&self, left: usize, right: usize) -> Option<NearMiss> {
        let (browser, server) = (&self.events[left], &self.events[right]);
        if let (Some(a), Some(b)) = (browser.session, server.session)
            && a != b
        {
            return None;
        }
        let (a, b) = (self.looks.get(&left)?, self.looks.get(&right)?);
        let (kind, score) = judge((browser, a), (server, b), (self.truth)(browser))?;
        Some(NearMiss { browser: left, server: right, kind, score })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventTime;
    use crate::join::id_relation::relate;

    fn event(channel: Channel, name: &str, id: Option<&str>) -> Event {
        let mut event = Event::new(channel, 1, "1");
        event.session = Some(1);
        event.name = Some(name.into());
        event.id = id.map(str::to_owned);
        event
    }

    fn found(browser: Event, server: Event) -> Option<NearMissKind> {
        near_misses(&[browser, server], &[0], &[1], &|_| Truth::Untold)
            .into_iter()
            .next()
            .map(|near| near.kind)
    }

    #[test]
    fn the_cause_is_named_where_the_evidence_shows_it() {
        let b = |id| event(Channel::Browser, "Purchase", Some(id));
        let s = |id| event(Channel::Server, "Purchase", Some(id));
        let case = || relate("abc", "ABC");
        assert!(case().is_some());
        assert_eq!(found(b("abc"), s("ABC")), Some(NearMissKind::Id(case())));
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
            Some(NearMissKind::Name(relate("Purchase", "purchase")))
        );
    }

    /// A visitor's event with every mark of the visitor, that many milliseconds into the visit.
    fn action(channel: Channel, id: &str, after: i64, value: f64, product: &str) -> Event {
        let mut event = event(channel, "Purchase", Some(id));
        event.caught = after;
        event.page = Some("https://shop.test/thank-you".into());
        for key in [MatchKey::BrowserId, MatchKey::Email, MatchKey::Phone, MatchKey::ExternalId] {
            event.keys.insert(key, vec!["the same".into()]);
        }
        event.parameters.insert("value".into(), serde_json::json!(value));
        event.parameters.insert("content_ids".into(), serde_json::json!([product]));
        event
    }

    #[test]
    fn one_visitor_does_several_things_and_they_are_no_pair() {
        let mug = |id: &str| action(Channel::Browser, id, 0, 42.0, "mug");
        let coat = |id: &str, after: i64| action(Channel::Server, id, after, 99.5, "coat");
        let (one, other) =
            ("a3f2b8c1-0f4a-4a7e-9a51-6b1f0c2d3e4f", "77c0aa10-9d3b-4f6e-8a3c-0b1c2d3e4f5a");
        assert_eq!(found(mug(one), coat(other, 3_000)), None, "other goods of another value");
        assert_eq!(found(mug("1001"), coat("10010", 240_000)), None, "one figure more");
        assert_eq!(found(mug("purchase.1001"), coat("1001", 3_000)), None, "four figures");
        let later = action(Channel::Server, "add-99", 59_800, 10.0, "mug");
        let added = action(Channel::Browser, "add-102", 0, 12.0, "mug");
        assert_eq!(found(added, later), None, "another value a minute later");
        let same_price = action(Channel::Server, other, 300_000, 42.0, "coat");
        assert_eq!(found(mug(one), same_price), None, "other goods five minutes later");
    }

    #[test]
    fn halves_of_one_action_are_found_though_they_differ_in_something() {
        let browser = |id: &str| action(Channel::Browser, id, 0, 42.0, "mug");
        let server = |id: &str, after: i64, value: f64, product: &str| {
            action(Channel::Server, id, after, value, product)
        };
        let anew = |event: Event| found(browser("a-1-x"), event);
        assert!(anew(server("zz-81", 1_000, 42.0, "mug")).is_some(), "made anew");
        assert!(anew(server("zz-81", 1_000, 49.98, "mug")).is_some(), "with tax");
        assert!(anew(server("zz-81", 1_000, 42.0, "4711")).is_some(), "the parent product");
        assert!(anew(server("zz-81", 240_000, 42.0, "mug")).is_some(), "by a webhook");
        let mut queued = server("zz-81", 540_000, 42.0, "mug");
        let moment = |millis: i64| {
            let text = millis.to_string();
            Some(EventTime { text, millis: Some(millis), milliseconds_for_seconds: false })
        };
        queued.time = moment(1_000);
        queued.parameters.remove("value");
        queued.parameters.remove("content_ids");
        let mut browser_event = browser("a-1-x");
        browser_event.time = moment(900);
        assert!(found(browser_event, queued).is_some(), "from a queue, without a value");
        assert!(
            found(browser("order-1001"), server("ORDER-1001", 240_000, 99.5, "coat")).is_some(),
            "the id is evidence enough"
        );
    }

    #[test]
    fn what_really_happened_is_evidence() {
        let pair = [
            action(Channel::Browser, "a-1-x", 0, 42.0, "mug"),
            action(Channel::Server, "zz-81", 300_000, 42.0, "coat"),
        ];
        let found = |truth: Truth| near_misses(&pair, &[0], &[1], &|_| truth).len();
        assert_eq!((found(Truth::Fewer), found(Truth::Untold), found(Truth::Enough)), (1, 0, 0));
    }

    #[test]
    fn without_a_common_visitor_and_id_nothing_ties_two_events() {
        let of = |channel: Channel, id: &str| {
            let mut event = action(channel, id, 0, 42.0, "mug");
            event.session = None;
            event.keys.clear();
            event
        };
        assert_eq!(found(of(Channel::Browser, "a-1-x"), of(Channel::Server, "zz-81")), None);
        let spelt = found(of(Channel::Browser, "order-1"), of(Channel::Server, "ORDER-1"));
        assert!(spelt.is_some());
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
        let found = near_misses(&events, &browser, &server, &|_| Truth::Untold);
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
        let found = near_misses(&events, &[0], &[1, 2], &|_| Truth::Untold);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].server, 2);
    }
}
