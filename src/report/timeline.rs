//! What happened when: the steps of each session and every event that was caught, with
//! the partner that the platform would merge it with.
//!
//! Texts are masked; a step is a line of its scenario file, never a browser's doing.

use std::collections::BTreeMap;

use crate::event::Channel;

/// A step as it was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepRun {
    /// Session it belongs to.
    pub session: u32,
    /// Line in the scenario file.
    pub line: u32,
    /// The line as written, personal data masked.
    pub text: String,
    /// When it began, Unix milliseconds.
    pub at: i64,
    /// How long it took.
    pub millis: u64,
    /// Address of the page afterwards, without query values.
    pub page: String,
    /// What went wrong, where something did.
    pub error: Option<String>,
    /// The platform's cookies that came, changed or went meanwhile: `_fbp set for 90 days`.
    pub cookies: Vec<String>,
}

/// A picture of a page that a visitor came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shot {
    /// Session it belongs to.
    pub session: u32,
    /// When it was taken, Unix milliseconds.
    pub at: i64,
    /// Address of the page, without query values.
    pub page: String,
    /// Its picture, by its name in [`super::Report::pictures`].
    pub file: String,
}

/// An event as it was caught, without its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caught {
    /// Number of the exchange that carried it.
    pub exchange: u64,
    /// Position among the events of that exchange, from 0.
    pub entry: u32,
    /// Side.
    pub channel: Channel,
    /// Session, where one could be made out.
    pub session: Option<u32>,
    /// Event name; empty where it has none.
    pub event: String,
    /// When the tap received it, Unix milliseconds.
    pub at: i64,
    /// How it travelled: `GET`, `beacon`, `call` …
    pub transport: String,
    /// Address of the page it names, without query values.
    pub page: String,
    /// Where it stands: `paired`, `repeat`, `surplus`, `near miss`, `alone`, `automatic`.
    pub standing: String,
    /// The other half of the same conversion, where there is one.
    pub joined: Option<Joined>,
    /// Why the platform would refuse it.
    pub refused: Option<String>,
    /// What sent it, where that is known: a script with its line, or the user agent's
    /// product for a server.
    pub sender: Option<String>,
}

/// The other half of a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joined {
    /// Position in [`super::Report::caught`].
    pub with: usize,
    /// True where the platform would merge the two; false where they were meant to be
    /// one and will not be.
    pub merged: bool,
}

/// A picture that a report can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its media type: `image/png`, `image/jpeg`, `image/webp`.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Picture {
    /// The picture in these bytes, known by their first ones; `None` for anything else.
    pub fn new(bytes: Vec<u8>) -> Option<Picture> {
        let media_type = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
            _ => return None,
        };
        Some(Picture { media_type, bytes })
    }
}

/// Pictures by the name that shots and scenarios give them.
pub type Pictures = BTreeMap<String, Picture>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_are_taken_for_pictures() {
        let png = b"\x89PNG\r\n\x1a\nrest".to_vec();
        assert_eq!(Picture::new(png).map(|picture| picture.media_type), Some("image/png"));
        let webp = b"RIFF\x10\0\0\0WEBPVP8 ".to_vec();
        assert_eq!(Picture::new(webp).map(|picture| picture.media_type), Some("image/webp"));
        assert_eq!(Picture::new(b"<svg onload=alert(1)>".to_vec()), None);
        assert_eq!(Picture::new(Vec::new()), None);
    }
}
