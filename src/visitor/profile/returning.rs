//! #### What it does
//! The first page is opened once, without click ids; the browser is closed and three days pass:
//! cookies of the session and those that expire meanwhile are gone, the others are kept. Then the
//! scenario is played.
//!
//! #### What it cannot do
//! The clock is moved in the page, not on the server. Without WebDriver BiDi (WebKit) it stays where
//! it is; cookies are dealt with alike.

use super::Profile;
use crate::visitor::Circumstances;

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "returning",
    summary: "A visitor who was there three days ago and kept the cookies.",
    circumstances: Circumstances { returns_after_hours: 3 * 24, ..Circumstances::none() },
    source: include_str!("returning.rs"),
};
