//! #### What it does
//! When the flow is over the browser is closed; a day passes on the clock of the page, cookies of the
//! session and those that expire meanwhile are gone. Then the address of the last page is opened
//! again, as from a confirmation mail or a restored window.
//!
//! #### What it cannot do
//! The clock of the server is not moved: a limit of time that the server keeps is not tried. Without
//! WebDriver BiDi (WebKit) the clock of the page stays where it is.

use super::{Twist, Variant};

/// The variant.
pub(super) const VARIANT: Variant = Variant {
    name: "revisit",
    summary: "A day later the last page is opened once more.",
    twist: Twist::NextDay,
    rules: &["refired-on-revisit"],
    source: include_str!("revisit.rs"),
};
