//! What a run's scenarios send otherwise than the baseline says, and whether that is drift
//! or a mend.
//!
//! A mend is never a reason to fail: it is a change for the better by itself (halves that
//! meet now, copies that are gone, a key that is on every event instead of some), or it
//! comes with an accepted finding about the same event that is gone while no other came.
//! A match key that is lost is drift whatever was mended beside it. Never the file.

use std::collections::{BTreeMap, BTreeSet};

use super::{Baseline, Seen};
use crate::event::Channel;
use crate::report::{Accepted, Change, ChangeKind, PairState, Report, Shape};

/// Every change of the scenarios that were played to the end.
pub(super) fn between(
    baseline: &Baseline,
    report: &Report,
    played: &BTreeSet<String>,
    mended: &[Accepted],
) -> Vec<Change> {
    let mut changes = Vec::new();
    for scenario in played {
        let seen: BTreeMap<&str, Seen> = report
            .behaviour
            .iter()
            .filter(|row| row.scenario == *scenario)
            .map(|row| (row.event.as_str(), Seen::from(row)))
            .collect();
        let mut add = |event: &str, kind: ChangeKind, what: String| {
            let (scenario, event) = (scenario.clone(), event.to_owned());
            changes.push(Change { scenario, event, kind, what });
        };
        let Some(known) = baseline.behaviour.get(scenario) else {
            add("", ChangeKind::Gained, "scenario".to_owned());
            continue;
        };
        let mending = Mending { scenario, report, mended };
        for (event, now) in &seen {
            let excused = mending.excuses(event);
            match known.get(*event) {
                None => add(event, told(ChangeKind::Gained, excused), "event".to_owned()),
                Some(before) => {
                    for (kind, what) in differences(before, now, excused) {
                        add(event, kind, what);
                    }
                }
            }
        }
        for event in known.keys().filter(|event| !seen.contains_key(event.as_str())) {
            add(event, told(ChangeKind::Lost, mending.excuses(event)), "event".to_owned());
        }
    }
    changes
}

fn told(kind: ChangeKind, excused: bool) -> ChangeKind {
    if excused { ChangeKind::Mended } else { kind }
}

/// What was mended in a scenario.
struct Mending<'a> {
    scenario: &'a str,
    report: &'a Report,
    mended: &'a [Accepted],
}

impl Mending<'_> {
    /// True where an accepted finding about the event is gone and nothing else is found.
    fn excuses(&self, event: &str) -> bool {
        let slashed = |name: &str| name.replace('|', "/");
        let (scenario, event) = (slashed(self.scenario), slashed(event));
        let about = |print: &str| {
            let mut parts = print.split('|').skip(1);
            let of = parts.next().unwrap_or("-");
            let place = parts.nth(1).unwrap_or("-");
            of == event && (place == scenario || place == "-")
        };
        self.mended.iter().any(|entry| about(&entry.finding))
            && !self
                .report
                .findings
                .iter()
                .filter(|found| found.is_new())
                .any(|found| about(&found.fingerprint().to_string()))
    }
}

/// What differs between two ways of telling an event.
fn differences(before: &Seen, now: &Seen, excused: bool) -> Vec<(ChangeKind, String)> {
    let (mut found, met) = pairing(&before.pairing, &now.pairing);
    for channel in Channel::ALL {
        let (old, new) = (before.sides.of(channel), now.sides.of(channel));
        // The half that was missing is there: what it carries came with it.
        let joined = met && *old == Shape::default();
        for (kind, word, name) in names(&old.keys, &new.keys) {
            let well = joined || (excused && kind == ChangeKind::Gained);
            found.push((told(kind, well), format!("{channel} key {word}{name}")));
        }
        for (kind, word, name) in names(&old.parameters, &new.parameters) {
            found
                .push((told(kind, joined || excused), format!("{channel} parameter {word}{name}")));
        }
    }
    found
}

/// How the events meet otherwise than before, and whether that is a mend.
fn pairing(before: &BTreeSet<String>, now: &BTreeSet<String>) -> (Vec<(ChangeKind, String)>, bool) {
    let paired = PairState::Paired.name();
    let list = |words: &BTreeSet<String>| {
        words.iter().map(String::as_str).collect::<Vec<&str>>().join(", ")
    };
    let lost: Vec<&String> = before.difference(now).collect();
    let gained: Vec<&String> = now.difference(before).collect();
    let well = !lost.is_empty()
        && now.contains(paired)
        && lost.iter().all(|word| *word != paired)
        && gained.iter().all(|word| *word == paired);
    if well {
        let what = format!("pairing {} instead of {}", list(now), list(before));
        return (vec![(ChangeKind::Mended, what)], true);
    }
    let lost = lost.into_iter().map(|word| (ChangeKind::Lost, format!("pairing {word}")));
    let gained = gained.into_iter().map(|word| (ChangeKind::Gained, format!("pairing {word}")));
    (lost.chain(gained).collect(), false)
}

/// Mark of a name that only some of the events carry.
const SOME: char = '?';

/// Names that came, went, or are carried by more or fewer of the events. The word between
/// says which.
fn names(
    before: &BTreeSet<String>,
    now: &BTreeSet<String>,
) -> Vec<(ChangeKind, &'static str, String)> {
    let bare = |name: &String| name.trim_end_matches(SOME).to_owned();
    let had: BTreeSet<String> = before.iter().map(bare).collect();
    let has: BTreeSet<String> = now.iter().map(bare).collect();
    let mut found = Vec::new();
    for name in before.difference(now).map(bare) {
        match (has.contains(&name), now.contains(&name)) {
            (false, _) => found.push((ChangeKind::Lost, "", name)),
            (true, true) => found.push((ChangeKind::Mended, "on every event: ", name)),
            (true, false) => found.push((ChangeKind::Lost, "on some events: ", name)),
        }
    }
    let came = now.difference(before).map(bare).filter(|name| !had.contains(name));
    found.extend(came.map(|name| (ChangeKind::Gained, "", name)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &str) -> BTreeSet<String> {
        names.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    #[track_caller]
    fn paired(before: &str, now: &str, expected: &[(ChangeKind, &str)]) {
        let (found, _) = pairing(&set(before), &set(now));
        let found: Vec<(ChangeKind, &str)> =
            found.iter().map(|(kind, what)| (*kind, what.as_str())).collect();
        assert_eq!(found, expected, "{before} then {now}");
    }

    #[test]
    fn halves_that_meet_and_copies_that_are_gone_are_mends() {
        use ChangeKind::{Gained, Lost, Mended};
        paired("near miss", "paired", &[(Mended, "pairing paired instead of near miss")]);
        paired(
            "paired, server duplicate",
            "paired",
            &[(Mended, "pairing paired instead of paired, server duplicate")],
        );
        paired("paired", "near miss", &[(Lost, "pairing paired"), (Gained, "pairing near miss")]);
        paired("paired", "paired, browser alone", &[(Gained, "pairing browser alone")]);
        paired(
            "near miss",
            "paired, server duplicate",
            &[
                (Lost, "pairing near miss"),
                (Gained, "pairing paired"),
                (Gained, "pairing server duplicate"),
            ],
        );
        paired("browser alone", "", &[(Lost, "pairing browser alone")]);
    }

    #[test]
    fn names_on_more_events_are_mended_and_on_fewer_lost() {
        let found = names(&set("em?, fbp, ph, zp?"), &set("ct, em, ph?, zp?"));
        let found: Vec<(&str, String)> = found
            .into_iter()
            .map(|(kind, word, name)| (kind.name(), format!("{word}{name}")))
            .collect();
        let expected = [
            ("mended", "on every event: em"),
            ("lost", "fbp"),
            ("lost", "on some events: ph"),
            ("gained", "ct"),
        ];
        assert_eq!(found, expected.map(|(kind, name)| (kind, name.to_owned())));
    }

    fn seen(pairing: &str, browser: &str, server: &str) -> Seen {
        let mut seen = Seen { pairing: set(pairing), ..Seen::default() };
        seen.sides.browser.keys = set(browser);
        seen.sides.server.keys = set(server);
        seen
    }

    #[test]
    fn a_missing_half_that_came_is_a_mend_with_all_it_carries() {
        let found =
            differences(&seen("browser alone", "fbp", ""), &seen("paired", "fbp", "em"), false);
        assert!(found.iter().all(|(kind, _)| *kind == ChangeKind::Mended), "{found:?}");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn a_lost_key_is_drift_even_where_something_else_was_mended() {
        let found =
            differences(&seen("paired", "", "em, fbp"), &seen("paired", "", "em, ph"), true);
        let found: Vec<(ChangeKind, &str)> =
            found.iter().map(|(kind, what)| (*kind, what.as_str())).collect();
        assert_eq!(
            found,
            [(ChangeKind::Lost, "server key fbp"), (ChangeKind::Mended, "server key ph")]
        );
    }
}
