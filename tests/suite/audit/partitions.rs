//! Facts spread over many files: by input, by day, by hour; tried again, refused, interrupted.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use countonce::audit::Split;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{FactsOut, figures, logs, of, plan, run};
use crate::cli::countonce;

/// Longest wait for something that is sure to come.
const PATIENCE: Duration = Duration::from_mins(1);

/// Every file below a folder, hidden ones as well, by its path from there.
fn tree(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let below = path.strip_prefix(folder).expect("below");
                found.insert(below.to_string_lossy().into_owned());
            }
        }
    }
    found
}

#[test]
fn facts_by_day_and_by_hour_count_as_the_logs_do() {
    const DAY: i64 = 86_400_000;
    let folder = logs(6_000);
    let span = run(&of(folder.path())).expect("audited").log.expect("a log").span;
    let begin = (span.browser.expect("events").0 / DAY + 1) * DAY;
    // Four days have more hours than files that are open at a time.
    for (split, days, least) in [(Split::Days, 20, 30), (Split::Hours, 4, 150)] {
        let bounded = |mut audit: countonce::run::Audit| {
            (audit.request.since, audit.request.until) = (Some(begin), Some(begin + days * DAY));
            audit
        };
        let direct = run(&bounded(of(folder.path()))).expect("audited");
        let direct_log = direct.log.as_ref().expect("a log");
        let root = folder.path().join(format!("{split:?}"));
        let sides = ["browser", "server"].map(|side| folder.path().join(format!("{side}.ndjson")));
        for (name, audit) in
            [("browser", plan(&sides[..1], &[], &[])), ("server", plan(&[], &sides[1..], &[]))]
        {
            let out = FactsOut::folder(&root, split, Some(name));
            let (_, files) = countonce::run::facts(&bounded(audit), &out).expect("written");
            assert!(files.iter().all(|file| file.is_file() && file.starts_with(&root)));
        }
        let files = tree(&root);
        assert!(files.len() >= least, "{files:?}");
        for file in &files {
            let steps: Vec<&str> = file.split('/').collect();
            assert!(steps[0].starts_with("day=20") && steps[0].len() == 14, "{file}");
            assert_eq!(steps.len(), if split == Split::Days { 2 } else { 3 }, "{file}");
            let name = steps.last().expect("a name");
            assert!(
                ["part-browser.", "part-server."].iter().any(|one| name.starts_with(one)),
                "{file}"
            );
        }
        let again = run(&plan(&[], &[], std::slice::from_ref(&root))).expect("audited");
        let log = again.log.as_ref().expect("a log");
        assert_eq!(figures(&direct), figures(&again), "{split:?}");
        assert_eq!((&direct_log.whole, &direct_log.days), (&log.whole, &log.days), "{split:?}");
        assert_eq!((&direct_log.hours, &direct_log.span), (&log.hours, &log.span), "{split:?}");
    }
    let said = countonce(folder.path(), &["audit", "Hours"]);
    assert!(said.out.contains(" further files: "), "{}", said.out);
    assert!(said.out.matches(".parquet: facts;").count() < 50, "{}", said.out);
}

#[test]
fn days_hold_what_arrived_on_them() {
    let folder = logs(2_000);
    let root = folder.path().join("facts");
    let out = FactsOut::folder(&root, Split::Days, None);
    let audit = plan(&[], &[folder.path().join("server.ndjson")], &[]);
    countonce::run::facts(&audit, &out).expect("written");
    let mut days = 0;
    for entry in std::fs::read_dir(&root).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let report = run(&plan(&[], &[], &[path])).expect("audited");
        let log = report.log.expect("a log");
        let day: jiff::civil::Date = name["day=".len()..].parse().expect("a date");
        let begin =
            day.to_zoned(jiff::tz::TimeZone::UTC).expect("a day").timestamp().as_millisecond();
        let starts: BTreeSet<i64> = log.days.iter().map(|period| period.start).collect();
        assert_eq!(starts, [begin].into(), "{name}");
        days += 1;
    }
    assert!(days > 5, "{days}");
}

#[test]
fn every_input_gets_a_file_of_its_own_and_a_second_try_takes_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |id: &str, at: i64| {
        format!("{{\"event_name\":\"Lead\",\"event_id\":\"{id}\",\"time\":{at}}}\n")
    };
    let day = 86_400;
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write("logs/1/capi.ndjson", &(line("a", 1_772_452_800) + &line("b", 1_772_452_800 + day)));
    write("logs/2/capi.ndjson", &line("c", 1_772_452_800));
    write("logs/3/capi.ndjson", "{\"url\":\"/logo.png\"}\n");
    let facts =
        |more: &[&str]| countonce(folder.path(), &[&["facts", "--server", "logs"], more].concat());
    let said = facts(&["--out", "facts/"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("3 events → facts/ (3 files)"), "{}", said.err);
    let first = tree(&folder.path().join("facts"));
    assert_eq!(first.len(), 3, "files of one name in several folders are told apart: {first:?}");
    assert!(first.iter().all(|name| name.starts_with("server-capi.ndjson-")), "{first:?}");
    assert_eq!(facts(&["--out", "facts"]).code, 0, "the folder is there, so it is one");
    assert_eq!(tree(&folder.path().join("facts")), first);

    // Partitions of two workers; one is tried again with fewer days.
    let days = ["--out", "days", "--partition-by", "day"];
    for part in ["w1", "w2"] {
        let said = facts(&[&days[..], &["--part", part]].concat());
        assert_eq!(said.code, 0, "{}", said.err);
    }
    let of = |part: &str, day: &str| format!("day=2026-03-0{day}/part-{part}.parquet");
    let all = [of("w1", "2"), of("w1", "3"), of("w2", "2"), of("w2", "3")];
    assert_eq!(tree(&folder.path().join("days")), all.clone().into());
    write("logs/1/capi.ndjson", &line("a", 1_772_452_800));
    assert_eq!(facts(&[&days[..], &["--part", "w1"]].concat()).code, 0);
    let rest = [of("w1", "2"), of("w2", "2"), of("w2", "3")];
    assert_eq!(tree(&folder.path().join("days")), rest.into(), "a day that is gone is not counted");
}

#[test]
fn events_without_a_time_have_a_partition_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "{\"event_name\":\"Lead\",\"event_id\":\"a\"}\n{\"event_name\":\"Lead\",\"event_id\":\"b\",\"time\":1772452800}\n";
    std::fs::write(folder.path().join("s.ndjson"), text).expect("written");
    for (by, none) in [
        ("day", "day=__HIVE_DEFAULT_PARTITION__"),
        ("hour", "day=__HIVE_DEFAULT_PARTITION__/hour=__HIVE_DEFAULT_PARTITION__"),
    ] {
        let words = ["facts", "--server", "s.ndjson", "--out", by, "--partition-by", by];
        let said = countonce(folder.path(), &words);
        assert_eq!(said.code, 0, "{}", said.err);
        let files = tree(&folder.path().join(by));
        assert_eq!(files.len(), 2, "{files:?}");
        assert!(files.iter().any(|file| file.starts_with(&format!("{none}/part-"))), "{files:?}");
        let report = run(&plan(&[], &[], &[folder.path().join(by)])).expect("audited");
        assert_eq!(report.log.expect("a log").whole.events.server, 2);
    }
}

#[test]
fn a_refused_run_leaves_no_folder_and_no_part() {
    let folder = logs(50);
    let path = folder.path();
    std::fs::write(path.join("bad.ndjson"), "{\"event_name\":\"Lead\",\"time\":1}\n{\n")
        .expect("written");
    std::fs::create_dir(path.join("there")).expect("made");
    std::fs::write(path.join("there/other.parquet"), "mine").expect("written");
    let before = tree(path);
    let server = ["facts", "--server"];
    for (words, code, told) in [
        (&["bad.ndjson", "--out", "new/", "--strict"][..], 2, "bad.ndjson:2: "),
        (
            &["bad.ndjson", "--out", "there", "--partition-by", "day", "--strict"],
            2,
            "bad.ndjson:2: ",
        ),
        (&["-", "--out", "new/"], 2, "--part NAME"),
        (&["server.ndjson", "--out", "new/", "--part", "a/b"], 2, "`/` cannot be in it"),
        (&["server.ndjson", "server.ndjson", "--out", "new/"], 2, "given twice"),
        (
            &["server.ndjson", "--out", ".", "--partition-by", "day"],
            2,
            "server.ndjson is read from there",
        ),
        (
            &["bad.ndjson", "--out", "server.ndjson", "--partition-by", "day"],
            3,
            "no folder stands there",
        ),
        (&["server.ndjson", "--out", "new/", "--partition-by", "week"], 2, "week"),
    ] {
        let said = countonce(path, &[&server[..], words].concat());
        assert_eq!(said.code, code, "{words:?}\n{}", said.err);
        assert!(said.err.contains(told), "{words:?}\n{}", said.err);
        assert_eq!(tree(path), before, "{words:?}");
        assert!(!path.join("new").exists(), "{words:?}");
    }
}

/// A run whose standard input stays open, so that it is in its middle.
struct Running {
    child: Child,
    pipe: ChildStdin,
}

impl Running {
    fn start(folder: &Path, words: &[&str], input: &[u8]) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_countonce"))
            .args(words)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        pipe.write_all(input).expect("taken");
        Running { child, pipe }
    }

    /// Sends the signal; how the run ends, and what it says.
    fn interrupt(self, signal: Signal) -> (Option<i32>, String) {
        let id = i32::try_from(self.child.id()).expect("an id");
        kill(Pid::from_raw(id), signal).expect("sent");
        let said = self.child.wait_with_output().expect("it ends");
        drop(self.pipe);
        (said.status.code(), String::from_utf8_lossy(&said.stderr).into_owned())
    }
}

#[test]
fn a_run_that_is_interrupted_leaves_nothing_behind() {
    let folder = logs(3_000);
    let text = std::fs::read(folder.path().join("server.ndjson")).expect("text");
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        for more in [
            &["--out", "f.parquet"][..],
            &["--out", "new/", "--part", "1", "--partition-by", "hour"],
        ] {
            let work = tempfile::tempdir().expect("a folder");
            std::fs::write(work.path().join("f.parquet"), "as it was").expect("written");
            let words = [&["facts", "--server", "-"], more].concat();
            let running = Running::start(work.path(), &words, &text[..128 << 10]);
            let begun = Instant::now();
            while std::fs::read_dir(work.path()).expect("a folder").count() < 2 {
                assert!(begun.elapsed() < PATIENCE, "the run never began to write");
                std::thread::yield_now();
            }
            let (code, said) = running.interrupt(signal);
            assert_eq!(code, Some(3), "{said}");
            assert!(said.contains(&format!("interrupted by {}", signal.as_str())), "{said}");
            assert_eq!(tree(work.path()), ["f.parquet".to_owned()].into(), "{more:?}");
            assert!(!work.path().join("new").exists(), "{more:?}");
            let left = std::fs::read_to_string(work.path().join("f.parquet")).expect("there");
            assert_eq!(left, "as it was");
        }
    }
}

#[test]
fn an_audit_that_is_interrupted_leaves_no_report_and_no_rows() {
    let folder = logs(3_000);
    let text = std::fs::read(folder.path().join("server.ndjson")).expect("text");
    let work = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(work.path().join("scratch")).expect("made");
    let words =
        ["audit", "--server", "-", "--memory", "0", "--scratch", "scratch", "--out", "reports"];
    // More than the pipe holds: when all of it is taken, the run has begun to read.
    let running = Running::start(work.path(), &words, &text);
    let (code, said) = running.interrupt(Signal::SIGTERM);
    assert!(code.is_none_or(|code| code == 3), "{code:?} {said}");
    assert_eq!(tree(work.path()), BTreeSet::new());
    assert!(!work.path().join("reports").exists());
}
