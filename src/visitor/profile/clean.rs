//! #### What it does
//! Nothing: a desktop browser with its defaults, cookies allowed, scripts on.
//!
//! #### What it cannot do
//! It is not what most visitors are. Compare it with the others to see what they lose.

use super::Profile;
use crate::visitor::Circumstances;

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "clean",
    summary: "A visitor with nothing in the way.",
    circumstances: Circumstances::none(),
    source: include_str!("clean.rs"),
};
