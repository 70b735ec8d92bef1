//! The river: scenario → session → capture → events → join → findings → report → gate → formats.
//!
//! Each stage is one function; what they cannot do becomes an [`Error`] here, with a
//! hint and an exit code. A finding is never an error.

mod judgement;

pub use judgement::{Judgement, judgement};

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The query engine failed: a bug of ours.
    #[error("internal error in {stage}: {what}")]
    Engine {
        /// Stage or rule.
        stage: &'static str,
        /// What the engine said.
        what: String,
    },
}
