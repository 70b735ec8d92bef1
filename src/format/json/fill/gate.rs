//! Fills the shapes of what gates, baselines and comparisons need.

use std::collections::BTreeSet;

use super::super::v1::gate::{
    AcceptedV1, BaselineV1, BehaviourV1, ChangeV1, CutoverV1, HalfV1, PairV1, ProfileV1, RuleV1,
    StageCriterionV1,
};
use super::{criterion, event};
use crate::report::{Accepted, BaselineCheck, Board, Half, Report};

pub(super) fn profiles(report: &Report) -> Vec<ProfileV1> {
    let rows = report.profiles.iter();
    rows.map(|row| ProfileV1 {
        profile: row.profile.clone(),
        events: row.events.iter().map(event).collect(),
    })
    .collect()
}

pub(super) fn pairs(report: &Report) -> Vec<PairV1> {
    let half = |half: Half| HalfV1 { exchange: half.exchange, at: half.at };
    report
        .pairs
        .iter()
        .map(|pair| PairV1 {
            event: pair.event.clone(),
            pixel: pair.pixel.clone(),
            event_id: pair.event_id.clone(),
            other_id: pair.other_id.clone(),
            state: pair.state.name().to_owned(),
            session: pair.session,
            scenario: pair.scenario.clone(),
            profile: pair.profile.clone(),
            browser: pair.browser.map(half),
            server: pair.server.map(half),
        })
        .collect()
}

pub(super) fn behaviour(report: &Report) -> Vec<BehaviourV1> {
    let words = |words: &BTreeSet<String>| words.iter().cloned().collect();
    report
        .behaviour
        .iter()
        .map(|row| BehaviourV1 {
            scenario: row.scenario.clone(),
            event: row.event.clone(),
            pairing: words(&row.pairing),
            browser_keys: words(&row.sides.browser.keys),
            browser_parameters: words(&row.sides.browser.parameters),
            server_keys: words(&row.sides.server.keys),
            server_parameters: words(&row.sides.server.parameters),
        })
        .collect()
}

pub(super) fn rules(report: &Report) -> Vec<RuleV1> {
    report
        .rules
        .iter()
        .map(|page| RuleV1 {
            id: page.id.clone(),
            title: page.title.clone(),
            severity: page.severity.to_string(),
            manual: page.manual.clone(),
        })
        .collect()
}

pub(super) fn baseline(check: &BaselineCheck) -> BaselineV1 {
    let accepted = |list: &[Accepted]| {
        list.iter()
            .map(|entry| AcceptedV1 {
                finding: entry.finding.clone(),
                reason: entry.reason.clone(),
                expires: entry.expires.clone(),
            })
            .collect()
    };
    BaselineV1 {
        file: check.file.clone(),
        changes: check
            .changes
            .iter()
            .map(|change| ChangeV1 {
                scenario: change.scenario.clone(),
                event: change.event.clone(),
                kind: change.kind.name().to_owned(),
                what: change.what.clone(),
            })
            .collect(),
        mended: accepted(&check.mended),
        expired: accepted(&check.expired),
        unplayed: check.unplayed,
    }
}

pub(super) fn board(board: &Board) -> Vec<CutoverV1> {
    board
        .rows
        .iter()
        .map(|row| CutoverV1 {
            event: row.event.clone(),
            stage: row.stage.name().to_owned(),
            number: row.stage.number(),
            asked: row.asked.map(|stage| stage.name().to_owned()),
            criteria: row
                .criteria
                .iter()
                .map(|(stage, one)| StageCriterionV1 {
                    stage: stage.name().to_owned(),
                    criterion: criterion(one),
                })
                .collect(),
            blocks: row.blocks.clone(),
        })
        .collect()
}
