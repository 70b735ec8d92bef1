//! A hash of texts and numbers that stays the same.
//!
//! Facts files hold what comes out of it. Never what is hashed.

/// A hash that is the same on every machine and in every version: facts files hold it.
#[derive(Debug, Clone, Copy)]
pub struct Hash(u64);

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const STEP: u64 = 0xd6e8_feb8_6659_fd93;

#[inline]
fn fold(left: u64, right: u64) -> u64 {
    let wide = u128::from(left) * u128::from(right);
    (wide as u64) ^ ((wide >> 64) as u64)
}

/// A number in the place of another, so that sums of several tell which stood where.
#[inline]
pub(super) fn mix(number: u64, place: u64) -> u64 {
    fold(number ^ SEED, STEP.wrapping_add(place << 1))
}

impl Hash {
    /// An empty one.
    pub fn new() -> Hash {
        Hash(SEED)
    }

    /// One that differs from others by its seed.
    pub fn seeded(seed: u64) -> Hash {
        Hash(fold(SEED ^ seed, STEP))
    }

    /// Adds a number.
    #[inline]
    pub fn add(&mut self, word: u64) {
        self.0 = fold(self.0 ^ word, STEP).wrapping_add(SEED);
    }

    /// Adds bytes and their length.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            self.add(u64::from_le_bytes(word));
        }
        // The bytes that are left, filled up with zeros.
        let rest = chunks.remainder();
        let word = match (rest.len(), bytes.last_chunk::<8>()) {
            (0, _) => 0,
            (count, Some(last)) => u64::from_le_bytes(*last) >> (64 - 8 * count),
            (_, None) => rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        self.add(word);
        self.add(bytes.len() as u64 | 1 << 63);
    }

    /// Adds a text.
    #[inline]
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// The result.
    #[inline]
    pub fn finish(self) -> u64 {
        fold(self.0 ^ STEP, SEED)
    }
}

impl Default for Hash {
    fn default() -> Hash {
        Hash::new()
    }
}

/// The hash of some bytes.
pub fn stable(bytes: &[u8]) -> u64 {
    let mut hash = Hash::new();
    hash.bytes(bytes);
    hash.finish()
}

/// 128 bits of some bytes: their [`stable`] hash, and another one beside it for which they
/// are taken sixteen at a time.
#[inline]
pub fn wide(bytes: &[u8]) -> [u64; 2] {
    let half = |half: &[u8; 8]| u64::from_le_bytes(*half);
    let take = |second: u64, part: &[u8; 16]| match part.as_chunks::<8>().0 {
        [low, high] => fold(half(low) ^ SEED, half(high) ^ second),
        _ => second,
    };
    let length = bytes.len() as u64;
    let (parts, _) = bytes.as_chunks::<16>();
    let second = parts.iter().fold(STEP ^ length, take);
    // The last part reaches back; a short text is filled up with zeros.
    let second = match bytes.last_chunk::<16>() {
        Some(last) => take(second, last),
        None => {
            let mut padded = [0; 16];
            padded[..bytes.len()].copy_from_slice(bytes);
            take(second, &padded)
        }
    };
    [stable(bytes), fold(second ^ length, STEP)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_same_everywhere_and_forever() {
        assert_eq!(stable(b""), stable(b""));
        assert_ne!(stable(b"a"), stable(b"a\0"));
        assert_ne!(stable(b"12345678"), stable(b"123456781"));
        // Facts files of other versions and machines hold these.
        assert_eq!(stable(b"fb.1.1772452800000.1234567890"), FIXED);
    }

    #[test]
    fn both_halves_of_a_wide_hash_tell_every_byte_and_length() {
        let text = b"3540bc83-9ea0-4f67-8066-dae1bdcec6b5";
        let mut seen: std::collections::HashMap<u64, String> = std::collections::HashMap::new();
        let mut take = |bytes: &[u8]| {
            let [first, second] = wide(bytes);
            assert_eq!(first, stable(bytes));
            let shown = format!("{bytes:?}");
            assert_eq!(seen.entry(second).or_insert_with(|| shown.clone()), &shown);
        };
        for length in 0..=text.len() {
            take(&text[..length]);
            for place in 0..length {
                for byte in [0, b'0', b'z', 255] {
                    let mut other = text[..length].to_vec();
                    other[place] = byte;
                    take(&other);
                }
            }
        }
    }

    #[test]
    fn the_last_bytes_count_as_if_zeros_followed() {
        let bytes: Vec<u8> = (1..=40).collect();
        for length in 0..bytes.len() {
            let mut padded = bytes[..length].to_vec();
            padded.resize(length / 8 * 8 + 8, 0);
            let mut hash = Hash::new();
            for word in padded.as_chunks::<8>().0 {
                hash.add(u64::from_le_bytes(*word));
            }
            hash.add(length as u64 | 1 << 63);
            assert_eq!(stable(&bytes[..length]), hash.finish(), "{length}");
        }
    }

    const FIXED: u64 = 10_878_505_395_103_214_897;
}
