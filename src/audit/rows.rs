//! Rows of a table read the quick way: values go from their columns into an event's draft,
//! with no text in between.
//!
//! Whatever a row holds beyond the usual is `None`, and the row is written as a line of
//! JSON for the reader of lines. Never opens a file.

use crate::event::{Channel, MatchKey};
use crate::platform::meta::lean::{Draft, Raw, whole};

use super::columns::{Cells, Slot, is_number, slots};
use super::envelope::{Beside, Envelope, Names};
use super::time::{time, unix};

/// Where the values of a column go.
enum Place {
    /// A field of the event.
    Field(String),
    /// The time of the event.
    Time,
    /// When the row was written.
    Arrival,
    /// The pixel.
    Pixel,
    /// The status of the answer.
    Status,
    Key(MatchKey),
    Parameter(String),
    Unused,
}

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
                    Slot::Custom(name) => Place::Parameter(name),
                    Slot::Outer(name) => match (names.beside(&name), name.as_str()) {
                        (Some(Beside::Time), _) => Place::Arrival,
                        (Some(Beside::Pixel), _) => Place::Pixel,
                        (Some(Beside::Status), _) => Place::Status,
                        (Some(Beside::Other), _) | (None, "user_data" | "custom_data" | "data") => {
                            return None;
                        }
                        (None, "event_time") => Place::Time,
                        (None, _) => Place::Field(name),
                    },
                })
            })
            .collect::<Option<Vec<Place>>>()?;
        let has_own = places
            .iter()
            .any(|place| matches!(place, Place::Arrival | Place::Pixel | Place::Status));
        Some(Quick { places, has_own })
    }

    /// The event of a row, and what the log says beside it.
    pub(super) fn read<'f>(
        &self,
        columns: &'f [(String, Cells)],
        row: usize,
        channel: Channel,
    ) -> Option<(Draft<'f>, Envelope<'f>)> {
        let mut draft = Draft::new(channel);
        let mut envelope = Envelope::default();
        for (place, (_, cells)) in self.places.iter().zip(columns) {
            match (place, cells) {
                (Place::Unused, _) => {}
                (Place::Arrival, cells) => {
                    if let Some(long) = cells.long(row) {
                        envelope.time = Some(unix(long as f64));
                    } else if let Some(text) = cells.text(row) {
                        envelope.time = time(text);
                    }
                }
                (Place::Status, cells) => {
                    if let Some(long) = cells.long(row) {
                        envelope.status = u16::try_from(long).ok();
                    } else if let Some(text) = cells.text(row) {
                        envelope.status = text.trim().parse().ok();
                    }
                }
                (Place::Time, cells) => {
                    if let Some(long) = cells.long(row) {
                        draft.seconds(long)?;
                    } else if let Some(text) = cells.text(row) {
                        draft.outer("event_time", raw(text)?)?;
                    }
                }
                // Figures where texts belong are seldom, and have their own way to texts.
                (_, Cells::Longs(longs)) => {
                    if longs.get(row).is_some() {
                        return None;
                    }
                }
                (Place::Pixel, cells) => envelope.pixel = cells.text(row).map(Into::into),
                (Place::Field(name), cells) => {
                    if let Some(text) = cells.text(row) {
                        draft.outer(name, raw(text)?)?;
                    }
                }
                (Place::Key(key), cells) => match cells.text(row).filter(|text| !text.is_empty()) {
                    None => {}
                    Some(text) if text.starts_with('[') => draft.keys(*key, text)?,
                    Some(text) if text.starts_with('{') => return None,
                    Some(text) => draft.key(*key, text),
                },
                (Place::Parameter(name), cells) => {
                    if let Some(text) = cells.text(row).filter(|text| !text.is_empty()) {
                        draft.parameter(name, raw(text)?)?;
                    }
                }
            }
        }
        Some((draft, envelope))
    }
}

impl Cells {
    #[inline]
    fn text(&self, row: usize) -> Option<&str> {
        match self {
            Cells::Texts(texts) => texts.get(row),
            Cells::Longs(_) => None,
        }
    }

    #[inline]
    fn long(&self, row: usize) -> Option<i64> {
        match self {
            Cells::Longs(longs) => longs.get(row),
            Cells::Texts(_) => None,
        }
    }
}

/// A text as the JSON value that it would be written as; `None` where that takes escapes.
#[inline]
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a branch per byte the loop runs on vectors"
)]
fn raw(text: &str) -> Option<Raw<'_>> {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'0'..=b'9' | b'-') if is_number(bytes) => Some(Raw::Number(text)),
        Some(b'[' | b'{') => whole(text),
        Some(b't') if text == "true" => Some(Raw::Flag(true)),
        Some(b'f') if text == "false" => Some(Raw::Flag(false)),
        _ => {
            let plain = bytes.iter().fold(true, |plain, byte| {
                plain & (*byte >= 0x20) & (*byte != b'"') & (*byte != b'\\')
            });
            plain.then_some(Raw::Text(text, false))
        }
    }
}
