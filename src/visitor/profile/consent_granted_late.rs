//! #### What it does
//! A step of the scenario that agrees is left out, and the `accept` answer named under `consent:` is
//! given once the visitor has left the first page; in a flow that ends on its second page, on the first.
//! Until then nothing may be sent on either channel;
//! what happens afterwards counts as ever. Views before it are not expected to be told later.
//!
//! #### What it cannot do
//! Where no answer is named the steps of the scenario have to agree, and what was sent too early
//! cannot be told from what was not; the report says so. With `before: allowed` (opt-out) nothing
//! is held against what was sent earlier.

use super::Profile;
use crate::visitor::{Circumstances, Decision};

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "consent-granted-late",
    summary: "A visitor who goes on to a second page before agreeing.",
    circumstances: Circumstances { consent: Decision::AgreesLate, ..Circumstances::none() },
    source: include_str!("consent_granted_late.rs"),
};
