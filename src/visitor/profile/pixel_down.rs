//! #### What it does
//! Requests for the platform's script get no answer and are given up after half a second, as in a
//! network that drops them; hits would get through, and none is made.
//!
//! #### What it cannot do
//! Real time-outs take minutes; pages that wait for their script wait half a second here.

use super::Profile;
use crate::visitor::Circumstances;

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "pixel-down",
    summary: "A visitor whom the platform's script never reaches.",
    circumstances: Circumstances { pixel_down: true, ..Circumstances::none() },
    source: include_str!("pixel_down.rs"),
};
