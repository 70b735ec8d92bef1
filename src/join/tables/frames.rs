//! Tables of what was found out about events: where each one stands, near misses, the
//! ledger. Rules ask them.
//!
//! Copies what others have worked out; works out nothing itself.

use std::collections::HashMap;

use polars::prelude::*;

use crate::event::{Channel, Event};
use crate::join::SessionFacts;
use crate::join::ledger::Ledger;
use crate::join::near_miss::{NearMiss, NearMissKind};
use crate::join::standing::Standing;

/// Adds to each event where it stands and what its scenario says of it.
pub(super) fn with_context(
    mut facts: DataFrame,
    events: &[Event],
    standings: &[Standing],
    sessions: &[SessionFacts],
) -> PolarsResult<DataFrame> {
    let places: HashMap<u32, &SessionFacts> =
        sessions.iter().map(|facts| (facts.session, facts)).collect();
    let session = |event: &Event| places.get(&event.session?).copied();
    let told = |event: &Event| session(event).and_then(|facts| facts.expectation(event.name()));
    let column = |name: &str, of: &dyn Fn(&Event) -> bool| {
        Column::new(name.into(), events.iter().map(of).collect::<Vec<bool>>())
    };
    let more = [
        Column::new(
            "standing".into(),
            standings.iter().map(|standing| standing.name()).collect::<Vec<_>>(),
        ),
        Column::new(
            "expected".into(),
            events
                .iter()
                .map(|event| told(event).map(|expectation| expectation.count))
                .collect::<Vec<_>>(),
        ),
        column("told", &|event| told(event).is_some()),
        column("wanted_browser", &|event| {
            session(event).is_none_or(|facts| facts.wants(event.name(), Channel::Browser))
        }),
        column("wanted_server", &|event| {
            session(event).is_none_or(|facts| facts.wants(event.name(), Channel::Server))
        }),
        column("never", &|event| {
            session(event).is_some_and(|facts| facts.never.iter().any(|name| name == event.name()))
        }),
        column("played", &|event| session(event).is_none_or(|facts| facts.played)),
        column("in_scenario", &|event| {
            session(event).is_some_and(|facts| !facts.expect.is_empty() || !facts.never.is_empty())
        }),
    ];
    for column in more {
        facts.with_column(column)?;
    }
    Ok(facts)
}

/// A list column of exchange numbers.
fn evidence_column(rows: impl Iterator<Item = Vec<u64>>) -> Column {
    let lists: Vec<Series> = rows.map(|row| Series::new("".into(), row)).collect();
    let mut column = if lists.is_empty() {
        Series::new_empty("evidence".into(), &DataType::List(Box::new(DataType::UInt64)))
    } else {
        Series::new("evidence".into(), lists)
    };
    column.rename("evidence".into());
    column.into()
}

pub(super) fn near_frame(events: &[Event], near: &[NearMiss]) -> PolarsResult<DataFrame> {
    let browser = |near: &NearMiss| &events[near.browser];
    let server = |near: &NearMiss| &events[near.server];
    let relation = |near: &NearMiss| match &near.kind {
        NearMissKind::Id(relation) | NearMissKind::Name(relation) => {
            relation.as_ref().map(crate::join::id_relation::IdRelation::name)
        }
        NearMissKind::IdMissing(sides) if sides.len() == 2 => Some("both".to_owned()),
        NearMissKind::IdMissing(sides) => sides.first().map(|side| side.name().to_owned()),
        NearMissKind::Pixel | NearMissKind::Window => None,
    };
    let kind = |near: &NearMiss| match near.kind {
        NearMissKind::Id(_) => "id",
        NearMissKind::IdMissing(_) => "id missing",
        NearMissKind::Name(_) => "name",
        NearMissKind::Pixel => "pixel",
        NearMissKind::Window => "window",
    };
    DataFrame::new(
        near.len(),
        vec![
            Column::new(
                "event".into(),
                near.iter().map(|n| browser(n).name().to_owned()).collect::<Vec<_>>(),
            ),
            Column::new(
                "session".into(),
                near.iter().map(|n| browser(n).session.or(server(n).session)).collect::<Vec<_>>(),
            ),
            Column::new("kind".into(), near.iter().map(kind).collect::<Vec<_>>()),
            Column::new("relation".into(), near.iter().map(relation).collect::<Vec<_>>()),
            Column::new(
                "browser_row".into(),
                near.iter().map(|n| n.browser as u32).collect::<Vec<_>>(),
            ),
            Column::new(
                "server_row".into(),
                near.iter().map(|n| n.server as u32).collect::<Vec<_>>(),
            ),
            evidence_column(near.iter().map(|n| vec![browser(n).exchange, server(n).exchange])),
        ],
    )
}

pub(super) fn ledger_frame(ledger: &Ledger, sessions: &[SessionFacts]) -> PolarsResult<DataFrame> {
    let places: HashMap<u32, &SessionFacts> =
        sessions.iter().map(|facts| (facts.session, facts)).collect();
    let facts = |session: Option<u32>| places.get(&session?).copied();
    let wants = |channel: Channel| -> Vec<bool> {
        ledger
            .iter()
            .map(|row| facts(row.session).is_none_or(|facts| facts.wants(&row.event, channel)))
            .collect()
    };
    DataFrame::new(
        ledger.len(),
        vec![
            Column::new("position".into(), (0..ledger.len() as u32).collect::<Vec<_>>()),
            Column::new("session".into(), ledger.iter().map(|row| row.session).collect::<Vec<_>>()),
            Column::new(
                "event".into(),
                ledger.iter().map(|row| row.event.as_str()).collect::<Vec<_>>(),
            ),
            Column::new(
                "expected".into(),
                ledger.iter().map(|row| row.expected).collect::<Vec<_>>(),
            ),
            Column::new("seen".into(), ledger.iter().map(|row| row.seen).collect::<Vec<_>>()),
            Column::new("browser".into(), ledger.iter().map(|row| row.browser).collect::<Vec<_>>()),
            Column::new("server".into(), ledger.iter().map(|row| row.server).collect::<Vec<_>>()),
            Column::new(
                "counted".into(),
                ledger.iter().map(crate::join::Conversion::counted).collect::<Vec<_>>(),
            ),
            Column::new(
                "real".into(),
                ledger.iter().map(crate::join::Conversion::real).collect::<Vec<_>>(),
            ),
            Column::new("wanted_browser".into(), wants(Channel::Browser)),
            Column::new("wanted_server".into(), wants(Channel::Server)),
            Column::new(
                "played".into(),
                ledger
                    .iter()
                    .map(|row| facts(row.session).is_none_or(|f| f.played))
                    .collect::<Vec<_>>(),
            ),
            evidence_column(ledger.iter().map(|row| row.evidence.clone())),
        ],
    )
}
