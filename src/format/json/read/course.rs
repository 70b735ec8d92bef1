//! Reads what happened when back from JSON format 1: steps, events, pictures, payloads.

use std::collections::BTreeMap;

use crate::event::Channel;
use crate::format::json::v1::course::{CaughtV1, ExcerptV1, PictureV1, StepV1};
use crate::report::{Caught, Excerpt, Field, Joined, Shot, StepRun};

pub(super) fn step(step: StepV1) -> StepRun {
    let StepV1 { session, line, text, at, millis, page, error, cookies } = step;
    StepRun { session, line, text, at, millis, page, error, cookies }
}

/// Every event; one of a side that this version does not know is left out.
pub(super) fn caught(read: Vec<CaughtV1>) -> Vec<Caught> {
    let known: Vec<(Channel, CaughtV1)> = read
        .into_iter()
        .filter_map(|event| Some((Channel::from_name(&event.channel)?, event)))
        .collect();
    let place: BTreeMap<(u64, u32), usize> = known
        .iter()
        .enumerate()
        .map(|(index, (_, event))| ((event.exchange, event.entry), index))
        .collect();
    known
        .into_iter()
        .map(|(channel, event)| Caught {
            channel,
            exchange: event.exchange,
            entry: event.entry,
            session: event.session,
            event: event.event,
            at: event.at,
            transport: event.transport,
            page: event.page,
            standing: event.standing,
            joined: event.joined.and_then(|joined| {
                let with = *place.get(&(joined.exchange, joined.entry))?;
                Some(Joined { with, merged: joined.merged })
            }),
            refused: event.refused,
            sender: event.sender,
        })
        .collect()
}

pub(super) fn excerpt(read: ExcerptV1) -> Option<Excerpt> {
    Some(Excerpt {
        channel: Channel::from_name(&read.channel)?,
        exchange: read.exchange,
        entry: read.entry,
        event: read.event,
        fields: read
            .fields
            .into_iter()
            .map(|field| Field { name: field.name, value: field.value })
            .collect(),
    })
}

pub(super) fn shot(picture: PictureV1) -> Shot {
    let PictureV1 { session, at, page, file } = picture;
    Shot { session, at, page, file }
}
