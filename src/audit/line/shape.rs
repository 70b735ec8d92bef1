//! Lines of one event each, in the shape of lines before them.
//!
//! Along the rails that earlier lines laid, values go straight to where they belong: to the
//! event, or to what the log says around it. Never how a line is parsed.

use crate::platform::meta::lean::{Draft, Field, Rails, Scan, Turn};

use super::super::envelope::{Envelope, Names, Part};

/// Where a value belongs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// To the log, in that role.
    Log(usize),
    /// To the event, whose fields stand among those of the log.
    Among(Field),
    /// To the event, which is a field of its own.
    Inside(Field),
    /// The event begins.
    Event,
    /// `user_data` begins.
    User,
    /// `custom_data` begins.
    Custom,
}

/// Reads a line of a known shape into `draft` and `envelope`: true where the event is a field
/// of its own. `None` where the line has no such shape, or is unusual.
#[inline]
pub(super) fn ride<'a>(
    rails: &mut Rails<Place>,
    text: &'a str,
    draft: &mut Draft<'a>,
    envelope: &mut Envelope<'a>,
) -> Option<bool> {
    let (mut is_inside, mut is_among) = (false, false);
    rails.ride(text, |place, scan: &mut Scan<'a>| match place {
        Place::Inside(field) => draft.read(field, scan),
        Place::Log(role) => envelope.read(role, scan),
        Place::Among(field) => {
            is_among = true;
            draft.read(field, scan)
        }
        Place::User => draft.begin_user_data(),
        Place::Custom => draft.begin_custom_data(),
        Place::Event => {
            is_inside = true;
            Some(())
        }
    })?;
    // Lines that have both are parsed: only one of the two is the event.
    (draft.is_named() && !(is_among && is_inside)).then_some(is_inside)
}

/// Lays rails for a line of one event that was parsed.
pub(super) fn learn(rails: &mut Rails<Place>, text: &str, names: &Names) {
    rails.learn(text, |path, name| {
        let (is_inside, of) = match path {
            [] => match names.part(name) {
                Part::Log(role) => return Turn::Read(Place::Log(role)),
                Part::Inner => return Turn::Enter(Place::Event),
                Part::Other => return Turn::Stop,
                Part::Event => (false, None),
            },
            [parent] if names.part(parent) == Part::Inner => (true, None),
            [parent] => (false, Some(*parent)),
            [_, parent] => (true, Some(*parent)),
            _ => return Turn::Stop,
        };
        let field = match (of, name) {
            (None, "user_data") => return Turn::Enter(Place::User),
            (None, "custom_data") => return Turn::Enter(Place::Custom),
            (None, name) => Field::of_event(name),
            (Some("user_data"), name) => Field::of_user(name),
            (Some(_), name) => Field::of_custom(name),
        };
        match field {
            Some(field) if is_inside => Turn::Read(Place::Inside(field)),
            Some(field) => Turn::Read(Place::Among(field)),
            None => Turn::Stop,
        }
    });
}
