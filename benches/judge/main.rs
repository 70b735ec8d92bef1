//! How long judging takes: `cargo bench --bench judge`.
//!
//! Captures of 10,000 events with the usual mix of faults, once as a run of many
//! scenarios and once as a log without sessions, are decoded, joined and put to every
//! rule. Prints the time of the best and the middle of several rounds, and fails where the
//! best of them takes a second or more in release mode.

mod capture;

use std::time::{Duration, Instant};

use countonce::capture::Capture;
use countonce::run::judgement;

/// Events of a capture; `COUNTONCE_BENCH_EVENTS` sets another number.
const EVENTS: usize = 10_000;
/// Rounds of each capture.
const ROUNDS: usize = 5;
/// Longest time that the best round may take.
const LIMIT: Duration = Duration::from_secs(1);

fn main() {
    let events = std::env::var("COUNTONCE_BENCH_EVENTS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(EVENTS);
    // `cargo test --benches` only wants to know that it runs.
    let trial = std::env::args().any(|word| word == "--test");
    let (events, rounds) = if trial { (200, 1) } else { (events, ROUNDS) };
    let mut slow = false;
    for (name, capture) in [
        ("run of many scenarios", capture::of_scenarios(events)),
        ("log without sessions", capture::of_log(events)),
    ] {
        let best = measure(name, &capture, rounds);
        slow |= best >= LIMIT && events <= EVENTS;
    }
    if slow && !cfg!(debug_assertions) {
        report("too slow: judging 10,000 events must take less than a second");
        std::process::exit(1);
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
    times.sort_unstable();
    let (best, middle) = (times[0], times[times.len() / 2]);
    report(&format!(
        "{name}: {events} events, {findings} findings: best {:.0} ms, middle {:.0} ms",
        best.as_secs_f64() * 1000.0,
        middle.as_secs_f64() * 1000.0,
    ));
    best
}

#[expect(clippy::print_stdout, reason = "a bench speaks to whoever runs it")]
fn report(line: &str) {
    println!("{line}");
}
