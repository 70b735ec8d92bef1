//! How long a report takes: `cargo bench --bench render`.
//!
//! The capture of 10,000 events of `benches/judge`, with steps and with pictures of ten
//! scenarios, is drawn up and rendered to every format. Prints the time of each and the
//! size of what came out, and fails where all of them together take two seconds or more
//! in release mode, or where the page cannot be mailed.

#[path = "../judge/capture.rs"]
#[expect(dead_code, reason = "only one of the captures is needed here")]
mod capture;

use std::time::{Duration, Instant};

use countonce::capture::StepRecord;
use countonce::format::{FORMATS, Look};
use countonce::gate::Policy;
use countonce::report::{Picture, Report, Shot};
use countonce::run::conclude;

/// Events of the capture.
const EVENTS: usize = 10_000;
/// Events of a trial.
const TRIAL: usize = 1_000;
/// Rounds; the best one counts.
const ROUNDS: usize = 3;
/// Longest time that rendering to all formats may take.
const LIMIT: Duration = Duration::from_secs(2);
/// Largest page, in bytes.
const LARGEST_PAGE: usize = 3 * 1024 * 1024;
/// Scenarios with pictures, and how many each has, as large as a page of the demo shop.
const PICTURED: u32 = 10;
const PAGES: usize = 5;
const PICTURE_BYTES: usize = 20 * 1024;

fn main() {
    // Without `cargo bench` it is only wanted to run at all.
    let trial = !std::env::args().any(|word| word == "--bench");
    let (events, rounds) = if trial { (TRIAL, 1) } else { (EVENTS, ROUNDS) };
    let begun = Instant::now();
    let report = drawn_up(events);
    say(&format!(
        "{} events, {} findings, {} scenarios: judged and drawn up in {:.0} ms",
        report.totals().events,
        report.findings.len(),
        report.scenarios.len(),
        millis(begun.elapsed())
    ));
    let look = Look::default();
    let mut all = Duration::ZERO;
    let mut page = 0;
    for format in FORMATS {
        let mut best = Duration::MAX;
        let mut bytes = 0;
        for _ in 0..rounds {
            let begun = Instant::now();
            bytes = (format.render)(&report, &look).len();
            bytes +=
                format.also.iter().map(|(_, render)| render(&report, &look).len()).sum::<usize>();
            best = best.min(begun.elapsed());
        }
        say(&format!("{:<9} {:>7.0} ms {:>9} bytes", format.name, millis(best), bytes));
        all += best;
        if format.name == "html" {
            page = bytes;
        }
    }
    say(&format!("all       {:>7.0} ms", millis(all)));
    let slow = all >= LIMIT && !cfg!(debug_assertions);
    if slow || page >= LARGEST_PAGE {
        say("too slow or too large: all formats in less than 2 s, the page less than 3 MiB");
        std::process::exit(1);
    }
}

/// The report of a run of that many events.
fn drawn_up(events: usize) -> Report {
    let mut capture = capture::of_scenarios(events);
    for start in &capture.sessions {
        for step in 0..6_i64 {
            capture.steps.push(StepRecord {
                session: start.session,
                at: start.at + step * 500,
                line: 6 + step as u32,
                text: format!("- click: \"text=Step {step}\""),
                millis: 80,
                page: "https://shop.example/cart?item=…".to_owned(),
                error: None,
                cookies: Vec::new(),
                twist: None,
            });
        }
    }
    let mut report =
        conclude(&capture, "bench", None, &Policy::default()).expect("a capture can be judged");
    let mut bytes = b"RIFF\0\0\0\0WEBPVP8 ".to_vec();
    bytes.resize(PICTURE_BYTES, 0x55);
    let picture = Picture::new(bytes).expect("it begins like one");
    for session in 1..=PICTURED {
        for page in 0..PAGES {
            let file = format!("pages/{session}-{page}.webp");
            report.pictures.insert(file.clone(), picture.clone());
            let page = "https://shop.example/".to_owned();
            report.shots.push(Shot { session, at: report.started, page, file });
        }
    }
    report
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[expect(clippy::print_stdout, reason = "a bench prints its figures")]
fn say(text: &str) {
    println!("{text}");
}
