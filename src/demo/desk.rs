//! The desk: one request in, one answer out, and on the way both channels are
//! told what the visitor did.
//!
//! The order is fixed here, once for every page: recognise the visitor, act, fire,
//! answer. Handlers say what happened; whether it may be told is decided here.
//! Never what is on a page.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::ShopConfig;
use super::cookies::LIFETIME;
use super::customer::Customer;
use super::fault::{Planted, Site};
use super::outbox::Outbox;
use super::page::{Pages, Pixel};
use super::tracking::{Moment, PixelCall, Who};
use super::visit::Visit;
use super::visitor::{Visitor, Visitors};

/// How long the shop knows a visitor by the session cookie, in seconds.
const SESSION_LIFETIME: u32 = 30 * 24 * 60 * 60;

/// The first order number less one.
const ORDERS_BEFORE: u64 = 70_400;

/// Everything the handlers share.
#[derive(Debug)]
pub(super) struct Desk {
    config: ShopConfig,
    pub(super) planted: Planted,
    pub(super) outbox: Outbox,
    pages: Pages,
    visitors: Mutex<Visitors>,
    orders: AtomicU64,
}

/// One request being answered.
pub(super) struct Turn<'a> {
    pub(super) desk: &'a Desk,
    pub(super) visit: &'a Visit,
    pub(super) visitor: &'a mut Visitor,
    now: i64,
    posts: Vec<Value>,
    /// Planted: the server says nothing, since no script of the page has told it to.
    pub(super) unheard: bool,
}

/// What a handler answers.
pub(super) enum Answer {
    /// A page; the desk adds the page view.
    Page(Page),
    /// Another page instead.
    Redirect(String),
    /// Data for a script, with the pixel calls that the script has to fire.
    Data(Map<String, Value>, Vec<PixelCall>),
    /// Nothing to see and nothing to count.
    Bare(StatusCode, &'static str),
}

/// A page to be rendered.
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) template: &'static str,
    pub(super) title: String,
    pub(super) data: Value,
    /// What the visitor did by opening it, besides viewing it.
    pub(super) did: Vec<(&'static str, Map<String, Value>)>,
    /// Pixel calls of something that happened earlier.
    pub(super) calls: Vec<PixelCall>,
}

impl Page {
    pub(super) fn new(template: &'static str, title: impl Into<String>, data: Value) -> Page {
        Page {
            status: StatusCode::OK,
            template,
            title: title.into(),
            data,
            did: Vec::new(),
            calls: Vec::new(),
        }
    }
}

impl Turn<'_> {
    /// Tells the server's channel that the visitor did something, and returns what
    /// the browser has to fire. Both are empty where nothing may be told.
    pub(super) fn fire(
        &mut self,
        name: &str,
        params: Map<String, Value>,
        page: &str,
    ) -> Vec<PixelCall> {
        let (browser, server) = self.channels();
        let moment = Moment {
            name: name.to_owned(),
            id: Uuid::new_v4().to_string(),
            time: self.now,
            params,
            page: page.to_owned(),
            who: self.who(),
        };
        let mut calls = Vec::new();
        for moment in self.desk.planted.moments(moment) {
            if browser {
                let mut told = self.desk.planted.browser(&moment, name);
                if name == "Purchase" && self.is_old_template() {
                    for call in &mut told {
                        call.id = Value::Null;
                    }
                }
                calls.extend(told);
            }
            if server && !self.unheard {
                self.posts.extend(self.desk.planted.server(&moment, name));
            }
        }
        calls
    }

    /// Planted: telephones get a template that knows no event IDs.
    fn is_old_template(&self) -> bool {
        let agent = self.visit.user_agent.as_deref().unwrap_or_default();
        self.desk.planted.site(Site::PhonesWithoutIds) && agent.contains("Mobile")
    }

    /// Planted: true once, for the first order.
    pub(super) fn is_lost_as_the_first(&self) -> bool {
        let orders = self.desk.orders.load(Ordering::Relaxed);
        self.desk.planted.site(Site::LosesFirstPurchase) && orders == 1
    }

    /// An order number that was not given before.
    pub(super) fn order_number(&self) -> String {
        format!("SC-{}", ORDERS_BEFORE + self.desk.orders.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Whether the browser and the server may tell anything about this visitor.
    fn channels(&self) -> (bool, bool) {
        let planted = &self.desk.planted;
        if planted.site(Site::Untracked) {
            return (false, false);
        }
        if !self.visit.seen {
            return (false, planted.site(Site::ReportsCrawlers));
        }
        let opted_out = self.visit.signal && !planted.site(Site::IgnoresSignal);
        let undecided = self.visitor.consent.is_none() && planted.site(Site::UndecidedIsYes);
        let agreed = self.visitor.may_be_tracked() || undecided;
        let allowed = agreed && !opted_out;
        let refused = self.visitor.consent == Some(false);
        (
            allowed || (refused && planted.site(Site::PixelIgnoresRefusal)),
            allowed
                || (refused && planted.site(Site::ServerIgnoresRefusal))
                || (agreed && planted.site(Site::ServerIgnoresSignal)),
        )
    }

    fn who(&self) -> Who {
        Who {
            external_id: self.visitor.external_id.clone(),
            ip: self.visit.ip.map(|ip| ip.to_string()),
            user_agent: self.visit.user_agent.clone(),
            fbp: self.visitor.fbp.clone(),
            fbc: self.visitor.fbc.clone(),
            customer: if self.desk.planted.site(Site::KnowsNobody) {
                Customer::default()
            } else {
                self.visitor.customer.clone()
            },
        }
    }
}

impl Desk {
    pub(super) fn new(config: ShopConfig, outbox: Outbox, pages: Pages) -> Desk {
        Desk {
            planted: Planted::new(&config.faults),
            config,
            outbox,
            pages,
            visitors: Mutex::default(),
            orders: AtomicU64::new(0),
        }
    }

    /// Answers one request.
    pub(super) fn serve(&self, visit: &Visit, act: impl FnOnce(&mut Turn) -> Answer) -> Response {
        let now = Timestamp::now().as_millisecond();
        let mut visitors = self.visitors.lock().unwrap_or_else(PoisonError::into_inner);
        let forgetful = self.planted.site(Site::ForgetsVisits);
        let (sid, visitor) = visitors.of(visit, now, forgetful);
        let posts = Vec::new();
        let mut turn = Turn { desk: self, visit, visitor, now, posts, unheard: false };
        let answer = act(&mut turn);
        let mut response = match answer {
            Answer::Page(page) => self.show(&mut turn, page),
            Answer::Redirect(to) => see_other(&to),
            Answer::Data(mut data, calls) => {
                data.insert("calls".into(), calls.iter().map(PixelCall::to_json).collect());
                let again = calls.into_iter().map(|call| PixelCall { again: true, ..call });
                turn.visitor.keep_for_next_page(again);
                ([(header::CONTENT_TYPE, "application/json")], Value::Object(data).to_string())
                    .into_response()
            }
            Answer::Bare(status, text) => (status, text).into_response(),
        };
        for cookie in cookies(&turn, &sid) {
            // Values are checked when they are taken over, so each is a header; an answer
            // without the cookie would be the lesser harm.
            if let Ok(value) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        self.outbox.post(std::mem::take(&mut turn.posts));
        response
    }

    fn show(&self, turn: &mut Turn, page: Page) -> Response {
        let here = turn.visit.url();
        let mut calls = turn.fire("PageView", Map::new(), &here);
        calls.extend(turn.visitor.take_pending());
        for (name, params) in page.did {
            let fresh = turn.fire(name, params, &here);
            // A visitor who leaves at once may have left before it was sent.
            let named = fresh.iter().filter(|call| call.id.is_string()).cloned();
            let again: Vec<PixelCall> =
                named.map(|call| PixelCall { again: true, ..call }).collect();
            turn.visitor.keep_for_next_page(again);
            calls.extend(fresh);
        }
        calls.extend(page.calls);
        let mut matching = turn.who().matching();
        self.planted.matching(&mut matching);
        let pixel = turn.channels().0.then(|| Pixel {
            id: &self.config.pixel_id,
            matching,
            calls,
            image_for_all: self.planted.site(Site::ImageForAll),
            image_without_id: self.planted.site(Site::ImageWithoutId),
            impatient: self.planted.site(Site::Impatient),
            fbp_by_script: cookie_by_script(turn),
            plug_in: self.planted.site(Site::SecondPixel),
            route_change: self.planted.site(Site::RouteChange),
            id_option: self.planted.id_option(),
            token_call: self.planted.site(Site::TokenInPage).then(|| {
                format!(
                    "https://graph.facebook.com/{}/{}/events?access_token={}",
                    self.config.api_version, self.config.pixel_id, self.config.access_token
                )
            }),
        });
        let data = json!({
            "title": page.title,
            "path": turn.visit.path,
            "store": { "code": turn.visitor.store.code, "label": turn.visitor.store.label },
            "opt_in": turn.visitor.store.opt_in,
            "undecided": turn.visitor.consent.is_none(),
            "pieces": turn.visitor.pieces(),
            "eager": self.planted.site(Site::EveryClickCounts),
            "page": page.data,
        });
        turn.visitor.met = true;
        match self.pages.render(page.template, data, pixel) {
            Ok(html) => (
                page.status,
                [
                    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                    // Pages hold event IDs and personal data: a copy shown to somebody
                    // else, or to the same visitor later, would tell them twice.
                    (header::CACHE_CONTROL, "no-store"),
                    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
                ],
                html,
            )
                .into_response(),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("page broken: {error:#}"))
                .into_response(),
        }
    }
}

/// Planted: the browser id's cookie as a script of the page sets it, for new visitors.
fn cookie_by_script(turn: &Turn) -> Option<String> {
    let wanted = turn.desk.planted.site(Site::BrowserIdByScript) && !turn.visitor.met;
    wanted.then(|| cookie_text(turn.visit, "_fbp", &turn.visitor.fbp, LIFETIME))
}

fn cookie_text(visit: &Visit, name: &str, value: &str, age: u32) -> String {
    let secure = if visit.secure() { "; Secure" } else { "" };
    let domain = visit.cookie_domain().map_or_else(String::new, |d| format!("; Domain={d}"));
    format!("{name}={value}; Path=/{domain}; SameSite=Lax; Max-Age={age}{secure}")
}

/// Cookies that the answer sets or takes away.
fn cookies(turn: &Turn, sid: &str) -> Vec<String> {
    let visit = turn.visit;
    let secure = if visit.secure() { "; Secure" } else { "" };
    let has = |name: &str| visit.cookies.get(name).map(String::as_str);
    let mut cookies = Vec::new();
    if has("sid") != Some(sid) {
        let age = if turn.desk.planted.site(Site::ForgetsVisits) {
            String::new()
        } else {
            format!("; Max-Age={SESSION_LIFETIME}")
        };
        cookies.push(format!("sid={sid}; Path=/; HttpOnly; SameSite=Lax{age}{secure}"));
    }
    let set = |name: &str, value: &str, age: u32| cookie_text(visit, name, value, age);
    let by_script = |name: &str| name == "_fbp" && turn.desk.planted.site(Site::BrowserIdByScript);
    let (browser, _) = turn.channels();
    for (name, value) in [("_fbp", Some(&turn.visitor.fbp)), ("_fbc", turn.visitor.fbc.as_ref())] {
        match value {
            Some(value) if browser && has(name) != Some(value) && !by_script(name) => {
                cookies.push(set(name, value, LIFETIME));
            }
            _ if turn.visitor.consent == Some(false) && !browser && has(name).is_some() => {
                cookies.push(set(name, "", 0));
            }
            _ => {}
        }
    }
    cookies
}

fn see_other(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        Err(_) => (StatusCode::BAD_REQUEST, "that address cannot be").into_response(),
    }
}
