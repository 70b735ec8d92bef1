//! Fills the shapes of JSON format 1 from a report.
//!
//! Figures are copied, never computed here.

mod course;
mod gate;
mod log;

use std::collections::BTreeMap;

use super::v1::events::{
    AutomaticV1, CountingV1, EventV1, IdLifeV1, IdV1, IdValueV1, ImprovementV1, MatchQuality,
};
use super::v1::findings::{BookedV1, ConversionV1, FindingV1, LocationV1, UnattributedV1};
use super::v1::scenarios::{
    AttemptV1, BlockedV1, ExpectationV1, MatrixV1, NeverV1, RecoveryV1, ScenarioV1, VisitorV1,
};
use super::v1::{CriterionV1, Part, ScenarioTotals, Sides, Totals, V1, Verdict};
use crate::event::Channel;
use crate::format::foreign::round;
use crate::gate::{Outcome, exit_code};
use crate::report::{
    AutomaticRow, Booked, Conversion, Criterion, EventRow, ExpectationResult, IdLife, IdValue,
    MatrixRow, NeverResult, PerChannel, REPORT_FORMAT, Report, ReportedFinding, ScenarioRun, Share,
    Standing, VisitorRow,
};

impl V1 {
    pub(super) fn of(report: &Report) -> V1 {
        V1 {
            format: REPORT_FORMAT,
            tool: report.tool.clone(),
            verdict: match report.verdict.outcome {
                Outcome::Passed => Verdict::Passed,
                Outcome::Failed => Verdict::Failed,
                Outcome::Empty => Verdict::Empty,
                Outcome::Incomplete => Verdict::Incomplete,
            },
            exit_code: exit_code(&report.verdict),
            headline: report.headline(),
            pixel_script: report.pixel_script.clone(),
            name: report.name.clone(),
            site: report.site.clone(),
            browser: report.browser.clone(),
            started: report.started_text(),
            seconds: round(report.seconds),
            tape: report.tape.clone(),
            tape_sha256: report.tape_hash.clone(),
            totals: totals(report),
            criteria: report.verdict.criteria.iter().map(criterion).collect(),
            events: report.events.iter().map(event).collect(),
            counting: report.counting.map(|counting| CountingV1 {
                dedup_window_seconds: counting.dedup_window as f64 / 1000.0,
                browser_preference_seconds: counting.browser_preference as f64 / 1000.0,
                published_dedup_window_seconds: counting.published_window as f64 / 1000.0,
                published_browser_preference_seconds: counting.published_preference as f64 / 1000.0,
                as_published: counting.as_published(),
            }),
            match_quality_basis: report.quality_basis.clone(),
            event_ids: report
                .ids
                .iter()
                .map(|row| IdV1 {
                    event: row.event.clone(),
                    channel: row.channel.name().to_owned(),
                    events: row.events,
                    present: row.present,
                    distinct: row.distinct,
                    collisions: row.collisions,
                    shortest: row.shortest,
                    longest: row.longest,
                    schemes: row.schemes.iter().cloned().collect(),
                })
                .collect(),
            browser_ids: report.browser_ids.iter().map(id_life).collect(),
            automatic: report.automatic.iter().map(automatic).collect(),
            findings: report.findings.iter().map(finding).collect(),
            conversions: report.conversions.iter().map(conversion).collect(),
            defects: course::defects(report),
            scenarios: report.scenarios.iter().map(scenario).collect(),
            matrix: report.matrix().into_iter().flat_map(matrix).collect(),
            visitors: report.visitors.iter().map(visitor).collect(),
            recovery: report
                .recovery()
                .iter()
                .map(|row| RecoveryV1 {
                    event: row.event.clone(),
                    lost_by_pixel_alone: round(row.lost_by_pixel_alone),
                    recovered: round(row.recovered),
                    covered: round(row.covered),
                })
                .collect(),
            traffic: report.traffic.clone(),
            blocked: report
                .blocked
                .iter()
                .map(|row| BlockedV1 {
                    profile: row.profile.clone(),
                    rule: row.rule.clone(),
                    example: row.example.clone(),
                    requests: row.requests,
                    session: row.session,
                })
                .collect(),
            filter_lists: report.filter_lists.clone(),
            steps: course::steps(report),
            pictures: course::pictures(report),
            caught: course::caught(report),
            excerpts: course::excerpts(report),
            unattributed: report
                .unattributed
                .iter()
                .map(|call| UnattributedV1 {
                    exchange: call.exchange,
                    pixel: call.pixel.clone(),
                    events: call.events.clone(),
                    why: call.why.clone(),
                })
                .collect(),
            limits: report.limits.clone(),
            profiles: gate::profiles(report),
            pairs: gate::pairs(report),
            behaviour: gate::behaviour(report),
            rules: gate::rules(report),
            baseline: report.baseline.as_ref().map(gate::baseline),
            cutover: report.board.iter().flat_map(gate::board).collect(),
            log: report.log.as_ref().map(log::log),
        }
    }
}

fn totals(report: &Report) -> Totals {
    let sums = report.totals();
    Totals {
        events: sums.events,
        browser: report.events_on(Channel::Browser),
        server: report.events_on(Channel::Server),
        conversions: sums.conversions,
        counted: sums.counted,
        errors: sums.errors,
        warnings: sums.warnings,
        infos: sums.infos,
        known: sums.known,
        scenarios: ScenarioTotals {
            passed: sums.passed,
            failed: sums.failed,
            broken: sums.broken,
            stopped: sums.stopped,
            flaky: sums.flaky,
            not_applicable: sums.not_applicable,
        },
    }
}

fn matrix(row: MatrixRow) -> Vec<MatrixV1> {
    let MatrixRow { scenario, file, profile, cells } = row;
    cells
        .into_iter()
        .map(|cell| MatrixV1 {
            scenario: scenario.clone(),
            file: file.clone(),
            profile: profile.clone(),
            variant: cell.variant,
            verdict: cell.outcome.name().to_owned(),
            sessions: cell.sessions,
            errors: cell.errors,
            warnings: cell.warnings,
            rules: cell.rules,
            evidence: cell.evidence,
            why: cell.why,
        })
        .collect()
}

fn visitor(row: &VisitorRow) -> VisitorV1 {
    VisitorV1 {
        event: row.event.clone(),
        profile: row.profile.clone(),
        conversions: row.conversions,
        browser: row.browser,
        server: row.server,
        counted: row.counted,
        lost_by_pixel_alone: ratio(row.lost_by_pixel_alone()),
        recovered: ratio(row.recovered()),
        forbidden: row.forbidden,
    }
}

fn criterion(criterion: &Criterion) -> CriterionV1 {
    CriterionV1 {
        name: criterion.name.clone(),
        figure: criterion.figure.map(round),
        unit: criterion.unit.name().to_owned(),
        limit: criterion.limit.clone(),
        passed: criterion.passed,
    }
}

fn event(row: &EventRow) -> EventV1 {
    EventV1 {
        event: row.event.clone(),
        conversions: row.conversions,
        browser: row.browser,
        server: row.server,
        paired: row.paired,
        browser_only: row.browser_only,
        server_only: row.server_only,
        explained: row.explained,
        duplicates: Sides { browser: row.duplicates.browser, server: row.duplicates.server },
        counted: row.counted,
        cost_seen: row.cost_seen().map(round),
        refused: row.refused,
        paired_refused: row.paired_refused,
        dedup_rate: row.dedup_rate().ratio().map(round),
        coverage: sides(&row.coverage, ratio),
        coverage_counts: sides(&row.coverage, part),
        parameters: sides(&row.parameters, ratio),
        parameter_counts: sides(&row.parameters, part),
        match_quality: row.match_quality.as_ref().map(|quality| MatchQuality {
            estimate: round(quality.estimate),
            low: round(quality.low),
            high: round(quality.high),
            calibrated: quality.calibrated,
            improvements: quality
                .improvements
                .iter()
                .map(|one| ImprovementV1 {
                    add: one.keys.iter().map(ToString::to_string).collect(),
                    gain: round(one.gain),
                    text: row.step(one),
                })
                .collect(),
        }),
    }
}

fn sides<K: ToString, T>(
    shares: &PerChannel<BTreeMap<K, Share>>,
    show: fn(Share) -> T,
) -> Sides<BTreeMap<String, T>> {
    let side = |channel| {
        shares.of(channel).iter().map(|(key, share)| (key.to_string(), show(*share))).collect()
    };
    Sides { browser: side(Channel::Browser), server: side(Channel::Server) }
}

fn ratio(share: Share) -> Option<f64> {
    share.ratio().map(round)
}

fn part(share: Share) -> Part {
    Part { count: share.count, of: share.of }
}

fn automatic(row: &AutomaticRow) -> AutomaticV1 {
    AutomaticV1 {
        event: row.event.clone(),
        kind: row.kind.clone(),
        channel: row.channel.name().to_owned(),
        events: row.events,
    }
}

fn id_life(life: &IdLife) -> IdLifeV1 {
    let value = |value: &IdValue| IdValueV1 {
        label: value.label.clone(),
        first: value.first.to_owned(),
        after_seconds: round(value.after as f64 / 1000.0),
        browser: value.browser,
        server: value.server,
        cookie: value.cookie,
        created: value
            .created
            .and_then(|created| jiff::Timestamp::from_millisecond(created).ok())
            .map(|created| created.to_string()),
        unit: value.unit.clone(),
        subdomain_index: value.subdomain_index,
        parts: value.parts,
        library: value.library,
        fault: value.fault.clone(),
        landing: value.landing.clone(),
    };
    IdLifeV1 {
        session: life.session,
        scenario: life.scenario.clone(),
        profile: life.profile.clone(),
        key: life.key.to_owned(),
        stable: life.stable(),
        values: life.values.iter().map(value).collect(),
    }
}

fn finding(reported: &ReportedFinding) -> FindingV1 {
    let finding = &reported.finding;
    FindingV1 {
        rule: finding.rule.clone(),
        title: reported.title.clone(),
        severity: finding.severity.to_string(),
        own_severity: reported.own.unwrap_or(finding.severity).to_string(),
        event: finding.event.clone(),
        channel: finding.channel.map(|channel| channel.to_string()),
        session: finding.session,
        scenario: finding.scenario.clone(),
        profile: reported.profile.clone(),
        variant: reported.variant.clone(),
        location: reported.location.as_ref().map(|location| LocationV1 {
            file: location.file.clone(),
            line: location.place.line,
            column: location.place.column,
        }),
        cause: finding.cause.clone(),
        message: finding.message.clone(),
        fix: finding.fix.clone(),
        count: finding.count,
        evidence: finding.evidence.clone(),
        status: reported.standing.name().to_owned(),
        reason: match &reported.standing {
            Standing::New => None,
            Standing::Known { reason } => Some(reason.clone()),
        },
        fingerprint: reported.fingerprint().to_string(),
    }
}

fn conversion(entry: &Conversion) -> ConversionV1 {
    ConversionV1 {
        scenario: entry.scenario.clone(),
        session: entry.session,
        event: entry.event.clone(),
        expected: entry.expected,
        counted: entry.counted,
        kept: entry.kept.clone(),
        booked: entry.booked.iter().map(booked).collect(),
        why: entry.why.clone(),
        evidence: entry.evidence.clone(),
    }
}

fn booked(copy: &Booked) -> BookedV1 {
    BookedV1 {
        channel: copy.channel.to_string(),
        exchange: copy.exchange,
        value: copy.value,
        currency: copy.currency.clone(),
        keys: copy.keys.iter().map(|key| key.name().to_owned()).collect(),
        merged: copy.merged,
    }
}

fn scenario(run: &ScenarioRun) -> ScenarioV1 {
    ScenarioV1 {
        name: run.name.clone(),
        file: run.file.clone(),
        profile: run.profile.clone(),
        variant: run.variant.clone(),
        repeat: run.repeat,
        status: run.status.name().to_owned(),
        seconds: round(run.seconds),
        session: run.session,
        attempt: run.attempt,
        flaky: run.flaky(),
        error: run.error.clone(),
        screenshot: run.screenshot.clone(),
        earlier: run
            .earlier
            .iter()
            .map(|attempt| AttemptV1 {
                attempt: attempt.attempt,
                status: attempt.status.name().to_owned(),
                seconds: round(attempt.seconds),
                error: attempt.error.clone(),
            })
            .collect(),
        site_answers: run.site_answers,
        expectations: run.expectations.iter().map(expectation).collect(),
        never: run.never.iter().map(never).collect(),
    }
}

fn expectation(result: &ExpectationResult) -> ExpectationV1 {
    let expectation = &result.expectation;
    ExpectationV1 {
        event: expectation.event.clone(),
        count: expectation.count,
        open: expectation.open,
        channels: expectation.channels.iter().map(ToString::to_string).collect(),
        value: expectation.value,
        currency: expectation.currency.clone(),
        line: expectation.place.line,
        column: expectation.place.column,
        browser: result.browser,
        server: result.server,
        counted: result.counted,
        result: result.met.name().to_owned(),
    }
}

fn never(result: &NeverResult) -> NeverV1 {
    NeverV1 {
        event: result.event.clone(),
        line: result.place.line,
        column: result.place.column,
        caught: result.caught,
        result: result.met.name().to_owned(),
    }
}
