//! A virtual display for browsers that have no headless mode: an `Xvfb` on a free number.
//!
//! It leads a process group, which whoever uses the display may join, so that all of it
//! ends at once.
//! Never a browser.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running display. Dropping it ends it.
pub(crate) struct Display {
    child: Child,
    number: u32,
}

impl Display {
    /// Starts a display that is as large as `size`; returns once it takes connections.
    pub(crate) fn start(program: &Path, size: (u32, u32)) -> Result<Display, String> {
        let failed = |what: String| format!("no virtual display: {}: {what}", program.display());
        let (width, height) = size;
        let mut child = Command::new(program)
            // The server picks a free number and prints it when it is ready.
            .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"])
            .arg(format!("{width}x{height}x24"))
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|cause| failed(cause.to_string()))?;
        let mut line = String::new();
        let read = match child.stdout.take() {
            Some(stdout) => BufReader::new(stdout).read_line(&mut line),
            None => Ok(0),
        };
        let number = read.ok().and_then(|_| line.trim().parse().ok());
        let mut display = Display { child, number: number.unwrap_or_default() };
        if number.is_some() {
            return Ok(display);
        }
        let ended = display.child.try_wait().ok().flatten();
        let how = ended.map_or_else(|| "it named no display".to_owned(), |how| how.to_string());
        Err(failed(how))
    }

    /// Its name, as `DISPLAY` wants it.
    pub(crate) fn name(&self) -> String {
        format!(":{}", self.number)
    }

    /// Number of its process and process group.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_no_display_is_an_error_with_its_name() {
        let error = Display::start(Path::new("/bin/false"), (10, 10)).err().expect("no display");
        assert!(error.contains("/bin/false"), "{error}");
    }
}
