//! Draws up what each scenario sends, and the figures of each profile by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::events_in;
use crate::event::{Channel, Event};
use crate::join::{Standing, Tables};
use crate::report::{
    Behaviour, PairRow, PairState, PerChannel, ProfileRow, Shape, pairing_word, title,
};

/// The shape of every event of every scenario that was played to the end, by name.
pub(super) fn behaviour(tables: &Tables, pairs: &[PairRow]) -> Vec<Behaviour> {
    let titles: BTreeMap<u32, String> = tables
        .sessions
        .iter()
        .filter(|facts| facts.played)
        .map(|facts| (facts.session, title(&facts.scenario, &facts.profile, &facts.visit.variant)))
        .collect();
    let title_of = |session: Option<u32>| session.and_then(|session| titles.get(&session));
    let mut told: BTreeMap<(&str, &str), PerChannel<Vec<&Event>>> = BTreeMap::new();
    for (event, standing) in tables.events.iter().zip(&tables.standings) {
        let Some(title) = title_of(event.session) else { continue };
        if event.name.is_some() && *standing != Standing::Automatic {
            let sides = told.entry((title, event.name())).or_default();
            sides.of_mut(event.channel).push(event);
        }
    }
    let mut pairing: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for pair in pairs.iter().filter(|pair| pair.state != PairState::Automatic) {
        let Some(title) = title_of(pair.session) else { continue };
        let words = pairing.entry((title, &pair.event)).or_default();
        words.insert(pairing_word(pair.state, side(pair)));
    }
    told.into_iter()
        .map(|((scenario, event), sides)| Behaviour {
            scenario: scenario.to_owned(),
            event: event.to_owned(),
            pairing: pairing.remove(&(scenario, event)).unwrap_or_default(),
            sides: PerChannel { browser: shape(&sides.browser), server: shape(&sides.server) },
        })
        .collect()
}

fn side(pair: &PairRow) -> Option<&'static str> {
    match (pair.browser.is_some(), pair.server.is_some()) {
        (true, false) => Some(Channel::Browser.name()),
        (false, true) => Some(Channel::Server.name()),
        _ => None,
    }
}

fn shape(events: &[&Event]) -> Shape {
    let mut keys: BTreeMap<String, usize> = BTreeMap::new();
    let mut parameters: BTreeMap<String, usize> = BTreeMap::new();
    for event in events {
        for (key, _) in event.keys.iter().filter(|(_, values)| values.iter().any(|v| !v.is_empty()))
        {
            *keys.entry(key.to_string()).or_default() += 1;
        }
        for name in event.parameters.keys().filter(|name| event.parameter(name).is_some()) {
            *parameters.entry(name.clone()).or_default() += 1;
        }
    }
    let told = |counts: BTreeMap<String, usize>| -> BTreeSet<String> {
        counts
            .into_iter()
            .map(|(name, count)| if count < events.len() { format!("{name}?") } else { name })
            .collect()
    };
    Shape { keys: told(keys), parameters: told(parameters) }
}

/// One row per profile, by name.
pub(super) fn profiles(tables: &Tables) -> Vec<ProfileRow> {
    let names: BTreeSet<&str> =
        tables.sessions.iter().map(|facts| facts.profile.as_str()).collect();
    names
        .into_iter()
        .map(|profile| {
            let sessions: BTreeSet<u32> = tables
                .sessions
                .iter()
                .filter(|facts| facts.profile == profile)
                .map(|facts| facts.session)
                .collect();
            let within = |session: Option<u32>| session.is_some_and(|own| sessions.contains(&own));
            ProfileRow { profile: profile.to_owned(), events: events_in(tables, &within) }
        })
        .collect()
}
