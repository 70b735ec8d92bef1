//! Sessions in a real browser: what the unit tests cannot show.
//!
//! Each test brings its own small site, plays steps on it and reads the tape. Without
//! a browser they are skipped, visibly, unless one is required by the environment.

mod anysite;
mod blocker;
mod load;
mod locators;
mod mobile;
mod pace;
mod playing;
mod stage;
mod steps;
mod twists;
mod ublock;
mod wire;
