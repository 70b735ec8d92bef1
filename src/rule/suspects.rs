//! Suspected events and pairs as a frame, for questions that are easier put to the
//! decoded events than to columns.
//!
//! A rule's query names its suspects, `tell` finds the words for each.
//! Never an opinion of its own.

use polars::prelude::*;

use super::Row;
use crate::event::{Channel, Event, MatchKey};
use crate::join::{Standing, Tables};

/// An event, or a pair, that a rule wants to say something about.
pub(super) struct Suspect {
    /// Row of the event; of a pair, of its browser half.
    pub(super) row: usize,
    /// Row of the server half of a pair.
    pub(super) partner: Option<usize>,
    /// What about it, for `tell`: a key, a cause.
    pub(super) what: String,
}

impl Suspect {
    /// An event.
    pub(super) fn event(row: usize, what: impl Into<String>) -> Suspect {
        Suspect { row, partner: None, what: what.into() }
    }

    /// A pair.
    pub(super) fn pair(pair: &Pair<'_>, what: impl Into<String>) -> Suspect {
        Suspect { row: pair.browser_row, partner: Some(pair.server_row), what: what.into() }
    }
}

/// The suspects with the columns `row`, `partner`, `what`, `event`, `channel`, `session`,
/// `evidence`. A pair has no channel of its own.
pub(super) fn frame(tables: &Tables, suspects: &[Suspect]) -> PolarsResult<LazyFrame> {
    let event = |suspect: &Suspect| &tables.events[suspect.row];
    let partner = |suspect: &Suspect| suspect.partner.map(|row| &tables.events[row]);
    let column = |name: &str, values: Vec<Option<String>>| Column::new(name.into(), values);
    let evidence: Vec<Series> = suspects
        .iter()
        .map(|suspect| {
            let mut numbers = vec![event(suspect).exchange];
            numbers.extend(partner(suspect).map(|partner| partner.exchange));
            Series::new("".into(), numbers)
        })
        .collect();
    let evidence = if evidence.is_empty() {
        Series::new_empty("evidence".into(), &DataType::List(Box::new(DataType::UInt64)))
    } else {
        Series::new("evidence".into(), evidence)
    };
    let rows: Vec<u32> = suspects.iter().map(|suspect| suspect.row as u32).collect();
    let partners: Vec<Option<u32>> =
        suspects.iter().map(|suspect| suspect.partner.map(|row| row as u32)).collect();
    let sessions: Vec<Option<u32>> = suspects
        .iter()
        .map(|suspect| {
            event(suspect).session.or_else(|| partner(suspect).and_then(|other| other.session))
        })
        .collect();
    let channels = suspects
        .iter()
        .map(|suspect| suspect.partner.is_none().then(|| event(suspect).channel.name().to_owned()))
        .collect();
    Ok(DataFrame::new(
        suspects.len(),
        vec![
            Column::new("row".into(), rows),
            Column::new("partner".into(), partners),
            Column::new("session".into(), sessions),
            column("what", suspects.iter().map(|suspect| Some(suspect.what.clone())).collect()),
            column("event", suspects.iter().map(|suspect| event(suspect).name.clone()).collect()),
            column("channel", channels),
            evidence.into(),
        ],
    )?
    .lazy())
}

/// Both halves of a pair: the first of each side.
pub(super) struct Pair<'a> {
    /// Row of the browser half.
    pub(super) browser_row: usize,
    /// Row of the server half.
    pub(super) server_row: usize,
    /// The browser half.
    pub(super) browser: &'a Event,
    /// The server half.
    pub(super) server: &'a Event,
}

impl Pair<'_> {
    /// Session of the pair.
    pub(super) fn session(&self) -> Option<u32> {
        self.browser.session.or(self.server.session)
    }
}

/// Every pair of the capture.
pub(super) fn pairs(tables: &Tables) -> PolarsResult<Vec<Pair<'_>>> {
    let paired = tables.identities.clone().lazy().filter(col("paired")).collect()?;
    let (browser, server) =
        (paired.column("browser_row")?.u32()?, paired.column("server_row")?.u32()?);
    Ok((0..paired.height())
        .filter_map(|place| {
            let (browser_row, server_row) =
                (browser.get(place)? as usize, server.get(place)? as usize);
            Some(Pair {
                browser_row,
                server_row,
                browser: tables.events.get(browser_row)?,
                server: tables.events.get(server_row)?,
            })
        })
        .collect())
}

/// The pair of a row of [`frame`].
pub(super) fn pair_of<'a>(row: &Row<'_>, tables: &'a Tables) -> Option<Pair<'a>> {
    let (browser_row, server_row) = (row.count("row")? as usize, row.count("partner")? as usize);
    Some(Pair {
        browser_row,
        server_row,
        browser: tables.events.get(browser_row)?,
        server: tables.events.get(server_row)?,
    })
}

/// The event of a row of [`frame`] with its row.
pub(super) fn event_of<'a>(row: &Row<'_>, tables: &'a Tables) -> Option<(usize, &'a Event)> {
    let at = row.count("row")? as usize;
    Some((at, tables.events.get(at)?))
}

/// The key that a suspect is about.
pub(super) fn key_of(row: &Row<'_>) -> Option<MatchKey> {
    MatchKey::from_name(&row.text("what")?)
}

/// Events that the site is responsible for, repeats of the same identity left out.
pub(super) fn told(tables: &Tables) -> impl Iterator<Item = (usize, &Event)> {
    tables.events.iter().enumerate().filter(|(row, event)| {
        !event.automatic && tables.standings.get(*row) != Some(&Standing::Repeat)
    })
}

/// The same of one visit.
pub(super) fn told_in(tables: &Tables, session: u32) -> impl Iterator<Item = (usize, &Event)> {
    tables.rows_of(Some(session)).iter().map(|row| (*row, &tables.events[*row])).filter(
        |(row, event)| !event.automatic && tables.standings.get(*row) != Some(&Standing::Repeat),
    )
}

/// The same of one side.
pub(super) fn told_by(tables: &Tables, side: Channel) -> impl Iterator<Item = (usize, &Event)> {
    told(tables).filter(move |(_, event)| event.channel == side)
}
