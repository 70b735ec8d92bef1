//! Where a row comes from, in eight bytes: input, block, line.
//!
//! Lines are counted within their block while blocks are read in parallel; the number in
//! the file is known once all blocks are.
//! Never a path, never a text.

/// A place in the inputs. Ordered as the inputs are read by a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Spot(pub u64);

const LINE_BITS: u32 = 28;
const BLOCK_BITS: u32 = 24;

impl Spot {
    /// A line, from 0, of a block of an input.
    pub(super) fn new(input: usize, block: u64, line: u64) -> Spot {
        let cut = |number: u64, bits: u32| number.min((1 << bits) - 1);
        Spot(
            cut(input as u64, 64 - LINE_BITS - BLOCK_BITS) << (LINE_BITS + BLOCK_BITS)
                | cut(block, BLOCK_BITS) << LINE_BITS
                | cut(line, LINE_BITS),
        )
    }

    /// Number of the input, from 0.
    pub fn input(self) -> usize {
        (self.0 >> (LINE_BITS + BLOCK_BITS)) as usize
    }

    /// Number of the block, from 0.
    pub(super) fn block(self) -> usize {
        (self.0 >> LINE_BITS & ((1 << BLOCK_BITS) - 1)) as usize
    }

    /// Number of the line in its block, from 0.
    pub(super) fn line(self) -> u64 {
        self.0 & ((1 << LINE_BITS) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_keep_their_parts_and_their_order() {
        let spot = Spot::new(3, 70_000, 12_345);
        assert_eq!((spot.input(), spot.block(), spot.line()), (3, 70_000, 12_345));
        assert!(Spot::new(0, 9, 9) < Spot::new(0, 10, 0));
        assert!(Spot::new(0, 10, 0) < Spot::new(1, 0, 0));
    }
}
