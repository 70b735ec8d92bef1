//! Runs that go wrong or differ from the plain demo: sites that are down, steps that
//! break, stops by hand, a pixel script of the user's. Live: each needs a browser.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::cli::countonce;
use crate::demo::{browser, report, show};

const QUIET: &str = "steps:\n  - visit: /\nexpect: []\nnever: [Purchase]\n";

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("written");
}

#[test]
fn live_a_site_that_is_down_is_said_so_and_ends_with_code_3() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a.yaml", &format!("name: A\n{QUIET}"));
    // A port that was free a moment ago and that nobody listens on.
    let port =
        TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
    let site = format!("http://127.0.0.1:{port}");
    let said = countonce(folder.path(), &["run", "a.yaml", "--site", &site]);
    assert_eq!(said.code, 3, "{}", show(&said));
    assert!(said.out.contains("does not answer") && said.out.contains("--site"), "{}", show(&said));
}

#[test]
fn live_a_broken_step_has_place_address_and_screenshot_and_the_others_go_on() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    write(
        folder.path(),
        "a.yaml",
        "name: Broken\nsite: demo\nsteps:\n  - visit: /?email=secret@example.com\n  - click: \"#no-such-thing\"\nexpect:\n  - event: PageView\n",
    );
    write(
        folder.path(),
        "b.yaml",
        "name: Whole\nsite: demo\nsteps:\n  - visit: /\nexpect:\n  - event: PageView\n",
    );
    let said = countonce(
        folder.path(),
        &["run", "a.yaml", "b.yaml", "--step-timeout", "1s", "--retries", "1"],
    );
    assert_eq!(said.code, 3, "{}", show(&said));
    let report = report(folder.path());
    let scenario = |name: &str| {
        report["scenarios"]
            .as_array()
            .expect("a list")
            .iter()
            .find(|run| run["name"] == name)
            .expect("played")
            .clone()
    };
    assert_eq!(scenario("Whole")["status"], "passed");
    let broken = scenario("Broken");
    assert_eq!(broken["status"], "broken");
    assert_eq!(broken["attempt"], 2);
    let error = broken["error"].as_str().expect("a reason");
    for part in ["a.yaml:5:", "#no-such-thing", "https://shop.test/"] {
        assert!(error.contains(part), "no `{part}` in: {error}");
    }
    assert!(!said.out.contains("secret@example.com") && !error.contains("secret@example.com"));
    let shot = folder
        .path()
        .join("reports/latest")
        .join(broken["screenshot"].as_str().expect("a picture"));
    assert!(shot.exists(), "{}", shot.display());
}

#[test]
fn live_a_taken_port_is_said_so_and_ends_with_code_3() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a.yaml", &format!("name: A\nsite: demo\n{QUIET}"));
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port().to_string();
    let said = countonce(folder.path(), &["run", "a.yaml", "--server-tap", &port]);
    assert_eq!(said.code, 3, "{}", show(&said));
    assert!(said.err.contains(&port) && said.err.contains("another"), "{}", said.err);
}

#[test]
fn without_a_browser_the_run_ends_with_code_3_and_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a.yaml", &format!("name: A\nsite: demo\n{QUIET}"));
    write(folder.path(), "no-browser", "");
    let output = Command::new(env!("CARGO_BIN_EXE_countonce"))
        .args(["run", "a.yaml"])
        .current_dir(folder.path())
        .env("COUNTONCE_CHROMIUM", folder.path().join("no-browser"))
        .stdin(Stdio::null())
        .output()
        .expect("starts");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{err}");
    assert!(err.contains("setup"), "{err}");
}

#[test]
fn live_silence_passes_where_it_is_expected_and_the_site_answered() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let quiet = "name: Refused\nsite: demo\nsteps:\n  - visit: /?store=de\nexpect: []\nnever: [PageView, Purchase]\n";
    write(folder.path(), "a.yaml", quiet);
    let said = countonce(folder.path(), &["run", "a.yaml"]);
    assert_eq!(said.code, 0, "{}", show(&said));
}

#[test]
fn live_ctrl_c_stops_in_order_and_reports_what_was_caught() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_countonce"))
        .args(["demo", "--jobs", "1", "--format", "json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let played = lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with("played")));
    assert!(played.is_some(), "no scenario was played");
    kill(Pid::from_raw(i32::try_from(child.id()).expect("small")), Signal::SIGINT).expect("sent");
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let mut out = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut out).expect("text");
    let status = child.wait().expect("ends");
    assert_eq!(status.code(), Some(3), "{rest:?}\n{out}");
    let report: Value = report(folder.path());
    let events: u64 = report["events"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|row| row["browser"].as_u64())
        .sum();
    assert!(events > 0, "{report}");
    assert!(out.contains("stopped"), "{out}");
}

#[test]
fn live_a_given_pixel_script_gets_its_configuration_and_the_report_names_it() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pixel_script/needs_config.js");
    let said = countonce(
        folder.path(),
        &[
            "demo",
            "--filter",
            "Browse",
            "--pixel-script",
            &script.to_string_lossy(),
            "--policy",
            "recommended",
        ],
    );
    let report = report(folder.path());
    assert_eq!(report["pixel_script"], "real 2.9.999", "{}", show(&said));
    let page_views = report["events"]
        .as_array()
        .and_then(|rows| rows.iter().find(|row| row["event"] == "PageView"))
        .expect("page views");
    assert!(page_views["paired"].as_u64() > Some(0), "{page_views}");
    let rules: Vec<&str> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|f| f["rule"].as_str())
        .collect();
    assert!(!rules.contains(&"missing-browser-event"), "{rules:?}");
}

#[test]
fn live_a_site_command_that_fails_ends_with_code_3_and_its_last_lines() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a.yaml", &format!("name: A\n{QUIET}"));
    let config = |command: &str, more: &str| {
        let text = format!("[site]\nurl = \"http://127.0.0.1:0\"\ncommand = \"{command}\"\n{more}");
        write(folder.path(), "countonce.toml", &text);
        countonce(folder.path(), &["run", "a.yaml"])
    };
    // The port that was free a moment ago may be somebody else's by now.
    let attempts =
        std::iter::repeat_with(|| config("echo no database for ann@example.com; exit 4", ""));
    let said = attempts.take(5).find(|said| !said.err.contains("something answers at"));
    let said = said.expect("a free port");
    assert_eq!(said.code, 3, "{}", show(&said));
    assert!(
        said.err.contains("exit status: 4") && said.err.contains("| no database"),
        "{}",
        said.err
    );
    assert!(!said.err.contains("ann@example.com"), "{}", said.err);
    let said = config("echo warming up; sleep 100", "[wait]\nstart = \"1s\"\n");
    assert_eq!(said.code, 3, "{}", show(&said));
    assert!(said.err.contains("within 1 s") && said.err.contains("| warming up"), "{}", said.err);
}

#[test]
fn live_a_site_ends_with_the_program_even_when_that_is_killed() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a.yaml", &format!("name: A\n{QUIET}"));
    // It never answers, so the program is still waiting when it is killed.
    // One of its children is a daemon, which has left its group and its terminal.
    let text = "[site]\nurl = \"http://127.0.0.1:0\"\ncommand = \"(setsid sh -c 'echo $$ > daemon.txt; exec sleep 300' &); sleep 300 & echo $! $SSL_CERT_FILE > site.txt; wait\"\n";
    write(folder.path(), "countonce.toml", text);
    let mut run = Command::new(env!("CARGO_BIN_EXE_countonce"))
        .args(["run", "a.yaml"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let said = |name: &str| {
        until(|| {
            let text = std::fs::read_to_string(folder.path().join(name)).ok()?;
            text.strip_suffix('\n').map(str::to_owned)
        })
    };
    let process = |text: &str| Pid::from_raw(text.parse().expect("a number"));
    let (site, daemon) = (said("site.txt"), process(&said("daemon.txt")));
    let (id, bundle) = site.split_once(' ').expect("both");
    let id = process(id);
    assert!(kill(id, None).is_ok() && kill(daemon, None).is_ok() && Path::new(bundle).exists());
    run.kill().expect("killed");
    run.wait().expect("ended");
    until(|| (kill(id, None).is_err() && !Path::new(bundle).exists()).then_some(()));
    // A daemon is known by its environment, which only Linux shows.
    if cfg!(target_os = "linux") {
        until(|| kill(daemon, None).is_err().then_some(()));
    } else {
        kill(daemon, Signal::SIGKILL).expect("ended here");
    }
}

/// Looks again until there is something, for as long as the slowest machine takes.
#[track_caller]
fn until<T>(look: impl Fn() -> Option<T>) -> T {
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(std::time::Instant::now() < deadline, "it never came");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
