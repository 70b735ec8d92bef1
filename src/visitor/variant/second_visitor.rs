//! #### What it does
//! The flow is played once more by another test person in a fresh browser profile, after the flow as
//! written. Event IDs of the two must differ: what a page cache hands to everyone is found so.
//!
//! #### What it cannot do
//! Caches in front of the real site are tried only where the run goes through them.

use super::{Twist, Variant};

/// The variant.
pub(super) const VARIANT: Variant = Variant {
    name: "second-visitor",
    summary: "A second, fresh visitor does the same on the same pages.",
    twist: Twist::SecondVisitor,
    rules: &["event-id-cached-across-visitors"],
    source: include_str!("second_visitor.rs"),
};
