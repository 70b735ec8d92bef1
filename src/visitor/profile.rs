//! The profiles: who visits.
//!
//! To add one: a file in the folder, a line in [`PROFILES`]. The header of the file is
//! its manual page.
//! Never how a browser is brought into these circumstances.

mod adblock;
mod brave_like;
mod clean;
mod consent_granted_late;
mod consent_refused;
mod firefox_strict;
mod gpc;
mod itp;
mod mobile;
mod no_script;
mod pixel_down;
mod returning;
mod slow_network;

use super::{Circumstances, manual_of};

/// A profile that is known without configuration.
#[derive(Debug)]
pub struct Profile {
    /// Its name, equal to the file name with hyphens.
    pub name: &'static str,
    /// Who it is, in a sentence.
    pub summary: &'static str,
    /// The circumstances.
    pub circumstances: Circumstances,
    /// Its own source file, whose header is its manual page.
    pub source: &'static str,
}

/// Every profile, the default first.
pub const PROFILES: &[&Profile] = &[
    &clean::PROFILE,
    &adblock::PROFILE,
    &itp::PROFILE,
    &firefox_strict::PROFILE,
    &brave_like::PROFILE,
    &consent_refused::PROFILE,
    &consent_granted_late::PROFILE,
    &gpc::PROFILE,
    &no_script::PROFILE,
    &slow_network::PROFILE,
    &pixel_down::PROFILE,
    &returning::PROFILE,
    &mobile::PROFILE,
];

impl Profile {
    /// The manual page: the header of the file as Markdown.
    pub fn manual(&self) -> String {
        manual_of(self.source)
    }
}
