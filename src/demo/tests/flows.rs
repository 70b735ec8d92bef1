//! The shop without faults: both channels say the same, once.

use serde_json::{Value, json};

use super::browser::{ADDRESS, AGENT, Browser};
use super::tour::{ADDRESS_FORM, CARD, CLICK, Tour, buy};
use super::{PIXEL, Sent, Stage, TOKEN};
use crate::platform::meta::normalise::digest;

/// Name and id of everything, in no order.
fn browser_side(browser: &Browser) -> Vec<(String, String)> {
    let mut all: Vec<_> = browser
        .fired
        .iter()
        .map(|fired| (fired.name.clone(), fired.id.as_str().unwrap_or_default().to_owned()))
        .collect();
    all.sort();
    all
}

fn server_side(sent: &Sent) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut all: Vec<_> = sent
        .events
        .iter()
        .map(|event| (text(&event["event_name"]), text(&event["event_id"])))
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn every_action_is_told_once_on_each_channel_under_one_id() {
    let tour = Tour::walk(&[]).await;
    let browser = browser_side(&tour.buyer);
    assert_eq!(browser, server_side(&tour.sent));
    let ids: std::collections::BTreeSet<&str> = browser.iter().map(|(_, id)| id.as_str()).collect();
    assert_eq!(ids.len(), browser.len(), "an id of its own for each action");
    let count = |name: &str| browser.iter().filter(|(fired, _)| fired == name).count();
    let counts: Vec<(&str, usize)> = [
        "PageView",
        "Search",
        "ViewContent",
        "AddToCart",
        "InitiateCheckout",
        "AddPaymentInfo",
        "Purchase",
        "Lead",
    ]
    .map(|name| (name, count(name)))
    .into();
    assert_eq!(
        counts,
        [
            ("PageView", 10),
            ("Search", 1),
            ("ViewContent", 1),
            ("AddToCart", 1),
            ("InitiateCheckout", 1),
            ("AddPaymentInfo", 1),
            ("Purchase", 1),
            ("Lead", 1)
        ]
    );
    assert_eq!(browser.len(), 17);
    assert_eq!(tour.sent.delivery.accepted, 17);
    assert_eq!((tour.sent.delivery.refused, tour.sent.delivery.given_up), (0, 0));
}

#[tokio::test]
async fn both_channels_say_the_same_about_a_purchase() {
    let tour = Tour::walk(&[]).await;
    let (fired, served) = (tour.buyer.only("Purchase"), tour.sent.only("Purchase"));
    assert_eq!(fired.params, served["custom_data"]);
    assert_eq!(fired.params["value"], json!(84.0));
    assert_eq!(fired.params["currency"], "USD");
    assert_eq!(fired.params["num_items"], 2);
    assert_eq!(fired.params["content_ids"], json!(["MUG-BLUE"]));
    assert_eq!(
        fired.params["contents"],
        json!([{ "id": "MUG-BLUE", "quantity": 2, "item_price": 42.0 }])
    );
    let number = fired.params["order_id"].as_str().expect("a number");
    assert_eq!(served["event_source_url"], format!("https://shop.test/thank-you/{number}"));
    assert_eq!(served["action_source"], "website");
    let now = jiff::Timestamp::now().as_second();
    assert!((0..60).contains(&(now - served["event_time"].as_i64().expect("seconds"))));
}

#[tokio::test]
async fn every_server_event_names_the_page_that_fired_it() {
    let tour = Tour::walk(&[]).await;
    for event in &tour.sent.events {
        let fired = tour
            .buyer
            .fired
            .iter()
            .find(|fired| fired.id == event["event_id"])
            .expect("the other half");
        assert_eq!(event["event_source_url"], format!("https://shop.test{}", fired.path));
    }
}

#[tokio::test]
async fn personal_data_is_hashed_as_documented_and_the_rest_is_the_visitors_own() {
    let tour = Tour::walk(&[]).await;
    let keys = &tour.sent.only("Purchase")["user_data"];
    for (key, text) in [
        ("em", "ada.byron@example.org"),
        ("ph", "12025550147"),
        ("fn", "ada"),
        ("ln", "obyron"),
        ("ge", "f"),
        ("db", "19901231"),
        ("ct", "sanfrancisco"),
        ("st", "ca"),
        ("zp", "94105"),
        ("country", "us"),
    ] {
        assert_eq!(keys[key], json!([digest(text)]), "{key}");
    }
    assert_eq!(keys["client_ip_address"], ADDRESS);
    assert_eq!(keys["client_user_agent"], AGENT);
    assert_eq!(keys["fbp"], tour.buyer.cookies["_fbp"]);
    assert_eq!(keys["fbc"], tour.buyer.cookies["_fbc"]);
    // The pixel is told the same in plain text, on the pages after the address.
    let told = tour.buyer.matching.last().expect("a page");
    assert_eq!(told["em"], "ada@example.org", "the newsletter's address came last");
    assert_eq!(told["ph"], "12025550147");
    let first = &tour.buyer.matching[0];
    assert_eq!(first.keys().collect::<Vec<_>>(), ["external_id"], "nobody is known on landing");
    assert_eq!(first["external_id"], told["external_id"]);
    assert_eq!(keys["external_id"], json!([digest(told["external_id"].as_str().expect("text"))]));
}

#[tokio::test]
async fn both_cookies_are_there_on_landing_and_never_change() {
    let tour = Tour::walk(&[]).await;
    let fbc = &tour.buyer.cookies["_fbc"];
    let parts: Vec<&str> = fbc.split('.').collect();
    assert_eq!((parts[0], parts[1], parts[3]), ("fb", "1", CLICK));
    assert_eq!(parts[2].len(), 13, "milliseconds");
    for event in &tour.sent.events {
        assert_eq!(event["user_data"]["fbc"], *fbc);
        assert_eq!(event["user_data"]["fbp"], tour.buyer.cookies["_fbp"]);
    }
}

#[tokio::test]
async fn a_cookie_that_the_pixel_made_is_kept() {
    let stage = Stage::open(&[], &[]).await;
    let mut browser = stage.browser();
    browser.cookies.insert("_fbp".into(), "fb.1.1700000000000.987654321".into());
    browser.cookies.insert("_fbc".into(), format!("fb.1.1700000000000.{CLICK}"));
    browser.visit(&format!("/?fbclid={CLICK}")).await;
    assert_eq!(browser.cookies["_fbp"], "fb.1.1700000000000.987654321");
    assert_eq!(browser.cookies["_fbc"], format!("fb.1.1700000000000.{CLICK}"));
    let sent = stage.close().await;
    let keys = &sent.only("PageView")["user_data"];
    assert_eq!(keys["fbp"], "fb.1.1700000000000.987654321");
    assert_eq!(keys["fbc"], format!("fb.1.1700000000000.{CLICK}"));
}

#[tokio::test]
async fn a_refusal_silences_both_channels_and_takes_the_cookies_away() {
    let tour = Tour::walk(&[]).await;
    assert_eq!(tour.refuser.fired, []);
    assert_eq!(tour.refused(), 0);
    assert!(tour.refuser.seen.iter().all(|(_, html)| !html.contains("fbq(")));
    assert_eq!(tour.refuser.cookies.keys().collect::<Vec<_>>(), ["sid"]);

    let stage = Stage::open(&[], &[]).await;
    let mut late = stage.browser();
    late.visit("/").await;
    assert!(late.cookies.contains_key("_fbp"));
    late.post("/consent", &[("choice", "refuse"), ("back", "//evil.example")]).await;
    assert_eq!(late.path, "/", "the banner leads nowhere else");
    assert!(!late.cookies.contains_key("_fbp"));
    assert_eq!(stage.close().await.events.len(), 1, "what came before the refusal");
}

#[tokio::test]
async fn where_the_law_asks_nothing_is_told_before_consent() {
    let stage = Stage::open(&[], &[]).await;
    let mut browser = stage.browser();
    let landing = format!("/?store=de&fbclid={CLICK}");
    browser.visit(&landing).await;
    browser.visit("/products/blue-mug").await;
    assert_eq!((browser.fired.len(), browser.cookies.len()), (0, 1));
    browser.post("/consent", &[("choice", "accept"), ("back", "/products/blue-mug")]).await;
    let names: Vec<&str> = browser.fired.iter().map(|fired| fired.name.as_str()).collect();
    assert_eq!(names, ["PageView", "ViewContent"]);
    assert_eq!(browser.only("ViewContent").params["currency"], "EUR");
    let sent = stage.close().await;
    assert_eq!(sent.events.len(), 2);
    let fbc = sent.only("PageView")["user_data"]["fbc"].as_str().expect("kept from the landing");
    assert!(fbc.ends_with(CLICK));
}

#[tokio::test]
async fn what_a_click_reported_is_not_lost_when_the_visitor_leaves_at_once() {
    let stage = Stage::open(&[], &[]).await;
    let mut browser = stage.browser();
    browser.visit("/products/blue-mug").await;
    browser.ask_and_leave("/cart/add", &[("sku", "MUG-BLUE")]).await;
    browser.visit("/cart").await;
    let id = browser.only("AddToCart").id.clone();
    browser.visit("/cart").await;
    let sent = stage.close().await;
    assert_eq!(sent.only("AddToCart")["event_id"], id);
    browser.only("AddToCart");
}

#[tokio::test]
async fn a_second_click_on_pay_places_no_second_order() {
    let stage = Stage::open(&[], &[]).await;
    let mut browser = stage.browser();
    buy(&mut browser).await;
    let first = browser.path.clone();
    let payment = browser.seen.iter().find(|(path, _)| path == "/checkout/payment");
    browser.html = payment.expect("it was there").1.clone();
    let token = browser.token();
    browser.post("/checkout/pay", &[("token", &token), CARD]).await;
    assert_eq!(browser.path, first);
    let sent = stage.close().await;
    sent.only("Purchase");
    browser.only("Purchase");
}

#[tokio::test]
async fn without_scripts_the_same_is_told() {
    let stage = Stage::open(&[], &[]).await;
    let mut browser = stage.browser();
    browser.visit("/products/blue-mug").await;
    browser.post("/cart/add", &[("sku", "MUG-BLUE")]).await;
    browser.visit("/checkout").await;
    browser.post("/checkout", ADDRESS_FORM).await;
    let token = browser.token();
    browser.post("/checkout/pay", &[("token", &token), ("card", "1234")]).await;
    assert!(browser.html.contains("not valid"));
    browser.post("/checkout/pay", &[("token", &token), CARD]).await;
    let sent = stage.close().await;
    assert_eq!(browser_side(&browser), server_side(&sent));
    sent.only("AddPaymentInfo");
    sent.only("AddToCart");
}

#[tokio::test]
async fn a_retry_repeats_the_request_to_the_letter() {
    let stage = Stage::open(&[], &[500, 503]).await;
    let mut browser = stage.browser();
    browser.visit("/products/blue-mug").await;
    let sent = stage.close().await;
    let statuses: Vec<u16> = sent.calls.iter().map(|call| call.status).collect();
    assert_eq!(statuses, [500, 503, 200]);
    assert!(sent.calls.iter().all(|call| call.body == sent.calls[0].body));
    assert_eq!(sent.events.len(), 2, "page view and product view in one request");
    assert_eq!(sent.delivery.accepted, 2);
}

#[tokio::test]
async fn what_was_refused_is_noted_and_not_tried_again() {
    let stage = Stage::open(&[], &[400]).await;
    let mut browser = stage.browser();
    browser.visit("/").await;
    let sent = stage.close().await;
    assert_eq!(sent.calls.len(), 1);
    assert_eq!(sent.delivery.refused, 1);
    let note = &sent.delivery.notes[0];
    assert!(note.contains("400") && note.contains("2804009"), "{note}");
    assert!(!note.contains(TOKEN), "{note}");
}

#[tokio::test]
async fn what_no_try_brings_through_is_given_up() {
    let stage = Stage::open(&[], &[500, 500, 500, 500]).await;
    let mut browser = stage.browser();
    browser.visit("/").await;
    let sent = stage.close().await;
    assert_eq!((sent.calls.len(), sent.delivery.given_up), (4, 1));
}

#[tokio::test]
async fn calls_go_to_the_dataset_with_the_token_in_the_body() {
    let stage = Stage::open(&[], &[]).await;
    stage.browser().visit("/").await;
    let sent = stage.close().await;
    assert_eq!(sent.calls[0].path, format!("/v25.0/{PIXEL}/events"));
    let body: Value = serde_json::from_str(&sent.calls[0].body).expect("JSON");
    assert_eq!(body["access_token"], TOKEN);
}

#[tokio::test]
async fn crawlers_and_foreign_addresses_are_reported_by_nobody() {
    let stage = Stage::open(&[], &[]).await;
    let mut crawler = stage.browser();
    crawler.agent = "Mozilla/5.0 (compatible; Googlebot/2.1)".into();
    crawler.visit("/").await;
    let mut visitor = stage.browser();
    assert_eq!(visitor.visit("/wp-login.php").await, 404);
    assert_eq!(visitor.visit("/favicon.ico").await, 204);
    assert_eq!(crawler.fired, []);
    assert_eq!(stage.close().await.calls.len(), 0);
}

#[tokio::test]
async fn a_newsletter_form_sent_twice_is_one_lead() {
    let stage = Stage::open(&[], &[]).await;
    let mut browser = stage.browser();
    for _ in 0..2 {
        browser.post("/newsletter", &[("email", "ada@example.com")]).await;
    }
    let sent = stage.close().await;
    assert_eq!(sent.named("Lead").count(), 1);
    assert_eq!(browser_side(&browser), server_side(&sent));
}

#[tokio::test]
async fn bad_forms_are_answered_with_a_reason_and_no_event() {
    let stage = Stage::open(&[], &[]).await;
    let mut browser = stage.browser();
    assert_eq!(browser.post("/newsletter", &[("email", "ada")]).await, 422);
    assert_eq!(browser.post("/cart/add", &[("sku", "NO-SUCH")]).await, 404);
    assert_eq!(browser.post("/cart/add", &[("sku", "MUG-BLUE"), ("quantity", "-1")]).await, 400);
    browser.visit("/checkout").await;
    assert_eq!(browser.path, "/cart", "nothing to check out");
    browser.post("/cart/add", &[("sku", "MUG-BLUE")]).await;
    browser.visit("/checkout").await;
    assert_eq!(browser.post("/checkout", &[("email", "<b>")]).await, 422);
    assert!(browser.html.contains("&lt;b&gt;") && !browser.html.contains("value=\"<b>"));
    assert_eq!(browser.visit("/thank-you/SC-1").await, 404);
    assert_eq!(browser.visit("/search?q=%3C/script%3E%3Cb%3E").await, 200);
    assert!(!browser.html.contains("</script><b>"));
    let sent = stage.close().await;
    assert_eq!(browser_side(&browser), server_side(&sent));
    assert_eq!(sent.named("Purchase").count() + sent.named("Lead").count(), 0);
}
