//! Logs that are broken, missing or apart: what is said, with which exit code, and that
//! nothing half-written stays behind.

use std::path::Path;

use serde_json::json;

use crate::cli::{Said, countonce};

const START: i64 = 1_772_452_800_000;

/// Lines of purchases, so many seconds after the start.
fn lines(pixel: &str, count: i64, later: i64) -> String {
    (0..count)
        .map(|number| {
            let at = START + number * 1000 + later;
            let line = json!({
                "received_at": at, "pixel_id": pixel,
                "event": { "event_name": "Lead", "event_time": at / 1000, "event_id": format!("l-{number}") },
            });
            format!("{line}\n")
        })
        .collect()
}

fn put(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("written");
    }
}

const BOTH: [&str; 5] = ["audit", "--browser", "b.ndjson", "--server", "s.ndjson"];

#[track_caller]
fn told(said: &Said, code: i32, parts: &[&str]) {
    assert_eq!(said.code, code, "{}\n{}", said.out, said.err);
    for part in parts {
        let all = format!("{}\n{}", said.out, said.err);
        assert!(all.contains(part), "no `{part}` in:\n{all}");
    }
}

#[test]
fn a_broken_line_is_counted_shown_and_does_not_stop_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = lines("1", 40, 0);
    let (front, back) = good.split_at(good.find('\n').expect("a line") + 1);
    let bad = format!("{front}{{\"event\": oops\n\n{back}");
    put(folder.path(), &[("b.ndjson", &bad), ("s.ndjson", &lines("1", 40, 500))]);
    let run = |more: &[&str]| countonce(folder.path(), &[&BOTH, more].concat());
    let said = run(&[]);
    told(&said, said.code, &["b.ndjson", "2: ", "column", "1 of 8"]);
    assert!(said.code < 2, "{}\n{}", said.out, said.err);
    told(&run(&["--strict"]), 2, &["b.ndjson:2: ", "is not JSON at column", "--strict bears none"]);
    told(&run(&["--max-bad", "1"]), 2, &["b.ndjson:2: ", "--max-bad 1 bears no more"]);
    assert!(run(&["--max-bad", "2"]).code < 2);
}

#[test]
fn a_bad_row_of_a_table_is_named_by_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows: String = (0..5).map(|n| format!("Lead,l-{n},{}\n", START + n)).collect();
    let table = format!("event_name,event_id,received_at\n{rows}Lead,too short\n");
    put(folder.path(), &[("b.csv", &table), ("s.ndjson", &lines("1", 5, 0))]);
    let said = countonce(
        folder.path(),
        &["audit", "--browser", "b.csv", "--server", "s.ndjson", "--strict"],
    );
    told(&said, 2, &["b.csv:7: 2 fields where the header has 3"]);
}

#[test]
fn an_empty_side_no_common_pixel_and_clocks_apart_are_said_first() {
    let folder = tempfile::tempdir().expect("a folder");
    put(
        folder.path(),
        &[
            ("b.ndjson", &lines("1", 4, 0)),
            ("other.ndjson", &lines("2", 4, 100)),
            ("late.ndjson", &lines("1", 4, 3_600_000)),
        ],
    );
    let run = |more: &[&str]| {
        countonce(folder.path(), &[&["audit", "--browser", "b.ndjson"], more].concat())
    };
    told(&run(&[]), 1, &["There is no event of the server"]);
    told(
        &run(&["--server", "other.ndjson"]),
        1,
        &["No pixel ID is on both sides (browser: 1; server: 2)"],
    );
    let said = run(&["--server", "late.ndjson"]);
    told(&said, said.code, &["60 minutes apart", "the server later"]);
    told(&said, said.code, &["The two sides cover different times"]);
}

#[test]
fn logs_without_one_event_are_never_green() {
    let folder = tempfile::tempdir().expect("a folder");
    let picture = "{\"time\":1772452800,\"url\":\"/logo.png\",\"status\":200}\n";
    put(folder.path(), &[("b.ndjson", picture), ("s.ndjson", picture)]);
    told(&countonce(folder.path(), &BOTH), 3, &[]);
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), &[("empty.ndjson", ""), ("list.json", "[1]\n"), ("cut.gz", "\u{1f}")]);
    std::fs::write(folder.path().join("cut.gz"), [0x1f, 0x8b, 8, 0, 0]).expect("written");
    std::fs::write(folder.path().join("p.parquet"), b"PAR1 and no more").expect("written");
    for (file, part) in [
        ("none.ndjson", "no such file"),
        ("empty.ndjson", "the file is empty"),
        ("list.json", "JSON array"),
        ("cut.gz", "cut.gz"),
        ("p.parquet", "p.parquet"),
    ] {
        told(&countonce(folder.path(), &["audit", "--server", file]), 2, &[file, part]);
    }
}

/// True where the file cannot be read by whoever runs the tests.
fn is_closed(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o000)).expect("set");
    std::fs::File::open(path).is_err()
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), &[("b.ndjson", &lines("1", 4, 0)), ("s.ndjson", &lines("1", 4, 100))]);
    // Reading this one begins well and fails in the middle, for whoever runs the tests.
    let whole = lines("1", 20_000, 0);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, whole.as_bytes()).expect("packed");
    let mut packed = packer.finish().expect("packed");
    packed.truncate(packed.len() / 2);
    std::fs::write(folder.path().join("half.gz"), packed).expect("written");
    for command in ["audit", "facts"] {
        let out = if command == "facts" { "f/" } else { "reports" };
        let words = [command, "--server", "s.ndjson", "half.gz", "--out", out];
        told(&countonce(folder.path(), &words), 2, &["half.gz: "]);
        assert!(!folder.path().join(out).exists());
    }
    if !is_closed(&folder.path().join("b.ndjson")) {
        return eprintln!("SKIPPED, the one who runs this test may read every file");
    }
    told(&countonce(folder.path(), &BOTH), 2, &["b.ndjson: ", "ermission denied"]);
}

#[test]
fn facts_appear_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let bad = lines("1", 4, 0) + "{\n";
    put(folder.path(), &[("b.ndjson", &bad)]);
    let facts = ["facts", "--browser", "b.ndjson", "--out", "f.parquet"];
    told(&countonce(folder.path(), &[&facts[..], &["--strict"]].concat()), 2, &["b.ndjson:5: "]);
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    assert_eq!(left, ["b.ndjson"], "nothing half-written");
    told(&countonce(folder.path(), &[&facts[..], &["--max-bad", "50"]].concat()), 0, &["4 events"]);
    assert!(folder.path().join("f.parquet").exists());
    let out = ["facts", "--browser", "b.ndjson", "--max-bad", "50", "--out", "none/f.parquet"];
    told(&countonce(folder.path(), &out), 3, &["none/f.parquet: cannot write"]);
}
