//! What the taps are told about platforms, as plain functions: which requests are theirs,
//! and what they are answered.
//!
//! Never a tap.

use std::sync::Arc;

use crate::capture::Responder;
use crate::platform::{PLATFORMS, PixelScript};
use crate::session::Refuse;
use crate::session::tap::Claims;

use super::perform::now;

pub(super) fn is_a_platforms(host: &str) -> bool {
    PLATFORMS.iter().any(|platform| (platform.intercepts)(host))
}

/// True for requests to a platform's host, and for those that a server on this machine
/// addresses to the tap itself; the site's other services are left alone.
/// With `beyond`, the tap serves other machines as well, which may call it by any name.
pub(super) fn calls_a_platform(url: &str, beyond: bool) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    let events = url.path().ends_with("/events");
    match url.host() {
        Some(url::Host::Domain("localhost")) => events,
        Some(url::Host::Domain(name)) => is_a_platforms(name) || (beyond && events),
        Some(url::Host::Ipv4(ip)) => (beyond || ip.is_loopback()) && events,
        Some(url::Host::Ipv6(ip)) => (beyond || ip.is_loopback()) && events,
        None => false,
    }
}

/// True for an address at one of these hosts, or below one.
pub(super) fn is_at(hosts: &[String], url: &str) -> bool {
    if hosts.is_empty() {
        return false;
    }
    let Ok(url) = url::Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    hosts.iter().any(|named| {
        host.strip_suffix(named.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

pub(super) fn claims(hosts: Vec<String>) -> Claims {
    Arc::new(move |method, url| {
        is_at(&hosts, url) || PLATFORMS.iter().any(|platform| (platform.claims)(method, url))
    })
}

pub(super) fn browser_responder(script: PixelScript, hosts: Vec<String>) -> Responder {
    Arc::new(move |request| {
        let at = now();
        let known =
            || PLATFORMS.iter().find_map(|platform| (platform.answer_hit)(request, &script, at));
        let named = || {
            let mut platforms = PLATFORMS.iter().filter(|_| is_at(&hosts, &request.url));
            platforms.find_map(|platform| (platform.answer_named)(request, &script))
        };
        known().or_else(named)
    })
}

pub(super) fn refuse() -> Refuse {
    Arc::new(|request, injected| {
        PLATFORMS.iter().find_map(|platform| (platform.refuse)(request, injected))
    })
}

pub(super) fn server_responder() -> Responder {
    Arc::new(|request| {
        let at = now();
        PLATFORMS.iter().find_map(|platform| (platform.answer_call)(request, at))
    })
}

/// The marks that a platform's cookie stands for.
pub(super) fn cookie_marks(name: &str, value: &str) -> Vec<String> {
    PLATFORMS.iter().flat_map(|platform| (platform.cookie_traces)(name, value)).collect()
}

pub(super) fn is_a_view(event: &str) -> bool {
    PLATFORMS.iter().any(|platform| platform.views.contains(&event))
}

pub(super) fn is_a_platforms_page_host(host: &str) -> bool {
    PLATFORMS.iter().flat_map(|platform| platform.page_hosts).any(|known| {
        host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}
