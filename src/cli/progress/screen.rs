//! The terminal behind standard error, as the progress lines need it: they move the cursor
//! and write, and everything goes through the stream that `main` handed in.

use std::fmt;
use std::io;

use indicatif::TermLike;

use crate::cli::Streams;

/// Columns where the terminal does not say how many it has.
const USUAL_WIDTH: u16 = 80;

/// A terminal that writes to a stream.
pub(super) struct Screen {
    streams: Streams,
}

impl Screen {
    pub(super) fn new(streams: &Streams) -> Screen {
        Screen { streams: streams.clone() }
    }

    fn write(&self, text: &str) {
        (self.streams.err)(text);
    }

    /// Moves the cursor. ECMA-48: CUU, CUD, CUF and CUB.
    fn go(&self, by: usize, direction: char) {
        if by > 0 {
            self.write(&format!("\u{1b}[{by}{direction}"));
        }
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Screen")
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        self.streams.width.unwrap_or(USUAL_WIDTH)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.go(n, 'A');
        Ok(())
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.go(n, 'B');
        Ok(())
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.go(n, 'C');
        Ok(())
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.go(n, 'D');
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write(&format!("{text}\n"));
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.write(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write("\r\u{1b}[2K");
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}
