//! Draws up the list of pairs from the standings of the join.

use std::collections::BTreeMap;

use crate::event::{Channel, Event, mask_personal};
use crate::join::{Standing, Tables};
use crate::report::{Half, MOST_PAIRS, PairRow, PairState};

/// One row per pair and per event that has no partner, in order of arrival; true where
/// rows were left out.
pub(super) fn pairs(tables: &Tables) -> (Vec<PairRow>, bool) {
    let near: BTreeMap<usize, usize> =
        tables.near.iter().map(|near| (near.browser, near.server)).collect();
    let near_servers: std::collections::BTreeSet<usize> =
        tables.near.iter().map(|near| near.server).collect();
    let mut partners: BTreeMap<Identity<'_>, Vec<usize>> = BTreeMap::new();
    for (row, event) in tables.events.iter().enumerate() {
        if event.channel == Channel::Server && tables.standings[row] == Standing::Paired {
            partners.entry(identity(event)).or_default().push(row);
        }
    }
    let mut rows = Vec::new();
    for (row, event) in tables.events.iter().enumerate() {
        if event.name.is_none() {
            continue;
        }
        let standing = tables.standings[row];
        let partner = match (standing, event.channel) {
            // Told with its browser half.
            (Standing::Paired, Channel::Server) => continue,
            (Standing::NearMiss | Standing::Gateway, Channel::Server)
                if near_servers.contains(&row) =>
            {
                continue;
            }
            (Standing::Paired, Channel::Browser) => {
                partners.get(&identity(event)).and_then(|rows| rows.first()).copied()
            }
            (Standing::NearMiss, Channel::Browser) => near.get(&row).copied(),
            _ => None,
        };
        if rows.len() == MOST_PAIRS {
            return (rows, true);
        }
        rows.push(pair(tables, event, standing, partner.map(|row| &tables.events[row])));
    }
    (rows, false)
}

type Identity<'a> = (&'a str, &'a str, &'a str);

fn identity(event: &Event) -> Identity<'_> {
    (&event.pixel, event.name(), event.id.as_deref().unwrap_or_default())
}

fn pair(tables: &Tables, event: &Event, standing: Standing, partner: Option<&Event>) -> PairRow {
    let half = |event: &Event| Half { exchange: event.exchange, at: event.caught };
    let session = event.session.or_else(|| partner.and_then(|partner| partner.session));
    let facts = tables.session(session);
    let (browser, server) = match event.channel {
        Channel::Browser => (Some(half(event)), partner.map(half)),
        Channel::Server => (partner.map(half), Some(half(event))),
    };
    PairRow {
        event: event.name().to_owned(),
        pixel: event.pixel.clone(),
        event_id: event.id.as_deref().map(mask_personal).unwrap_or_default(),
        other_id: partner
            .filter(|other| other.id != event.id)
            .and_then(|other| other.id.as_deref().map(mask_personal)),
        state: match standing {
            Standing::Paired => PairState::Paired,
            Standing::NearMiss => PairState::NearMiss,
            Standing::Alone => PairState::Alone,
            Standing::Repeat | Standing::Surplus => PairState::Duplicate,
            Standing::Gateway | Standing::Automatic => PairState::Automatic,
        },
        session,
        scenario: facts.map(|facts| facts.scenario.clone()).unwrap_or_default(),
        profile: facts.map(|facts| facts.profile.clone()).unwrap_or_default(),
        browser,
        server,
    }
}
