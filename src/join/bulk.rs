//! The join of millions of events: compact rows, grouped by event id part by part.
//!
//! Counts what [`super::tables()`] counts, by hour and event name, with the same
//! definitions of pair, repeat and lone event; events without a partner are told apart
//! by cause in a second step over them alone.
//! Never a file, never good or bad.

mod figures;
mod identity;
mod orphan;
mod row;
mod sums;

pub use figures::{Cause, Cell, Cells, Figures, IdCell, Lag};
pub use identity::{TOLERANCE, settle, sorted};
pub use orphan::{NEAR_MS, TWIN_MS, Twins, find_causes};
pub use row::{Flag, NONE_TIME, ROW_BYTES, Row};
pub use sums::Sums;
