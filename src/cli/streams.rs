//! Standard output and error, handed in by `main`, which alone prints.
//!
//! Reports go to standard output, progress and complaints to standard error.

use std::sync::Arc;

/// Writes a text to a stream.
pub(super) type Sink = Arc<dyn Fn(&str) + Send + Sync>;

/// Where a command writes, and what the terminal is like.
#[derive(Clone)]
pub struct Streams {
    /// Standard output.
    pub out: Sink,
    /// Standard error.
    pub err: Sink,
    /// Columns of the terminal on standard output; `None` where it is no terminal.
    pub width: Option<u16>,
    /// True when standard output may carry colour.
    pub colour: bool,
    /// True when standard error is a terminal.
    pub live: bool,
}

impl Streams {
    /// Writes to standard output, with a line end if there is none.
    pub fn out(&self, text: &str) {
        (self.out)(&ended(text));
    }

    /// Writes to standard error, with a line end if there is none.
    pub fn err(&self, text: &str) {
        (self.err)(&ended(text));
    }
}

fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}
