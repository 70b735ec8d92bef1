//! countonce proves that every conversion on a web site reaches the ad
//! platform exactly once: from the browser pixel, from the server, or from both.
//!
//! The rooms below are in reading order, lowest first. A room names only rooms
//! above it in this list; `tests/suite/architecture.rs` holds the map and
//! refuses any other arrow.

pub mod event;
pub mod finding;
pub mod persona;
pub mod step;
pub mod visitor;

pub mod capture;
pub mod scenario;

pub mod session;

pub mod platform;

pub mod join;

pub mod audit;

pub mod rule;

pub mod report;

pub mod gate;

pub mod format;

pub mod demo;

pub mod run;

pub mod cli;
