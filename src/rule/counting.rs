//! Counting and coverage: totals hold against the truth.

pub(super) mod nothing_captured;
