//! Numbers written in two ways: leading zeros, decimals, thousands, exponents, and what a
//! spreadsheet or a floating-point type makes of long ones.
//!
//! Never a floating-point comparison: ids are longer than one holds.

/// Significant digits that an exponent form keeps at least where it rounds; with fewer many
/// numbers would look like one.
const FEWEST_ROUNDED: usize = 5;

/// A decimal number: its significant digits, and the power of ten of the last of them.
#[derive(PartialEq, Eq)]
struct Decimal {
    digits: String,
    power: i64,
    /// Written with an exponent, which may have rounded it.
    exponent: bool,
}

/// True for two texts of one number.
pub(super) fn same(left: &str, right: &str) -> bool {
    let (Some(left), Some(right)) = (decimal(left), decimal(right)) else { return false };
    if left.digits == right.digits && left.power == right.power {
        return true;
    }
    rounds_to(&right, &left) || rounds_to(&left, &right)
}

/// True where the second is the first as an exponent form with fewer digits gives it.
fn rounds_to(exact: &Decimal, short: &Decimal) -> bool {
    let (kept, length) = (short.digits.len(), exact.digits.len());
    let top = |number: &Decimal| number.power + number.digits.len() as i64;
    if !short.exponent || kept < FEWEST_ROUNDED || kept >= length || top(exact) != top(short) {
        return false;
    }
    // A nine that rounds up to the next power of ten is left aside: it would have one digit.
    let up = exact.digits.as_bytes()[kept] >= b'5';
    let head: u128 = exact.digits[..kept].parse().unwrap_or_default();
    short.digits.parse() == Ok(head + u128::from(up))
}

fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim_matches('"');
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, power)) => (mantissa, Some(power.parse::<i32>().ok()?)),
        None => (text, None),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = whole.chars().filter(|c| *c != ',').chain(part.chars()).collect();
    let figures = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || digits.is_empty() || !figures(&digits) {
        return None;
    }
    let kept = digits.trim_end_matches('0');
    let power = (digits.len() - kept.len()) as i64 - part.len() as i64;
    Some(Decimal {
        digits: kept.trim_start_matches('0').to_owned(),
        power: if kept.is_empty() { 0 } else { power + i64::from(exponent.unwrap_or(0)) },
        exponent: exponent.is_some(),
    })
}
