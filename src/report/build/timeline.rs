//! The time-line: steps as they were recorded, events as they were caught and joined.

use std::collections::HashMap;

use crate::capture::Capture;
use crate::event::{Channel, Event, mask_personal, mask_url};
use crate::join::{Standing, Tables};
use crate::report::{Caught, Joined, Shot, StepRun};

/// The steps of the sessions that are judged.
pub(super) fn steps(capture: &Capture, tables: &Tables) -> Vec<StepRun> {
    capture
        .steps
        .iter()
        .filter(|step| tables.sessions.iter().any(|facts| facts.session == step.session))
        .map(|step| StepRun {
            session: step.session,
            line: step.line,
            text: mask_personal(&step.text),
            at: step.at,
            millis: step.millis,
            page: mask_url(&step.page),
            error: step.error.as_deref().map(mask_personal),
        })
        .collect()
}

/// Pictures of the judged sessions.
pub(super) fn shots(capture: &Capture, tables: &Tables) -> Vec<Shot> {
    capture
        .pictures
        .iter()
        .filter(|picture| tables.sessions.iter().any(|facts| facts.session == picture.session))
        .map(|picture| Shot {
            session: picture.session,
            at: picture.at,
            page: mask_url(&picture.page),
            file: picture.file.clone(),
        })
        .collect()
}

/// Every event with its other half; positions are those of [`Tables::events`].
pub(super) fn caught(tables: &Tables) -> Vec<Caught> {
    let joined = joined(tables);
    tables
        .events
        .iter()
        .zip(&tables.standings)
        .enumerate()
        .map(|(row, (event, standing))| Caught {
            exchange: event.exchange,
            entry: event.entry,
            channel: event.channel,
            session: event.session,
            event: event.name().to_owned(),
            at: event.caught,
            transport: event.transport.to_owned(),
            page: event.page.as_deref().map(mask_url).unwrap_or_default(),
            standing: standing.name().to_owned(),
            joined: joined.get(&row).copied(),
            refused: event.refused.as_ref().map(|refusal| mask_personal(&refusal.title)),
            sender: sender(event),
        })
        .collect()
}

/// The program that called, by its first product; a hit's user agent is the visitor's.
fn sender(event: &Event) -> Option<String> {
    let agent = event.sender.as_deref().filter(|_| event.channel == Channel::Server)?;
    agent.split_whitespace().next().map(|product| product.chars().take(60).collect())
}

fn joined(tables: &Tables) -> HashMap<usize, Joined> {
    let mut sides: HashMap<(&str, &str, &str), [Option<usize>; 2]> = HashMap::new();
    for (row, (event, standing)) in tables.events.iter().zip(&tables.standings).enumerate() {
        let Some(id) = event.id.as_deref().filter(|_| *standing == Standing::Paired) else {
            continue;
        };
        let side = sides.entry((&event.pixel, event.name(), id)).or_default();
        side[usize::from(event.channel == Channel::Server)].get_or_insert(row);
    }
    let pairs = sides.into_values().filter_map(|[browser, server]| Some((browser?, server?, true)));
    let near = tables.near.iter().map(|near| (near.browser, near.server, false));
    let mut joined = HashMap::new();
    for (browser, server, merged) in pairs.chain(near) {
        joined.insert(browser, Joined { with: server, merged });
        joined.insert(server, Joined { with: browser, merged });
    }
    joined
}
