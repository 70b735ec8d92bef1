//! Tapes of the counting rules.

use super::Case;
use crate::tape_builder::{START, Tape, call, hit};

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "low-dedup-rate",
            // Nineteen of twenty-four, and of another type too few to say anything.
            clean: || leads(log(24, |number| number % 5 != 4), 8, |_| false),
            broken: || log(24, |number| number % 2 == 0),
        },
        Case {
            rule: "low-server-coverage",
            clean: || log_of(24, |number| number % 5 != 4),
            broken: || log_of(24, |number| number % 2 == 0),
        },
        Case {
            rule: "nothing-captured",
            clean: || {
                Tape::new().session(&[]).with(|session| session.never = vec!["Purchase".into()])
            },
            broken: || Tape::new().session(&["Purchase"]),
        },
        Case {
            rule: "orders-not-matched",
            // Numbers inside IDs, with and without a sign; one order after the last event.
            clean: || {
                shop(3)
                    .order("#1000", 500)
                    .order("1001", 60_500)
                    .order("#1002", 120_500)
                    .order("1003", 9_000_000)
            },
            // One order lost, one counted under two IDs, one conversion that nobody ordered.
            broken: || {
                shop(3)
                    .send(
                        server("Purchase", "order-1001-b", 61_000)
                            .set("/custom_data/order_id", "1001"),
                    )
                    .order("#1000", 500)
                    .order("1001", 60_500)
                    .order("lost-1", 70_000)
            },
        },
    ]
}

/// A log of purchases on both channels, a minute apart, of which those pair that `paired` says.
fn log(count: i64, paired: fn(i64) -> bool) -> Tape {
    (0..count).fold(Tape::new(), |tape, number| {
        let id = format!("order-{number:03}");
        let other = if paired(number) { id.clone() } else { format!("made-anew-{number:03}") };
        tape.send(hit("Purchase", &id).in_session(None).at(number * 60_000)).send(server(
            "Purchase",
            &other,
            number * 60_000 + 200,
        ))
    })
}

/// Leads that pair where `paired` says so, added to a log.
fn leads(tape: Tape, count: i64, paired: fn(i64) -> bool) -> Tape {
    (0..count).fold(tape, |tape, number| {
        let id = format!("lead-{number:03}");
        let other = if paired(number) { id.clone() } else { format!("{number:03}-anew") };
        tape.send(hit("Lead", &id).in_session(None).at(number * 60_000 + 20_000)).send(server(
            "Lead",
            &other,
            number * 60_000 + 20_200,
        ))
    })
}

/// Purchases on both sides, each with the number of its order in its ID.
fn shop(count: i64) -> Tape {
    (0..count).fold(Tape::new(), |tape, number| {
        let id = format!("order-{}", 1000 + number);
        tape.send(hit("Purchase", &id).in_session(None).at(number * 60_000 + 600)).send(server(
            "Purchase",
            &id,
            number * 60_000 + 800,
        ))
    })
}

/// A log of purchases in the browser, of which the server has those that `sent` says.
fn log_of(count: i64, sent: fn(i64) -> bool) -> Tape {
    (0..count).fold(Tape::new(), |tape, number| {
        let id = format!("order-{number:03}");
        let tape = tape.send(hit("Purchase", &id).in_session(None).at(number * 60_000));
        if sent(number) { tape.send(server("Purchase", &id, number * 60_000 + 200)) } else { tape }
    })
}

fn server(name: &str, id: &str, after: i64) -> crate::tape_builder::Sent {
    call(name, id).at(after).set("/event_time", (START + after) / 1000)
}
