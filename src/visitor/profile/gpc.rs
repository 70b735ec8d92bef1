//! #### What it does
//! Every request carries `Sec-GPC: 1`, and pages find `navigator.globalPrivacyControl` true. Events
//! under Limited Data Use are in order, all others are not; that nothing is sent is right as well.
//!
//! #### What it cannot do
//! Whether the signal binds the site depends on where its visitors live; that is not judged. In
//! engines without WebDriver BiDi only the header is sent.

use super::Profile;
use crate::visitor::Circumstances;

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "gpc",
    summary: "A visitor whose browser objects by signal (Global Privacy Control).",
    circumstances: Circumstances { signals_privacy: true, ..Circumstances::none() },
    source: include_str!("gpc.rs"),
};
