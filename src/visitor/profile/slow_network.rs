//! #### What it does
//! Every request takes a quarter of a second longer on its way through the browser tap, the
//! platform's script and hits among them.
//!
//! #### What it cannot do
//! Bandwidth is not limited, and connections are not lost.

use super::Profile;
use crate::visitor::Circumstances;

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "slow-network",
    summary: "A visitor on a slow line.",
    circumstances: Circumstances { latency_ms: 250, ..Circumstances::none() },
    source: include_str!("slow_network.rs"),
};
