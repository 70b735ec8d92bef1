//! What the YAML parser says, in words that help.

use saphyr_parser::ScanError;

use super::error::ScenarioError;
use super::source::Source;
use crate::event::Place;

/// A syntax error in words that help.
pub(super) fn explain(source: &Source, error: &ScanError) -> ScenarioError {
    let mark = error.marker();
    let mut place = Place { line: mark.line() as u32, column: mark.col() as u32 + 1 };
    // At the end of the text the mark stands behind the last line.
    let lines = source.text.lines().count() as u32;
    if place.line > lines && lines > 0 {
        place.line = lines;
        place.column = source.line(lines).unwrap_or_default().chars().count().max(1) as u32;
    }
    if let Some(tab) = tab_near(source, place) {
        return source
            .error(tab, 1, "a tab in the indentation")
            .hint("YAML is indented with spaces");
    }
    let info = error.info();
    let hint = if info.contains("mapping values are not allowed")
        || info.contains("illegal placement of ':'")
        || info.contains("simple key")
    {
        "a text that holds `: ` needs quotes, and keys of one mapping stand in one column"
    } else if info.contains("quoted scalar") {
        "a quote is not closed, or `\\` is used in double quotes: single quotes take it as it is"
    } else if info.contains("flow")
        || info.contains("',' or")
        || info.contains("misplaced bracket")
        || info.contains("block end")
    {
        "check the brackets; inside `{ }` and `[ ]` a text with `$`, `{`, `[`, `#` or `,` needs quotes"
    } else if info.contains("anchor or alias") {
        "a text that begins with `*` or `&` needs quotes"
    } else if info.contains("unexpected character") || info.contains("plain scalar") {
        "a text that begins with `@`, `%`, `` ` `` or `-` needs quotes"
    } else {
        "check indentation, colons and quotes"
    };
    source.error(place, 1, format!("not valid YAML: {info}")).hint(hint)
}

/// A tab in the indentation of the line, or of the one before it.
fn tab_near(source: &Source, place: Place) -> Option<Place> {
    [place.line, place.line.saturating_sub(1)].into_iter().find_map(|number| {
        let line = source.line(number)?;
        let indentation = line.len() - line.trim_start().len();
        let at = line[..indentation].chars().position(|c| c == '\t')?;
        Some(Place { line: number, column: at as u32 + 1 })
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::node::read;
    use super::*;

    fn faults(text: &str) -> Vec<ScenarioError> {
        read(&Source::new(Path::new("x.yaml"), text)).expect_err(text)
    }

    #[test]
    fn tabs_are_named_as_tabs() {
        let errors = faults("steps:\n\t- reload\n");
        assert_eq!(errors[0].place, Place { line: 2, column: 1 });
        assert!(errors[0].what.contains("tab"));
    }

    #[test]
    fn syntax_errors_have_a_place_and_a_hint() {
        for text in [
            "a: b: c",
            "a: \"x",
            "a: [1, 2",
            "a: {b: ${c}}",
            "a: @x",
            "- a\nb: c",
            "a: *x",
            "a: &",
            "\"\\q\"",
            "a:\n  - b\n c",
        ] {
            let errors = faults(text);
            assert!(errors[0].place.line >= 1 && errors[0].hint.is_some(), "{text}: {errors:?}");
            assert!(errors[0].line.is_some(), "{text}: {errors:?}");
        }
    }
}
