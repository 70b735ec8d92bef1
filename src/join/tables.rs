//! The joined tables: everything rules ask their questions of.
//!
//! Built once per judgement from decoded events; every frame carries the columns
//! named on its field.
//! Never good or bad.

mod frames;

use std::collections::{HashMap, HashSet};

use polars::prelude::*;

use super::SessionFacts;
use super::attribution::{Attribution, attribute};
use super::coverage::{Coverage, coverage};
use super::facts::facts;
use super::ledger::{Ledger, ledger};
use super::near_miss::NearMiss;
use super::orders::{OrderBook, OrderMatch};
use super::pairs::identities;
use super::pool;
use super::proofs::Proofs;
use super::standing::{Standing, standings};
use crate::event::{Channel, Defect, Event, Order, mask_personal};
use crate::finding::Settings;
use crate::platform::meta::lean::Lean;
use crate::platform::{Counting, Platform};
use frames::{ledger_frame, near_frame, with_context};

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
    let prove = || Proofs::new(&events, &sessions);
    let (proofs, sorted_out) =
        pool::both(prove, || sort_out(platform, counting, &events, &sessions));
    let SortedOut {
        facts,
        identities,
        standings,
        near,
        ledger,
        coverage,
        near_misses,
        conversions,
    } = sorted_out?;
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

/// What becomes of events among each other.
struct SortedOut {
    facts: DataFrame,
    identities: DataFrame,
    standings: Vec<Standing>,
    near: Vec<NearMiss>,
    ledger: Ledger,
    coverage: Coverage,
    near_misses: DataFrame,
    conversions: DataFrame,
}

fn sort_out(
    platform: &Platform,
    counting: Counting,
    events: &[Event],
    sessions: &[SessionFacts],
) -> PolarsResult<SortedOut> {
    let narrow = facts(events)?;
    let identities = identities(&narrow, counting.dedup_window)?;
    let pairs = paired_identities(&identities)?;
    let is_paired = |event: &Event| {
        let identity =
            (event.pixel.clone(), event.name().to_owned(), event.id.clone().unwrap_or_default());
        pairs.contains(&identity)
    };
    let (standings, near) = standings(events, sessions, &is_paired);
    let ledger = ledger(platform, counting, events, &standings, &near, sessions);
    let facts = with_context(narrow, events, &standings, sessions)?;
    let coverage = coverage(&facts, events)?;
    let near_misses = near_frame(events, &near)?;
    let conversions = ledger_frame(&ledger, sessions)?;
    Ok(SortedOut { facts, identities, standings, near, ledger, coverage, near_misses, conversions })
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
