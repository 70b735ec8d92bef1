//! What stands between a visitor's browser and the network: blockers, privacy modes, a
//! slow line. The same in every engine, since it happens on the wire.
//!
//! It never decides which requests are a platform's: it is told.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use tokio::time::Instant;

use super::body::{Body, whole};
use crate::capture::{Blocked, Line, Request as Taken, Responder, Sighting, TapeWriter};
use crate::event::mask_url;
use crate::session::Witness;
use crate::session::filters::Filters;
use crate::visitor::{Blocks, Circumstances};

/// How long a request for a script that never comes is left without an answer. Real
/// time-outs take minutes; an engineering choice.
const SCRIPT_TIMEOUT: Duration = Duration::from_millis(500);

/// How long a hit is held back for the server's call at most. An engineering choice.
const LONGEST_HOLD: Duration = Duration::from_secs(2);

/// Kept-back requests that are noted per session: a page that tries without end fills no disk.
const MOST_NOTED: usize = 500;

/// Parameters that privacy modes take out of addresses: the click ids among those of
/// WebKit's link tracking protection and Firefox's query stripping.
pub(crate) const CLICK_IDS: &[&str] = &[
    "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "mc_eid", "twclid", "ttclid",
    "igshid", "yclid",
];

/// User agent of the crawler. Source: Google, "Google crawlers", Googlebot for desktop.
pub(crate) const CRAWLER: &str = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/156.0.0.0 Safari/537.36";

/// A policy without `allow-scripts`: scripts are off and `noscript` shows (HTML standard,
/// "sandboxed scripts browsing context flag").
const NO_SCRIPTS: &str = "sandbox allow-forms allow-same-origin allow-popups allow-modals allow-top-navigation allow-downloads";

/// Address of a page of the site's origin that the tap answers itself, empty: between two
/// visits there is no page of the site's.
pub(crate) const BLANK: &str = "/.well-known/countonce";

/// Says from a host name whether it is a platform's.
pub type Hosts = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What a tap does to its visitor's traffic.
#[derive(Clone)]
pub struct LensConfig {
    /// The visitor's circumstances.
    pub circumstances: Circumstances,
    /// The filter lists, for visitors who have some.
    pub filters: Option<Arc<Filters>>,
    /// User agent of every request, where the browser passes for another one: Firefox's own
    /// command for it leaves out what scripts ask for with `keepalive` (observed, Firefox 153).
    pub agent: Option<String>,
    /// Which hosts are a platform's.
    pub hosts: Hosts,
    /// Where the server's calls are seen, for visitors whose hits are held back until then.
    pub hold_for: Option<Witness>,
}

impl LensConfig {
    /// A visitor with nothing in the way.
    pub fn clear() -> LensConfig {
        LensConfig {
            circumstances: Circumstances::default(),
            filters: None,
            agent: None,
            hosts: Arc::new(|_| false),
            hold_for: None,
        }
    }
}

/// Marks an answer that is none: its stream is closed.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the request was kept back")]
pub(super) struct Cut;

/// A request as the lens looks at it.
pub(super) struct Look<'a> {
    pub(super) method: &'a Method,
    pub(super) url: &'a str,
    pub(super) host: &'a str,
    pub(super) headers: &'a HeaderMap,
    /// True when it is a platform's.
    pub(super) claimed: bool,
    /// True when it is for the site under test.
    pub(super) own: bool,
}

/// The lens of one session.
pub(super) struct Lens {
    config: LensConfig,
    session: u32,
    tape: Arc<TapeWriter>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The page that the browser opened last.
    document: String,
    /// Names of cookies that the site set itself.
    served: BTreeSet<String>,
    noted: usize,
    /// Server sightings that a hit has been held for.
    met: BTreeSet<usize>,
}

impl Lens {
    pub(super) fn new(config: LensConfig, session: u32, tape: Arc<TapeWriter>) -> Lens {
        Lens { config, session, tape, state: Mutex::default() }
    }

    /// True when nothing is done to such a request.
    pub(super) fn is_clear(&self, url: &str) -> bool {
        self.config.circumstances.is_clean()
            && self.config.hold_for.is_none()
            && !url.ends_with(BLANK)
    }

    /// Cookies that the site set by `Set-Cookie`, by name.
    pub(super) fn served(&self) -> BTreeSet<String> {
        self.lock().served.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer that the lens gives itself, where it lets a request not through.
    pub(super) fn answer(&self, look: &Look<'_>) -> Option<(Response<Body>, Option<Duration>)> {
        let kind = text(look.headers, "sec-fetch-dest").unwrap_or_default();
        if kind == "document" && look.method == Method::GET {
            let mut state = self.lock();
            look.url.clone_into(&mut state.document);
        }
        if look.own && look.url.ends_with(BLANK) {
            return Some((blank(), None));
        }
        let circumstances = &self.config.circumstances;
        if kind == "document"
            && look.own
            && circumstances.strips_click_ids
            && look.method == Method::GET
            && let Some(plain) = without_click_ids(look.url)
        {
            return Some((moved(&plain), None));
        }
        let (rule, after) = self.kept_back_by(look, kind)?;
        self.note(look, rule);
        let mut cut = Response::new(whole(""));
        cut.extensions_mut().insert(Cut);
        Some((cut, after))
    }

    /// What keeps a request back, and how long it is left without an answer.
    fn kept_back_by(&self, look: &Look<'_>, kind: &str) -> Option<(String, Option<Duration>)> {
        // Blockers show a page of their own for documents; visitors then do not come at all.
        if kind == "document" {
            return None;
        }
        let circumstances = &self.config.circumstances;
        let script = kind == "script" || path_of(look.url).ends_with(".js");
        if circumstances.pixel_down && look.claimed && script {
            return Some(("no answer from the script's host".to_owned(), Some(SCRIPT_TIMEOUT)));
        }
        let rule = match circumstances.blocks {
            Blocks::Nothing => None,
            Blocks::Hosts => (self.config.hosts)(look.host)
                .then(|| format!("tracker list of the browser: {}", look.host)),
            Blocks::Lists => {
                let source = match text(look.headers, "referer") {
                    Some(page) => page.to_owned(),
                    None => self.lock().document.clone(),
                };
                let filters = self.config.filters.as_ref()?;
                filters.block(look.method.as_str(), look.url, &source, kind)
            }
        };
        rule.map(|rule| (rule, None))
    }

    fn note(&self, look: &Look<'_>, rule: String) {
        {
            let mut state = self.lock();
            if state.noted == MOST_NOTED {
                return;
            }
            state.noted += 1;
        }
        let blocked = Blocked {
            session: self.session,
            at: jiff::Timestamp::now().as_millisecond(),
            method: look.method.to_string(),
            url: mask_url(look.url),
            event: event_of(look.url),
            rule,
        };
        // A tape that cannot be written stops the session at its next step.
        let _ = self.tape.write(Line::Blocked(blocked));
    }

    /// How much longer a request takes.
    pub(super) fn latency(&self) -> Option<Duration> {
        let millis = self.config.circumstances.latency_ms;
        (millis > 0).then(|| Duration::from_millis(u64::from(millis)))
    }

    /// Headers that the visitor's browser sends otherwise.
    pub(super) fn on_the_way_out(&self, headers: &mut HeaderMap) {
        if self.config.circumstances.signals_privacy {
            headers.insert(HeaderName::from_static("sec-gpc"), HeaderValue::from_static("1"));
        }
        // A text that cannot stand in a header was none that a browser could send.
        let agent =
            self.config.agent.as_deref().and_then(|agent| HeaderValue::from_str(agent).ok());
        if let Some(agent) = agent {
            headers.insert(header::USER_AGENT, agent);
        }
        if self.config.circumstances.crawler {
            headers.insert(header::USER_AGENT, HeaderValue::from_static(CRAWLER));
            for name in ["sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform"] {
                headers.remove(name);
            }
        }
    }

    /// Looks at the site's answer, and switches scripts off where the visitor has none.
    pub(super) fn on_the_way_in(&self, headers: &mut HeaderMap) {
        {
            let mut state = self.lock();
            for cookie in headers.get_all(header::SET_COOKIE) {
                let name = cookie.to_str().unwrap_or_default().split('=').next();
                state.served.extend(name.map(|name| name.trim().to_owned()));
            }
        }
        let page = headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if self.config.circumstances.without_scripts && page {
            let policy = HeaderValue::from_static(NO_SCRIPTS);
            headers.append(header::CONTENT_SECURITY_POLICY, policy);
        }
    }

    /// Waits until the server has told of the same event, where hits are held back.
    pub(super) async fn hold(&self, request: &Taken, responder: &Responder) {
        let Some(server) = &self.config.hold_for else { return };
        let Some(reply) = (responder)(request) else { return };
        let deadline = Instant::now() + LONGEST_HOLD;
        for sighting in reply.sightings {
            let tick = Duration::from_millis(50);
            let found = |state: &State, seen: &[Sighting]| {
                seen.iter().enumerate().position(|(at, call)| {
                    call.event == sighting.event
                        && !state.met.contains(&at)
                        && call.marks.iter().any(|mark| sighting.marks.contains(mark))
                })
            };
            server
                .until(deadline, tick, |seen| found(&self.lock(), &seen.sightings).is_some())
                .await;
            server.look(|seen| {
                let mut state = self.lock();
                if let Some(at) = found(&state, &seen.sightings) {
                    state.met.insert(at);
                }
            });
        }
    }

    /// True when hits have to wait for the server.
    pub(super) fn holds(&self) -> bool {
        self.config.hold_for.is_some()
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn path_of(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// The event that a hit would have told, where its address says so.
fn event_of(url: &str) -> Option<String> {
    let (_, query) = url.split('#').next()?.split_once('?')?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix("ev="))?;
    let decoded = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
    Some(decoded.chars().take(100).collect())
}

/// The address without click ids; `None` where it has none.
pub(crate) fn without_click_ids(url: &str) -> Option<String> {
    let (whole, fragment) = match url.split_once('#') {
        Some((whole, fragment)) => (whole, format!("#{fragment}")),
        None => (url, String::new()),
    };
    let (base, query) = whole.split_once('?')?;
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !CLICK_IDS.iter().any(|id| name.eq_ignore_ascii_case(id))
        })
        .collect();
    if kept.len() == query.split('&').count() {
        return None;
    }
    Some(match kept.len() {
        0 => format!("{base}{fragment}"),
        _ => format!("{base}?{}{fragment}", kept.join("&")),
    })
}

fn blank() -> Response<Body> {
    let mut response = Response::new(whole("<!doctype html><title>between two visits</title>"));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The browser asks again, under the address that it would have opened by itself.
fn moved(to: &str) -> Response<Body> {
    let mut response = Response::new(whole(""));
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(to) = HeaderValue::from_str(to) {
        headers.insert(header::LOCATION, to);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_click_ids_go_and_the_rest_stays_to_the_letter() {
        for (url, plain) in [
            ("https://s.test/?fbclid=IwAR_x", Some("https://s.test/")),
            ("https://s.test/a?x=1&FBCLID=y&z=%20#top", Some("https://s.test/a?x=1&z=%20#top")),
            ("https://s.test/a?gclid&x", Some("https://s.test/a?x")),
            ("https://s.test/a?x=fbclid", None),
            ("https://s.test/a", None),
        ] {
            assert_eq!(without_click_ids(url).as_deref(), plain, "{url}");
        }
    }

    #[test]
    fn what_a_blocked_hit_would_have_told_is_read_from_its_address() {
        assert_eq!(
            event_of("https://www.facebook.com/tr?id=1&ev=Add%20It#x").as_deref(),
            Some("Add It")
        );
        assert_eq!(event_of("https://connect.facebook.net/en_US/fbevents.js"), None);
    }
}
