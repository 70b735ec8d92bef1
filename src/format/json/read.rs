//! Reads a report of JSON format 1 back, so that a stored run can be judged, compared and
//! rendered again without its tape.
//!
//! Fields that an older version did not write are taken as empty. The pictures themselves
//! are not in it, only the names of their files.

mod course;
mod events;
mod findings;
mod gate;
mod log;
mod scenarios;

use serde::Deserialize;

use super::v1::{V1, Verdict};
use crate::event::Place;
use crate::finding::Severity;
use crate::gate::Outcome;
use crate::report::{Board, REPORT_FORMAT, Report, Verdict as Decision};

/// Why a text is no report that this version reads.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is no JSON, or not of this shape.
    #[error("{}:{}: {what}", place.line, place.column)]
    Shape {
        /// Where in the text.
        place: Place,
        /// What is wrong.
        what: String,
    },
    /// It is of another format.
    #[error("1:1: not a countonce report of format {REPORT_FORMAT}: {what}")]
    Foreign {
        /// What is there instead.
        what: String,
    },
}

/// What tells formats apart.
#[derive(Deserialize)]
struct Head {
    format: Option<u32>,
}

/// Reads a report's text.
pub fn read(text: &str) -> Result<Report, Unreadable> {
    let fault = |error: &serde_json::Error| Unreadable::Shape {
        place: Place { line: error.line() as u32, column: error.column() as u32 },
        what: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
    };
    if text.trim_start().starts_with('[') {
        // A list would be read as the fields in their order.
        let what = "a list, where a report is an object".to_owned();
        return Err(Unreadable::Shape { place: Place { line: 1, column: 1 }, what });
    }
    let head: Head = serde_json::from_str(text).map_err(|error| fault(&error))?;
    match head.format {
        Some(REPORT_FORMAT) => {}
        Some(other) => {
            return Err(Unreadable::Foreign { what: format!("it says format {other}") });
        }
        None => return Err(Unreadable::Foreign { what: "it has no `format`".to_owned() }),
    }
    let read: V1 = serde_json::from_str(text).map_err(|error| fault(&error))?;
    Ok(report(read))
}

fn report(read: V1) -> Report {
    fn all<T, U>(list: Vec<T>, of: impl FnMut(T) -> U) -> Vec<U> {
        list.into_iter().map(of).collect()
    }
    fn known<T, U>(list: Vec<T>, of: impl FnMut(T) -> Option<U>) -> Vec<U> {
        list.into_iter().filter_map(of).collect()
    }
    let started = read.started.parse::<jiff::Timestamp>();
    Report {
        tool: read.tool,
        name: read.name,
        pixel_script: read.pixel_script,
        site: read.site,
        browser: read.browser,
        started: started.map(jiff::Timestamp::as_millisecond).unwrap_or_default(),
        seconds: read.seconds,
        tape: read.tape,
        tape_hash: read.tape_sha256,
        events: all(read.events, events::event),
        counting: read.counting.as_ref().map(events::counting),
        quality_basis: read.match_quality_basis,
        profiles: all(read.profiles, gate::profile),
        pairs: all(read.pairs, gate::pair),
        behaviour: all(read.behaviour, gate::behaviour),
        ids: known(read.event_ids, events::ids),
        browser_ids: known(read.browser_ids, events::id_life),
        automatic: known(read.automatic, events::automatic),
        findings: all(read.findings, findings::finding),
        rules: all(read.rules, gate::rule),
        conversions: all(read.conversions, findings::conversion),
        defects: known(read.defects, findings::defect),
        scenarios: all(read.scenarios, scenarios::scenario),
        visitors: all(read.visitors, scenarios::visitor),
        blocked: all(read.blocked, scenarios::blocked),
        traffic: read.traffic,
        filter_lists: read.filter_lists,
        steps: all(read.steps, course::step),
        caught: course::caught(read.caught),
        excerpts: known(read.excerpts, course::excerpt),
        shots: all(read.pictures, course::shot),
        unattributed: all(read.unattributed, findings::unattributed),
        log: read.log.map(log::log),
        limits: read.limits,
        baseline: read.baseline.map(gate::baseline),
        board: (!read.cutover.is_empty())
            .then(|| Board { rows: all(read.cutover, gate::board_row) }),
        verdict: Decision {
            outcome: match read.verdict {
                Verdict::Passed => Outcome::Passed,
                Verdict::Failed => Outcome::Failed,
                Verdict::Empty => Outcome::Empty,
                Verdict::Incomplete => Outcome::Incomplete,
            },
            criteria: all(read.criteria, gate::criterion),
        },
        pictures: crate::report::Pictures::new(),
        brand: None,
    }
}

fn severity(word: &str) -> Severity {
    match word {
        "off" => Severity::Off,
        "info" => Severity::Info,
        "warn" => Severity::Warn,
        _ => Severity::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_of_ids_come_back_and_unknown_kinds_are_left_out() {
        let text = r#"{"format": 1, "verdict": "passed", "browser_ids": [
            {"session": 1, "key": "fbc", "values": [
                {"label": "a", "first": "cookie", "after_seconds": 0.25, "cookie": 3,
                 "created": "2026-03-02T12:00:00Z", "parts": 4},
                {"label": "b", "first": "elsewhere"}]},
            {"session": 1, "key": "later"}]}"#;
        let read = read(text).expect("a report");
        assert_eq!(read.browser_ids.len(), 1);
        let life = &read.browser_ids[0];
        assert_eq!((life.key, life.values.len()), ("fbc", 1));
        assert_eq!((life.values[0].after, life.values[0].cookie), (250, 3));
        assert_eq!(life.values[0].created, Some(1_772_452_800_000));
    }

    #[test]
    fn what_is_no_report_is_said_so_with_its_place() {
        for (text, told) in [
            ("{\"format\": 1, \"events\": [{\"browser\": \"x\"}]}", "1:"),
            ("{\"format\": 2}", "it says format 2"),
            ("{}", "no `format`"),
            ("nonsense", "1:2"),
            ("[1]", "1:"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
