//! The tapes of each rule: one that breaks it and a clean one full of near misses.
//!
//! Tapes are made by code so that they can be read and changed, and kept as files so
//! that they pin the format. `COUNTONCE_BLESS=1 cargo test` writes them again.

mod counting;
mod envelope;
mod ledger;
mod match_keys;
mod pairing;
mod parity;
mod payload;
mod privacy;
mod transport;
mod variants;

use crate::tape_builder::Tape;

/// Both tapes of a rule.
pub struct Case {
    /// Rule id.
    pub rule: &'static str,
    /// Must not show the rule; holds what is nearly but not quite an offence.
    pub clean: fn() -> Tape,
    /// Must show the rule.
    pub broken: fn() -> Tape,
}

/// The tapes of every rule.
pub fn cases() -> Vec<Case> {
    [
        ledger::cases(),
        pairing::cases(),
        parity::cases(),
        payload::cases(),
        envelope::cases(),
        match_keys::cases(),
        privacy::cases(),
        transport::cases(),
        variants::cases(),
        counting::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
