//! #### What it does
//! Where a step that sets a conversion off is a click, two clicks are given in quick succession.
//!
//! #### What it cannot do
//! Steps that fill in, press keys or open addresses are left as they are; a flow without a click that
//! sets a conversion off is reported as not applicable. Views that the second click cuts short are
//! not expected in the browser.

use super::{Twist, Variant};

/// The variant.
pub(super) const VARIANT: Variant = Variant {
    name: "double-click",
    summary: "Each click that sets a conversion off becomes a double click.",
    twist: Twist::DoubleClick,
    rules: &["refired-on-double-click"],
    source: include_str!("double_click.rs"),
};
