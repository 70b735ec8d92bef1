//! #### What it does
//! As `firefox-strict`, and the browser sends the Global Privacy Control signal, as Brave does by
//! default.
//!
//! #### What it cannot do
//! Brave's own lists beyond the platform's hosts, its cap on script cookies and its fingerprint
//! protection are not emulated. Add a profile of your own for those that matter to you.

use super::Profile;
use crate::visitor::{Blocks, Circumstances};

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "brave-like",
    summary: "A visitor with Brave's shields, or the like.",
    circumstances: Circumstances {
        blocks: Blocks::Hosts,
        strips_click_ids: true,
        signals_privacy: true,
        ..Circumstances::none()
    },
    source: include_str!("brave_like.rs"),
};
