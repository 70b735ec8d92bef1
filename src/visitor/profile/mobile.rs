//! #### What it does
//! Requests and pages have the user agent of a telephone and its small screen; in Chromium, and in
//! Firefox where it has a command for that, its touch, too.
//!
//! #### What it cannot do
//! WebKit has neither the density of the screen nor the touch. It is a browser with a telephone's
//! name, not an app's embedded browser.

use super::Profile;
use crate::visitor::Circumstances;

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "mobile",
    summary: "A visitor with a telephone.",
    circumstances: Circumstances { mobile: true, ..Circumstances::none() },
    source: include_str!("mobile.rs"),
};
