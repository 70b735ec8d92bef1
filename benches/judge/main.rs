//! How long judging takes: `cargo bench --bench judge`.
//!
//! Captures of 10,000 events with the usual mix of faults, as a run of many scenarios and
//! as a log without sessions, and a log whose event IDs never agree, are decoded, joined
//! and put to every rule. Prints the time of the best and the middle of several rounds, and fails where the
//! best of them takes a second or more in release mode. `COUNTONCE_BENCH_RULES=1` names the
//! rules whose queries take longest; `COUNTONCE_BENCH_TAPE=FILE` writes the first capture to
//! a tape and judges nothing (`benches/judge.sh` times the whole program with it).

mod capture;

use std::cmp::Reverse;
use std::path::Path;
use std::time::{Duration, Instant};

use countonce::capture::{Capture, Line, TapeWriter};
use countonce::rule::{Check, rules};
use countonce::run::judgement;
use polars::prelude::LazyFrame;

/// Events of a capture; `COUNTONCE_BENCH_EVENTS` sets another number.
const EVENTS: usize = 10_000;
/// Events of a trial.
const TRIAL: usize = 2_000;
/// Rounds of each capture.
const ROUNDS: usize = 5;
/// Longest time that the best round may take.
const LIMIT: Duration = Duration::from_secs(1);

fn main() {
    let events = std::env::var("COUNTONCE_BENCH_EVENTS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(EVENTS);
    if let Some(path) = std::env::var_os("COUNTONCE_BENCH_TAPE") {
        tape(Path::new(&path), capture::of_scenarios(events));
        return;
    }
    // Without `cargo bench` it is only wanted to run at all.
    let trial = !std::env::args().any(|word| word == "--bench");
    let (events, rounds) = if trial { (events.min(TRIAL), 1) } else { (events, ROUNDS) };
    let mut slow = false;
    for (name, capture) in [
        ("run of many scenarios", capture::of_scenarios(events)),
        ("log without sessions", capture::of_log(events)),
        ("log whose IDs never agree", capture::of_broken_log(events)),
    ] {
        let best = measure(name, &capture, rounds);
        slow |= best >= LIMIT && events <= EVENTS;
    }
    if slow && !cfg!(debug_assertions) {
        report("too slow: judging 10,000 events must take less than a second");
        std::process::exit(1);
    }
}

/// Writes a capture as a run would have.
fn tape(path: &Path, capture: Capture) {
    let tape = TapeWriter::create(path, &capture.opening).expect("a tape");
    let sessions = capture.sessions.into_iter().map(Line::Session);
    let exchanges = capture.exchanges.into_iter().map(Line::Exchange);
    let ends = capture.ends.into_iter().map(Line::SessionEnd);
    let end = capture.end.into_iter().map(Line::End);
    for line in sessions.chain(exchanges).chain(ends).chain(end) {
        tape.write(line).expect("written");
    }
}

fn measure(name: &str, capture: &Capture, rounds: usize) -> Duration {
    let mut times = Vec::new();
    let (mut events, mut findings) = (0, 0);
    for _ in 0..rounds {
        let start = Instant::now();
        let judged = judgement(capture).expect("judged");
        times.push(start.elapsed());
        (events, findings) = (judged.tables.events.len(), judged.findings.len());
    }
    if std::env::var_os("COUNTONCE_BENCH_RULES").is_some() {
        slowest(capture);
    }
    times.sort_unstable();
    let (best, middle) = (times[0], times[times.len() / 2]);
    report(&format!(
        "{name}: {events} events, {findings} findings: best {:.0} ms, middle {:.0} ms",
        best.as_secs_f64() * 1000.0,
        middle.as_secs_f64() * 1000.0,
    ));
    best
}

/// Where the time goes: the queries of the rules that take longest.
fn slowest(capture: &Capture) {
    let judged = judgement(capture).expect("judged");
    let mut times: Vec<(Duration, &str)> = rules()
        .map(|rule| {
            let start = Instant::now();
            match rule.check {
                Check::Event(ask) => {
                    for event in &judged.tables.events {
                        std::hint::black_box(ask(event));
                    }
                }
                Check::Table { query, .. } => {
                    let found = query(&judged.tables).and_then(LazyFrame::collect);
                    std::hint::black_box(found.expect("asked"));
                }
            }
            (start.elapsed(), rule.id)
        })
        .collect();
    times.sort_unstable_by_key(|(time, _)| Reverse(*time));
    let whole: Duration = times.iter().map(|(time, _)| *time).sum();
    report(&format!("  all queries: {:.1} ms", whole.as_secs_f64() * 1000.0));
    for (time, rule) in times.iter().take(20) {
        report(&format!("  {:>8.1} ms  {rule}", time.as_secs_f64() * 1000.0));
    }
}

#[expect(clippy::print_stdout, reason = "a bench speaks to whoever runs it")]
fn report(line: &str) {
    println!("{line}");
}
