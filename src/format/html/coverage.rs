//! Heat maps: which share of the events of each type carries a key or a parameter, side
//! by side.
//!
//! Never how high a share should be.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::text::percent;
use crate::event::{Channel, MatchKey};
use crate::report::{EventRow, PerChannel, Report, Share};

/// Keys that stand in the map even where nobody sends them: what a web site can come to know.
const ALWAYS: [MatchKey; 9] = [
    MatchKey::Email,
    MatchKey::Phone,
    MatchKey::FirstName,
    MatchKey::LastName,
    MatchKey::ExternalId,
    MatchKey::ClientIp,
    MatchKey::ClientUserAgent,
    MatchKey::ClickId,
    MatchKey::BrowserId,
];

/// Keys that a browser's request brings along by itself.
const BY_ITSELF: [MatchKey; 2] = [MatchKey::ClientIp, MatchKey::ClientUserAgent];

/// Most rows of a map: a page can make up names without end.
const MOST_ROWS: usize = 60;

/// A heat map.
#[derive(Serialize)]
pub(super) struct Map {
    /// Event types; each has a column per side.
    events: Vec<String>,
    rows: Vec<Line>,
    /// Rows beyond those shown.
    more: usize,
}

/// One key.
#[derive(Serialize)]
struct Line {
    name: String,
    cells: Vec<Cell>,
}

/// One share.
#[derive(Serialize)]
struct Cell {
    text: String,
    /// 0 to 10, or `none` where there is nothing to have a share of.
    level: String,
    title: String,
    side: &'static str,
}

/// Match key × event type × side.
pub(super) fn keys(report: &Report) -> Map {
    let seen = |key: &&MatchKey| {
        ALWAYS.contains(key)
            || report.events.iter().any(|row| {
                Channel::ALL.iter().any(|channel| {
                    row.coverage.of(*channel).get(*key).is_some_and(|share| share.count > 0)
                })
            })
    };
    let names: Vec<MatchKey> = MatchKey::ALL.iter().filter(seen).copied().collect();
    map(
        report,
        &names,
        |row| &row.coverage,
        |key, channel| channel == Channel::Browser && BY_ITSELF.contains(key),
    )
}

/// Parameter × event type × side.
pub(super) fn parameters(report: &Report) -> Map {
    let names: BTreeSet<String> = report
        .events
        .iter()
        .flat_map(|row| row.parameters.browser.keys().chain(row.parameters.server.keys()))
        .cloned()
        .collect();
    map(report, &names.into_iter().collect::<Vec<String>>(), |row| &row.parameters, |_, _| false)
}

fn map<K: Ord + ToString>(
    report: &Report,
    names: &[K],
    shares: fn(&EventRow) -> &PerChannel<BTreeMap<K, Share>>,
    by_itself: fn(&K, Channel) -> bool,
) -> Map {
    let events: Vec<&EventRow> =
        report.events.iter().filter(|row| row.browser + row.server > 0).collect();
    let cell = |name: &K, row: &EventRow, channel: Channel| {
        let side = channel.name();
        let whole = row.on(channel);
        if whole == 0 {
            let title = format!("no {} from the {side}", row.event);
            return Cell { text: String::new(), level: "none".to_owned(), title, side };
        }
        let share = shares(row).of(channel).get(name).copied().unwrap_or(Share::new(0, whole));
        if share.count == 0 && by_itself(name, channel) {
            let title = "comes with the request itself".to_owned();
            return Cell { text: "✓".to_owned(), level: "self".to_owned(), title, side };
        }
        let ratio = share.ratio().unwrap_or(0.0);
        Cell {
            text: percent(ratio).trim_end_matches(" %").to_owned(),
            level: format!("{:.0}", (ratio * 10.0).floor()),
            title: format!(
                "{}: {} of {} from the {side} with {}",
                row.event,
                share.count,
                share.of,
                name.to_string()
            ),
            side,
        }
    };
    let more = names.len().saturating_sub(MOST_ROWS);
    let rows = names
        .iter()
        .take(MOST_ROWS)
        .map(|name| Line {
            name: name.to_string(),
            cells: events
                .iter()
                .flat_map(|row| Channel::ALL.map(|channel| cell(name, row, channel)))
                .collect(),
        })
        .collect();
    Map { events: events.iter().map(|row| row.event.clone()).collect(), rows, more }
}
