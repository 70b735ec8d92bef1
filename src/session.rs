//! Sessions: one scenario played once in a fresh browser profile, with both taps listening.
//!
//! This room touches the world: browser, network, clock.
//! Never reads a payload's meaning; what to answer is handed in.

pub mod tap;
mod witness;

pub use witness::{Seen, Witness};
