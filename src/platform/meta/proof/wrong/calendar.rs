//! Birth dates as faults spell them.
//! Never the clock: a date is the person's, not today's.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Draft, draft};
use crate::platform::meta::proof::slip::Slip;
use crate::platform::meta::proof::{Plain, right};

const SEPARATORS: [&str; 5] = ["-", "/", ".", " ", "_"];

/// Every wrong spelling of the person's birth date.
pub(in crate::platform::meta::proof) fn dates(person: Plain<'_>) -> Vec<Draft> {
    let Some(date) = person.get("birth_date").and_then(right::compact_date) else {
        return Vec::new();
    };
    let Ok(date) = Date::strptime("%Y%m%d", &date) else { return Vec::new() };
    written(date)
}

/// The wrong spellings that are common enough to be tried on a date of nobody in particular.
pub(in crate::platform::meta::proof) fn common(date: Date) -> Vec<Draft> {
    let (y, m, d) = (format!("{:04}", date.year()), pad(date.month()), pad(date.day()));
    let both = [Slip::DateOrder, Slip::DateFormat];
    vec![
        draft(format!("{y}-{m}-{d}"), &[Slip::DateFormat]),
        draft(format!("{d}{m}{y}"), &[Slip::DateOrder]),
        draft(format!("{m}{d}{y}"), &[Slip::DateOrder]),
        draft(format!("{m}/{d}/{y}"), &both),
        draft(format!("{d}/{m}/{y}"), &both),
        draft(format!("{d}.{m}.{y}"), &both),
        draft(format!("{}/{}/{y}", date.month(), date.day()), &both),
    ]
}

/// Every wrong spelling of a date.
fn written(date: Date) -> Vec<Draft> {
    let (y, m, d) = (format!("{:04}", date.year()), pad(date.month()), pad(date.day()));
    let (short_y, short_m, short_d) =
        (y[2..].to_owned(), date.month().to_string(), date.day().to_string());
    let order = [Slip::DateOrder];
    let both = [Slip::DateOrder, Slip::DateFormat];
    let mut found = vec![
        draft(format!("{d}{m}{y}"), &order),
        draft(format!("{m}{d}{y}"), &order),
        draft(format!("{y}{d}{m}"), &order),
        draft(format!("{short_y}{m}{d}"), &[Slip::DateFormat]),
        draft(format!("{y}{short_m}{short_d}"), &[Slip::DateFormat]),
        draft(format!("{d}{m}{short_y}"), &both),
        draft(format!("{m}{d}{short_y}"), &both),
        draft(&y, &[Slip::DateFormat]),
    ];
    for s in SEPARATORS {
        for (m, d) in [(&m, &d), (&short_m, &short_d)] {
            found.push(draft(format!("{y}{s}{m}{s}{d}"), &[Slip::DateFormat]));
            for y in [&y, &short_y] {
                found.push(draft(format!("{d}{s}{m}{s}{y}"), &both));
                found.push(draft(format!("{m}{s}{d}{s}{y}"), &both));
            }
        }
    }
    for time in ["T00:00:00", "T00:00:00Z", "T00:00:00.000Z", " 00:00:00", "T00:00:00+00:00"] {
        found.push(draft(format!("{y}-{m}-{d}{time}"), &[Slip::DateFormat]));
        found.push(draft(format!("{y}-{m}-{d}{}", time.to_lowercase()), &[Slip::DateFormat]));
    }
    for days in [-1, 1] {
        if let Ok(shifted) = date.checked_add(days.days()) {
            found.push(draft(shifted.strftime("%Y%m%d").to_string(), &[Slip::DayShifted]));
            found.push(draft(
                shifted.strftime("%Y-%m-%d").to_string(),
                &[Slip::DayShifted, Slip::DateFormat],
            ));
        }
    }
    found
}

fn pad(number: i8) -> String {
    format!("{number:02}")
}
