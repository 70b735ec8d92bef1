//! Counts the bits of many masks: the count of each bit stands upright, one digit to a
//! word, so that one addition serves all bits at once.
//!
//! Never what a bit stands for.

/// Digits of a count; what goes beyond is handed out.
const DIGITS: usize = 8;
/// What a bit that is handed out stands for.
pub(super) const FULL: u32 = 1 << DIGITS;

/// How often each bit was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Bits([u64; DIGITS]);

impl Bits {
    /// Counts the bits of a mask. Those that come back have gone [`FULL`] times beyond what
    /// is counted here.
    #[inline]
    pub(super) fn add(&mut self, mask: u64) -> u64 {
        let mut carry = mask;
        // No way out before the end: where it would be, nobody could foresee.
        for digit in &mut self.0 {
            let sum = *digit ^ carry;
            carry &= *digit;
            *digit = sum;
        }
        carry
    }

    /// Tells every bit that was set, in portions, and counts from zero again.
    pub(super) fn drain(&mut self, mut tell: impl FnMut(usize, u32)) {
        for (digit, worth) in std::mem::take(&mut self.0).into_iter().zip(0..) {
            each(digit, |bit| tell(bit, 1 << worth));
        }
    }
}

/// Does something for each bit that is set.
pub(super) fn each(mut mask: u64, mut tell: impl FnMut(usize)) {
    while mask != 0 {
        tell(mask.trailing_zeros() as usize);
        mask &= mask - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_is_counted_however_often_it_is_set() {
        let mut bits = Bits::default();
        let mut counts = [0; 64];
        let mut plain = [0; 64];
        for number in 0_u64..100_000 {
            let mask = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 << 63;
            each(mask, |bit| plain[bit] += 1);
            each(bits.add(mask), |bit| counts[bit] += FULL);
        }
        bits.drain(|bit, more| counts[bit] += more);
        assert_eq!(counts, plain);
        assert_eq!(counts[63], 100_000);
        assert_eq!(bits, Bits::default());
    }
}
