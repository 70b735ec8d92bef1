//! The verdict as one plain sentence, which every format opens with.
//!
//! Never more than the report's own figures.

use super::{Outcome, Report, Totals};

impl Report {
    /// The verdict in one sentence: `passed: 6 scenarios, 41 conversions, each counted once`.
    pub fn headline(&self) -> String {
        let totals = self.totals();
        let mut parts = Vec::new();
        match self.verdict.outcome {
            Outcome::Passed => {
                parts.extend(self.played(&totals));
                parts.push(self.counts(&totals));
            }
            Outcome::Failed => {
                parts.extend(complaints(&totals));
                parts.extend(self.missed());
                parts.extend(self.played(&totals));
                parts.push(self.counts(&totals));
            }
            Outcome::Incomplete => {
                parts.extend(self.played(&totals));
                parts.extend(unplayed(&totals));
                if totals.events == 0 {
                    parts.push("nothing was caught".to_owned());
                }
            }
            Outcome::Empty => {
                parts.extend(self.played(&totals));
                parts
                    .push("no event was caught on either channel, so nothing is proven".to_owned());
            }
        }
        if self.verdict.outcome != Outcome::Failed {
            parts.extend(complaints(&totals));
        }
        if totals.flaky > 0 {
            let flaky = counted(totals.flaky, "scenario", "scenarios");
            parts.push(format!("{flaky} passed only at a later attempt"));
        }
        if totals.known > 0 {
            parts.push(counted(totals.known, "known finding", "known findings"));
        }
        parts.retain(|part| !part.is_empty());
        format!("{}: {}", self.verdict.outcome.name(), parts.join(", "))
    }

    /// How many scenarios there were.
    fn played(&self, totals: &Totals) -> Option<String> {
        let all = self.scenarios.len();
        (all > 0).then(|| match totals.failed {
            0 => counted(all, "scenario", "scenarios"),
            failed => {
                format!("{failed} of {}", counted(all, "scenario failed", "scenarios failed"))
            }
        })
    }

    /// What happened against what would be counted.
    fn counts(&self, totals: &Totals) -> String {
        match totals.conversions {
            _ if totals.events == 0 => "nothing was sent, as expected".to_owned(),
            None | Some(0) => counted_wide(totals.events, "event", "events"),
            Some(truth) => {
                let happened = counted_wide(truth, "conversion", "conversions");
                if self.counts_are_exact() {
                    let each = if truth == 1 { "counted once" } else { "each counted once" };
                    format!("{happened}, {each}")
                } else if totals.counted == truth {
                    let lost = self.conversions.iter().any(|one| one.counted < one.expected);
                    let more: u64 = self
                        .conversions
                        .iter()
                        .map(|one| one.counted.saturating_sub(one.expected))
                        .sum();
                    match (lost, more) {
                        (true, 0) => format!("{happened}, some of them lost"),
                        (true, _) => {
                            format!("{happened}, some of them lost and others counted twice")
                        }
                        (false, more) => format!(
                            "{happened}, and {more} more would be counted under names that nobody expects"
                        ),
                    }
                } else {
                    format!("{happened} would be counted as {}", totals.counted)
                }
            }
        }
    }

    /// Limits that were not kept, beyond the errors, which are named already.
    fn missed(&self) -> Option<String> {
        let mut missed = self.verdict.missed().filter(|criterion| criterion.name != "errors");
        let first = missed.next()?;
        let rest = missed.count();
        let first = match (first.name.as_str(), first.figure) {
            ("behaviour_changes", Some(changes)) => counted(
                changes as usize,
                "change against the baseline",
                "changes against the baseline",
            ),
            _ => format!("{} is {} where {} is asked", first.name, first.shown(), first.limit),
        };
        Some(match rest {
            0 => first,
            _ => {
                format!("{first} and {}", counted(rest, "more limit missed", "more limits missed"))
            }
        })
    }
}

/// Scenarios that were not played to the end.
fn unplayed(totals: &Totals) -> Vec<String> {
    let mut parts = Vec::new();
    if totals.broken > 0 {
        parts.push(format!("{} of them broken", totals.broken));
    }
    if totals.stopped > 0 {
        parts.push(format!("{} stopped by the user", totals.stopped));
    }
    parts
}

fn counted(count: usize, one: &str, many: &str) -> String {
    counted_wide(count as u64, one, many)
}

fn counted_wide(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Errors and warnings.
fn complaints(totals: &Totals) -> Vec<String> {
    [(totals.errors, "error", "errors"), (totals.warnings, "warning", "warnings")]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| counted(count, one, many))
        .collect()
}
