//! Sixteen bytes that are looked at together, on whatever vectors the machine has.
//!
//! Every answer is a mask with a bit per byte, the lowest for the first. Never beyond the
//! bytes of a text, never what they mean.

use wide::u8x16;

/// Bytes of a lane.
pub(super) const LANE: usize = 16;
/// The mask of all of them.
pub(super) const ALL: u32 = 0xffff;

/// Sixteen bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lane(u8x16);

impl Lane {
    /// These bytes.
    #[inline]
    pub(super) fn of(bytes: &[u8; LANE]) -> Lane {
        Lane(u8x16::new(*bytes))
    }

    /// The bytes from a place on; `None` where there are less than sixteen.
    #[inline]
    pub(super) fn at(bytes: &[u8], at: usize) -> Option<Lane> {
        bytes.get(at..)?.first_chunk().map(Lane::of)
    }

    #[inline]
    fn equal(self, byte: u8) -> u8x16 {
        self.0.simd_eq(u8x16::splat(byte))
    }

    /// Bytes from `first` on, so many of them.
    #[inline]
    fn among(self, first: u8, count: u8) -> u8x16 {
        let moved = self.0 - u8x16::splat(first);
        moved.min(u8x16::splat(count - 1)).simd_eq(moved)
    }

    /// Bytes that end a text of JSON, or break it, or begin an escape.
    #[inline]
    pub(super) fn ends(self) -> u32 {
        (self.equal(b'"') | self.equal(b'\\') | self.among(0, 0x20)).to_bitmask()
    }

    /// Bytes that are these.
    #[inline]
    pub(super) fn same(self, other: Lane) -> u32 {
        self.0.simd_eq(other.0).to_bitmask()
    }

    /// Digits.
    #[inline]
    pub(super) fn digits(self) -> u32 {
        self.among(b'0', 10).to_bitmask()
    }

    /// Hexadecimal digits without capitals.
    #[inline]
    pub(super) fn hex(self) -> u32 {
        (self.among(b'0', 10) | self.among(b'a', 6)).to_bitmask()
    }

    /// The length of the name of a host that ends here at the path, query or fragment: small
    /// letters, digits, single dots and hyphens, with a letter at its begin and at that of
    /// its last part. `None` for whatever else.
    #[inline]
    pub(super) fn host(self) -> Option<usize> {
        let end = (self.equal(b'/') | self.equal(b'?') | self.equal(b'#')).to_bitmask();
        let length = (end != 0).then(|| end.trailing_zeros())?;
        let of_host = (1 << length) - 1;
        let letters = self.among(b'a', 26).to_bitmask() & of_host;
        let dots = self.equal(b'.').to_bitmask() & of_host;
        let hyphens = self.equal(b'-').to_bitmask() & of_host;
        let good = letters | self.digits() & of_host | dots | hyphens;
        // The bit behind the last dot, or the first one.
        let last = (1 << dots.checked_ilog2().map_or(0, |at| at + 1)) & of_host;
        let is_host = good == of_host
            && dots & dots << 1 == 0
            && hyphens & hyphens << 1 == 0
            && letters & 1 == 1
            && letters & last != 0;
        is_host.then_some(length as usize)
    }

    /// Letters, digits, hyphens and underlines.
    #[inline]
    pub(super) fn word(self) -> u32 {
        let small = Lane(self.0 | u8x16::splat(0x20));
        let letters = small.among(b'a', 26);
        (letters | self.among(b'0', 10) | self.equal(b'-') | self.equal(b'_')).to_bitmask()
    }
}

/// True where all bytes are of a kind; `alone` says it of one.
#[inline]
pub(super) fn all(bytes: &[u8], kind: impl Fn(Lane) -> u32, alone: impl Fn(u8) -> bool) -> bool {
    let (lanes, rest) = bytes.as_chunks::<LANE>();
    if !lanes.iter().all(|lane| kind(Lane::of(lane)) == ALL) {
        return false;
    }
    match bytes.last_chunk::<LANE>() {
        // The last lane reaches back to bytes that were looked at.
        Some(last) => rest.is_empty() || kind(Lane::of(last)) == ALL,
        None => rest.iter().all(|byte| alone(*byte)),
    }
}

/// True for a text that JSON writes as it is, without escapes.
#[inline]
pub fn is_plain(text: &str) -> bool {
    all(
        text.as_bytes(),
        |lane| !lane.ends() & ALL,
        |byte| byte >= 0x20 && !matches!(byte, b'"' | b'\\'),
    )
}

/// A whole number of so few digits that it fits; `None` where something else is there.
#[inline]
pub fn whole_number(digits: &[u8]) -> Option<i64> {
    const MOST: usize = 18;
    if digits.is_empty() || digits.len() > MOST {
        return None;
    }
    // Eight digits at a time, from the end: the ones that overlap count as zeros.
    let Some(last) = digits.last_chunk::<8>() else { return few(digits) };
    let low = eight(*last)?;
    let before = &digits[..digits.len() - 8];
    let high = match before.last_chunk::<8>() {
        Some(middle) => eight(*middle)? + few(&before[..before.len() - 8])? * 100_000_000,
        None => few(before)?,
    };
    Some(high * 100_000_000 + low)
}

#[inline]
fn few(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum: i64, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| sum * 10 + i64::from(digit))
    })
}

/// Eight digits in one word: pairs, fours and eights are added up side by side.
#[inline]
fn eight(digits: [u8; 8]) -> Option<i64> {
    const TENS: u64 = 0x3030_3030_3030_3030;
    let word = u64::from_le_bytes(digits);
    // A byte is a digit where its upper half is 3, and stays 3 with six more.
    let all = word & (word.wrapping_add(0x0606_0606_0606_0606)) & 0xf0f0_f0f0_f0f0_f0f0;
    if all != TENS {
        return None;
    }
    let ones = word & 0x0f0f_0f0f_0f0f_0f0f;
    let pairs = (ones * 10 + (ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some(i64::from((fours * 10_000 + (fours >> 32)) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_as_it_is_alone() {
        for byte in 0..=255u8 {
            for place in [0, 7, 15] {
                let mut bytes = [b'.'; LANE];
                bytes[place] = byte;
                let lane = Lane::of(&bytes);
                let bit = |mask: u32| mask >> place & 1 == 1;
                assert_eq!(bit(lane.ends()), byte < 0x20 || matches!(byte, b'"' | b'\\'));
                assert_eq!(bit(lane.digits()), byte.is_ascii_digit());
                assert_eq!(bit(lane.hex()), matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
                assert_eq!(
                    bit(lane.word()),
                    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
                    "{byte}"
                );
                assert_eq!(lane.same(Lane::of(&[byte; LANE])) >> place & 1, 1);
            }
        }
    }

    #[test]
    fn names_of_hosts_are_told_with_their_length() {
        let host = |text: &str| {
            let padded = format!("{text:\0<16}");
            Lane::at(padded.as_bytes(), 0).expect("a lane").host()
        };
        for (text, length) in
            [("shop.test/a", 9), ("a-1.x?b=c", 5), ("www.shop.test#", 13), ("a/..//--", 1)]
        {
            assert_eq!(host(text), Some(length), "{text}");
        }
        for text in [
            "/a",
            "",
            "shop.test",
            "a..b/",
            ".a/",
            "a./",
            "1.2.3.4/",
            "xn--a.b/",
            "a.1/",
            "A.test/",
            "a b/",
            "9a.test/",
            "a_b.test/",
        ] {
            assert_eq!(host(text), None, "{text}");
        }
    }

    #[test]
    fn texts_of_every_length_are_looked_at_to_their_end() {
        for length in 0..50 {
            let good = vec![b'7'; length];
            let is_digit = |byte: u8| byte.is_ascii_digit();
            assert!(all(&good, Lane::digits, is_digit));
            for place in 0..length {
                let mut bad = good.clone();
                bad[place] = b'x';
                assert!(!all(&bad, Lane::digits, is_digit), "{place} of {length}");
            }
        }
        for text in ["plain", "\u{e9}", "sixteen and more of them"] {
            assert!(is_plain(text), "{text}");
            assert!(!is_plain(&format!("{text}\"{text}")) && !is_plain(&format!("{text}\n")));
        }
        assert_eq!(whole_number(b"1772452800123"), Some(1_772_452_800_123));
        let all = "987654321012345678";
        for length in 1..=all.len() {
            let text = &all[..length];
            assert_eq!(whole_number(text.as_bytes()), text.parse().ok(), "{text}");
            for (place, byte) in [(0, b'/'), (length - 1, b':'), (length / 2, 0xb0)] {
                let mut bad = text.as_bytes().to_vec();
                bad[place] = byte;
                assert_eq!(whole_number(&bad), None, "{bad:?}");
            }
        }
        for text in ["", "1x", "-1", "1234567890123456789"] {
            assert_eq!(whole_number(text.as_bytes()), None, "{text}");
        }
    }
}
