//! #### What it does
//! The browser passes for a telephone: in Chromium page, screen, density, touch, user agent and
//! client hints say so; in Firefox page, screen, density and user agent.
//!
//! #### What it cannot do
//! Firefox gets no touch screen; WebKit only a telephone's user agent and a page as narrow as its
//! window can be, some 450 pixels. It is a browser that passes for a telephone's, not an app's
//! embedded browser.

use super::Profile;
use crate::visitor::Circumstances;

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "mobile",
    summary: "A visitor with a telephone.",
    circumstances: Circumstances { mobile: true, ..Circumstances::none() },
    source: include_str!("mobile.rs"),
};
