//! Meta: the pixel, the Conversions API, and how the two are counted.
//!
//! `address` knows whose a request is, `pixel` and `graph` read and answer the two
//! channels, `normalise` knows what becomes of plain data, `people` by what a test
//! person is recognised, `counting` what Meta makes of copies.
//! Never sockets, never files, never the clock: `now` is handed in.

mod address;
pub mod appendix;
pub mod browser_ids;
mod callers;
pub mod click;
pub mod client;
pub mod counting;
mod form;
mod graph;
pub mod lean;
pub mod normalise;
mod people;
mod pixel;
pub mod proof;
pub mod quality;
mod stand_in;
pub mod vocabulary;

use super::{Decoded, PixelScript, Platform};
use crate::capture::{Answer, Door, Exchange, Reply, Request};
use crate::event::Channel;

pub use graph::{CULPRIT, INJECTED, refusal};
pub use people::{marks, traces, without_appendix};

/// The platform.
pub const PLATFORM: Platform = Platform {
    name: "meta",
    claims,
    intercepts: address::is_graph,
    hosts: &[address::GRAPH],
    answer_hit,
    answer_named: pixel::answer::answer_named,
    answer_call: graph::answer::answer,
    refuse: graph::answer::refuse,
    decode,
    watch: include_str!("meta/watch.js"),
    cookies: &["_fbp", "_fbc"],
    callers: callers::callers,
    settle: pixel::without_twins,
    marks,
    traces,
    cookie_traces: people::cookie_traces,
    count: counting::count,
    counting: counting::PUBLISHED,
    page_hosts: PAGE_HOSTS,
    views: VIEWS,
};

/// Hosts of the pixel (meta-facts: hit endpoints and script).
const PAGE_HOSTS: &[&str] = &["facebook.com", "facebook.net", "instagram.com"];

/// Standard events that a page tells of by being shown.
const VIEWS: &[&str] = &["PageView", "ViewContent", "Search", "FindLocation"];

/// True when a browser's request may be Meta's: by host, or by the shape of a first-party
/// endpoint. Cheap; for a POST to a first-party `/tr/` only [`answer_hit`] can tell.
pub fn claims(method: &str, url: &str) -> bool {
    address::purpose(method, url) != address::Purpose::Foreign
}

/// Answers a page's request at `now` (Unix milliseconds); `None` leaves it to the site.
pub fn answer_hit(request: &Request, script: &PixelScript, now: i64) -> Option<Reply> {
    match address::purpose(&request.method, &request.url) {
        // A page that calls the server API itself is a fault to be shown, not forwarded.
        address::Purpose::Call { .. } if claims_graph(request) => {
            graph::answer::answer(request, now)
        }
        _ => pixel::answer::answer(request, script),
    }
}

/// Reads the events out of an exchange of either channel.
pub fn decode(exchange: &Exchange) -> Decoded {
    match address::purpose(&exchange.request.method, &exchange.request.url) {
        address::Purpose::Call { .. } => graph::decode(exchange),
        address::Purpose::Hit | address::Purpose::Perhaps => pixel::decode(exchange),
        // On the tape of a browser tap it is for being a hit at a host that the user named.
        address::Purpose::Foreign if exchange.door == Door::Browser => pixel::decode(exchange),
        _ => Decoded::default(),
    }
}

fn claims_graph(request: &Request) -> bool {
    request.host().is_some_and(|host| address::is_graph(&host))
}

/// Reads a request that has not been answered yet.
fn decode_request(request: &Request) -> Decoded {
    decode(&Exchange {
        number: 0,
        channel: Channel::Browser,
        door: Door::Browser,
        session: None,
        at: 0,
        request: request.clone(),
        answer: Answer { status: 0, headers: Vec::new(), body: Vec::new() },
        injected: None,
    })
}

#[cfg(test)]
mod tests;
