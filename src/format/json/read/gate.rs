//! Reads what gates, baselines and comparisons need back from JSON format 1.

use super::events::event;
use super::severity;
use crate::format::json::v1::CriterionV1;
use crate::format::json::v1::gate::{
    AcceptedV1, BaselineV1, BehaviourV1, ChangeV1, CutoverV1, HalfV1, PairV1, ProfileV1, RuleV1,
};
use crate::report::{
    Accepted, BaselineCheck, Behaviour, BoardRow, Change, ChangeKind, Criterion, Half, PairRow,
    PairState, PerChannel, ProfileRow, RulePage, Shape, Stage, Unit,
};

pub(super) fn profile(row: ProfileV1) -> ProfileRow {
    ProfileRow { profile: row.profile, events: row.events.into_iter().map(event).collect() }
}

pub(super) fn rule(page: RuleV1) -> RulePage {
    RulePage {
        severity: severity(&page.severity),
        id: page.id,
        title: page.title,
        manual: page.manual,
    }
}

pub(super) fn pair(pair: PairV1) -> PairRow {
    let half = |half: HalfV1| Half { exchange: half.exchange, at: half.at };
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

pub(super) fn behaviour(row: BehaviourV1) -> Behaviour {
    let set = |names: Vec<String>| names.into_iter().collect();
    Behaviour {
        scenario: row.scenario,
        event: row.event,
        pairing: set(row.pairing),
        sides: PerChannel {
            browser: Shape { keys: set(row.browser_keys), parameters: set(row.browser_parameters) },
            server: Shape { keys: set(row.server_keys), parameters: set(row.server_parameters) },
        },
    }
}

pub(super) fn criterion(read: CriterionV1) -> Criterion {
    Criterion {
        unit: Unit::ALL.into_iter().find(|unit| unit.name() == read.unit).unwrap_or_default(),
        name: read.name,
        figure: read.figure,
        limit: read.limit,
        passed: read.passed,
    }
}

pub(super) fn baseline(read: BaselineV1) -> BaselineCheck {
    let accepted = |list: Vec<AcceptedV1>| -> Vec<Accepted> {
        let entry = |entry: AcceptedV1| Accepted {
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
                let ChangeV1 { scenario, event, what, .. } = change;
                Some(Change { scenario, event, kind, what })
            })
            .collect(),
        mended: accepted(read.mended),
        expired: accepted(read.expired),
        unplayed: read.unplayed,
    }
}

pub(super) fn board_row(row: CutoverV1) -> BoardRow {
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
