//! #### What it does
//! Requests to the platform's hosts find their stream closed, as Firefox does by its list of
//! trackers, and click ids are taken out of addresses (query stripping).
//!
//! #### What it cannot do
//! Cookies are not partitioned by site; that is the browser's own business and changes nothing about
//! what a shop sends. A first-party host of yours that sends hits is not blocked, as Firefox does not
//! know it. It is the same in every engine; for the real one play `--browser firefox`.

use super::Profile;
use crate::visitor::{Blocks, Circumstances};

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "firefox-strict",
    summary: "A visitor with Firefox's strict protection.",
    circumstances: Circumstances {
        blocks: Blocks::Hosts,
        strips_click_ids: true,
        ..Circumstances::none()
    },
    source: include_str!("firefox_strict.rs"),
};
