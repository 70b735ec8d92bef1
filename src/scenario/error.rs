//! What is wrong in a file, shown at the offending place.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::event::Place;

/// Something wrong in a scenario or configuration file.
///
/// Its text is a compact diagnostic of several lines: place, what is wrong, the
/// offending line with a caret, how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioError {
    /// The file, as given.
    pub file: PathBuf,
    /// Where in it; line 0 where the file as a whole is meant.
    pub place: Place,
    /// How many characters the offending part has; at least 1.
    pub width: u32,
    /// What is wrong: lowercase fragment, no full stop.
    pub what: String,
    /// How to mend it.
    pub hint: Option<String>,
    /// The offending line, where there is one.
    pub line: Option<String>,
}

impl ScenarioError {
    /// An error of a file as a whole.
    pub(super) fn whole(file: &Path, what: impl Into<String>) -> ScenarioError {
        ScenarioError {
            file: file.to_owned(),
            place: Place::default(),
            width: 1,
            what: what.into(),
            hint: None,
            line: None,
        }
    }

    /// Adds how to mend it.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> ScenarioError {
        self.hint = Some(hint.into());
        self
    }
}

impl std::error::Error for ScenarioError {}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.place.line > 0 {
            write!(f, ":{}", self.place)?;
        }
        write!(f, ": {}", printable(&self.what))?;
        let number = self.place.line.to_string();
        if let Some(line) = &self.line {
            let (shown, caret) = window(line, self.place.column, self.width);
            let margin = " ".repeat(number.len());
            write!(f, "\n {margin} |\n {number} | {shown}\n {margin} | {caret}")?;
        }
        if let Some(hint) = &self.hint {
            let margin = " ".repeat(number.len());
            write!(f, "\n {margin} = {}", printable(hint))?;
        }
        Ok(())
    }
}

/// The part of a line around a column, and the caret line to go below it.
fn window(line: &str, column: u32, width: u32) -> (String, String) {
    const SHOWN: usize = 120;
    let characters: Vec<char> = printable(line).chars().collect();
    let at = (column.max(1) as usize - 1).min(characters.len());
    let start = if characters.len() > SHOWN { at.saturating_sub(SHOWN / 2) } else { 0 };
    let end = (start + SHOWN).min(characters.len());
    let mut shown: String = characters[start..end].iter().collect();
    let mut before = at - start;
    if start > 0 {
        shown.insert(0, '…');
        before += 1;
    }
    if end < characters.len() {
        shown.push('…');
    }
    let carets = (width.max(1) as usize).min((end - at).max(1));
    (shown, format!("{}{}", " ".repeat(before), "^".repeat(carets)))
}

/// The text without characters that would move a terminal's cursor; tabs become one
/// space, so that the caret stays below its column.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: &str, column: u32, width: u32) -> ScenarioError {
        ScenarioError {
            place: Place { line: 12, column },
            width,
            line: Some(line.to_owned()),
            ..ScenarioError::whole(Path::new("shop.yaml"), "unknown step `clik`")
        }
    }

    #[test]
    fn the_offending_part_is_underlined() {
        let text = error("  - clik: \"#buy\"", 5, 4).hint("did you mean `click`?").to_string();
        assert_eq!(
            text,
            "shop.yaml:12:5: unknown step `clik`\n    |\n 12 |   - clik: \"#buy\"\n    |     ^^^^\n    = did you mean `click`?"
        );
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let line = format!("{}HERE{}", "a".repeat(5_000), "b".repeat(5_000));
        let text = error(&line, 5_001, 4).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() < 140));
        let at = lines[3].chars().position(|c| c == '^').expect("a caret");
        assert_eq!(lines[2].chars().skip(at).take(4).collect::<String>(), "HERE");
    }

    #[test]
    fn nothing_in_a_file_can_move_the_cursor() {
        let text = error("a\u{1b}[31m\tb", 6, 99).to_string();
        assert!(!text.contains('\u{1b}') && !text.contains('\t'));
    }

    #[test]
    fn a_place_beyond_the_line_is_no_panic() {
        assert!(error("", 80, 9).to_string().contains('^'));
    }
}
