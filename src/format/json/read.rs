//! Reads a report of JSON format 1 back, so that a stored run can be judged, compared and
//! rendered again without its tape.
//!
//! Fields that an older version did not write are taken as empty. Pictures and payloads are
//! not in it, so what is made of them is left out.

mod shapes;

use std::collections::BTreeMap;

use crate::event::{Channel, Defect, Expectation, MatchKey, Place};
use crate::finding::{Finding, Severity};
use crate::gate::Outcome;
use crate::report::{
    Accepted, Attempt, AutomaticRow, BaselineCheck, Behaviour, Board, BoardRow, Change, ChangeKind,
    Conversion, Criterion, Duplicates, EventRow, ExpectationResult, Half, IdLife, IdRow, IdValue,
    Location, MatchQuality, Met, NeverResult, PairRow, PairState, PerChannel, ProfileRow,
    REPORT_FORMAT, Report, ReportedFinding, RulePage, ScenarioRun, Shape, Share, Stage, Standing,
    Status, UnattributedCall, Unit, Verdict, VisitorRow,
};
use shapes as r;

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

/// Reads a report's text.
pub fn read(text: &str) -> Result<Report, Unreadable> {
    let fault = |error: &serde_json::Error| Unreadable::Shape {
        place: Place { line: error.line() as u32, column: error.column() as u32 },
        what: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
    };
    let head: r::Head = serde_json::from_str(text).map_err(|error| fault(&error))?;
    match head.format {
        Some(REPORT_FORMAT) => {}
        Some(other) => {
            return Err(Unreadable::Foreign { what: format!("it says format {other}") });
        }
        None => return Err(Unreadable::Foreign { what: "it has no `format`".to_owned() }),
    }
    let read: r::Report = serde_json::from_str(text).map_err(|error| fault(&error))?;
    Ok(report(read))
}

fn report(read: r::Report) -> Report {
    let started = read.started.parse::<jiff::Timestamp>();
    let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.name() == read.verdict);
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
        events: read.events.into_iter().map(event).collect(),
        quality_basis: read.match_quality_basis,
        profiles: read
            .profiles
            .into_iter()
            .map(|row| ProfileRow {
                profile: row.profile,
                events: row.events.into_iter().map(event).collect(),
            })
            .collect(),
        pairs: read.pairs.into_iter().map(pair).collect(),
        behaviour: read.behaviour.into_iter().map(behaviour).collect(),
        ids: read.event_ids.into_iter().filter_map(ids).collect(),
        browser_ids: read.browser_ids.into_iter().filter_map(id_life).collect(),
        automatic: read
            .automatic
            .into_iter()
            .filter_map(|row| {
                let channel = Channel::from_name(&row.channel)?;
                Some(AutomaticRow { event: row.event, kind: row.kind, channel, events: row.events })
            })
            .collect(),
        findings: read.findings.into_iter().map(finding).collect(),
        rules: read
            .rules
            .into_iter()
            .map(|page| RulePage {
                severity: severity(&page.severity),
                id: page.id,
                title: page.title,
                manual: page.manual,
            })
            .collect(),
        conversions: read
            .conversions
            .into_iter()
            .map(|entry| Conversion {
                scenario: entry.scenario,
                session: entry.session,
                event: entry.event,
                expected: entry.expected,
                counted: entry.counted,
                kept: entry.kept,
                why: entry.why,
                evidence: entry.evidence,
            })
            .collect(),
        defects: read
            .defects
            .into_iter()
            .filter_map(|defect| {
                let channel = Channel::from_name(&defect.channel)?;
                let r::Defect { exchange, session, what, .. } = defect;
                Some(Defect { exchange, channel, session, what })
            })
            .collect(),
        scenarios: read.scenarios.into_iter().map(scenario).collect(),
        visitors: read.visitors.into_iter().map(visitor).collect(),
        filter_lists: read.filter_lists,
        unattributed: read
            .unattributed
            .into_iter()
            .map(|call| UnattributedCall {
                exchange: call.exchange,
                pixel: call.pixel,
                events: call.events,
                why: call.why,
            })
            .collect(),
        limits: read.limits,
        baseline: read.baseline.map(baseline),
        board: (!read.cutover.is_empty())
            .then(|| Board { rows: read.cutover.into_iter().map(board_row).collect() }),
        verdict: Verdict {
            outcome: outcome.unwrap_or_default(),
            criteria: read.criteria.into_iter().map(criterion).collect(),
        },
        ..Report::default()
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

fn event(row: r::Event) -> EventRow {
    let share = |part: r::Part| Share::new(part.count, part.of);
    let keys = |side: BTreeMap<String, r::Part>| -> BTreeMap<MatchKey, Share> {
        side.into_iter()
            .filter_map(|(name, part)| Some((MatchKey::from_name(&name)?, share(part))))
            .collect()
    };
    let names = |side: BTreeMap<String, r::Part>| -> BTreeMap<String, Share> {
        side.into_iter().map(|(name, part)| (name, share(part))).collect()
    };
    EventRow {
        event: row.event,
        conversions: row.conversions,
        browser: row.browser,
        server: row.server,
        paired: row.paired,
        browser_only: row.browser_only,
        server_only: row.server_only,
        explained: row.explained,
        duplicates: Duplicates { browser: row.duplicates.browser, server: row.duplicates.server },
        counted: row.counted,
        refused: row.refused,
        coverage: PerChannel {
            browser: keys(row.coverage_counts.browser),
            server: keys(row.coverage_counts.server),
        },
        parameters: PerChannel {
            browser: names(row.parameter_counts.browser),
            server: names(row.parameter_counts.server),
        },
        match_quality: row.match_quality.map(|quality| MatchQuality {
            estimate: quality.estimate,
            low: quality.low,
            high: quality.high,
            calibrated: quality.calibrated,
            improvements: quality
                .improvements
                .into_iter()
                .map(|one| crate::report::Improvement {
                    keys: one.add.iter().filter_map(|name| MatchKey::from_name(name)).collect(),
                    gain: one.gain,
                })
                .collect(),
        }),
    }
}

fn pair(pair: r::Pair) -> PairRow {
    let half = |half: r::Half| Half { exchange: half.exchange, at: half.at };
    PairRow {
        state: PairState::from_name(&pair.state).unwrap_or_default(),
        event: pair.event,
        pixel: pair.pixel,
        event_id: pair.event_id,
        other_id: pair.other_id,
        session: pair.session,
        scenario: pair.scenario,
        profile: pair.profile,
        browser: pair.browser.map(half),
        server: pair.server.map(half),
    }
}

fn behaviour(row: r::Behaviour) -> Behaviour {
    Behaviour {
        scenario: row.scenario,
        event: row.event,
        pairing: row.pairing,
        sides: PerChannel {
            browser: Shape { keys: row.browser_keys, parameters: row.browser_parameters },
            server: Shape { keys: row.server_keys, parameters: row.server_parameters },
        },
    }
}

/// A life of ids; one of a kind that this version does not know is left out.
fn id_life(row: r::IdLife) -> Option<IdLife> {
    let known = |word: &str, words: [&'static str; 3]| words.into_iter().find(|one| *one == word);
    let value = |value: r::IdValue| {
        Some(IdValue {
            first: known(&value.first, ["browser", "server", "cookie"])?,
            label: value.label,
            after: (value.after_seconds * 1000.0).round() as i64,
            browser: value.browser,
            server: value.server,
            cookie: value.cookie,
            created: value
                .created
                .and_then(|time| time.parse::<jiff::Timestamp>().ok())
                .map(jiff::Timestamp::as_millisecond),
            unit: value.unit,
            subdomain_index: value.subdomain_index,
            parts: value.parts,
            library: value.library,
            fault: value.fault,
            landing: value.landing,
        })
    };
    Some(IdLife {
        session: row.session,
        scenario: row.scenario,
        profile: row.profile,
        key: known(&row.key, ["fbp", "fbc", ""])?,
        values: row.values.into_iter().filter_map(value).collect(),
    })
}

fn ids(row: r::Id) -> Option<IdRow> {
    let mut schemes: Vec<(String, u64)> = row.schemes.into_iter().collect();
    schemes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Some(IdRow {
        channel: Channel::from_name(&row.channel)?,
        event: row.event,
        events: row.events,
        present: row.present,
        distinct: row.distinct,
        collisions: row.collisions,
        shortest: row.shortest,
        longest: row.longest,
        schemes,
    })
}

fn finding(found: r::Finding) -> ReportedFinding {
    let known = found.status == "known";
    ReportedFinding {
        title: found.title,
        location: found.location.map(|at| Location {
            file: at.file,
            place: Place { line: at.line, column: at.column },
        }),
        profile: found.profile,
        variant: found.variant,
        own: found.own_severity.as_deref().map(severity),
        standing: if known {
            Standing::Known { reason: found.reason.unwrap_or_default() }
        } else {
            Standing::New
        },
        finding: Finding {
            severity: severity(&found.severity),
            rule: found.rule,
            event: found.event,
            channel: found.channel.as_deref().and_then(Channel::from_name),
            session: found.session,
            scenario: found.scenario,
            cause: found.cause,
            message: found.message,
            fix: found.fix,
            count: found.count,
            evidence: found.evidence,
        },
    }
}

fn status(word: &str) -> Status {
    [Status::Passed, Status::Failed, Status::Broken, Status::Stopped, Status::NotApplicable]
        .into_iter()
        .find(|status| status.name() == word)
        .unwrap_or(Status::Broken)
}

fn met(word: &str) -> Met {
    [Met::Yes, Met::No].into_iter().find(|met| met.name() == word).unwrap_or_default()
}

fn scenario(run: r::Scenario) -> ScenarioRun {
    ScenarioRun {
        session: run.session,
        name: run.name,
        file: run.file,
        profile: run.profile,
        variant: run.variant,
        repeat: run.repeat,
        status: status(&run.status),
        seconds: run.seconds,
        attempt: run.attempt,
        earlier: run
            .earlier
            .into_iter()
            .map(|attempt| Attempt {
                attempt: attempt.attempt,
                status: status(&attempt.status),
                seconds: attempt.seconds,
                error: attempt.error,
                errors: Vec::new(),
            })
            .collect(),
        error: run.error,
        screenshot: run.screenshot,
        site_answers: run.site_answers,
        expectations: run
            .expectations
            .into_iter()
            .map(|result| ExpectationResult {
                expectation: Expectation {
                    event: result.event,
                    count: result.count,
                    channels: result
                        .channels
                        .iter()
                        .filter_map(|name| Channel::from_name(name))
                        .collect(),
                    value: result.value,
                    currency: result.currency,
                    keys: BTreeMap::new(),
                    open: result.open,
                    place: Place { line: result.line, column: result.column },
                },
                browser: result.browser,
                server: result.server,
                counted: result.counted,
                met: met(&result.result),
            })
            .collect(),
        never: run
            .never
            .into_iter()
            .map(|result| NeverResult {
                event: result.event,
                place: Place { line: result.line, column: result.column },
                caught: result.caught,
                met: met(&result.result),
            })
            .collect(),
    }
}

/// Shares are stored, counts are wanted: the shares are quotients of them.
fn visitor(row: r::Visitor) -> VisitorRow {
    let recovered = row.recovered.unwrap_or_default() * row.conversions as f64;
    VisitorRow {
        silent: row.lost_by_pixel_alone.is_none() && row.conversions > 0,
        kept: (row.browser + recovered.round() as u64).min(row.conversions),
        event: row.event,
        profile: row.profile,
        conversions: row.conversions,
        browser: row.browser,
        server: row.server,
        counted: row.counted,
        forbidden: row.forbidden,
    }
}

fn criterion(read: r::Criterion) -> Criterion {
    Criterion {
        unit: Unit::ALL.into_iter().find(|unit| unit.name() == read.unit).unwrap_or_default(),
        name: read.name,
        figure: read.figure,
        limit: read.limit,
        passed: read.passed,
    }
}

fn baseline(read: r::Baseline) -> BaselineCheck {
    let accepted = |list: Vec<r::Accepted>| -> Vec<Accepted> {
        let entry = |entry: r::Accepted| Accepted {
            finding: entry.finding,
            reason: entry.reason,
            expires: entry.expires,
        };
        list.into_iter().map(entry).collect()
    };
    BaselineCheck {
        file: read.file,
        changes: read
            .changes
            .into_iter()
            .filter_map(|change| {
                let kind = ChangeKind::from_name(&change.kind)?;
                let r::Change { scenario, event, what, .. } = change;
                Some(Change { scenario, event, kind, what })
            })
            .collect(),
        mended: accepted(read.mended),
        expired: accepted(read.expired),
        unplayed: read.unplayed,
    }
}

fn board_row(row: r::Cutover) -> BoardRow {
    BoardRow {
        event: row.event,
        stage: Stage::from_name(&row.stage).unwrap_or_default(),
        asked: row.asked.as_deref().and_then(Stage::from_name),
        criteria: row
            .criteria
            .into_iter()
            .filter_map(|one| Some((Stage::from_name(&one.stage)?, criterion(one.criterion))))
            .collect(),
        blocks: row.blocks,
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
