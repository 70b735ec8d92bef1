//! Durations as people write them: `500ms`, `5s`, `1.5s`, `2m`.

use serde_json::{Value, json};

use crate::event::{Span, span};

/// Longest wait that can be meant seriously; more is a slip of the keyboard.
const LONGEST: Span = Span { millis: 3_600_000, words: "an hour" };

/// Milliseconds of a duration; the error says what is wrong, as a lowercase fragment.
pub fn duration(text: &str) -> Result<u64, String> {
    span(text, &["ms", "s", "m", "min"], "`5s`, `500ms` or `2m`", LONGEST)
}

/// JSON Schema of a duration.
pub fn duration_schema() -> Value {
    json!({
        "type": "string",
        "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(ms|s|m|min)\s*$|\$\{",
        "description": "A duration: 500ms, 5s, 1.5s, 2m",
        "examples": ["5s"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_in_every_unit() {
        assert_eq!(duration("500ms"), Ok(500));
        assert_eq!(duration("5s"), Ok(5_000));
        assert_eq!(duration("1.5 s"), Ok(1_500));
        assert_eq!(duration("2m"), Ok(120_000));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "5", "s", "5 bananas", "-5s", "0s", "1.2.3s", "999999m", "1e9s"] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert!(duration("5").is_err_and(|what| what.contains("no unit")));
    }
}
