//! Events that a page or server sends to several pixels at once: one action, told once to
//! each pixel.
//!
//! Each pixel counts for itself, so the copies for further pixels are no conversions more.
//! Never whether several pixels are right.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::event::{Channel, Event};

/// What a script sends to all its pixels leaves within this time, milliseconds.
const AT_ONCE_MS: i64 = 1_000;

/// For each event, whether it only repeats for a further pixel what the same side told the
/// main one: the pixel of most events.
pub(super) fn mirrors(events: &[Event]) -> Vec<bool> {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for event in events {
        *sizes.entry(event.pixel.as_str()).or_default() += 1;
    }
    // Of equal ones the first to arrive is the main one.
    let first = |pixel: &str| events.iter().position(|event| event.pixel == pixel);
    let main = sizes
        .iter()
        .max_by_key(|(pixel, size)| (**size, std::cmp::Reverse(first(pixel))))
        .map(|(pixel, _)| *pixel);
    let Some(main) = main.filter(|_| sizes.len() > 1) else { return vec![false; events.len()] };
    let told: HashSet<(Channel, &str, &str)> = events
        .iter()
        .filter(|event| event.pixel == main)
        .filter_map(|event| Some((event.channel, event.name(), id(event)?)))
        .collect();
    // What the main pixel was told without an id, in order of arrival.
    let mut without: HashMap<Kind<'_>, Vec<&Event>> = HashMap::new();
    for event in events.iter().filter(|event| event.pixel == main && id(event).is_none()) {
        without.entry(kind(event)).or_default().push(event);
    }
    let repeated = |event: &Event| {
        let alike = without.get(&kind(event)).map_or(&[][..], Vec::as_slice);
        let first = alike.partition_point(|other| other.caught < event.caught - AT_ONCE_MS);
        alike[first..]
            .iter()
            .take_while(|other| other.caught <= event.caught + AT_ONCE_MS)
            .any(|other| other.parameters == event.parameters)
    };
    events
        .iter()
        .map(|event| {
            event.pixel != main
                && match id(event) {
                    Some(id) => told.contains(&(event.channel, event.name(), id)),
                    None => repeated(event),
                }
        })
        .collect()
}

type Kind<'a> = (Channel, Option<u32>, Option<&'a str>);

fn kind(event: &Event) -> Kind<'_> {
    (event.channel, event.session, event.name.as_deref())
}

fn id(event: &Event) -> Option<&str> {
    event.id.as_deref().filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(channel: Channel, pixel: &str, id: Option<&str>) -> Event {
        let mut event = Event::new(channel, 1, pixel);
        event.name = Some("Lead".into());
        event.id = id.map(str::to_owned);
        event
    }

    #[test]
    fn what_a_side_tells_a_further_pixel_is_a_mirror() {
        let events = [
            event(Channel::Browser, "1", Some("a")),
            event(Channel::Browser, "2", Some("a")),
            event(Channel::Browser, "1", None),
            event(Channel::Browser, "2", None),
            event(Channel::Server, "1", Some("b")),
            event(Channel::Server, "2", Some("c")),
        ];
        assert_eq!(mirrors(&events), [false, true, false, true, false, false]);
    }

    #[test]
    fn the_two_sides_mirror_nothing_of_each_other() {
        let events =
            [event(Channel::Browser, "1", Some("a")), event(Channel::Server, "2", Some("a"))];
        assert_eq!(mirrors(&events), [false, false]);
    }
}
