//! A walk through the whole shop, by one visitor who buys and one who refuses.

use serde_json::Value;

use super::browser::{Browser, Fired};
use super::{Sent, Stage};
use crate::demo::Fault;

/// What the buyer types.
pub(super) const ADDRESS_FORM: &[(&str, &str)] = &[
    ("email", " Ada.Byron@Example.org "),
    ("phone", "(202) 555-0147"),
    ("first_name", "Ada"),
    ("last_name", "O'Byron"),
    ("street", "1 Mill Lane"),
    ("city", "San Francisco"),
    ("state", "CA"),
    ("zip", "94105"),
    ("country", "US"),
    ("gender", "f"),
    ("birth_date", "1990-12-31"),
];

/// A test card.
pub(super) const CARD: (&str, &str) = ("card", "4242 4242 4242 4242");

/// The click that brought the buyer.
pub(super) const CLICK: &str = "IwAR0aBcDe_F-9";

/// The whole of it.
pub(super) struct Tour {
    pub(super) buyer: Browser,
    pub(super) refuser: Browser,
    pub(super) sent: Sent,
}

impl Tour {
    /// Walks through a shop with some faults.
    pub(super) async fn walk(faults: &[&'static Fault]) -> Tour {
        let stage = Stage::open(faults, &[]).await;
        let mut buyer = stage.browser();
        buyer.visit(&format!("/?fbclid={CLICK}")).await;
        buyer.visit("/search?q=mug").await;
        buy(&mut buyer).await;
        let page = buyer.path.clone();
        buyer.visit(&page).await;
        buyer.visit("/newsletter").await;
        buyer.post("/newsletter", &[("email", "ada@example.org")]).await;
        let mut refuser = stage.browser();
        refuser.agent.push_str(" Refuser");
        refuser.visit("/?store=de").await;
        refuser.post("/consent", &[("choice", "refuse"), ("back", "/")]).await;
        buy(&mut refuser).await;
        Tour { buyer, refuser, sent: stage.close().await }
    }

    /// The buyer's pixel calls of that name.
    pub(super) fn fired(&self, name: &str) -> Vec<&Fired> {
        self.buyer.fired.iter().filter(|fired| fired.name == name).collect()
    }

    /// Server events of that name that are not the refuser's.
    pub(super) fn served(&self, name: &str) -> Vec<&Value> {
        self.sent.named(name).filter(|event| !of_refuser(event)).collect()
    }

    /// Server events of the refuser.
    pub(super) fn refused(&self) -> usize {
        self.sent.events.iter().filter(|event| of_refuser(event)).count()
    }

    /// The purchase in the browser; `None` unless there is exactly one.
    pub(super) fn browser_purchase(&self) -> Option<&Fired> {
        <[&Fired; 1]>::try_from(self.fired("Purchase")).ok().map(|[only]| only)
    }

    /// The purchase on the server; `None` unless there is exactly one.
    pub(super) fn server_purchase(&self) -> Option<&Value> {
        <[&Value; 1]>::try_from(self.served("Purchase")).ok().map(|[only]| only)
    }
}

fn of_refuser(event: &Value) -> bool {
    event["user_data"]["client_user_agent"].as_str().is_some_and(|agent| agent.ends_with("Refuser"))
}

/// From an article to the thank-you page.
pub(super) async fn buy(browser: &mut Browser) {
    browser.visit("/products/blue-mug").await;
    browser.ask("/cart/add", &[("sku", "MUG-BLUE"), ("quantity", "2")]).await;
    browser.visit("/cart").await;
    browser.visit("/checkout").await;
    browser.post("/checkout", ADDRESS_FORM).await;
    let token = browser.token();
    browser.ask("/checkout/card", &[CARD]).await;
    let status = browser.post("/checkout/pay", &[("token", &token), CARD]).await;
    assert_eq!(status, 200);
    assert!(browser.path.starts_with("/thank-you/"), "{}", browser.path);
}
