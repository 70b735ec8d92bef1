//! #### What it does
//! Hits of the browser are held back until the server's call for the same event has come, two seconds at
//! most. With one event ID on both sides the order does not matter; a pair that only fbp or
//! external_id holds together is counted twice in this order.
//!
//! #### What it cannot do
//! Events that the server does not send arrive two seconds late and change nothing else.

use super::{Twist, Variant};

/// The variant.
pub(super) const VARIANT: Variant = Variant {
    name: "server-first",
    summary: "The server tells before the browser does.",
    twist: Twist::ServerFirst,
    rules: &["fallback-dedup-only", "double-counted"],
    source: include_str!("server_first.rs"),
};
