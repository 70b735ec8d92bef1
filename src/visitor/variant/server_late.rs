//! #### What it does
//! The first call that carries an event of this visitor is answered with a passing failure (HTTP 503,
//! error code 2). A careful client sends it again, with the same event ID and time.
//!
//! #### What it cannot do
//! A call that can be tied to the visitor only later (by nothing but an id that the browser has not shown
//! yet) is answered as usual. Calls are not held back for minutes.

use super::{Twist, Variant};

/// The variant.
pub(super) const VARIANT: Variant = Variant {
    name: "server-late",
    summary: "The platform's API fails once for each event of the server.",
    twist: Twist::ServerFails,
    rules: &["retry-not-idempotent", "duplicate-server-event", "not-counted"],
    source: include_str!("server_late.rs"),
};
