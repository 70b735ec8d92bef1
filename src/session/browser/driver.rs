//! The driver's process: started on a free port, and gone with all its browsers and its
//! display whatever happens to this program.
//!
//! It and its browsers are one group of processes, which is ended without being asked.
//! Never a page.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::{BrowserError, BrowserOptions, Display};
use crate::session::group::{Farewell, Group};
use crate::session::setup::Found;

/// How long the driver may take to listen.
const START: Duration = Duration::from_secs(20);

/// How much of the end of its log is quoted when it fails, in lines.
const TAIL: usize = 12;

/// Pause before a driver that does not say when it listens is asked again.
const KNOCK: Duration = Duration::from_millis(20);

/// A running driver. Dropping it ends the driver and every browser it started.
pub(crate) struct Driver {
    address: String,
    group: Group,
    /// Where its browsers show themselves, where they have to.
    _display: Option<Display>,
}

impl Driver {
    /// Starts the driver, with the time zone and the language that its browsers shall have.
    pub(crate) async fn start(
        found: &Found,
        options: &BrowserOptions,
    ) -> Result<Driver, BrowserError> {
        let program = &found.driver.path;
        let start = &found.engine.start;
        let failed = |what: String| BrowserError::Driver {
            program: program.clone(),
            what,
            log: String::new(),
        };
        let folder = tempfile::Builder::new()
            .prefix("countonce-browser-")
            .tempdir()
            .map_err(|cause| failed(format!("no temporary folder: {cause}")))?;
        let log = folder.path().join("driver.log");
        let stderr = File::create(&log).map_err(|cause| failed(format!("no log: {cause}")))?;
        let port = match start.greeting {
            Some(_) => 0,
            None => free_port().map_err(|cause| failed(format!("no free port: {cause}")))?,
        };
        let mut command = Command::new(program);
        command
            .args((start.arguments)(port, folder.path()))
            .env("TZ", &options.timezone)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr);
        let display = match &found.display {
            Some(program) if !options.headed => {
                let program = program.clone();
                let size = options.window;
                let display = tokio::task::spawn_blocking(move || Display::start(&program, size))
                    .await
                    .map_err(|cause| failed(cause.to_string()))?
                    .map_err(failed)?;
                command.env("DISPLAY", display.name()).env("GDK_BACKEND", "x11");
                Some(display)
            }
            _ => None,
        };
        if found.display.is_some() {
            let language = options.locale.replace('-', "_");
            command
                .env("LANG", format!("{language}.UTF-8"))
                .env("LANGUAGE", &language)
                // Nothing of the user's own is read or written.
                .env("HOME", folder.path())
                .env("XDG_RUNTIME_DIR", folder.path())
                .env("NO_AT_BRIDGE", "1");
        }
        // The display leads the group where there is one, so that all of it ends at once.
        let leader = display.as_ref().map(Display::id);
        let mut group = Group::start(command, folder, Farewell::Killed, leader)
            .map_err(|cause| failed(cause.to_string()))?;
        let stdout = group.leader().stdout.take();
        let mut driver = Driver { address: String::new(), group, _display: display };
        let Some(stdout) = stdout else { return Err(failed("it has no output".to_owned())) };
        let mut lines = BufReader::new(stdout).lines();
        let listening = async {
            let Some(greeting) = start.greeting else {
                return knock(driver.group.leader(), port).await;
            };
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(port) = port_in(&line, greeting) {
                    return Some(port);
                }
            }
            None
        };
        let what = match tokio::time::timeout(START, listening).await {
            Ok(Some(port)) => {
                driver.address = format!("http://127.0.0.1:{port}");
                // Whatever else it prints is read away, or it would block on a full pipe.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(driver);
            }
            Ok(None) => "it ended before it listened".to_owned(),
            Err(_) => format!("it did not listen within {} s", START.as_secs()),
        };
        Err(BrowserError::Driver { program: program.clone(), what, log: driver.log_tail() })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A folder that is removed with the driver.
    pub(crate) fn folder(&self) -> &Path {
        self.group.folder()
    }

    /// True when the process has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.group.ended(), Ok(None))
    }

    /// The end of its log, as it stands.
    pub(crate) fn log_tail(&self) -> String {
        let log = self.folder().join("driver.log");
        // The log is a help: without it the error stands alone.
        let text = fs::read(&log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        tail(&text.unwrap_or_default())
    }
}

/// A port that nobody listens on. Somebody else may take it before the driver does; then
/// the driver says so in its log.
fn free_port() -> std::io::Result<u16> {
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
    listener.local_addr().map(|address| address.port())
}

/// Waits until the port takes connections; `None` when the driver ends before.
async fn knock(child: &mut Child, port: u16) -> Option<u16> {
    loop {
        if tokio::net::TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, port)).await.is_ok() {
            return Some(port);
        }
        tokio::select! {
            _ = child.wait() => return None,
            () = tokio::time::sleep(KNOCK) => {}
        }
    }
}

/// The port in the driver's greeting.
fn port_in(line: &str, greeting: &str) -> Option<u16> {
    let (_, rest) = line.split_once(greeting)?;
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
    use std::path::PathBuf;

    use super::super::tests::options;
    use super::super::{BrowserSource, ENGINES};
    use super::*;

    #[test]
    fn the_port_is_read_from_the_greeting() {
        let of = |line: &str, engine: usize| {
            port_in(line, ENGINES[engine].start.greeting.expect("it greets"))
        };
        assert_eq!(of("ChromeDriver was started successfully on port 45123.", 0), Some(45123));
        assert_eq!(of("Only local connections are allowed.", 0), None);
        assert_eq!(of("177 geckodriver INFO Listening on 127.0.0.1:36113", 1), Some(36113));
    }

    #[test]
    fn only_the_end_of_a_log_is_quoted() {
        let log = (0..100).map(|n| format!("line {n}\n")).collect::<Vec<_>>().join("\n");
        let tail = tail(&log);
        assert!(tail.ends_with("line 99") && tail.lines().count() == TAIL, "{tail}");
    }

    #[tokio::test]
    async fn a_program_that_is_no_driver_is_an_error_with_its_output() {
        let mut options = options(ENGINES[0]);
        if let BrowserSource::Installed(found) = &mut options.source {
            found.driver.path = PathBuf::from("/bin/sh");
        }
        let BrowserSource::Installed(found) = &options.source else { return };
        let error = Driver::start(found, &options).await.err();
        let error = error.expect("a shell is no driver").to_string();
        assert!(error.contains("ended before it listened"), "{error}");
        assert!(error.contains("option"), "{error}");
    }
}
