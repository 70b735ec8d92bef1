//! #### What it does
//! Answers the banner with the `refuse` answer named under `consent:` (scenario or countonce.toml),
//! right after the first page has loaded; a step of the scenario that agrees is left out. After
//! that nothing may be sent on either channel; and where the banner must be answered first
//! (`before: silent`, the default) nothing before it either.
//!
//! #### What it cannot do
//! Where no answer is named the steps of the scenario have to refuse; the profile then only says what
//! must stay silent, from the first page on.

use super::Profile;
use crate::visitor::{Circumstances, Decision};

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "consent-refused",
    summary: "A visitor who refuses in the banner.",
    circumstances: Circumstances { consent: Decision::Refuses, ..Circumstances::none() },
    source: include_str!("consent_refused.rs"),
};
