//! #### What it does
//! The flow is played up to the step that sets the last conversion off. As soon as the site has been
//! asked, the tab is closed; the answer is never seen. The server must tell of the conversion all
//! the same.
//!
//! #### What it cannot do
//! How fast a visitor is cannot be said in general: here the request is under way, and nothing after it.
//! A conversion that no request to the site precedes is told by the browser alone; that is then said.

use super::{Twist, Variant};

/// The variant.
pub(super) const VARIANT: Variant = Variant {
    name: "closed-tab",
    summary: "The tab is closed right after the click that sets the last conversion off.",
    twist: Twist::CloseTab,
    rules: &["lost-when-tab-closed"],
    source: include_str!("closed_tab.rs"),
};
