//! Parity: both halves of a pair say the same.

pub(super) mod value_mismatch;
