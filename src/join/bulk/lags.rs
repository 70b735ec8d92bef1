//! From the browser half of pairs to the server half: every lag, by hour and event name.
//!
//! Never a percentile: those are for whoever shows them.

use std::ops::Range;

/// The lags of all pairs, those of one hour and event name side by side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lags {
    /// Unix hour of the browser half, number of the event name, and where their lags end;
    /// by hour, then name.
    pub(super) ends: Vec<(i64, u16, usize)>,
    pub(super) millis: Vec<i32>,
}

impl Lags {
    /// Lags of pairs whose browser half arrived in these Unix hours, in milliseconds, by
    /// number of their event name. At most the platform's window.
    pub fn of(&self, hours: Range<i64>) -> impl Iterator<Item = (u16, &[i32])> {
        let from = self.ends.partition_point(|(hour, ..)| *hour < hours.start);
        let before = from.checked_sub(1).map_or(0, |last| self.ends[last].2);
        self.ends[from..].iter().take_while(move |(hour, ..)| *hour < hours.end).scan(
            before,
            |begin, (_, name, end)| {
                let begin = std::mem::replace(begin, *end);
                Some((*name, &self.millis[begin..*end]))
            },
        )
    }

    /// All of them.
    pub fn all(&self) -> &[i32] {
        &self.millis
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lags_are_found_by_hour() {
        let lags = Lags {
            ends: vec![(10, 1, 2), (10, 4, 3), (11, 1, 3), (24, 1, 5)],
            millis: vec![7, 8, 9, -1, -2],
        };
        let of = |hours: Range<i64>| -> Vec<(u16, Vec<i32>)> {
            lags.of(hours).map(|(name, millis)| (name, millis.to_vec())).collect()
        };
        assert_eq!(of(10..11), [(1, vec![7, 8]), (4, vec![9])]);
        assert_eq!(of(11..25), [(1, vec![]), (1, vec![-1, -2])]);
        assert!(of(0..10).is_empty() && of(25..30).is_empty());
        assert_eq!(lags.all().len(), 5);
    }
}
