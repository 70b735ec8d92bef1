//! Sessions: one scenario played once in a fresh browser profile, with both taps listening.
//!
//! This room touches the world: browser, network, clock.
//! Never reads a payload's meaning; what to answer is handed in.

mod browser;
pub mod filters;
mod play;
pub mod setup;
pub mod tap;
mod witness;

pub use browser::{
    BrowserError, BrowserOptions, BrowserSource, Device, ENGINES, Engine, Packages, Whereabouts,
};
pub use play::{
    Bind, Bound, Deadlines, IsView, Lesson, Outcome, Part, Progress, ServerFaults, Stage, Tell, Times, play};
pub use witness::{Seen, Witness};
