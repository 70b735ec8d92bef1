//! A text file while it is read: its lines, and errors at places in it.

use std::path::{Path, PathBuf};

use super::error::ScenarioError;
use crate::event::Place;

/// Larger files are refused: nobody writes them by hand.
const LARGEST: u64 = 1 << 20;

/// A file and its text.
pub(super) struct Source {
    pub(super) file: PathBuf,
    pub(super) text: String,
}

impl Source {
    /// Reads a file of UTF-8 text.
    pub(super) fn open(file: &Path) -> Result<Source, ScenarioError> {
        let trouble =
            |error: &std::io::Error| ScenarioError::whole(file, format!("cannot be read: {error}"));
        let size = std::fs::metadata(file).map_err(|error| trouble(&error))?.len();
        if size > LARGEST {
            return Err(ScenarioError::whole(file, format!("too large: {size} bytes"))
                .hint(format!("files of up to {LARGEST} bytes are read")));
        }
        let bytes = std::fs::read(file).map_err(|error| trouble(&error))?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Source::new(file, text)),
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
                let source = Source::new(file, text);
                let place = source.place(source.text.len());
                Err(source.error(place, 1, "not UTF-8 text").hint("save the file as UTF-8"))
            }
        }
    }

    /// A text under the name of a file. A byte order mark is no part of the text.
    pub(super) fn new(file: &Path, text: impl Into<String>) -> Source {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Source { file: file.to_owned(), text }
    }

    /// The line of that number, from 1, without its end.
    pub(super) fn line(&self, number: u32) -> Option<&str> {
        let index = (number as usize).checked_sub(1)?;
        self.text.lines().nth(index)
    }

    /// The place of a byte.
    pub(super) fn place(&self, byte: usize) -> Place {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let before = &self.text[..byte];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            line: before.matches('\n').count() as u32 + 1,
            column: before[line_start..].chars().count() as u32 + 1,
        }
    }

    /// An error at a place.
    pub(super) fn error(&self, place: Place, width: u32, what: impl Into<String>) -> ScenarioError {
        ScenarioError {
            place,
            width,
            line: self.line(place.line).map(str::to_owned),
            ..ScenarioError::whole(&self.file, what)
        }
    }

    /// The place of a character of a scalar that begins at `place`, where scalar and
    /// file agree character for character up to there.
    pub(super) fn within(&self, place: Place, text: &str, at: u32) -> Place {
        let found = (|| {
            let line: Vec<char> = self.line(place.line)?.chars().collect();
            let mut start = (place.column as usize).checked_sub(1)?;
            if matches!(line.get(start), Some('"' | '\'')) {
                start += 1;
            }
            let before = text.chars().take(at as usize);
            let same = before.enumerate().all(|(offset, c)| line.get(start + offset) == Some(&c));
            same.then(|| Place { line: place.line, column: (start + at as usize) as u32 + 1 })
        })();
        found.unwrap_or(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new(Path::new("x.yaml"), text)
    }

    #[test]
    fn places_count_lines_and_characters() {
        let source = source("ä: 1\nb: ü x\n");
        assert_eq!(source.place(0), Place { line: 1, column: 1 });
        assert_eq!(source.place(source.text.find('x').expect("x")), Place { line: 2, column: 6 });
        assert_eq!(source.place(9_999), Place { line: 3, column: 1 });
        assert_eq!(source.line(2), Some("b: ü x"));
        assert_eq!(source.line(0), None);
    }

    #[test]
    fn a_character_of_a_scalar_is_found_where_it_is_written_plainly() {
        let source = source("a: \"x(y\"\nb: x(y\nc: 'it''s('\n");
        let at = |line, column| Place { line, column };
        assert_eq!(source.within(at(1, 4), "x(y", 1), at(1, 6));
        assert_eq!(source.within(at(2, 4), "x(y", 1), at(2, 5));
        assert_eq!(source.within(at(3, 4), "it's(", 4), at(3, 4));
    }

    #[test]
    fn a_file_that_is_no_text_is_named_with_the_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("x.yaml");
        std::fs::write(&file, b"name: a\nx: \xff\xfe").expect("written");
        let error = Source::open(&file).err().expect("refused");
        assert_eq!(error.place, Place { line: 2, column: 4 });
        assert!(Source::open(&folder.path().join("none.yaml")).is_err());
    }

    #[test]
    fn a_huge_file_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("x.yaml");
        std::fs::write(&file, vec![b'#'; LARGEST as usize + 1]).expect("written");
        assert!(Source::open(&file).err().expect("refused").what.contains("too large"));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_line() {
        assert_eq!(source("\u{feff}name: x").line(1), Some("name: x"));
    }
}
