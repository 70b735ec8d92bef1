//! Reading a tape while it is being written.
//!
//! Hands over what has been added since the last look. A line that is not whole yet is
//! left for the next one.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::record::Line;
use super::tape::TapeError;

/// Most bytes that are read in one look; the rest comes with the next.
const MOST: u64 = 16 * 1024 * 1024;

/// A place on a tape that grows.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    file: File,
    read: u64,
    /// True until the first line, which is no record, was passed.
    first: bool,
}

impl Follower {
    /// Stands at the begin of a tape.
    pub fn open(path: &Path) -> Result<Follower, TapeError> {
        let file =
            File::open(path).map_err(|source| TapeError::Io { path: path.to_owned(), source })?;
        Ok(Follower { path: path.to_owned(), file, read: 0, first: true })
    }

    /// The records that were added, in order; those of an unknown kind are passed over.
    pub fn look(&mut self) -> Result<Vec<Line>, TapeError> {
        let failed = |source| TapeError::Io { path: self.path.clone(), source };
        let mut text = Vec::new();
        self.file.seek(SeekFrom::Start(self.read)).map_err(failed)?;
        self.file.by_ref().take(MOST).read_to_end(&mut text).map_err(failed)?;
        let Some(end) = memchr::memrchr(b'\n', &text) else { return Ok(Vec::new()) };
        self.read += end as u64 + 1;
        let mut lines = text[..end].split(|byte| *byte == b'\n');
        if std::mem::take(&mut self.first) {
            lines.next();
        }
        Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{End, Opening, TAPE_FORMAT, TapeWriter};
    use super::*;

    #[test]
    fn a_tape_is_followed_line_by_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tape.jsonl");
        let opening = Opening {
            countonce_tape: TAPE_FORMAT,
            tool: "test".to_owned(),
            started: 0,
            pixel_script: "stand-in".to_owned(),
            browser: String::new(),
            site: String::new(),
            filter_lists: String::new(),
        };
        let writer = TapeWriter::create(&path, &opening).expect("made");
        let mut follower = Follower::open(&path).expect("opened");
        assert_eq!(follower.look().expect("read"), []);
        let line = |at| Line::End(End { at, stopped: false });
        writer.write(line(1)).expect("written");
        writer.write(line(2)).expect("written");
        assert_eq!(follower.look().expect("read"), [line(1), line(2)]);
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("opened");
        std::io::Write::write_all(&mut file, br#"{"kind":"end","#).expect("written");
        assert_eq!(follower.look().expect("read"), []);
        std::io::Write::write_all(&mut file, b"\"at\":3}\n").expect("written");
        assert_eq!(follower.look().expect("read"), [line(3)]);
    }
}
