//! #### What it does
//! After each step that sets a conversion off, and the waits that follow it, the page is loaded again.
//! No conversion happens by that, so none may be told under another event ID, nor by the server.
//!
//! #### What it cannot do
//! A page whose form was filled in meanwhile is left alone, since a reload would empty it; the last
//! page is always loaded again. Where a later step then finds its element no more, the flow is
//! played once more with the last page alone; if that breaks as well, the variant is not applicable.

use super::{Twist, Variant};

/// The variant.
pub(super) const VARIANT: Variant = Variant {
    name: "reload",
    summary: "Every page on which a conversion is told is loaded again.",
    twist: Twist::Reload,
    rules: &["refired-on-reload"],
    source: include_str!("reload.rs"),
};
