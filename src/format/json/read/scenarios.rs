//! Reads scenarios and visitors back from JSON format 1.

use std::collections::BTreeMap;

use crate::event::{Channel, Expectation, Place};
use crate::format::json::v1::scenarios::{BlockedV1, ScenarioV1, VisitorV1};
use crate::report::{
    Attempt, BlockedRow, ExpectationResult, Met, NeverResult, ScenarioRun, Status, VisitorRow,
};

fn status(word: &str) -> Status {
    [Status::Passed, Status::Failed, Status::Broken, Status::Stopped, Status::NotApplicable]
        .into_iter()
        .find(|status| status.name() == word)
        .unwrap_or(Status::Broken)
}

fn met(word: &str) -> Met {
    [Met::Yes, Met::No].into_iter().find(|met| met.name() == word).unwrap_or_default()
}

pub(super) fn scenario(run: ScenarioV1) -> ScenarioRun {
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
pub(super) fn visitor(row: VisitorV1) -> VisitorRow {
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

pub(super) fn blocked(row: BlockedV1) -> BlockedRow {
    let BlockedV1 { profile, rule, example, requests, session } = row;
    BlockedRow { profile, rule, example, requests, session }
}
