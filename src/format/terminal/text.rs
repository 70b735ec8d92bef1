//! Foreign text made harmless, measured in columns, shortened and wrapped.
//!
//! A page under test can put anything into an event: a control sequence must not reach
//! the reader's terminal, nor a direction mark turn a line round.
//! Never colour.

use crate::format::foreign;
use tabled::grid::util::string::{get_char_width, get_string_width};

/// Columns of running text beyond which the eye loses the line.
pub(super) const READABLE: usize = 100;

/// Longest text shown in full, in characters; machines find the rest in the JSON report.
const LONGEST: usize = 600;

/// Columns at the end of a line that a piece of a cut word may take.
const WORTH_USING: usize = 8;

/// Columns a harmless text takes.
pub(super) fn width(text: &str) -> usize {
    get_string_width(text)
}

/// The text on one line, without anything a terminal would obey.
pub(super) fn plain(text: &str) -> String {
    foreign::plain(text, LONGEST)
}

/// A harmless text in at most so many columns, the middle left out where it is longer:
/// the ends of names tell them apart.
pub(super) fn fit(text: &str, columns: usize) -> String {
    let text = plain(text);
    if width(&text) <= columns {
        return text;
    }
    let room = columns.saturating_sub(1);
    let head = take(text.chars(), room.div_ceil(2));
    let tail: String = take(text.chars().rev(), room / 2).chars().rev().collect();
    format!("{head}…{tail}")
}

/// As many characters as have room.
fn take(characters: impl Iterator<Item = char>, columns: usize) -> String {
    let mut taken = String::new();
    let mut used = 0;
    for c in characters {
        used += get_char_width(c);
        if used > columns {
            break;
        }
        taken.push(c);
    }
    taken
}

/// Wraps a foreign text: the first line indented so far, the others so far. No line is
/// wider than asked, so a word that is longer than a line is cut.
pub(super) fn wrap(text: &str, columns: usize, first: usize, others: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(first);
    let mut used = first;
    let mut empty = true;
    for word in plain(text).split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        loop {
            let gap = usize::from(!empty);
            let wide = width(word);
            if used + gap + wide <= columns {
                line.push_str(&" ".repeat(gap));
                line.push_str(word);
                used += gap + wide;
                empty = false;
                break;
            }
            // A word that no line can hold is cut, here if there is room worth using.
            let hopeless = others + wide > columns && used + gap + WORTH_USING <= columns;
            if empty || hopeless {
                line.push_str(&" ".repeat(gap));
                used += gap;
                let head = take(word.chars(), columns.saturating_sub(used).max(2));
                line.push_str(&head);
                word = &word[head.len()..];
            }
            lines.push(std::mem::replace(&mut line, " ".repeat(others)));
            used = others;
            empty = true;
            if word.is_empty() {
                break;
            }
        }
    }
    if !empty {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_both_ends() {
        assert_eq!(fit("InitiateCheckout", 9), "Init…kout");
        assert_eq!(fit("Lead", 9), "Lead");
        assert_eq!(width(&fit("東京都港区芝公園", 9)), 9);
    }

    #[test]
    fn no_line_is_wider_than_asked() {
        let text = format!("a long {} word and 東京都港区芝公園四丁目 in it", "x".repeat(50));
        for columns in 8..60 {
            let lines = wrap(&text, columns, 2, 4);
            assert!(lines.iter().all(|line| width(line) <= columns), "{columns}: {lines:?}");
            let words: String = lines.concat().replace(' ', "");
            assert_eq!(words, text.replace(' ', ""));
        }
    }

    #[test]
    fn nothing_gives_no_line() {
        assert!(wrap(" \n ", 20, 2, 2).is_empty());
    }
}
