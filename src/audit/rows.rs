//! Rows of a table read the quick way: values go from their columns into an event's draft,
//! with no text in between.
//!
//! Whatever a row holds beyond the usual is `None`, and the row is written as a line of
//! JSON for the reader of lines. Never opens a file.

use std::ops::Range;

use polars::prelude::StringChunked;

use crate::event::{Channel, MatchKey};
use crate::platform::meta::lean::{Draft, Field, Raw, is_plain, whole};

use super::columns::{Cells, Slot, is_number, slots};
use super::envelope::Envelope;
use super::layout::{Beside, Names};
use super::time::{time, unix};

/// Where the values of a column go.
enum Place {
    /// To a field of the event.
    Event(Field),
    /// When the row was written.
    Arrival,
    /// The pixel.
    Pixel,
    /// The status of the answer.
    Status,
    Key(MatchKey),
    Parameter(Field),
    /// To where the quick way does not lead.
    Odd,
    Unused,
}

/// The event of a row, and what the log says beside it.
pub(super) type Reading<'f> = (Draft<'f>, Envelope<'f>);

/// Rows that are read together: with their columns' values they stay in the cache of a core.
pub(super) const TOGETHER: usize = 128;

/// The way of every column into the draft.
pub(super) struct Quick {
    places: Vec<Place>,
    /// True where columns of the log itself stand among those of the event.
    pub(super) has_own: bool,
}

impl Quick {
    /// The ways of these columns; `None` where a column is not for the quick way.
    pub(super) fn new(columns: &[(String, Cells)], names: &Names) -> Option<Quick> {
        let columns: Vec<String> = columns.iter().map(|(column, _)| column.clone()).collect();
        let places = slots(&columns, names)
            .into_iter()
            .map(|slot| {
                Some(match slot {
                    Slot::Unused => Place::Unused,
                    Slot::User(name) => Place::Key(MatchKey::from_name(&name)?),
                    Slot::Custom(name) => Place::Parameter(Field::of_custom(&name)?),
                    Slot::Outer(name) => match (names.beside(&name), name.as_str()) {
                        (Some(Beside::Time), _) => Place::Arrival,
                        (Some(Beside::Pixel), _) => Place::Pixel,
                        (Some(Beside::Status), _) => Place::Status,
                        (Some(Beside::Other), _) | (None, "user_data" | "custom_data" | "data") => {
                            return None;
                        }
                        (None, name) => Field::of_event(name).map_or(Place::Odd, Place::Event),
                    },
                })
            })
            .collect::<Option<Vec<Place>>>()?;
        let has_own = places
            .iter()
            .any(|place| matches!(place, Place::Arrival | Place::Pixel | Place::Status));
        Some(Quick { places, has_own })
    }

    /// The events of some rows, and what the log says beside each, a column after the other:
    /// what stands together in memory is read together. A row that is not for the quick way
    /// is `None`. `into` is used again.
    pub(super) fn read<'f>(
        &self,
        columns: &'f [(String, Cells)],
        rows: Range<usize>,
        channel: Channel,
        into: &mut Vec<Option<Reading<'f>>>,
    ) {
        into.clear();
        into.resize_with(rows.len(), || Some((Draft::new(channel), Envelope::default())));
        for (place, (_, cells)) in self.places.iter().zip(columns) {
            match cells {
                Cells::Texts(texts) => {
                    let texts = rows.clone().map(text_of(texts));
                    for (row, text) in into.iter_mut().zip(texts) {
                        if let (Some(reading), Some(text)) = (row.as_mut(), text)
                            && place.take(reading, text).is_none()
                        {
                            *row = None;
                        }
                    }
                }
                Cells::Longs(longs) => {
                    for (row, place_of) in into.iter_mut().zip(rows.clone()) {
                        if let (Some(reading), Some(long)) = (row.as_mut(), longs.get(place_of))
                            && place.take_long(reading, long).is_none()
                        {
                            *row = None;
                        }
                    }
                }
            }
        }
    }
}

impl Place {
    /// A text on its way to where it belongs.
    #[inline]
    fn take<'f>(&self, (draft, envelope): &mut Reading<'f>, text: &'f str) -> Option<()> {
        match self {
            Place::Unused => {}
            Place::Arrival => envelope.time = time(text),
            Place::Status => envelope.status = text.trim().parse().ok(),
            Place::Pixel => envelope.pixel = Some(text.into()),
            // What these hold is their text, whatever it reads as.
            Place::Event(field @ (Field::Name | Field::Id | Field::Page)) => {
                draft.put_text(*field, text.into())?;
            }
            Place::Event(field) => draft.put(*field, raw(text)?)?,
            Place::Key(_) | Place::Parameter(_) if text.is_empty() => {}
            Place::Key(key) if text.starts_with('[') => draft.keys(*key, text)?,
            Place::Key(_) if text.starts_with('{') => return None,
            Place::Key(key) => draft.key(*key, text),
            Place::Parameter(field) if text.starts_with(['[', '{']) => {
                draft.put_json(*field, text)?;
            }
            Place::Parameter(field) => draft.put(*field, raw(text)?)?,
            Place::Odd => return None,
        }
        Some(())
    }

    /// A figure on its way. Figures where texts belong are seldom, and have their own way to
    /// texts.
    #[inline]
    fn take_long(&self, (draft, envelope): &mut Reading<'_>, long: i64) -> Option<()> {
        match self {
            Place::Unused => {}
            Place::Arrival => envelope.time = Some(unix(long as f64)),
            Place::Status => envelope.status = u16::try_from(long).ok(),
            Place::Event(Field::Time) => draft.seconds(long)?,
            _ => return None,
        }
        Some(())
    }
}

/// The texts of a column, which is in one piece, by their row.
#[inline]
fn text_of<'f>(column: &'f StringChunked) -> impl Fn(usize) -> Option<&'f str> {
    let texts = column.downcast_as_array();
    move |row| texts.get(row)
}

/// A text as the JSON value that it would be written as; `None` where that takes escapes.
#[inline]
fn raw(text: &str) -> Option<Raw<'_>> {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'0'..=b'9' | b'-') if is_number(bytes) => Some(Raw::Number(text)),
        Some(b'[' | b'{') => whole(text),
        Some(b't') if text == "true" => Some(Raw::Flag(true)),
        Some(b'f') if text == "false" => Some(Raw::Flag(false)),
        _ => is_plain(text).then_some(Raw::Text(text, false)),
    }
}
