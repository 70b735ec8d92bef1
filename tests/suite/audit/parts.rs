//! Facts made in parts, as many machines make them, and interrupted or refused writing.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use countonce::report::Report;

use super::{FactsOut, figures, logs, of, plan, run};

/// Longest wait for something that is sure to come.
const PATIENCE: Duration = Duration::from_mins(1);

/// Halves of a file of lines, beside it.
fn halves(path: &Path) -> [PathBuf; 2] {
    let text = std::fs::read_to_string(path).expect("text");
    let middle = text[..text.len() / 2].rfind('\n').expect("lines") + 1;
    [(0, &text[..middle]), (1, &text[middle..])].map(|(number, part)| {
        let part_path = path.with_extension(format!("{number}.ndjson"));
        std::fs::write(&part_path, part).expect("written");
        part_path
    })
}

fn facts(browser: &[PathBuf], server: &[PathBuf], out: &Path) {
    let audit = plan(browser, server, &[]);
    countonce::run::facts(&audit, &FactsOut::file(out)).expect("written");
}

/// Rules, events and counts of the findings of rules on single events.
fn of_events(report: &Report) -> Vec<(String, Option<String>, u32)> {
    let mut found: Vec<_> = report
        .findings
        .iter()
        .map(|found| &found.finding)
        .filter(|finding| {
            let rule = countonce::rule::find(&finding.rule).expect("a rule");
            matches!(rule.check, countonce::rule::Check::Event(_))
        })
        .map(|finding| (finding.rule.clone(), finding.event.clone(), finding.count))
        .collect();
    found.sort();
    found
}

#[test]
fn facts_of_parts_are_facts_of_the_whole_and_count_as_the_logs_do() {
    let folder = logs(12_000);
    let (browser, server) =
        (folder.path().join("browser.ndjson"), folder.path().join("server.ndjson"));
    let direct = run(&of(folder.path())).expect("audited");
    let whole = folder.path().join("whole.parquet");
    facts(std::slice::from_ref(&browser), std::slice::from_ref(&server), &whole);
    let mut parts = Vec::new();
    for (number, part) in halves(&browser).into_iter().enumerate() {
        parts.push(folder.path().join(format!("browser-{number}.parquet")));
        facts(&[part], &[], parts.last().expect("just added"));
    }
    for (number, part) in halves(&server).into_iter().enumerate() {
        parts.push(folder.path().join(format!("server-{number}.parquet")));
        facts(&[], &[part], parts.last().expect("just added"));
    }
    for inputs in [vec![whole], parts] {
        let again = run(&plan(&[], &[], &inputs)).expect("audited");
        let (a, b) = (direct.log.as_ref().expect("a log"), again.log.as_ref().expect("a log"));
        assert_eq!((&a.whole, &a.days, &a.hours), (&b.whole, &b.days, &b.hours));
        assert_eq!((&a.span, &a.pixels, &a.drifts), (&b.span, &b.pixels, &b.drifts));
        assert_eq!(figures(&direct), figures(&again));
        assert_eq!(of_events(&direct), of_events(&again));
        assert!(!of_events(&again).is_empty() && a.whole.paired > 4_000, "{:?}", a.whole);
    }
}

/// The program where no file may grow beyond some kilobytes, which is how a full disk looks
/// to whoever writes.
fn on_a_full_disk(folder: &Path, words: &[&str]) -> (i32, String) {
    let script = "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\"";
    let done = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_countonce")])
        .args(words)
        .current_dir(folder)
        .output()
        .expect("the program starts");
    (done.status.code().expect("it ends by itself"), String::from_utf8_lossy(&done.stderr).into())
}

#[test]
fn a_full_disk_is_an_error_that_names_the_file_and_leaves_nothing() {
    let folder = logs(4_000);
    std::fs::create_dir(folder.path().join("scratch")).expect("a folder");
    let both = ["--browser", "browser.ndjson", "--server", "server.ndjson"];
    let facts = [&["facts"], &both[..], &["--out", "f.parquet"]].concat();
    let days = [&["facts"], &both[..], &["--out", "days/", "--partition-by", "day"]].concat();
    let spill =
        [&["audit"], &both[..], &["--memory", "0", "--scratch", "scratch", "--out", "r"]].concat();
    let report = [&["audit"], &both[..], &["--format", "html", "--out", "r"]].concat();
    for (words, named) in
        [(facts, "f.parquet"), (days, "days/"), (spill, "scratch"), (report, "r/")]
    {
        let (code, said) = on_a_full_disk(folder.path(), &words);
        assert_eq!(code, 3, "{said}");
        assert!(said.contains(named) && said.to_lowercase().contains("file too large"), "{said}");
    }
    let left = |path: &Path| {
        let mut names: Vec<String> = std::fs::read_dir(path)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
            .collect();
        names.sort();
        names
    };
    assert_eq!(left(folder.path()), ["browser.ndjson", "r", "scratch", "server.ndjson"]);
    assert!(left(&folder.path().join("scratch")).is_empty());
}

#[test]
fn a_device_is_no_place_for_facts() {
    let folder = logs(10);
    let out = Path::new("/dev/full");
    let audit = plan(&[], &[folder.path().join("server.ndjson")], &[]);
    let error =
        countonce::run::facts(&audit, &FactsOut::file(out)).expect_err("refused").to_string();
    assert!(error.contains("/dev/full") && error.contains("no regular file"), "{error}");
    let kind = std::fs::metadata(out).expect("still there").file_type();
    assert!(!kind.is_file() && !kind.is_dir());
}

#[test]
fn a_run_that_is_killed_leaves_what_was_there_before() {
    let folder = logs(3_000);
    let text = std::fs::read(folder.path().join("server.ndjson")).expect("text");
    let work = tempfile::tempdir().expect("a folder");
    let out = work.path().join("f.parquet");
    std::fs::write(&out, "as it was").expect("written");
    let mut child = Command::new(env!("CARGO_BIN_EXE_countonce"))
        .args(["facts", "--server", "-", "--out", "f.parquet"])
        .current_dir(work.path())
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    // The pipe stays open, so the run is in its middle until it is killed.
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(&text[..128 << 10]).expect("taken");
    let begun = Instant::now();
    while std::fs::read_dir(work.path()).expect("a folder").count() < 2 {
        assert!(begun.elapsed() < PATIENCE, "the file beside its place never came");
        std::thread::yield_now();
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    drop(pipe);
    assert_eq!(std::fs::read_to_string(&out).expect("still there"), "as it was");
    // What is left beside it is hidden, and no folder of facts takes it for a part.
    let inputs = countonce::audit::expand(&work.path().to_string_lossy(), None, None);
    let paths: Vec<PathBuf> = inputs.expect("files").into_iter().map(|input| input.path).collect();
    assert_eq!(paths, [out]);
}
