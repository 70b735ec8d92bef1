//! Sessions: one scenario played once in a fresh browser profile, with both taps listening.
//!
//! This room touches the world: browser, network, clock.
//! Never reads a payload's meaning; what to answer is handed in.

mod browser;
mod faults;
pub mod filters;
pub mod grid;
mod group;
mod play;
pub mod setup;
mod site;
pub mod tap;
mod witness;

pub use browser::{
    BrowserError, BrowserOptions, BrowserSource, Device, ENGINES, Engine, Packages, Whereabouts,
};
pub use faults::{Faults, Refuse};
pub use play::{
    Before, Bind, Bound, Deadlines, IsView, Lesson, Outcome, Part, Progress, Stage, Tell, Times,
    Watch, play,
};
pub use site::{
    BASE_URL, BUNDLE, Doors, LOG, LastWords, OUTPUT, START, SiteError, SiteOrder, SiteProcess,
    named, settings, with_port,
};
pub use witness::{Seen, Witness};
