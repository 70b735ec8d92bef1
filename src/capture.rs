//! The capture: everything that was on the wire, kept on a tape.
//!
//! A tape is versioned JSON Lines, written as things happen, so that whatever was
//! caught survives a crash. A run is judged from its tape, never from memory: the
//! same tape always gives the same verdict.
//! Never what a payload means.

mod attempt;
mod content;
mod exchange;
mod follow;
mod record;
mod redact;
mod schema;
mod tape;

pub use attempt::{Attempt, Command, CookieRecord, Frame, Recording};
pub use content::Capture;
pub use exchange::{Answer, Door, Exchange, Headers, Reply, Request, Responder, Sighting};
pub use follow::Follower;
pub use record::{
    Blocked, End, Line, Opening, PictureRecord, SessionEnd, SessionStart, SessionStatus,
    ShardRecord, StepRecord, Trouble, TwistMark,
};
pub use redact::{redact, redact_text};
pub use schema::tape_schema;
pub use tape::{TAPE_FORMAT, TapeError, TapeWriter, read};
