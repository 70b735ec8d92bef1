//! How much speaks for two events of opposite sides being halves of one: names, ids,
//! visitor, time, value, goods and page, and what speaks against it.
//!
//! All weights stand here. They are engineering choices, tried on the planted faults and on
//! pairs of different actions; no platform publishes any.
//! Never which of several candidates wins.

use super::NearMissKind;
use crate::event::{Channel, Event, MatchKey};
use crate::join::basket::{Basket, basket};
use crate::join::id_relation::{IdRelation, relate};

/// Least evidence for a near miss.
pub(super) const THRESHOLD: i32 = 60;
/// Two sides of one action arrive within this time as a rule.
const CLOSE_MS: i64 = 5_000;
/// Slow pages and busy servers need so long.
const SLOW_MS: i64 = 60_000;
/// Queues and webhooks deliver within this time as a rule.
const NEAR_MS: i64 = 10 * 60 * 1000;
/// All that proves the same visitor together: it is one fact however many keys show it,
/// and a visitor does many things.
const MOST_FOR_VISITOR: i32 = 30;
/// A value, goods or a page that both sides have in common, and one that differs.
const ALIKE: i32 = 10;
const UNLIKE: i32 = -15;
/// A value in hundredths against the same in whole units.
const CENTS: f64 = 100.0;

/// What really happened, against what stands unpaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::join) enum Truth {
    /// Nobody says.
    Untold,
    /// Fewer actions than the events would be if none of them belonged together.
    Fewer,
    /// Enough actions for each event to be one by itself.
    Enough,
}

/// What is worked out once for each event.
pub(super) struct Looks {
    page: Option<String>,
    goods: Option<Basket>,
}

impl Looks {
    pub(super) fn of(event: &Event) -> Looks {
        Looks { page: page(event), goods: basket(event) }
    }
}

/// The kind of the near miss and its evidence; `None` below the threshold.
pub(super) fn judge(
    (browser, left): (&Event, &Looks),
    (server, right): (&Event, &Looks),
    truth: Truth,
) -> Option<(NearMissKind, i32)> {
    let (same_visitor, other_visitor) = visitor(browser, server);
    let gap = gap(browser, server);
    let value = values(browser.value(), server.value());
    let time = match gap {
        gap if gap <= CLOSE_MS => 15,
        gap if gap <= SLOW_MS => 5,
        gap if gap <= NEAR_MS => -10,
        _ => -20,
    };
    let told = match truth {
        Truth::Untold => 0,
        Truth::Fewer => 10,
        Truth::Enough => -20,
    };
    let pages = compare(left.page.as_ref(), right.page.as_ref());
    let beside = same_visitor
        + other_visitor
        + time
        + told
        + value.points(ALIKE, UNLIKE)
        + pages.points(ALIKE, UNLIKE);
    // Comparing ids and goods is what costs, and for most candidates even the best of both
    // would not do.
    if beside + Names::Proof.points() + ALIKE < THRESHOLD {
        return None;
    }
    let (kind, names) = kind(browser, server)?;
    let goods = baskets(left.goods.as_ref(), right.goods.as_ref());
    if !names.proves() {
        // The same visitor does many things. Another value of other goods is another action,
        // and so is either of them some time later, unless the rest is the same.
        let far = gap > CLOSE_MS;
        let other = match (value, goods) {
            (Likeness::Unlike, Likeness::Unlike) => true,
            (Likeness::Unlike, _) | (Likeness::Unknown, Likeness::Unlike) => far,
            _ => false,
        };
        if other || same_visitor == 0 {
            return None;
        }
    }
    let score = beside + names.points() + goods.points(ALIKE, UNLIKE);
    (score >= THRESHOLD).then_some((kind, score))
}

/// What names and ids alone say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// The same id, or another spelling of it: that is no chance.
    Proof,
    /// A part in common that chance may have made.
    Part,
    /// The same id under names that have nothing to do with each other.
    IdOnly,
    /// An id is missing.
    NoId,
    /// Two ids that have nothing to do with each other.
    Unrelated,
}

impl Names {
    fn proves(self) -> bool {
        self == Names::Proof
    }

    fn points(self) -> i32 {
        match self {
            Names::Proof => 60,
            Names::Part => 45,
            Names::IdOnly | Names::NoId => 30,
            Names::Unrelated => 25,
        }
    }
}

/// What separates the two, and what the comparison of names and ids speaks for.
fn kind(browser: &Event, server: &Event) -> Option<(NearMissKind, Names)> {
    let same_name = browser.name == server.name;
    let same_pixel = browser.pixel == server.pixel;
    let told = |related: Option<bool>, other: Names| match related {
        Some(true) => Names::Proof,
        Some(false) => Names::Part,
        None => other,
    };
    match (present(browser.id.as_ref()), present(server.id.as_ref())) {
        (Some(a), Some(b)) if a == b => match (same_pixel, same_name) {
            (true, true) => Some((NearMissKind::Window, Names::Proof)),
            (false, true) => Some((NearMissKind::Pixel, Names::Proof)),
            (true, false) => {
                let relation = relate(browser.name(), server.name());
                let names = told(relation.as_ref().map(|_| true), Names::IdOnly);
                Some((NearMissKind::Name(relation), names))
            }
            (false, false) => None,
        },
        (Some(a), Some(b)) if same_name && same_pixel => {
            let relation = relate(a, b);
            let strong = relation.as_ref().map(IdRelation::is_strong);
            Some((NearMissKind::Id(relation), told(strong, Names::Unrelated)))
        }
        (a, b) if same_name && same_pixel => {
            let sides = [(a, Channel::Browser), (b, Channel::Server)];
            let missing = sides.into_iter().filter(|(id, _)| id.is_none()).map(|(_, side)| side);
            Some((NearMissKind::IdMissing(missing.collect()), Names::NoId))
        }
        _ => None,
    }
}

pub(super) fn present(id: Option<&String>) -> Option<&str> {
    id.map(String::as_str).filter(|id| !id.is_empty())
}

/// What speaks for the same visitor, and what against.
fn visitor(browser: &Event, server: &Event) -> (i32, i32) {
    let mut points = 0;
    if browser.session.is_some() && browser.session == server.session {
        points += 20;
    }
    let key = |key: MatchKey| compare(browser.key(key), server.key(key));
    let browser_id = key(MatchKey::BrowserId);
    points += browser_id.points(15, 0);
    for person in [MatchKey::Email, MatchKey::Phone, MatchKey::ExternalId] {
        points += key(person).points(5, 0);
    }
    (points.min(MOST_FOR_VISITOR), browser_id.points(0, -25))
}

/// The time between the two: between their arrivals, or between the moments that both tell,
/// which a queue leaves as they are.
fn gap(browser: &Event, server: &Event) -> i64 {
    let told = |event: &Event| event.time.as_ref().and_then(|time| time.millis);
    let arrivals = browser.caught.abs_diff(server.caught);
    let moments = told(browser).zip(told(server)).map(|(a, b)| a.abs_diff(b));
    i64::try_from(moments.unwrap_or(arrivals).min(arrivals)).unwrap_or(i64::MAX)
}

/// How two sides compare in one respect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    Alike,
    Unlike,
    /// A side says nothing, or what it says proves nothing.
    Unknown,
}

impl Likeness {
    fn points(self, alike: i32, unlike: i32) -> i32 {
        match self {
            Likeness::Alike => alike,
            Likeness::Unlike => unlike,
            Likeness::Unknown => 0,
        }
    }
}

fn compare<T: PartialEq>(left: Option<T>, right: Option<T>) -> Likeness {
    match (left, right) {
        (Some(a), Some(b)) if a == b => Likeness::Alike,
        (Some(_), Some(_)) => Likeness::Unlike,
        _ => Likeness::Unknown,
    }
}

/// A side that sends cents means the same value; zero is what gateways and forgetful code
/// send for a value that they do not know.
fn values(left: Option<f64>, right: Option<f64>) -> Likeness {
    let bits = |value: f64| value.to_bits();
    let (Some(a), Some(b)) = (left, right) else { return Likeness::Unknown };
    match () {
        () if bits(a) == bits(b) => Likeness::Alike,
        () if a == 0.0 || b == 0.0 => Likeness::Unknown,
        () if bits(a * CENTS) == bits(b) || bits(b * CENTS) == bits(a) => Likeness::Unknown,
        () => Likeness::Unlike,
    }
}

/// Goods are alike where every id is, unlike where none has anything to do with one of the
/// other side: a product and its variant are spelt with a part in common as a rule.
fn baskets(left: Option<&Basket>, right: Option<&Basket>) -> Likeness {
    let (Some(left), Some(right)) = (left, right) else { return Likeness::Unknown };
    if left.ids == right.ids {
        return Likeness::Alike;
    }
    let kin = |a: &String| right.ids.iter().any(|b| a == b || relate(a, b).is_some());
    if left.ids.iter().any(kin) { Likeness::Unknown } else { Likeness::Unlike }
}

/// Path of the page, which sites agree on more often than on the whole address.
fn page(event: &Event) -> Option<String> {
    let page = event.page.as_deref()?;
    Some(url::Url::parse(page).map_or_else(|_| page.to_owned(), |url| url.path().to_owned()))
}
