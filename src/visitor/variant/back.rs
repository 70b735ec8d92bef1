//! #### What it does
//! After each step that sets a conversion off the visitor goes one step back in the history and then
//! forward again. No conversion happens by that.
//!
//! #### What it cannot do
//! Pages are loaded again on the way, not taken from the cache for going back: it is switched off in
//! Chromium, since a page loaded again is the case in which a conversion may be told twice.

use super::{Twist, Variant};

/// The variant.
pub(super) const VARIANT: Variant = Variant {
    name: "back",
    summary: "From every page on which a conversion is told one step back and forward again.",
    twist: Twist::BackAndForward,
    rules: &["refired-on-back"],
    source: include_str!("back.rs"),
};
