//! #### What it does
//! Every page of the site is answered with a policy that switches scripts off (`Content-Security-Policy:
//! sandbox` without `allow-scripts`), so that `noscript` elements show and forms go to the server.
//!
//! #### What it cannot do
//! Steps that need a script of the page cannot be carried out; the combination is then reported as not
//! applicable, with the step. `evaluate` still works, since it is the driver's. Conditions are asked
//! for again and again from outside, which is slower.

use super::Profile;
use crate::visitor::Circumstances;

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "no-script",
    summary: "A visitor whose browser runs no scripts.",
    circumstances: Circumstances { without_scripts: true, ..Circumstances::none() },
    source: include_str!("no_script.rs"),
};
