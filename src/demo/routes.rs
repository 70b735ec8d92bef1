//! The pages that anyone can look at: shelves, search, cart, newsletter, consent.
//! Never money; that is the checkout's business.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use serde_json::{Map, Value, json};

use super::catalogue::{Line, PRODUCTS, Product, STORES, Store, about, amount, search, total};
use super::checkout;
use super::customer::{self, is_email};
use super::desk::{Answer, Desk, Page};
use super::page;
use super::tracking::PixelCall;
use super::visit::Visit;

/// Largest form the shop reads, in bytes.
const FORM_LIMIT: usize = 64 * 1024;

/// What a newsletter reader is worth to the shop, in hundredths.
const LEAD_CENTS: u32 = 500;

type Shared = State<Arc<Desk>>;

/// Every address of the shop.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/search", get(find))
        .route("/products/{slug}", get(product))
        .route("/cart", get(cart))
        .route("/cart/add", post(add))
        .route("/cart/change", post(change))
        .route("/newsletter", get(newsletter).post(subscribe))
        .route("/newsletter/welcome", get(welcome))
        .route("/privacy", get(privacy))
        .route("/consent", post(consent))
        .route("/checkout", get(checkout::address).post(checkout::take_address))
        .route("/checkout/payment", get(checkout::payment))
        .route("/checkout/card", post(checkout::card))
        .route("/checkout/pay", post(checkout::pay))
        .route("/thank-you/{number}", get(checkout::thank_you))
        .route("/thank-you/{number}/seen", post(checkout::seen))
        .route("/assets/shop.css", get(|| async { asset("text/css", page::STYLE) }))
        .route("/assets/shop.js", get(|| async { asset("text/javascript", page::SCRIPT) }))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .fallback(missing)
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .with_state(desk)
}

/// Lines as pages show them.
pub(super) fn shown_lines(lines: &[Line], store: &Store) -> Value {
    lines
        .iter()
        .map(|line| {
            json!({
                "sku": line.product.sku,
                "slug": line.product.slug,
                "name": line.product.name,
                "quantity": line.quantity,
                "amount": store.show(line.product.cents(store) * line.quantity),
            })
        })
        .collect()
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, format!("{kind}; charset=utf-8")),
        (header::CACHE_CONTROL, "max-age=3600".to_owned()),
    ];
    (headers, text).into_response()
}

fn shown(product: &Product, store: &Store) -> Value {
    json!({
        "sku": product.sku,
        "slug": product.slug,
        "name": product.name,
        "blurb": product.blurb,
        "colour": product.colour,
        "shape": product.shape,
        "price": store.show(product.cents(store)),
    })
}

async fn home(State(desk): Shared, visit: Visit) -> Response {
    desk.serve(&visit, |turn| {
        let store = turn.visitor.store;
        let products: Vec<Value> = PRODUCTS.iter().map(|p| shown(p, store)).collect();
        let stores: Vec<Value> =
            STORES.iter().map(|s| json!({ "code": s.code, "label": s.label })).collect();
        let data = json!({ "products": products, "stores": stores });
        Answer::Page(Page::new("home.html", "Small Clay", data))
    })
}

async fn find(State(desk): Shared, visit: Visit) -> Response {
    desk.serve(&visit, |turn| {
        let query = visit.query("q").unwrap_or_default().replace('+', " ");
        let query: String = query.trim().chars().take(100).collect();
        let store = turn.visitor.store;
        let found = search(&query);
        let products: Vec<Value> = found.iter().map(|p| shown(p, store)).collect();
        let mut page =
            Page::new("search.html", "Search", json!({ "query": query, "products": products }));
        if !query.is_empty() {
            let ids: Vec<&str> = found.iter().map(|product| product.sku).collect();
            let mut params = Map::new();
            params.insert("search_string".into(), json!(query));
            params.insert("content_type".into(), json!("product"));
            params.insert("content_ids".into(), json!(ids));
            page.did.push(("Search", params));
        }
        Answer::Page(page)
    })
}

async fn product(State(desk): Shared, visit: Visit, Path(slug): Path<String>) -> Response {
    desk.serve(&visit, |turn| {
        let Some(product) = Product::by_slug(&slug) else { return nothing_there() };
        let store = turn.visitor.store;
        let mut page = Page::new("product.html", product.name, shown(product, store));
        let mut params = about(&[Line { product, quantity: 1 }], store);
        params.insert("content_name".into(), json!(product.name));
        page.did.push(("ViewContent", params.clone()));
        for event in desk.planted.reported_on_view() {
            page.did.push((event, params.clone()));
        }
        Answer::Page(page)
    })
}

async fn cart(State(desk): Shared, visit: Visit) -> Response {
    desk.serve(&visit, |turn| {
        let store = turn.visitor.store;
        let data = json!({
            "lines": shown_lines(&turn.visitor.cart, store),
            "total": store.show(total(&turn.visitor.cart, store)),
        });
        Answer::Page(Page::new("cart.html", "Your cart", data))
    })
}

async fn add(State(desk): Shared, visit: Visit, Form(form): Form<customer::Form>) -> Response {
    desk.serve(&visit, |turn| {
        let Some(product) = form.get("sku").and_then(|sku| Product::by_sku(sku)) else {
            return Answer::Bare(StatusCode::NOT_FOUND, "there is no such article");
        };
        let wanted = form.get("quantity").map_or(Ok(1), |text| text.parse());
        let Ok(wanted @ 1..) = wanted else {
            return Answer::Bare(StatusCode::BAD_REQUEST, "that is no quantity");
        };
        let quantity = turn.visitor.add(product, wanted);
        let calls = if quantity > 0 {
            let mut params = about(&[Line { product, quantity }], turn.visitor.store);
            params.insert("content_name".into(), json!(product.name));
            let page = visit.from.clone().unwrap_or_else(|| visit.url());
            turn.fire("AddToCart", params, &page)
        } else {
            Vec::new()
        };
        if visit.by_script {
            let mut data = Map::new();
            data.insert("pieces".into(), json!(turn.visitor.pieces()));
            data.insert("added".into(), json!(quantity));
            Answer::Data(data, calls)
        } else {
            turn.visitor.keep_for_next_page(calls);
            Answer::Redirect("/cart".into())
        }
    })
}

async fn change(State(desk): Shared, visit: Visit, Form(form): Form<customer::Form>) -> Response {
    desk.serve(&visit, |turn| {
        let product = form.get("sku").and_then(|sku| Product::by_sku(sku));
        let quantity = form.get("quantity").and_then(|text| text.parse().ok());
        if let (Some(product), Some(quantity)) = (product, quantity) {
            turn.visitor.set(product, quantity);
        }
        Answer::Redirect("/cart".into())
    })
}

async fn newsletter(State(desk): Shared, visit: Visit) -> Response {
    desk.serve(&visit, |_| ask_for_email(""))
}

fn ask_for_email(problem: &str) -> Answer {
    let mut page = Page::new("newsletter.html", "Newsletter", json!({ "problem": problem }));
    if !problem.is_empty() {
        page.status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Answer::Page(page)
}

async fn subscribe(
    State(desk): Shared,
    visit: Visit,
    Form(form): Form<customer::Form>,
) -> Response {
    desk.serve(&visit, |turn| {
        let email = form.get("email").map(|text| text.trim()).unwrap_or_default();
        if email.len() > 254 || !is_email(email) {
            return ask_for_email("That does not look like an e-mail address.");
        }
        // A form that is sent twice is one subscription; the answer to the first may never
        // have been seen.
        let known = turn.visitor.subscribed.as_ref().filter(|(reader, _)| reader == email);
        if let Some((_, calls)) = known {
            let again: Vec<PixelCall> =
                calls.iter().map(|call| PixelCall { again: true, ..call.clone() }).collect();
            turn.visitor.keep_for_next_page(again);
            return Answer::Redirect("/newsletter/welcome".into());
        }
        email.clone_into(&mut turn.visitor.customer.email);
        if let Some(name) = form.get("first_name").map(|text| text.trim())
            && !name.is_empty()
        {
            turn.visitor.customer.first_name = name.chars().take(100).collect();
        }
        let mut params = Map::new();
        params.insert("content_name".into(), json!("Newsletter"));
        params.insert("value".into(), amount(LEAD_CENTS));
        params.insert("currency".into(), json!(turn.visitor.store.currency));
        let page = format!("{}/newsletter/welcome", visit.origin);
        let calls = turn.fire("Lead", params, &page);
        turn.visitor.subscribed = Some((email.to_owned(), calls.clone()));
        turn.visitor.keep_for_next_page(calls);
        Answer::Redirect("/newsletter/welcome".into())
    })
}

async fn welcome(State(desk): Shared, visit: Visit) -> Response {
    desk.serve(&visit, |_| Answer::Page(Page::new("welcome.html", "Welcome", json!({}))))
}

async fn privacy(State(desk): Shared, visit: Visit) -> Response {
    desk.serve(&visit, |turn| {
        let choice = match turn.visitor.consent {
            Some(true) => "You agreed to measurement.",
            Some(false) => "You refused measurement. Nothing about you is reported.",
            None => "You have not chosen yet.",
        };
        Answer::Page(Page::new("privacy.html", "Privacy", json!({ "choice": choice })))
    })
}

async fn consent(State(desk): Shared, visit: Visit, Form(form): Form<customer::Form>) -> Response {
    desk.serve(&visit, |turn| {
        match form.get("choice").map(String::as_str) {
            Some("accept") => turn.visitor.consent = Some(true),
            Some("refuse") => turn.visitor.refuse(),
            _ => return Answer::Bare(StatusCode::BAD_REQUEST, "that is no choice"),
        }
        // Only a path of our own, or the banner would be an open redirect.
        let back = form.get("back").filter(|path| {
            path.starts_with('/') && !path.starts_with("//") && !path.contains('\\')
        });
        Answer::Redirect(back.cloned().unwrap_or_else(|| "/".into()))
    })
}

/// Addresses that browsers try by themselves end here, so nothing is reported.
async fn missing() -> Response {
    (StatusCode::NOT_FOUND, "there is no such page").into_response()
}

/// A page for an address that leads nowhere.
pub(super) fn nothing_there() -> Answer {
    let mut page = Page::new("missing.html", "Not found", json!({}));
    page.status = StatusCode::NOT_FOUND;
    Answer::Page(page)
}
