//! The join of millions of events: compact rows, grouped by event id part by part.
//!
//! Counts what [`super::tables()`] counts, by hour and event name, with the same
//! definitions of pair, repeat and lone event; events without a partner are told apart
//! by cause in a second step over them alone.
//! Never a file, never good or bad.

mod bits;
mod figures;
mod identity;
mod lags;
mod order;
mod orphan;
mod part;
mod row;
mod sums;
mod twins;

pub use figures::{Cause, Cell, Cells, Figures, IdCell};
pub use identity::TOLERANCE;
pub use lags::Lags;
pub use orphan::{Lone, NEAR_MS, find_causes};
pub use part::{Circumstances, Settler};
pub use row::{Flag, NONE_TIME, ROW_BYTES, Row};
pub use sums::Sums;
pub use twins::{TWIN_MS, Told, Twins};

#[cfg(test)]
mod tests;
