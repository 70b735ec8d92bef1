//! Production logs: the quick reading against the full one, the bulk join against the
//! tables, every form of input, and broken input.

mod archives;
mod forms;
mod json_report;
mod lean;
mod mapping;
mod masking;
mod misfortunes;
mod orders;
mod outputs;
mod partitions;
mod parts;
mod requests;
mod warehouse;

#[path = "../../benches/audit/generate.rs"]
#[expect(dead_code, reason = "its command line is for the bench alone")]
mod generate;

use std::path::{Path, PathBuf};

use countonce::audit::{FactsOut, Layouts, Request, expand};
use countonce::event::Channel;
use countonce::gate::Policy;
use countonce::report::Report;
use countonce::run::{Audit, Error};

/// A folder with logs of so many events.
fn logs(events: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    generate::write(events, folder.path(), 7).expect("written");
    folder
}

/// An audit of these files.
fn plan(browser: &[PathBuf], server: &[PathBuf], both: &[PathBuf]) -> Audit {
    let mut inputs = Vec::new();
    for (paths, side) in
        [(browser, Some(Channel::Browser)), (server, Some(Channel::Server)), (both, None)]
    {
        for path in paths {
            inputs.extend(expand(&path.to_string_lossy(), side, None).expect("files"));
        }
    }
    Audit {
        request: Request {
            inputs,
            layouts: Layouts::default(),
            threads: 2,
            memory: u64::MAX,
            scratch: std::env::temp_dir(),
            ..Request::default()
        },
        strict: false,
        max_bad: 5.0,
        name: "audit".to_owned(),
        started: 1_772_452_800_000,
    }
}

fn run(audit: &Audit) -> Result<Report, Error> {
    countonce::run::audit(audit, &Policy::default())
}

fn of(folder: &Path) -> Audit {
    plan(&[folder.join("browser.ndjson")], &[folder.join("server.ndjson")], &[])
}

/// Figures of a report by event: browser, server, paired, refused, counted, and all lone
/// events and further copies together.
fn figures(report: &Report) -> Vec<(String, [u64; 6])> {
    let mut rows: Vec<(String, [u64; 6])> = report
        .events
        .iter()
        .map(|row| {
            let rest =
                row.browser_only + row.server_only + row.duplicates.browser + row.duplicates.server;
            let figures = [row.browser, row.server, row.paired, row.refused, row.counted, rest];
            (row.event.clone(), figures)
        })
        .collect();
    rows.sort();
    rows
}

#[test]
fn the_bulk_join_counts_what_the_tables_count() {
    let folder = logs(3_000);
    let report = run(&of(folder.path())).expect("audited");
    let log = report.log.as_ref().expect("a log");
    assert_eq!(log.sampled_every, 1, "all of it is in the sample");
    let sum =
        |of: fn(&[u64; 6]) -> u64| figures(&report).iter().map(|(_, row)| of(row)).sum::<u64>();
    let whole = &log.whole;
    assert_eq!(whole.events.browser, sum(|row| row[0]));
    assert_eq!(whole.events.server, sum(|row| row[1]));
    assert_eq!(whole.paired, sum(|row| row[2]));
    assert_eq!(whole.refused, sum(|row| row[3]));
    assert_eq!(whole.counted, sum(|row| row[4]));
    let rest = whole.alone.browser
        + whole.alone.server
        + whole.repeats.browser
        + whole.repeats.server
        + whole.unmerged.browser
        + whole.unmerged.server;
    assert_eq!(rest, sum(|row| row[5]));
    assert!(whole.paired > 500 && rest > 100, "{whole:?}");
    for row in &report.events {
        let mut of_days = (0, 0, 0);
        for day in log.days.iter().filter(|day| day.event == row.event) {
            of_days.0 += day.events.browser;
            of_days.1 += day.events.server;
            of_days.2 += day.paired;
        }
        assert_eq!(of_days, (row.browser, row.server, row.paired), "{}", row.event);
    }
}

#[test]
fn what_does_not_fit_into_memory_goes_to_disk_and_counts_the_same() {
    let folder = logs(20_000);
    let mut audit = of(folder.path());
    let kept = run(&audit).expect("audited");
    audit.request.memory = 100_000;
    audit.request.threads = 3;
    let spilled = run(&audit).expect("audited");
    let (kept_log, log) = (kept.log.clone().expect("a log"), spilled.log.clone().expect("a log"));
    assert!(log.spilled && !kept_log.spilled);
    assert_eq!(figures(&kept), figures(&spilled));
    assert_eq!((&kept_log.days, &kept_log.hours), (&log.days, &log.hours));
    assert!(log.sampled_every > 1, "more than the sample holds");
    let told = |report: &Report| {
        report
            .findings
            .iter()
            .map(|found| {
                (found.finding.rule.clone(), found.finding.count, found.finding.evidence.clone())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&kept), told(&spilled), "threads and memory change nothing");
}

#[test]
fn a_tape_is_audited_as_it_is_checked() {
    let tapes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tapes");
    for rule in ["event-id-mismatch", "double-counted", "low-dedup-rate", "missing-currency"] {
        let tape = tapes.join(rule).join("broken.jsonl");
        let checked =
            countonce::run::conclude_tape(&tape, false, &Policy::default()).expect("checked");
        let audited = run(&plan(&[], &[], std::slice::from_ref(&tape))).expect("audited");
        assert_eq!(figures(&checked), figures(&audited), "{rule}");
        let told = |report: &Report| {
            report.findings.iter().map(|found| found.finding.clone()).collect::<Vec<_>>()
        };
        assert_eq!(told(&checked), told(&audited), "{rule}");
        let log = audited.log.expect("a log");
        let paired: u64 = checked.events.iter().map(|row| row.paired).sum();
        assert_eq!(log.whole.paired, paired, "{rule}");
    }
}
