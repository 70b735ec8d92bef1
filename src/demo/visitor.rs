//! What the shop remembers of each visitor between two requests, in memory.
//! Never what is sent of it.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::catalogue::{Line, Product, STORES, Store};
use super::cookies;
use super::customer::Customer;
use super::tracking::PixelCall;
use super::visit::Visit;

/// Sessions kept; the oldest goes when one more comes.
const SESSIONS: usize = 10_000;

/// Most pieces of one article in a cart.
pub(super) const MOST_PIECES: u32 = 20;

/// How long after an order its page still offers the purchase to the pixel.
const FIRE_WINDOW: Duration = Duration::from_mins(30);

/// Orders remembered per visitor.
const ORDERS: usize = 50;

/// Pixel calls that wait for the visitor's next page at most.
const PENDING: usize = 50;

/// One visitor.
#[derive(Debug)]
pub(super) struct Visitor {
    /// The shop's own id of the visitor.
    pub(super) external_id: String,
    /// Storefront.
    pub(super) store: &'static Store,
    /// What the visitor said to the banner.
    pub(super) consent: Option<bool>,
    /// Browser id.
    pub(super) fbp: String,
    /// Click id.
    pub(super) fbc: Option<String>,
    /// What is in the cart.
    pub(super) cart: Vec<Line>,
    /// What was typed into forms.
    pub(super) customer: Customer,
    /// The checkout under way.
    pub(super) checkout: Option<Checkout>,
    /// Orders placed.
    pub(super) orders: Vec<Order>,
    /// Address of the newsletter's reader and what the pixel was told of it.
    pub(super) subscribed: Option<(String, Vec<PixelCall>)>,
    /// True once a page was shown.
    pub(super) met: bool,
    /// Pixel calls for the next page.
    pending: Vec<PixelCall>,
}

/// A checkout under way.
#[derive(Debug)]
pub(super) struct Checkout {
    /// Sent along with the form, so that a second click places no second order.
    pub(super) token: String,
    /// True once the address is known.
    pub(super) addressed: bool,
    /// True once a card was accepted.
    pub(super) card_accepted: bool,
}

/// An order.
#[derive(Debug)]
pub(super) struct Order {
    /// Number that the customer sees.
    pub(super) number: String,
    /// Token of its checkout.
    pub(super) token: String,
    /// What was bought.
    pub(super) lines: Vec<Line>,
    /// The store it was bought in.
    pub(super) store: &'static Store,
    /// The purchase, as the thank-you page fires it.
    pub(super) calls: Vec<PixelCall>,
    /// Planted: parameters of a purchase that is yet to be told of.
    pub(super) untold: Option<serde_json::Map<String, serde_json::Value>>,
    placed: Instant,
    shown: bool,
}

/// Every visitor the shop knows, by session cookie.
#[derive(Debug, Default)]
pub(super) struct Visitors {
    by_session: HashMap<String, Visitor>,
    oldest_first: VecDeque<String>,
}

impl Visitors {
    /// The visitor of a request, with the session's name; somebody unknown gets a
    /// fresh session. Planted: `forgetful`, where that has a browser id of its own.
    pub(super) fn of(
        &mut self,
        visit: &Visit,
        now: i64,
        forgetful: bool,
    ) -> (String, &mut Visitor) {
        let known = visit.cookies.get("sid").filter(|sid| self.by_session.contains_key(*sid));
        let sid = known.cloned().unwrap_or_else(|| Uuid::new_v4().to_string());
        if known.is_none() {
            if self.oldest_first.len() >= SESSIONS
                && let Some(oldest) = self.oldest_first.pop_front()
            {
                self.by_session.remove(&oldest);
            }
            self.oldest_first.push_back(sid.clone());
        }
        let visitor = self.by_session.entry(sid.clone()).or_insert_with(|| Visitor::new(now));
        visitor.arrive(visit, now, forgetful && known.is_none());
        (sid, visitor)
    }
}

impl Visitor {
    fn new(now: i64) -> Visitor {
        Visitor {
            external_id: Uuid::new_v4().to_string(),
            store: &STORES[0],
            consent: None,
            fbp: cookies::make_fbp(now),
            fbc: None,
            cart: Vec::new(),
            customer: Customer::default(),
            checkout: None,
            orders: Vec::new(),
            subscribed: None,
            met: false,
            pending: Vec::new(),
        }
    }

    /// Takes over what the request brings: store, browser id, click id.
    fn arrive(&mut self, visit: &Visit, now: i64, forgetful: bool) {
        if let Some(store) = visit.query("store").and_then(|code| Store::find(&code)) {
            self.store = store;
        }
        let fbp = visit.cookies.get("_fbp").filter(|_| !forgetful);
        if let Some(fbp) = fbp.filter(|value| cookies::is_fbp(value)) {
            self.fbp.clone_from(fbp);
        }
        let earlier = visit.cookies.get("_fbc").cloned().or_else(|| self.fbc.take());
        self.fbc = cookies::fbc(earlier, visit.query("fbclid").as_deref(), now);
    }

    /// True when events about this visitor may be sent.
    pub(super) fn may_be_tracked(&self) -> bool {
        self.consent.unwrap_or(!self.store.opt_in)
    }

    /// Puts pieces of an article into the cart; returns how many were put.
    pub(super) fn add(&mut self, product: &'static Product, quantity: u32) -> u32 {
        let at = self.cart.iter().position(|line| line.product == product).unwrap_or_else(|| {
            self.cart.push(Line { product, quantity: 0 });
            self.cart.len() - 1
        });
        let line = &mut self.cart[at];
        let added = quantity.min(MOST_PIECES - line.quantity);
        line.quantity += added;
        added
    }

    /// Sets how many pieces of an article are in the cart; none takes it out.
    pub(super) fn set(&mut self, product: &'static Product, quantity: u32) {
        for line in self.cart.iter_mut().filter(|line| line.product == product) {
            line.quantity = quantity.min(MOST_PIECES);
        }
        self.cart.retain(|line| line.quantity > 0);
    }

    /// Pieces in the cart.
    pub(super) fn pieces(&self) -> u32 {
        self.cart.iter().map(|line| line.quantity).sum()
    }

    /// Turns the checkout into an order and empties the cart.
    pub(super) fn place(&mut self, number: String, token: String) -> &mut Order {
        if self.orders.len() >= ORDERS {
            self.orders.remove(0);
        }
        self.checkout = None;
        self.orders.push(Order {
            number,
            token,
            lines: std::mem::take(&mut self.cart),
            store: self.store,
            calls: Vec::new(),
            untold: None,
            placed: Instant::now(),
            shown: false,
        });
        self.orders.last_mut().expect("one was pushed the line before")
    }

    /// Keeps pixel calls for the next page. Calls that a script's answer carries as
    /// well are marked `again`: the visitor may leave before the answer is there.
    pub(super) fn keep_for_next_page(&mut self, calls: impl IntoIterator<Item = PixelCall>) {
        self.pending.extend(calls);
        let excess = self.pending.len().saturating_sub(PENDING);
        self.pending.drain(..excess);
    }

    /// The calls that waited for this page.
    pub(super) fn take_pending(&mut self) -> Vec<PixelCall> {
        std::mem::take(&mut self.pending)
    }

    /// Forgets what must not outlive a refusal.
    pub(super) fn refuse(&mut self) {
        self.consent = Some(false);
        self.pending.clear();
        self.subscribed = None;
    }
}

impl Order {
    /// True once its page was shown.
    pub(super) fn is_shown(&self) -> bool {
        self.shown
    }

    /// What its page fires: the purchase at first sight. Later sights print it as
    /// a repetition, which the page fires only if the first one never reached it.
    pub(super) fn fire(&mut self, whenever_shown: bool) -> Vec<PixelCall> {
        if self.placed.elapsed() > FIRE_WINDOW {
            return Vec::new();
        }
        let again = std::mem::replace(&mut self.shown, true) && !whenever_shown;
        self.calls.iter().map(|call| PixelCall { again, ..call.clone() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::catalogue::PRODUCTS;

    #[test]
    fn a_cart_holds_one_line_per_article_and_a_limit() {
        let mut visitor = Visitor::new(0);
        assert_eq!(visitor.add(&PRODUCTS[0], 2), 2);
        assert_eq!(visitor.add(&PRODUCTS[0], 30), MOST_PIECES - 2);
        assert_eq!(visitor.add(&PRODUCTS[1], 1), 1);
        assert_eq!((visitor.cart.len(), visitor.pieces()), (2, MOST_PIECES + 1));
        visitor.set(&PRODUCTS[0], 0);
        assert_eq!((visitor.cart.len(), visitor.pieces()), (1, 1));
    }

    #[test]
    fn silence_means_consent_only_where_the_law_lets_it() {
        let mut visitor = Visitor::new(0);
        assert!(visitor.may_be_tracked());
        visitor.store = Store::find("de").expect("a store");
        assert!(!visitor.may_be_tracked());
        visitor.consent = Some(true);
        assert!(visitor.may_be_tracked());
        visitor.refuse();
        visitor.store = &STORES[0];
        assert!(!visitor.may_be_tracked());
    }

    #[test]
    fn a_purchase_is_fired_at_first_sight_and_repeated_after_that() {
        let mut visitor = Visitor::new(0);
        let order = visitor.place("1".into(), "t".into());
        order.calls.push(PixelCall {
            name: "Purchase".into(),
            params: serde_json::Map::new(),
            id: serde_json::json!("e"),
            again: false,
        });
        let again = |calls: Vec<PixelCall>| calls.iter().map(|call| call.again).collect::<Vec<_>>();
        assert_eq!(again(order.fire(false)), [false]);
        assert_eq!(again(order.fire(false)), [true]);
        assert_eq!(again(order.fire(true)), [false]);
    }
}
