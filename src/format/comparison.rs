//! The formats of a comparison of two runs.
//!
//! A format reads the comparison and decides nothing.

mod json;
mod markdown;

use super::{Look, terminal};
use crate::gate::Comparison;

pub use json::schema as comparison_schema;

/// A way to render a comparison.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonFormat {
    /// The word users write.
    pub name: &'static str,
    /// Name of its file.
    pub file: &'static str,
    /// Renders a comparison.
    pub render: fn(&Comparison, &Look) -> String,
}

/// Every format of a comparison.
pub const COMPARISON_FORMATS: &[ComparisonFormat] = &[
    ComparisonFormat { name: "terminal", file: "comparison.txt", render: terminal::comparison },
    json::FORMAT,
    markdown::FORMAT,
];
