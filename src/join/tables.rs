//! The joined tables: everything rules ask their questions of.
//!
//! Built once per judgement from decoded events; every frame carries the columns
//! named on its field.
//! Never good or bad.

use std::collections::{HashMap, HashSet};

use polars::prelude::*;

use super::SessionFacts;
use super::attribution::{Attribution, attribute};
use super::coverage::{Coverage, coverage};
use super::facts::facts;
use super::ledger::{Ledger, ledger};
use super::near_miss::{NearMiss, NearMissKind};
use super::orders::{OrderBook, OrderMatch};
use super::pairs::identities;
use super::proofs::Proofs;
use super::standing::{Standing, standings};
use crate::event::{Channel, Defect, Event, Order, mask_personal};
use crate::finding::Settings;
use crate::platform::meta::lean::Lean;
use crate::platform::{Counting, Platform};

/// The events of a capture, joined.
pub struct Tables {
    /// Every event, in order of arrival; `row` columns are positions in it.
    pub events: Vec<Event>,
    /// What tied each event to its session.
    pub attribution: Vec<Option<Attribution>>,
    /// Standing of each event.
    pub standings: Vec<Standing>,
    /// Near misses.
    pub near: Vec<NearMiss>,
    /// Sessions judged.
    pub sessions: Vec<SessionFacts>,
    /// Place of each session in the list.
    places: HashMap<u32, usize>,
    /// Rows of the events of each session, and of those that belong to none.
    rows: HashMap<Option<u32>, Vec<usize>>,
    /// Rows of browser events whose partner the platform refused each time it came.
    widowed: HashSet<usize>,
    /// What users set.
    pub settings: Settings,
    /// The times by which copies were counted: the platform's, unless set otherwise.
    pub counting: Counting,
    /// The times that the platform publishes.
    pub published: Counting,
    /// Unreadable payloads.
    pub defects: Vec<Defect>,
    /// What really happened against what would be counted.
    pub ledger: Ledger,
    /// Who carries what.
    pub coverage: Coverage,
    /// The shop's orders against the events, where they are known.
    pub orders: Option<OrderMatch>,
    /// Why calls of the server may not have been seen: clients that did not trust the tap,
    /// and what each has to be told.
    pub unseen: Vec<String>,
    /// Requests of a session that its browser kept back, each with the reason that it gave.
    pub refused: Vec<(u32, String)>,
    /// What the digests are.
    pub proofs: Proofs,
    /// One row per event: see the facts table, plus `standing`, `told` (a scenario
    /// names the event), `expected`, `wanted_browser`, `wanted_server`, `never`, `played`.
    pub facts: DataFrame,
    /// One row per (pixel, name, id), both sides side by side.
    pub identities: DataFrame,
    /// One row per near miss: `event`, `session`, `kind`, `relation`, `browser_row`, `server_row`, `evidence`.
    pub near_misses: DataFrame,
    /// One row per ledger entry: `session`, `event`, `expected`, `seen`, `browser`, `server`, `counted`,
    /// `real`, `wanted_browser`, `wanted_server`, `played`, `position`, `evidence`.
    pub conversions: DataFrame,
}

/// Totals of one event type over everything judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventCounts {
    /// Event name.
    pub event: String,
    /// Conversions that really happened; `None` where no scenario says so.
    pub conversions: Option<u32>,
    /// Events caught in the browser, repeats included.
    pub browser: u32,
    /// Events caught from the server, repeats included.
    pub server: u32,
    /// Pairs.
    pub paired: u32,
    /// Browser events without a partner, duplicates not among them.
    pub browser_only: u32,
    /// Server events without a partner, duplicates not among them.
    pub server_only: u32,
    /// Same conversion again on the browser side.
    pub browser_duplicates: u32,
    /// Same conversion again on the server side.
    pub server_duplicates: u32,
    /// How many conversions the platform would count.
    pub counted: u32,
    /// Events that the platform would refuse.
    pub refused: u32,
    /// Pairs of which no server half was taken: the platform merges nothing.
    pub paired_refused: u32,
}

/// Joins decoded events by what the platform publishes.
pub fn tables(
    platform: &Platform,
    events: Vec<Event>,
    defects: Vec<Defect>,
    sessions: Vec<SessionFacts>,
) -> PolarsResult<Tables> {
    tables_by(&Settings::default(), platform, events, defects, sessions)
}

/// Joins decoded events. Events are put in order of arrival first.
pub fn tables_by(
    settings: &Settings,
    platform: &Platform,
    mut events: Vec<Event>,
    defects: Vec<Defect>,
    sessions: Vec<SessionFacts>,
) -> PolarsResult<Tables> {
    let published = platform.counting;
    let counting = Counting {
        dedup_window: settings.dedup_window.unwrap_or(published.dedup_window),
        browser_preference: settings.browser_preference.unwrap_or(published.browser_preference),
    };
    for name in events.iter_mut().filter_map(|event| event.name.as_mut()) {
        // Names stand in every report as they are; some sites make them of addresses.
        *name = mask_personal(name);
    }
    events.sort_by_key(|event| (event.caught, event.exchange, event.entry));
    let attribution = attribute(platform, &mut events, &sessions);
    let narrow = facts(&events)?;
    let identities = identities(&narrow, counting.dedup_window)?;
    let pairs = paired_identities(&identities)?;
    let is_paired = |event: &Event| {
        let identity =
            (event.pixel.clone(), event.name().to_owned(), event.id.clone().unwrap_or_default());
        pairs.contains(&identity)
    };
    let (standings, near) = standings(&events, &sessions, &is_paired);
    let ledger = ledger(platform, counting, &events, &standings, &near, &sessions);
    let facts = with_context(narrow, &events, &standings, &sessions)?;
    let coverage = coverage(&facts, &events)?;
    let near_misses = near_frame(&events, &near)?;
    let proofs = Proofs::new(&events, &sessions);
    let conversions = ledger_frame(&ledger, &sessions)?;
    let rows = rows_by_session(&events);
    let widowed = widowed(&events, &standings);
    Ok(Tables {
        events,
        attribution,
        standings,
        near,
        places: sessions.iter().zip(0..).map(|(facts, at)| (facts.session, at)).collect(),
        rows,
        widowed,
        sessions,
        settings: settings.clone(),
        counting,
        published,
        defects,
        ledger,
        coverage,
        orders: None,
        unseen: Vec::new(),
        refused: Vec::new(),
        proofs,
        facts,
        identities,
        near_misses,
        conversions,
    })
}

/// Browser events in a pair of which no server half was accepted.
fn widowed(events: &[Event], standings: &[Standing]) -> HashSet<usize> {
    fn identity(event: &Event) -> (&str, Option<&str>, Option<&str>) {
        (&event.pixel, event.name.as_deref(), event.id.as_deref())
    }
    let of_server = |event: &&Event| event.channel == Channel::Server;
    if !events.iter().filter(of_server).any(|event| event.refused.is_some()) {
        return HashSet::new();
    }
    let accepted: HashSet<_> = events
        .iter()
        .filter(of_server)
        .filter(|event| event.refused.is_none())
        .map(identity)
        .collect();
    (0..events.len())
        .filter(|row| {
            standings[*row] == Standing::Paired
                && events[*row].channel == Channel::Browser
                && !accepted.contains(&identity(&events[*row]))
        })
        .collect()
}

impl Tables {
    /// Holds the shop's orders against the events; no orders say nothing.
    pub fn ask_orders(&mut self, orders: &[Order]) {
        if orders.is_empty() {
            return;
        }
        let book = OrderBook::new(orders.to_vec());
        let read = |event| {
            let Lean { order, visitor, .. } = Lean::of(event);
            book.read(event, order, visitor)
        };
        let told = self.events.iter().filter_map(read).collect();
        self.orders = Some(book.settle(told, self.counting.dedup_window));
    }
}

fn rows_by_session(events: &[Event]) -> HashMap<Option<u32>, Vec<usize>> {
    let mut rows: HashMap<Option<u32>, Vec<usize>> = HashMap::new();
    for (row, event) in events.iter().enumerate() {
        rows.entry(event.session).or_default().push(row);
    }
    rows
}

type Identity = (String, String, String);

fn paired_identities(identities: &DataFrame) -> PolarsResult<std::collections::HashSet<Identity>> {
    let pairs = identities.clone().lazy().filter(col("paired")).collect()?;
    let (pixel, name, id) =
        (pairs.column("pixel")?.str()?, pairs.column("name")?.str()?, pairs.column("id")?.str()?);
    let text = |column: &StringChunked, row: usize| column.get(row).unwrap_or_default().to_owned();
    Ok((0..pairs.height()).map(|row| (text(pixel, row), text(name, row), text(id, row))).collect())
}

/// Adds to each event where it stands and what its scenario says of it.
fn with_context(
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

fn near_frame(events: &[Event], near: &[NearMiss]) -> PolarsResult<DataFrame> {
    let browser = |near: &NearMiss| &events[near.browser];
    let server = |near: &NearMiss| &events[near.server];
    let relation = |near: &NearMiss| match &near.kind {
        NearMissKind::Id(relation) | NearMissKind::Name(relation) => {
            relation.as_ref().map(super::id_relation::IdRelation::name)
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

fn ledger_frame(ledger: &Ledger, sessions: &[SessionFacts]) -> PolarsResult<DataFrame> {
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
                ledger.iter().map(super::Conversion::counted).collect::<Vec<_>>(),
            ),
            Column::new(
                "real".into(),
                ledger.iter().map(super::Conversion::real).collect::<Vec<_>>(),
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

impl Tables {
    /// What is known of a session.
    pub fn session(&self, session: Option<u32>) -> Option<&SessionFacts> {
        self.sessions.get(*self.places.get(&session?)?)
    }

    /// Rows of the events of a session, or of those that belong to none, in order of arrival.
    pub fn rows_of(&self, session: Option<u32>) -> &[usize] {
        self.rows.get(&session).map_or(&[], Vec::as_slice)
    }

    /// The health of event ids, by event type and side.
    pub fn id_health(&self) -> Vec<super::IdHealth> {
        super::id_health::id_health(&self.events)
    }

    /// Totals per event type, by name.
    pub fn counts(&self) -> Vec<EventCounts> {
        self.counts_in(&|_| true)
    }

    /// Totals per event type over some of the sessions, by name.
    pub fn counts_in(&self, within: &dyn Fn(Option<u32>) -> bool) -> Vec<EventCounts> {
        let named = |event: &&Event| event.name.is_some() && within(event.session);
        let mut names: Vec<&str> = self
            .ledger
            .iter()
            .filter(|row| within(row.session))
            .map(|row| row.event.as_str())
            .chain(self.events.iter().filter(named).map(Event::name))
            .collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(|name| self.counts_of(name, within)).collect()
    }

    fn counts_of(&self, name: &str, within: &dyn Fn(Option<u32>) -> bool) -> EventCounts {
        let mut counts = EventCounts { event: name.to_owned(), ..EventCounts::default() };
        for row in self.ledger.iter().filter(|row| row.event == name && within(row.session)) {
            counts.counted += row.counted();
            if let Some(expected) = row.expected {
                *counts.conversions.get_or_insert(0) += expected;
            }
        }
        for (row, (event, standing)) in self.events.iter().zip(&self.standings).enumerate() {
            if event.name() != name || !within(event.session) {
                continue;
            }
            let (total, only, duplicates) = match event.channel {
                Channel::Browser => {
                    (&mut counts.browser, &mut counts.browser_only, &mut counts.browser_duplicates)
                }
                Channel::Server => {
                    (&mut counts.server, &mut counts.server_only, &mut counts.server_duplicates)
                }
            };
            *total += 1;
            match standing {
                Standing::Alone | Standing::NearMiss => *only += 1,
                Standing::Repeat | Standing::Surplus => *duplicates += 1,
                Standing::Paired if event.channel == Channel::Browser => {
                    counts.paired += 1;
                    counts.paired_refused += u32::from(self.widowed.contains(&row));
                }
                Standing::Paired | Standing::Gateway | Standing::Automatic => {}
            }
            counts.refused += u32::from(event.refused.is_some());
        }
        counts
    }
}
