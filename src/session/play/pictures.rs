//! Pictures of the pages that a visitor comes to, for readers who were not there: one of
//! each page, and one of how it ended. More would hold the visitor up.
//!
//! A picture is a help: where there can be none, the session goes on without.
//! Never what is to be seen on it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::ending::beside;
use super::session::{Played, now};
use crate::capture::{Line, PictureRecord};

/// Most pictures of one session: a scenario that goes round in circles fills no disk.
const MOST: usize = 12;
/// A picture that takes longer than this is given up: it holds the visitor up.
const LONGEST: Duration = Duration::from_millis(700);
/// Folder of the pictures beside the tape.
const FOLDER: &str = "pages";

/// Pictures taken in one session.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    taken: usize,
    /// Page of the last one.
    page: String,
    /// The last one itself: the same picture twice tells nothing.
    last: String,
}

impl Pictures {
    /// Takes a picture where the page is another than before, or where it was the last
    /// step, and notes it on the tape.
    pub(super) async fn take(&mut self, played: &Played, page: &str, last: bool) {
        if !played.stage.pictures || self.taken == MOST || (page == self.page && !last) {
            return;
        }
        if let Some(file) = self.kept(played).await {
            self.taken += 1;
            page.clone_into(&mut self.page);
            let picture =
                PictureRecord { session: played.number, at: now(), page: page.to_owned(), file };
            // A tape that cannot be written stops the session at its next step.
            let _ = played.stage.tape.write(Line::Picture(picture));
        }
    }

    /// The file of a picture, relative to the tape.
    async fn kept(&mut self, played: &Played) -> Option<String> {
        let picture = played.open.as_ref()?.tab.page.picture();
        let coded = tokio::time::timeout(LONGEST, picture).await.ok()?.ok()?;
        if coded == self.last {
            return None;
        }
        let bytes = STANDARD.decode(&coded).ok().filter(|bytes| !bytes.is_empty())?;
        let ending = if bytes.starts_with(b"RIFF") { "webp" } else { "png" };
        let folder = played.stage.artefacts.join(FOLDER);
        let path = folder.join(format!("session-{}-{}.{ending}", played.number, self.taken + 1));
        tokio::fs::create_dir_all(&folder).await.ok()?;
        tokio::fs::write(&path, bytes).await.ok()?;
        self.last = coded;
        Some(beside(&path, played.stage.tape.path()))
    }
}
