//! #### What it does
//! The addresses that the flow as written went through are opened one after the other with the user
//! agent of a search engine's crawler, without cookies of a visitor and without scripts. No event
//! may come of it, neither from the server nor by an image for browsers without scripts.
//!
//! #### What it cannot do
//! Pages that need a visitor's session answer the crawler as they please. Crawlers that run scripts are
//! not imitated.

use super::{Twist, Variant};

/// The variant.
pub(super) const VARIANT: Variant = Variant {
    name: "crawler",
    summary: "A crawler without scripts fetches the pages of the flow.",
    twist: Twist::Crawl,
    rules: &["event-from-crawler"],
    source: include_str!("crawler.rs"),
};
