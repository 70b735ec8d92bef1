//! Platforms: how an ad platform speaks on the wire, matches people and counts.
//!
//! A platform is plain functions over captured bytes. To add one: one folder here,
//! one line in [`PLATFORMS`].
//! Never sockets, never browsers, never what is good or bad.

pub mod meta;

use crate::capture::{Exchange, Reply, Request};
use crate::event::{Defect, Event};
use crate::persona::Persona;

/// Every platform that is known.
pub const PLATFORMS: &[&Platform] = &[&meta::PLATFORM];

/// One ad platform.
pub struct Platform {
    /// Its name in configuration and reports.
    pub name: &'static str,
    /// Answers what the browser side sends to the platform: scripts, configuration, hits.
    pub answer_hit: fn(&Request, &PixelScript) -> Option<Reply>,
    /// Answers what servers send to the platform.
    pub answer_call: fn(&Request) -> Option<Reply>,
    /// Reads the events out of a recorded exchange.
    pub decode: fn(&Exchange) -> Decoded,
    /// Opaque texts by which server events of this person can be recognised.
    pub marks: fn(&Persona) -> Vec<String>,
    /// Groups events of one name, given with their rows in order of arrival, into what it would count.
    pub count: fn(&[(usize, &Event)]) -> Vec<Counted>,
}

/// What an exchange says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decoded {
    /// Its events.
    pub events: Vec<Event>,
    /// What in it could not be read.
    pub defects: Vec<Defect>,
}

/// The script that is served to pages as the platform's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PixelScript {
    /// Our own, which speaks the same wire format.
    StandIn,
    /// A file the user gave.
    Given {
        /// Its text.
        text: String,
        /// The version it names, where it names one.
        version: Option<String>,
    },
}

impl PixelScript {
    /// How reports name it.
    pub fn name(&self) -> String {
        match self {
            PixelScript::StandIn => "stand-in".to_owned(),
            PixelScript::Given { version: Some(version), .. } => format!("real {version}"),
            PixelScript::Given { version: None, .. } => "given file of unknown version".to_owned(),
        }
    }
}

/// One conversion as the platform counts it: the copies it merges and the one it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Rows of the copies, in order of arrival, the kept one among them.
    pub copies: Vec<usize>,
    /// Row of the copy whose value and match keys survive.
    pub kept: usize,
    /// Why that one, and why these are one, in a few words.
    pub why: &'static str,
}
