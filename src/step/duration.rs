//! Durations as people write them: `500ms`, `5s`, `1.5s`, `2m`.

use serde_json::{Value, json};

/// Longest wait that can be meant seriously; more is a slip of the keyboard.
const LONGEST_MS: f64 = 3_600_000.0;

/// Milliseconds of a duration; the error says what is wrong, as a lowercase fragment.
pub fn duration(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim_start() {
        "ms" => 1.0,
        "s" => 1_000.0,
        "m" | "min" => 60_000.0,
        "" => return Err(format!("`{}` has no unit; write `5s`, `500ms` or `2m`", short(text))),
        _ => {
            return Err(format!(
                "`{}` is not a duration; write `5s`, `500ms` or `2m`",
                short(text)
            ));
        }
    };
    let number: f64 = number
        .parse()
        .map_err(|_| format!("`{}` is not a duration; write `5s`, `500ms` or `2m`", short(text)))?;
    let millis = (number * factor).round();
    if millis < 1.0 {
        return Err("a duration must be longer than nothing".to_owned());
    }
    if millis > LONGEST_MS {
        return Err(format!("`{}` is longer than an hour", short(text)));
    }
    Ok(millis as u64)
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

fn short(text: &str) -> String {
    const SHOWN: usize = 24;
    if text.chars().count() <= SHOWN {
        text.to_owned()
    } else {
        text.chars().take(SHOWN).chain(['…']).collect()
    }
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
