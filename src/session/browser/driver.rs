//! The `ChromeDriver` process: started on a free port, and gone with all its browsers
//! whatever happens to this program.
//!
//! The driver leads its own process group, so that Ctrl-C in the terminal reaches
//! only this program, which then ends sessions in order. A small watchdog ends the
//! group when this program is killed and cannot do it itself.
//! Never a page.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::BrowserError;

/// How long the driver may take to listen.
const START: Duration = Duration::from_secs(20);

/// How much of the end of its log is quoted when it fails, in lines.
const TAIL: usize = 12;

/// What the driver prints before the port it listens on.
const GREETING: &str = "was started successfully on port ";

/// Waits for the end of its input, which comes with the driver's drop or the end of this
/// program, ends the process group `$1`, and removes the folder `$2` once nobody is left
/// to write to it. A process counts as there until its parent has asked for its end,
/// hence the limit.
const WATCHDOG: &str = "read -r _; kill -s KILL -- -\"$1\" 2>/dev/null; turns=0; \
    while kill -s 0 -- -\"$1\" 2>/dev/null && [ $turns -lt 40 ]; do turns=$((turns + 1)); sleep 0.05; done; \
    rm -rf -- \"$2\"";

/// A running driver. Dropping it ends the driver and every browser it started.
pub(crate) struct Driver {
    address: String,
    folder: PathBuf,
    group: Pid,
    child: Child,
    /// Its input stands open as long as the driver is wanted.
    watchdog: Child,
}

impl Driver {
    /// Starts the driver, with the time zone its browsers shall have.
    pub(crate) async fn start(program: &Path, timezone: &str) -> Result<Driver, BrowserError> {
        let failed = |what: String| BrowserError::Driver {
            program: program.to_owned(),
            what,
            log: String::new(),
        };
        let folder = tempfile::Builder::new()
            .prefix("countonce-browser-")
            .tempdir()
            .map_err(|cause| failed(format!("no temporary folder: {cause}")))?;
        let log = folder.path().join("driver.log");
        let stderr = File::create(&log).map_err(|cause| failed(format!("no log: {cause}")))?;
        let mut child = Command::new(program)
            .args(["--port=0", "--enable-chrome-logs"])
            .env("TZ", timezone)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()
            .map_err(|cause| failed(cause.to_string()))?;
        let number = child.id().and_then(|id| i32::try_from(id).ok());
        let group = Pid::from_raw(number.ok_or_else(|| failed("it ended at once".to_owned()))?);
        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "sh", &group.to_string()])
            .arg(folder.path())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|cause| failed(format!("no watchdog: {cause}")))?;
        // From here on the watchdog removes the folder.
        let folder = folder.keep();
        let stdout = child.stdout.take();
        let mut driver = Driver { address: String::new(), folder, group, child, watchdog };
        let Some(stdout) = stdout else { return Err(failed("it has no output".to_owned())) };
        let mut lines = BufReader::new(stdout).lines();
        let greeting = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(port) = port_in(&line) {
                    return Some(port);
                }
            }
            None
        };
        let what = match tokio::time::timeout(START, greeting).await {
            Ok(Some(port)) => {
                driver.address = format!("http://127.0.0.1:{port}");
                // Whatever else it prints is read away, or it would block on a full pipe.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(driver);
            }
            Ok(None) => "it ended before it listened".to_owned(),
            Err(_) => format!("it did not listen within {} s", START.as_secs()),
        };
        Err(BrowserError::Driver { program: program.to_owned(), what, log: driver.log_tail() })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A folder that is removed with the driver.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// True when the process has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// The end of its log, as it stands.
    pub(crate) fn log_tail(&self) -> String {
        let log = self.folder.join("driver.log");
        // The log is a help: without it the error stands alone.
        let text = fs::read(&log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        tail(&text.unwrap_or_default())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // An error means that the group has ended already.
        let _ = killpg(self.group, Signal::SIGKILL);
        drop(self.watchdog.stdin.take());
    }
}

/// The port in the driver's greeting.
fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once(GREETING)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The last lines that say something.
fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_greeting() {
        assert_eq!(port_in("ChromeDriver was started successfully on port 45123."), Some(45123));
        assert_eq!(port_in("Only local connections are allowed."), None);
    }

    #[test]
    fn only_the_end_of_a_log_is_quoted() {
        let log = (0..100).map(|n| format!("line {n}\n")).collect::<Vec<_>>().join("\n");
        let tail = tail(&log);
        assert!(tail.ends_with("line 99") && tail.lines().count() == TAIL, "{tail}");
    }

    #[tokio::test]
    async fn a_program_that_is_no_driver_is_an_error_with_its_output() {
        let error = Driver::start(Path::new("/bin/sh"), "UTC").await.err();
        let error = error.expect("a shell is no driver").to_string();
        assert!(error.contains("ended before it listened"), "{error}");
        assert!(error.contains("option"), "{error}");
    }
}
