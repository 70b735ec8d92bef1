//! Figures at the cursor of a scan, read and checked in one step.
//!
//! Reads the usual ones; whatever else JSON takes for a number is left where it stands.
//! Never what a figure means.

use super::super::lane::{LANE, Lane, whole_number};
use super::Scan;

impl<'a> Scan<'a> {
    /// Passes a whole number without a sign at the cursor; `None`, and nothing is passed, where
    /// something else is there.
    #[inline]
    pub fn whole_number(&mut self) -> Option<i64> {
        let (number, length) = self.digits()?;
        let is_whole = matches!(self.rest().get(length), Some(b',' | b'}'));
        if is_whole {
            self.at += length;
        }
        is_whole.then_some(number)
    }

    /// Passes a figure of JSON at the cursor, as people write amounts: its text, and what it
    /// comes to. `None`, and nothing is passed, where something else is there.
    #[inline]
    pub(in crate::platform::meta::lean) fn amount(&mut self) -> Option<(&'a str, f64)> {
        /// Powers of ten that a figure with a fraction is divided by, without loss.
        const TENTHS: [f64; 4] = [1.0, 10.0, 100.0, 1000.0];
        /// Whole numbers below it are exact (IEEE 754, 53 bits).
        const EXACT: i64 = 1 << 53;
        let rest = self.rest();
        let (mut number, mut length) = self.digits()?;
        let mut tenths = 0;
        if rest.get(length) == Some(&b'.') {
            length += 1;
            while let Some(digit) = rest.get(length).map(|byte| byte.wrapping_sub(b'0')) {
                if digit > 9 {
                    break;
                }
                number = number * 10 + i64::from(digit);
                (tenths, length) = (tenths + 1, length + 1);
                if tenths >= TENTHS.len() || number >= EXACT {
                    return None;
                }
            }
            if tenths == 0 {
                return None;
            }
        }
        if number >= EXACT || !matches!(rest.get(length), Some(b',' | b'}')) {
            return None;
        }
        let text = self.text.get(self.at..self.at + length)?;
        self.at += length;
        // One rounding of an exact quotient: what any right parser finds.
        Some((text, number as f64 / TENTHS[tenths]))
    }

    /// The digits of a whole number at the cursor, without zeros before it, and how many.
    #[inline]
    fn digits(&self) -> Option<(i64, usize)> {
        let rest = self.rest();
        let length = match Lane::at(rest, 0) {
            Some(lane) => (!lane.digits()).trailing_zeros() as usize,
            None => rest.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        };
        let digits = rest.get(..length).filter(|_| (1..LANE).contains(&length))?;
        let is_number = digits[0] != b'0' || length == 1;
        is_number.then(|| whole_number(digits)).flatten().map(|number| (number, length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_any_parser_reads_them() {
        for text in ["0", "7", "107.35", "0.1", "0.001", "12.5", "9999999999999.99", "4.20"] {
            let line = format!("{text}}}");
            let mut scan = Scan::over(&line);
            let (read, amount) = scan.amount().expect("an amount");
            assert_eq!((read, amount), (text, text.parse().expect("a figure")), "{text}");
            assert_eq!(scan.at(), text.len());
        }
        for text in ["", "-1}", "1.}", "01}", "1e5}", "1.23456}", ".5}", "1.5", "1 }", "x"] {
            let mut scan = Scan::over(text);
            assert_eq!((scan.amount(), scan.at()), (None, 0), "{text}");
        }
    }
}
