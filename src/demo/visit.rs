//! What one request says about the visitor who made it.
//!
//! The shop stands behind a load balancer, so the visitor's address and the
//! scheme come from the headers that it sets and from nowhere else.
//! Never what is tracked of it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use percent_encoding::percent_decode_str;

/// Fragments of user agents that are no visitors: neither channel reports them.
const CRAWLERS: &[&str] = &["bot", "crawl", "spider", "preview", "lighthouse"];

/// One request, as far as the shop cares.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    /// Scheme and host, as the visitor typed it.
    pub(super) origin: String,
    /// Host without port.
    pub(super) host: String,
    /// Path and query.
    pub(super) path: String,
    /// The visitor's address.
    pub(super) ip: Option<IpAddr>,
    /// The visitor's browser.
    pub(super) user_agent: Option<String>,
    /// The page that the request came from, when it is one of ours.
    pub(super) from: Option<String>,
    /// Cookies, decoded.
    pub(super) cookies: BTreeMap<String, String>,
    /// False for crawlers, prefetches and `HEAD`: nobody sees the page.
    pub(super) seen: bool,
    /// True when the browser sends the privacy signal (Global Privacy Control).
    pub(super) signal: bool,
    /// True when a script asked and wants data rather than a page.
    pub(super) by_script: bool,
}

impl Visit {
    /// The page's full address.
    pub(super) fn url(&self) -> String {
        format!("{}{}", self.origin, self.path)
    }

    /// True when the visitor's connection is encrypted.
    pub(super) fn secure(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// A parameter of the query, percent-decoded. A plus sign stays a plus sign:
    /// click ids must not be altered.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        query.split('&').find_map(|part| {
            let (key, value) = part.split_once('=')?;
            (key == name).then(|| percent_decode_str(value).decode_utf8_lossy().into_owned())
        })
    }

    /// The domain that cookies are set on: the last two labels of the host, as the
    /// pixel script does it for such hosts; nothing for addresses and single labels.
    pub(super) fn cookie_domain(&self) -> Option<String> {
        if self.host.parse::<IpAddr>().is_ok() {
            return None;
        }
        let labels: Vec<&str> = self.host.split('.').collect();
        (labels.len() > 1).then(|| labels[labels.len() - 2..].join("."))
    }

    fn read(method: &Method, path: &str, headers: &HeaderMap) -> Visit {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let authority = text("host")
            .and_then(|host| host.parse::<axum::http::uri::Authority>().ok())
            .map_or_else(
                || ("localhost".into(), "localhost".into()),
                |host| (host.to_string(), host.host().to_owned()),
            );
        let scheme = match text("x-forwarded-proto") {
            Some("https") => "https",
            _ => "http",
        };
        let origin = format!("{scheme}://{}", authority.0);
        let user_agent = text("user-agent").map(str::to_owned);
        let crawler = user_agent.as_deref().is_none_or(|agent| {
            let agent = agent.to_lowercase();
            CRAWLERS.iter().any(|word| agent.contains(word))
        });
        let prefetch = text("sec-purpose").is_some_and(|purpose| purpose.contains("prefetch"));
        Visit {
            host: authority.1,
            path: path.to_owned(),
            ip: text("x-forwarded-for").and_then(client_address),
            from: text("referer")
                .filter(|from| from.strip_prefix(&origin).is_some_and(|rest| rest.starts_with('/')))
                .map(str::to_owned),
            cookies: cookies(headers),
            seen: !crawler && !prefetch && *method != Method::HEAD,
            signal: text("sec-gpc") == Some("1"),
            by_script: text("accept").is_some_and(|accept| accept.contains("application/json")),
            origin,
            user_agent,
        }
    }
}

/// The last entry of `X-Forwarded-For`: the one that our own load balancer wrote.
/// Entries before it are whatever the visitor claimed.
fn client_address(list: &str) -> Option<IpAddr> {
    let entry = list.rsplit(',').next()?.trim();
    entry.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

fn cookies(headers: &HeaderMap) -> BTreeMap<String, String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, value)| {
            (name.to_owned(), percent_decode_str(value).decode_utf8_lossy().into_owned())
        })
        .collect()
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visit, Infallible> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Visit::read(&parts.method, path, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn visit(path: &str, headers: &[(&'static str, &'static str)]) -> Visit {
        let map = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        Visit::read(&Method::GET, path, &map)
    }

    #[test]
    fn only_the_load_balancers_own_entry_is_believed() {
        let ip = |list| visit("/", &[("x-forwarded-for", list)]).ip.map(|ip| ip.to_string());
        assert_eq!(ip("203.0.113.9").as_deref(), Some("203.0.113.9"));
        assert_eq!(ip("10.0.0.1, 203.0.113.9").as_deref(), Some("203.0.113.9"));
        assert_eq!(ip("203.0.113.9:4711").as_deref(), Some("203.0.113.9"));
        assert_eq!(ip("2001:db8::7").as_deref(), Some("2001:db8::7"));
        assert_eq!(ip("unknown"), None);
        assert_eq!(visit("/", &[]).ip, None);
    }

    #[test]
    fn a_click_id_is_read_unaltered() {
        let visit = visit("/?x=1&fbclid=IwAR2_a-B+c%2Fd", &[]);
        assert_eq!(visit.query("fbclid").as_deref(), Some("IwAR2_a-B+c/d"));
        assert_eq!(visit.query("x").as_deref(), Some("1"));
        assert_eq!(visit.query("y"), None);
    }

    #[test]
    fn cookies_are_set_on_the_registrable_part_of_the_host() {
        let domain = |host| visit("/", &[("host", host)]).cookie_domain();
        assert_eq!(domain("shop.test").as_deref(), Some("shop.test"));
        assert_eq!(domain("www.shop.test:443").as_deref(), Some("shop.test"));
        assert_eq!(domain("127.0.0.1:8080"), None);
        assert_eq!(domain("localhost:8080"), None);
    }

    #[test]
    fn a_foreign_page_is_not_taken_for_ours() {
        let from = |referer| {
            visit(
                "/",
                &[("host", "shop.test"), ("x-forwarded-proto", "https"), ("referer", referer)],
            )
            .from
        };
        assert_eq!(from("https://shop.test/cart").as_deref(), Some("https://shop.test/cart"));
        assert_eq!(from("https://shop.test.evil.example/"), None);
        assert_eq!(from("https://shop.testing/"), None);
    }

    #[test]
    fn crawlers_and_prefetches_are_not_seen() {
        let seen = |agent| visit("/", &[("user-agent", agent)]).seen;
        assert!(seen("Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36"));
        assert!(!seen("Mozilla/5.0 (compatible; Googlebot/2.1)"));
        assert!(!visit("/", &[]).seen);
        assert!(!visit("/", &[("user-agent", "x"), ("sec-purpose", "prefetch;prerender")]).seen);
    }
}
