//! From the cart to the order: address, payment, thank-you page.
//!
//! The purchase is reported where the order is placed, not where the thank-you
//! page is shown: a visitor who never comes back still counts, and one who reloads
//! counts once.
//! Never how an event travels.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::catalogue::{COUNTRIES, Line, Store, about, total};
use super::customer::{self, Customer};
use super::desk::{Answer, Desk, Page, Turn};
use super::fault::Site;
use super::routes::{nothing_there, shown_lines};
use super::tracking::PixelCall;
use super::visit::Visit;
use super::visitor::Checkout;

type Shared = State<Arc<Desk>>;

/// The checkout's first page; opening it for the first time is an event.
pub(super) async fn address(State(desk): Shared, visit: Visit) -> Response {
    desk.serve(&visit, |turn| {
        if turn.visitor.cart.is_empty() {
            return Answer::Redirect("/cart".into());
        }
        let known = turn.visitor.customer.clone();
        let mut page = address_page(turn, &known, &[]);
        if turn.visitor.checkout.is_none() {
            turn.visitor.checkout = Some(Checkout {
                token: Uuid::new_v4().to_string(),
                addressed: false,
                card_accepted: false,
            });
            page.did.push(("InitiateCheckout", counted(turn)));
        }
        Answer::Page(page)
    })
}

/// Takes the address; what is wrong with it is said beside the field.
pub(super) async fn take_address(
    State(desk): Shared,
    visit: Visit,
    Form(form): Form<customer::Form>,
) -> Response {
    desk.serve(&visit, |turn| {
        if turn.visitor.cart.is_empty() || turn.visitor.checkout.is_none() {
            return Answer::Redirect("/checkout".into());
        }
        match Customer::read(&form) {
            Ok(customer) => {
                let email = utf8_percent_encode(&customer.email, NON_ALPHANUMERIC).to_string();
                turn.visitor.customer = customer;
                if let Some(checkout) = &mut turn.visitor.checkout {
                    checkout.addressed = true;
                }
                let payment = "/checkout/payment";
                Answer::Redirect(if desk.planted.site(Site::EmailInUrl) {
                    format!("{payment}?email={email}")
                } else {
                    payment.into()
                })
            }
            Err(wrong) => {
                let mut page = address_page(turn, &typed(&form), &wrong);
                page.status = StatusCode::UNPROCESSABLE_ENTITY;
                Answer::Page(page)
            }
        }
    })
}

/// The payment page.
pub(super) async fn payment(State(desk): Shared, visit: Visit) -> Response {
    desk.serve(&visit, |turn| match &turn.visitor.checkout {
        Some(checkout) if checkout.addressed && !turn.visitor.cart.is_empty() => {
            Answer::Page(payment_page(turn, &checkout.token.clone(), ""))
        }
        _ => Answer::Redirect("/checkout".into()),
    })
}

/// Looks at a card number while it is being typed; a good one is an event.
pub(super) async fn card(
    State(desk): Shared,
    visit: Visit,
    Form(form): Form<customer::Form>,
) -> Response {
    desk.serve(&visit, |turn| {
        let good = form.get("card").is_some_and(|number| is_card(number));
        let page = visit.from.clone().unwrap_or_else(|| visit.url());
        let calls = if good { accept_card(turn, &page) } else { Vec::new() };
        Answer::Data(Map::from_iter([("accepted".to_owned(), json!(good))]), calls)
    })
}

/// Places the order.
pub(super) async fn pay(
    State(desk): Shared,
    visit: Visit,
    Form(form): Form<customer::Form>,
) -> Response {
    desk.serve(&visit, |turn| {
        let token = form.get("token").cloned().unwrap_or_default();
        // A second click, or a form sent again, finds the order of the first.
        if let Some(order) = turn.visitor.orders.iter().find(|order| order.token == token) {
            return Answer::Redirect(format!("/thank-you/{}", order.number));
        }
        match &turn.visitor.checkout {
            Some(checkout) if checkout.addressed && checkout.token == token => {}
            _ => return Answer::Redirect("/checkout".into()),
        }
        if turn.visitor.cart.is_empty() {
            return Answer::Redirect("/cart".into());
        }
        if !form.get("card").is_some_and(|number| is_card(number)) {
            let mut page = payment_page(turn, &token, "That card number is not valid.");
            page.status = StatusCode::UNPROCESSABLE_ENTITY;
            return Answer::Page(page);
        }
        // Without scripts nobody has looked at the card before.
        let here = format!("{}/checkout/payment", visit.origin);
        let late = accept_card(turn, &here);
        turn.visitor.keep_for_next_page(late);
        let pixel_ran = form.get("pixel").is_some_and(|told| told == "1");
        turn.unheard = desk.planted.site(Site::ServerWaitsForPixel) && !pixel_ran;
        let number = place(turn, token);
        Answer::Redirect(format!("/thank-you/{number}"))
    })
}

/// The order's own page.
pub(super) async fn thank_you(
    State(desk): Shared,
    visit: Visit,
    Path(number): Path<String>,
) -> Response {
    desk.serve(&visit, |turn| {
        let anew = desk.planted.site(Site::TellsAnew);
        let whenever_shown = anew || desk.planted.site(Site::ThankYouFiresAgain);
        let email = turn.visitor.customer.email.clone();
        let Some(order) = turn.visitor.orders.iter_mut().find(|order| order.number == number)
        else {
            return nothing_there();
        };
        let data = json!({
            "number": order.number,
            "late": order.untold.is_some(),
            "email": email,
            "lines": shown_lines(&order.lines, order.store),
            "total": order.store.show(total(&order.lines, order.store)),
        });
        let mut page = Page::new("thank_you.html", "Thank you", data);
        let shown_before = order.is_shown();
        page.calls = order.fire(whenever_shown);
        if anew && shown_before {
            page.calls.iter_mut().for_each(|call| call.id = json!(Uuid::new_v4().to_string()));
        }
        Answer::Page(page)
    })
}

/// Planted: tells of an order that was not told of when it was placed.
fn tell_late(turn: &mut Turn, number: &str) -> Vec<PixelCall> {
    let order = turn.visitor.orders.iter_mut().find(|order| order.number == number);
    let Some(params) = order.and_then(|order| order.untold.take()) else { return Vec::new() };
    let page = format!("{}/thank-you/{number}", turn.visit.origin);
    turn.fire("Purchase", params, &page)
}

/// Planted: the thank-you page's script says that it is shown.
pub(super) async fn seen(
    State(desk): Shared,
    visit: Visit,
    Path(number): Path<String>,
) -> Response {
    desk.serve(&visit, |turn| {
        let calls = tell_late(turn, &number);
        Answer::Data(Map::new(), calls)
    })
}

fn place(turn: &mut Turn, token: String) -> String {
    let number = turn.order_number();
    let mut params = counted(turn);
    params.insert("order_id".into(), json!(number));
    let page = format!("{}/thank-you/{number}", turn.visit.origin);
    if turn.desk.planted.site(Site::TellsOnThankYou) {
        turn.visitor.place(number.clone(), token).untold = Some(params);
        return number;
    }
    turn.unheard |= turn.is_lost_as_the_first();
    let calls = turn.fire("Purchase", params, &page);
    turn.visitor.place(number.clone(), token).calls = calls;
    number
}

/// Reports the payment details, once per checkout.
fn accept_card(turn: &mut Turn, page: &str) -> Vec<PixelCall> {
    match &mut turn.visitor.checkout {
        Some(checkout) if checkout.addressed && !checkout.card_accepted => {
            checkout.card_accepted = true;
        }
        _ => return Vec::new(),
    }
    let params = counted(turn);
    turn.fire("AddPaymentInfo", params, page)
}

fn counted(turn: &Turn) -> Map<String, Value> {
    let mut params = about(&turn.visitor.cart, turn.visitor.store);
    params.insert("num_items".into(), json!(turn.visitor.pieces()));
    params
}

fn summary(lines: &[Line], store: &Store) -> Value {
    json!({ "lines": shown_lines(lines, store), "total": store.show(total(lines, store)) })
}

fn address_page(turn: &Turn, known: &Customer, wrong: &[(&str, &str)]) -> Page {
    let country =
        if known.country.is_empty() { turn.visitor.store.country } else { &known.country };
    let countries: Vec<Value> = COUNTRIES
        .iter()
        .map(|(iso, name, ..)| json!({ "iso": iso, "name": name, "chosen": *iso == country }))
        .collect();
    let wrong: Map<String, Value> =
        wrong.iter().map(|(field, what)| ((*field).to_owned(), json!(what))).collect();
    let data = json!({
        "known": {
            "email": known.email, "phone": known.phone, "first_name": known.first_name,
            "last_name": known.last_name, "street": known.street, "city": known.city,
            "state": known.state, "zip": known.zip, "gender": known.gender,
            "birth_date": known.birth_date,
        },
        "countries": countries,
        "wrong": wrong,
        "summary": summary(&turn.visitor.cart, turn.visitor.store),
    });
    Page::new("checkout.html", "Checkout", data)
}

fn payment_page(turn: &Turn, token: &str, problem: &str) -> Page {
    let data = json!({
        "token": token,
        "problem": problem,
        "summary": summary(&turn.visitor.cart, turn.visitor.store),
    });
    Page::new("payment.html", "Payment", data)
}

/// A form's texts as they were typed, to show them again.
fn typed(form: &customer::Form) -> Customer {
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    Customer {
        email: field("email"),
        phone: field("phone"),
        first_name: field("first_name"),
        last_name: field("last_name"),
        street: field("street"),
        city: field("city"),
        state: field("state"),
        zip: field("zip"),
        country: field("country"),
        gender: field("gender"),
        birth_date: field("birth_date"),
    }
}

/// The check digit of a card number (ISO/IEC 7812, Luhn). The number itself is
/// never kept.
fn is_card(number: &str) -> bool {
    let digits: Vec<u32> =
        number.chars().filter(|c| !matches!(c, ' ' | '-')).map_while(|c| c.to_digit(10)).collect();
    let typed = number.chars().filter(|c| !matches!(c, ' ' | '-')).count();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match at % 2 {
            0 => *digit,
            _ if digit * 2 > 9 => digit * 2 - 9,
            _ => digit * 2,
        })
        .sum();
    (13..=19).contains(&digits.len()) && digits.len() == typed && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_card_numbers_with_a_good_check_digit_pass() {
        assert!(is_card("4242 4242 4242 4242") && is_card("5555555555554444"));
        assert!(is_card("378282246310005"));
        assert!(!is_card("4242 4242 4242 4241") && !is_card("4242 4242 4242"));
        assert!(!is_card("") && !is_card("4242424242424242x"));
    }
}
