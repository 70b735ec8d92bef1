//! Times as logs write them.
//!
//! Never what happened at a time.

use crate::platform::meta::lean::whole_number;

/// Unix milliseconds out of a figure in seconds, milliseconds, microseconds or
/// nanoseconds, or out of a date with its zone.
pub(super) fn time(text: &str) -> Option<i64> {
    if text.len() == 13
        && let Some(millis) = whole_number(text.as_bytes())
    {
        return Some(millis);
    }
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return Some(unix(number));
    }
    fixed(text.as_bytes())
        .or_else(|| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond))
        .or_else(|| {
            // Without a zone a time is taken for UTC.
            let civil: jiff::civil::DateTime = text.parse().ok()?;
            Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
        })
}

/// The time that a field says, with what another field of the same line said before it: many
/// logs have the date in one and the time of the day in another.
pub(super) fn joined(before: Option<i64>, text: &str) -> Option<i64> {
    let is_part = |time: i64| (0..DAY_MS).contains(&time);
    match (before, of_day(text)) {
        (Some(date), Some(clock)) if date % DAY_MS == 0 => Some(date + clock),
        (Some(before), Some(_)) => Some(before),
        (None, Some(clock)) => Some(clock),
        (before, None) => match (time(text), before.filter(|before| is_part(*before))) {
            (Some(date), Some(clock)) if date % DAY_MS == 0 => Some(date + clock),
            (found, _) => found.or(before),
        },
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Milliseconds since midnight out of `HH:MM:SS[.fff]`.
fn of_day(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.as_bytes().get(2) != Some(&b':') {
        return None;
    }
    let clock: jiff::civil::Time = text.parse().ok()?;
    let seconds = i64::from(clock.hour()) * 3600 + i64::from(clock.minute()) * 60;
    Some((seconds + i64::from(clock.second())) * 1000 + i64::from(clock.millisecond()))
}

/// Unix milliseconds out of a figure in seconds, milliseconds, microseconds or nanoseconds.
pub(super) fn unix(number: f64) -> i64 {
    match number.abs() {
        size if size < 1e11 => (number * 1e3).round() as i64,
        size if size < 1e14 => number as i64,
        size if size < 1e17 => (number / 1e3) as i64,
        _ => (number / 1e6) as i64,
    }
}

/// `YYYY-MM-DDTHH:MM:SS[.mmm]Z`, by far the most usual form.
fn fixed(text: &[u8]) -> Option<i64> {
    let number = |from: usize, to: usize| {
        text.get(from..to)?.iter().try_fold(0i64, |sum, byte| {
            byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0'))
        })
    };
    let sign = |at: usize, wanted: u8| (text.get(at) == Some(&wanted)).then_some(());
    let millis = match text.len() {
        20 => 0,
        24 => {
            sign(19, b'.')?;
            number(20, 23)?
        }
        _ => return None,
    };
    if text.last() != Some(&b'Z') || !matches!(text.get(10), Some(b'T' | b' ')) {
        return None;
    }
    sign(4, b'-')?;
    sign(7, b'-')?;
    sign(13, b':')?;
    sign(16, b':')?;
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month)
        || !(1..=28).contains(&day)
        || hour > 23
        || minute > 59
        || second > 59
    {
        // Ends of months and leap seconds are for the full parser.
        return None;
    }
    // Days from a civil date (Hinnant, "chrono-compatible low-level date algorithms").
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_unit_and_as_dates() {
        let at = 1_772_452_800_123;
        for text in [
            "1772452800.123",
            "1772452800123",
            "1772452800123000",
            "1772452800123000000",
            "2026-03-02T12:00:00.123Z",
            "2026-03-02T13:00:00.123+01:00",
            "2026-03-02 12:00:00.123",
        ] {
            assert_eq!(time(text), Some(at), "{text}");
        }
        assert_eq!(time("2024-02-29T00:00:00Z"), Some(1_709_164_800_000));
        for (text, same) in
            [("2026-03-02T12:00:00Z", 1_772_452_800_000), ("1999-12-31T23:59:59Z", 946_684_799_000)]
        {
            assert_eq!(time(text), Some(same), "{text}");
        }
        assert_eq!(time("yesterday"), None);
    }

    #[test]
    fn a_date_and_a_time_of_the_day_are_one_time_in_either_order() {
        let at = 1_772_452_800_000;
        for order in [["2026-03-02", "12:00:00"], ["12:00:00", "2026-03-02"]] {
            assert_eq!(order.into_iter().fold(None, joined), Some(at), "{order:?}");
        }
        assert_eq!(joined(joined(None, "2026-03-02"), "00:00:00.250"), Some(1_772_409_600_250));
        // A whole time stands, whatever part of it is said beside it.
        assert_eq!(joined(joined(None, "1772452800.123"), "12:00:01"), Some(at + 123));
        assert_eq!(joined(joined(None, "2026-03-02"), "1772452800123"), Some(at + 123));
        assert_eq!(joined(None, "yesterday"), None);
    }
}
