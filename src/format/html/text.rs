//! Foreign text made harmless for a page: markup is escaped, control characters and such
//! as turn or hide others become visible, endless values are cut.
//!
//! Never which text is foreign: all of it is taken to be.

use crate::event::rough_span;
use crate::format::foreign::lines;

/// Longest text that is shown in full, in characters: a payload of some kilobytes must
/// not push the rest off the page.
const LONGEST: usize = 1_200;

/// The text as HTML, fit for content and for quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let cut = text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end]);
    let mut safe = String::with_capacity(cut.len() + cut.len() / 8);
    for c in lines(cut).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // A page on standard output is read by CI services, which take commands from
            // the beginning of a line and after two of these signs.
            '\n' => safe.push_str("&#10;"),
            '#' if safe.ends_with('#') => safe.push_str("&#35;"),
            c => safe.push(c),
        }
    }
    let left = text[cut.len()..].chars().count();
    if left > 0 {
        safe.push_str(&format!("… ({left} more characters)"));
    }
    safe
}

/// A share as a reader wants it: whole percents, rounded down, but never nought for
/// something, so that what falls short of all never looks as if it were all.
pub(super) fn percent(ratio: f64) -> String {
    let whole = (ratio * 100.0 + 1e-9).floor();
    if ratio > 0.0 && whole < 1.0 { "<1 %".to_owned() } else { format!("{whole:.0} %") }
}

/// How long something took: as a length, whichever way round.
pub(super) fn span(millis: i64) -> String {
    rough_span(millis.saturating_abs())
}

/// `1 pair`, `2 pairs`.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The text with its first letter in capitals.
pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_is_markup_or_invisible() {
        assert_eq!(
            escape("<b a='\"'>&\u{1b}\0\u{7f}\u{202e}\u{200b}\u{85}\u{fffe}"),
            "&lt;b a=&#39;&quot;&#39;&gt;&amp;␛␀␡\\u{202e}\\u{200b}�\\u{fffe}"
        );
        assert_eq!(escape("東京 שלום é\n::error::x ##[y]"), "東京 שלום é&#10;::error::x #&#35;[y]");
        let long = escape(&"<".repeat(5_000));
        assert!(long.ends_with("… (3800 more characters)"), "{}", &long[long.len() - 40..]);
    }

    #[test]
    fn figures_never_look_better_than_they_are() {
        assert_eq!(percent(0.9999), "99 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.29), "29 %");
        assert_eq!(percent(0.001), "<1 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(span(-40), "40 ms");
        assert_eq!(span(1_300), "1.3 s");
        assert_eq!(span(125_000), "2 min 5 s");
        assert_eq!(span(7_260_000), "2 h 1 min");
    }
}
