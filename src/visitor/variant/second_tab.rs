//! #### What it does
//! After each step that sets a conversion off the same address is opened in a second tab of the same
//! browser, and the tab closed again. No conversion happens by that.
//!
//! #### What it cannot do
//! The tab is a new one on the same address; the browser's own command to duplicate a tab, which copies
//! its session storage, is not used.

use super::{Twist, Variant};

/// The variant.
pub(super) const VARIANT: Variant = Variant {
    name: "second-tab",
    summary: "Every page on which a conversion is told is opened in a second tab as well.",
    twist: Twist::SecondTab,
    rules: &["second-tab-double-fire"],
    source: include_str!("second_tab.rs"),
};
