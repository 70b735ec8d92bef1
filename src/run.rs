//! The river: scenario → session → capture → events → join → findings → report → gate → formats.
//!
//! Each stage is one function; what they cannot do becomes an [`Error`] here, with a
//! hint and an exit code. A finding is never an error.

mod answers;
mod artefacts;
mod audit;
mod casting;
mod conclude;
mod judgement;
mod listen;
mod merge;
mod perform;
mod publish;
mod rounds;
mod shard;
mod stored;

use std::path::PathBuf;

use crate::audit::AuditError;
use crate::capture::TapeError;
use crate::session::SiteError;
use crate::session::tap::TapError;

pub use audit::{Audit, answered, audit, facts, input_warnings};
pub use conclude::{TOOL, conclude, conclude_tape, failed_sessions, known_rules, settle};
pub use judgement::{Judgement, judgement, judgement_by};
pub use listen::{Action, Caught, Live};
pub use merge::merge;
pub use perform::{Doorway, Failed, Plan, Run, Site};
pub use publish::{LATEST, TAPE, folder, publish};
pub use shard::Shard;
pub use stored::stored;

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A tape could not be read or written.
    #[error(transparent)]
    Tape(TapeError),
    /// A tape is damaged in the middle.
    #[error("{0}")]
    Damage(TapeError),
    /// A tap could not be opened.
    #[error(transparent)]
    Tap(#[from] TapError),
    /// Logs could not be read.
    #[error(transparent)]
    Audit(AuditError),
    /// The site could not be started.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A report could not be written.
    #[error("{}: cannot write: {source}", path.display())]
    Output {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// There is nothing to do it with.
    #[error("{what}")]
    Nothing {
        /// What is missing.
        what: String,
    },
    /// Runs do not add up to one.
    #[error("{what}")]
    Merge {
        /// Which, why, and how to mend it.
        what: String,
    },
    /// A stored run could not be read.
    #[error("{}: {what}", path.display())]
    Stored {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The query engine failed: a bug of ours.
    #[error("internal error in {stage}: {what}")]
    Engine {
        /// Stage or rule.
        stage: &'static str,
        /// What the engine said.
        what: String,
    },
}

impl Error {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Error::Damage(_) => Some("add --partial to judge what precedes the damage"),
            Error::Tape(TapeError::Foreign { .. }) => {
                Some("a tape is written by `countonce run`; its first line names the format")
            }
            Error::Output { .. } => Some("choose another folder with --out, or free some space"),
            Error::Engine { .. } => {
                Some("this is a bug of countonce; please report it with the tape")
            }
            Error::Stored { .. } => {
                Some("a run is stored as its folder, its tape.jsonl or its report.json")
            }
            Error::Tape(_)
            | Error::Nothing { .. }
            | Error::Merge { .. }
            | Error::Tap(_)
            | Error::Site(_)
            | Error::Audit(_) => None,
        }
    }

    /// The exit code that belongs to it: 2 where the input is wrong, 3 where the run could not be made.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Audit(error) if error.is_ours() => 3,
            Error::Tape(_)
            | Error::Damage(_)
            | Error::Nothing { .. }
            | Error::Merge { .. }
            | Error::Stored { .. }
            | Error::Audit(_) => 2,
            Error::Output { .. } | Error::Engine { .. } | Error::Tap(_) | Error::Site(_) => 3,
        }
    }
}
