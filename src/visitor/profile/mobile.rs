//! #### What it does
//! Requests carry the user agent of a telephone, and in Chromium the page has its small screen, its
//! touch and its user agent, too.
//!
//! #### What it cannot do
//! In Firefox and WebKit only the requests say so; the page keeps its size. It is a browser with a
//! telephone's name, not an app's embedded browser.

use super::Profile;
use crate::visitor::Circumstances;

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "mobile",
    summary: "A visitor with a telephone.",
    circumstances: Circumstances { mobile: true, ..Circumstances::none() },
    source: include_str!("mobile.rs"),
};
