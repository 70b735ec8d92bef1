//! Lengths of time as people write them: `500ms`, `5s`, `1.5m`, `48h`, `2d`.
//!
//! One reader for scenarios, configuration and policy, so that a unit means the same
//! everywhere. Never what is waited for.

/// Milliseconds of each unit.
const UNITS: &[(&str, f64)] = &[
    ("ms", 1.0),
    ("s", 1_000.0),
    ("m", 60_000.0),
    ("min", 60_000.0),
    ("h", 3_600_000.0),
    ("d", 86_400_000.0),
];

/// Longest window that is accepted: that of offline events.
/// Meta, server event parameters, as of September 2026: 62 days for `physical_store`.
const LONGEST_WINDOW: Span = Span { millis: 62 * 86_400_000, words: "62 days" };

/// Characters of a wrong text that an error repeats.
const SHOWN: usize = 24;

/// What a place in a file accepts.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Longest length, in milliseconds.
    pub millis: u64,
    /// The same in words.
    pub words: &'static str,
}

/// Milliseconds of a text; the error says what is wrong, as a lowercase fragment.
///
/// `units` are the units that make sense in that place, `examples` what to write instead.
pub fn span(text: &str, units: &[&str], examples: &str, longest: Span) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    let wrong = || format!("`{}` is not a duration; write {examples}", short(text));
    if unit.is_empty() {
        return Err(format!("`{}` has no unit; write {examples}", short(text)));
    }
    let factor = UNITS.iter().find(|(known, _)| *known == unit && units.contains(known));
    let (_, factor) = factor.ok_or_else(wrong)?;
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let millis = (number * factor).round();
    if millis < 1.0 {
        return Err("a duration must be longer than nothing".to_owned());
    }
    if millis > longest.millis as f64 {
        return Err(format!("`{}` is longer than {}", short(text), longest.words));
    }
    Ok(millis as u64)
}

/// Milliseconds of a window between events: up to days.
pub fn window(text: &str) -> Result<u64, String> {
    span(text, &["ms", "s", "m", "min", "h", "d"], "`90s`, `5m` or `48h`", LONGEST_WINDOW)
}

/// A length in the largest unit that leaves no rest: `48 h`, `5 min`, `90 s`.
pub fn span_text(millis: i64) -> String {
    for (unit, size) in [("h", 3_600_000), ("min", 60_000), ("s", 1_000)] {
        if millis != 0 && millis % size == 0 {
            return format!("{} {unit}", millis / size);
        }
    }
    format!("{millis} ms")
}

/// A length as a reader wants it, rounded down: `40 ms`, `1.3 s`, `2 min 5 s`, `6 h 3 min`.
/// The sign is that of a difference.
pub fn rough_span(millis: i64) -> String {
    let sign = if millis < 0 { "−" } else { "" };
    match millis.unsigned_abs() {
        short @ 0..1_000 => format!("{sign}{short} ms"),
        middle @ 1_000..60_000 => format!("{sign}{:.1} s", middle as f64 / 1_000.0),
        long @ 60_000..3_600_000 => {
            format!("{sign}{} min {} s", long / 60_000, long % 60_000 / 1_000)
        }
        longest => format!("{sign}{} h {} min", longest / 3_600_000, longest % 3_600_000 / 60_000),
    }
}

fn short(text: &str) -> String {
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
    fn windows_are_read_up_to_days_and_written_back() {
        assert_eq!(window("48h"), Ok(172_800_000));
        assert_eq!(window("2d"), Ok(172_800_000));
        assert_eq!(window("5m"), window("300 s"));
        assert_eq!(span_text(172_800_000), "48 h");
        assert_eq!(span_text(300_000), "5 min");
        for (millis, words) in
            [(40, "40 ms"), (-1_300, "−1.3 s"), (125_000, "2 min 5 s"), (21_800_000, "6 h 3 min")]
        {
            assert_eq!(rough_span(millis), words);
        }
        assert_eq!(span_text(90_000), "90 s");
        assert_eq!(span_text(1_500), "1500 ms");
        assert_eq!(span_text(0), "0 ms");
    }

    #[test]
    fn what_is_no_window_is_refused_with_an_example() {
        for text in ["", "48", "h", "-1h", "0s", "63d", "2 weeks", "1e9s"] {
            assert!(window(text).is_err(), "{text}");
        }
        assert!(window("48").is_err_and(|what| what.contains("no unit") && what.contains("`48h`")));
    }
}
