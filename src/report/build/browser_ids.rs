//! Follows browser ids and click ids through cookies, hits and calls of each visit.

use std::collections::HashMap;

use crate::capture::Capture;
use crate::event::{Channel, MatchKey};
use crate::join::{Clicked, Tables, bare_id, read_id};
use crate::report::{IdLife, IdValue};

/// The ids that are followed, with the name of their cookie.
const FOLLOWED: [(MatchKey, &str); 2] =
    [(MatchKey::BrowserId, "_fbp"), (MatchKey::ClickId, "_fbc")];
/// Values of a kind that are told apart in one visit; a server that makes one per request
/// has shown what it does by then.
const MOST_VALUES: usize = 8;

/// Where a value was seen.
#[derive(Clone, Copy)]
enum Place {
    Event(Channel),
    Cookie,
}

/// A value seen at a moment.
struct Sighting<'a> {
    at: i64,
    place: Place,
    value: &'a str,
}

/// The life of each id in each session.
pub(super) fn lives(capture: &Capture, tables: &Tables) -> Vec<IdLife> {
    let mut cookies: HashMap<(u32, &str), Vec<Sighting<'_>>> = HashMap::new();
    for step in &capture.steps {
        for cookie in &step.cookies {
            let Some(value) = cookie.value.as_deref().filter(|value| !value.is_empty()) else {
                continue;
            };
            let at = step.at.saturating_add(i64::try_from(step.millis).unwrap_or(i64::MAX));
            let sighting = Sighting { at, place: Place::Cookie, value };
            cookies.entry((step.session, cookie.name.as_str())).or_default().push(sighting);
        }
    }
    let mut lives = Vec::new();
    for facts in &tables.sessions {
        let events = || tables.rows_of(Some(facts.session)).iter().map(|row| &tables.events[*row]);
        let clicked = Clicked::of(events(), facts);
        for (key, cookie) in FOLLOWED {
            let mut sightings = cookies.remove(&(facts.session, cookie)).unwrap_or_default();
            for event in events().filter(|event| !event.automatic) {
                if let Some(value) = event.key(key).filter(|value| !value.is_empty()) {
                    let place = Place::Event(event.channel);
                    sightings.push(Sighting { at: event.caught, place, value });
                }
            }
            sightings.sort_by_key(|sighting| sighting.at);
            let values = values(key, &sightings, &clicked, facts.opened);
            if !values.is_empty() {
                lives.push(IdLife {
                    session: facts.session,
                    scenario: facts.scenario.clone(),
                    profile: facts.profile.clone(),
                    key: key.name(),
                    values,
                });
            }
        }
    }
    lives
}

fn values(
    key: MatchKey,
    sightings: &[Sighting<'_>],
    clicked: &Clicked,
    opened: i64,
) -> Vec<IdValue> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut values: Vec<IdValue> = Vec::new();
    for sighting in sightings {
        let bare = bare_id(key, sighting.value);
        let reading = || read_id(key, sighting.value, clicked);
        let place = match places.get(bare) {
            Some(place) => *place,
            None if values.len() == MOST_VALUES => continue,
            None => {
                let reading = reading();
                places.insert(bare, values.len());
                values.push(IdValue {
                    label: label(values.len()),
                    first: match sighting.place {
                        Place::Event(channel) => channel.name(),
                        Place::Cookie => "cookie",
                    },
                    after: sighting.at - opened,
                    created: reading.created,
                    unit: reading.unit.to_owned(),
                    subdomain_index: reading.subdomain_index,
                    parts: reading.parts as u64,
                    library: reading.library,
                    mark: reading.mark,
                    fault: reading.fault.map(str::to_owned),
                    landing: reading.landing.to_owned(),
                    ..IdValue::default()
                });
                values.len() - 1
            }
        };
        let value = &mut values[place];
        match sighting.place {
            Place::Event(Channel::Browser) => value.browser += 1,
            Place::Event(Channel::Server) => value.server += 1,
            Place::Cookie => value.cookie += 1,
        }
        // A library's mark may come onto a value that was there before.
        if !value.library && bare != sighting.value {
            let reading = reading();
            value.parts = value.parts.max(reading.parts as u64);
            (value.library, value.mark) = (reading.library, reading.mark);
        }
    }
    values
}

/// A, B, C …
fn label(place: usize) -> String {
    char::from(b'A' + (place % 26) as u8).to_string()
}
