//! The one integration-test binary, so that polars is linked once.
//!
//! `architecture` and `catalogue` read the sources; the tests on tapes need no
//! browser; `live` and `demo` drive real ones. Put a test into the module of the room
//! whose behaviour it pins.

#![expect(
    unreachable_pub,
    reason = "a test binary has no outside; `pub` marks what other modules use"
)]
#![expect(clippy::too_many_lines, reason = "the lists of tapes are long and flat")]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

mod architecture;
mod audit;
mod baseline;
mod cases;
mod catalogue;
mod ci;
mod cli;
mod comparing;
mod cutover;
mod demo;
mod engines;
mod examples;
mod faults;
mod formats;
mod gate;
mod grid;
mod injected;
mod judged;
mod ledger;
mod listen;
mod live;
mod merge;
mod outside;
mod package;
mod page;
mod parallel;
mod recorded;
mod refused;
mod round_trip;
mod rules;
mod runs;
mod sample;
mod shipped;
mod stacks;
mod stand_in;
mod stored;
mod tape_builder;
mod vectors;
mod visitors;
