//! An event in a hundred bytes: what joining and counting need, texts as hashes.
//!
//! Event ids are told apart by 128 bits: among a billion ids the chance that any two are
//! taken for one is below 10⁻²⁰.
//! Never a text, never a personal value.

use std::cmp::Ordering;

use crate::platform::meta::lean::Hash;

/// Facts that are yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Flag {
    /// From the server.
    Server = 1,
    /// Made by the platform itself.
    Automatic = 2,
    /// The platform refuses it.
    Refused = 4,
    /// It has an event id.
    Id = 8,
    /// It has a name.
    Name = 16,
    /// A further copy of an identity on its side; set by the join.
    Repeat = 32,
}

/// Stands for no time.
pub const NONE_TIME: i64 = i64::MIN;

/// One event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Hash of the event id; of the visitor where there is none.
    pub id: [u64; 2],
    /// Arrival, Unix milliseconds.
    pub caught: i64,
    /// Time of the event, Unix milliseconds, or [`NONE_TIME`].
    pub time: i64,
    /// Conversion value; not a number where there is none.
    pub value: f64,
    /// Stands for the browser id; 0 where there is none.
    pub visitor: u64,
    /// Stands for parameters and page.
    pub content: u64,
    /// Hash of the id without case, white space, punctuation and leading zeros.
    pub fold: u64,
    /// Where it stands in the inputs.
    pub spot: u64,
    /// Match keys that are there.
    pub keys: u32,
    /// Those that are well formed.
    pub valid: u32,
    /// Length of the event id in characters.
    pub length: u16,
    /// Number of the pixel.
    pub pixel: u16,
    /// Number of the event name.
    pub name: u16,
    /// Number of the currency, 0 where there is none.
    pub currency: u16,
    /// See [`Flag`].
    pub flags: u8,
    /// Number of the id's scheme.
    pub scheme: u8,
}

/// Bytes of a row on disk.
pub const ROW_BYTES: usize = 2 * 8 + 7 * 8 + 2 * 4 + 4 * 2 + 2;

impl Row {
    /// True where the flag is set.
    #[inline]
    pub fn is(&self, flag: Flag) -> bool {
        self.flags & flag as u8 != 0
    }

    /// Sets a flag.
    #[inline]
    pub fn set(&mut self, flag: Flag) {
        self.flags |= flag as u8;
    }

    /// 0 for the browser, 1 for the server.
    #[inline]
    pub fn side(&self) -> usize {
        usize::from(self.is(Flag::Server))
    }

    /// What else than the time of arrival sets rows in order: stands for all that facts hold
    /// of the row, so that every engine has the same order. Rows of one `tie` are alike.
    pub fn tie(&self) -> i64 {
        let known = Flag::Server as u8
            | Flag::Automatic as u8
            | Flag::Refused as u8
            | Flag::Id as u8
            | Flag::Name as u8;
        let mut hash = Hash::seeded(9);
        hash.add(self.content);
        hash.add(self.visitor);
        hash.add(self.value.to_bits());
        hash.add(u64::from(self.keys) << 32 | u64::from(self.valid));
        hash.add(self.time as u64);
        hash.add(u64::from(self.flags & known));
        if self.is(Flag::Id) {
            hash.add(self.id[0]);
        }
        hash.finish() as i64
    }

    /// The order of arrival; the browser's first in one millisecond.
    pub(super) fn arrival(&self, other: &Row) -> Ordering {
        // Nearly always times differ, and what else sets rows in order is not made up for nothing.
        (self.caught, self.side())
            .cmp(&(other.caught, other.side()))
            .then_with(|| (self.tie(), self.spot).cmp(&(other.tie(), other.spot)))
    }

    /// True for rows that pair and repeat: the platform's own and nameless ones do not.
    #[inline]
    pub(super) fn joins(&self) -> bool {
        self.is(Flag::Name) && !self.is(Flag::Automatic)
    }

    /// The row in bytes, the same on every machine.
    pub fn write(&self, out: &mut Vec<u8>) {
        let words = [
            self.id[0],
            self.id[1],
            self.caught as u64,
            self.time as u64,
            self.value.to_bits(),
            self.visitor,
            self.content,
            self.fold,
            self.spot,
        ];
        for word in words {
            out.extend_from_slice(&word.to_le_bytes());
        }
        for word in [self.keys, self.valid] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        for word in [self.length, self.pixel, self.name, self.currency] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        out.extend_from_slice(&[self.flags, self.scheme]);
    }

    /// Reads what [`Row::write`] wrote.
    pub fn read(bytes: &[u8; ROW_BYTES]) -> Row {
        let long = |place: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[place * 8..place * 8 + 8]);
            u64::from_le_bytes(word)
        };
        let middle = |place: usize| {
            let mut word = [0; 4];
            word.copy_from_slice(&bytes[72 + place * 4..76 + place * 4]);
            u32::from_le_bytes(word)
        };
        let short =
            |place: usize| u16::from_le_bytes([bytes[80 + place * 2], bytes[81 + place * 2]]);
        Row {
            id: [long(0), long(1)],
            caught: long(2) as i64,
            time: long(3) as i64,
            value: f64::from_bits(long(4)),
            visitor: long(5),
            content: long(6),
            fold: long(7),
            spot: long(8),
            keys: middle(0),
            valid: middle(1),
            length: short(0),
            pixel: short(1),
            name: short(2),
            currency: short(3),
            flags: bytes[88],
            scheme: bytes[89],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_survives_the_disk() {
        let row = Row {
            id: [1, u64::MAX],
            caught: -5,
            time: NONE_TIME,
            value: 42.5,
            visitor: 3,
            content: 4,
            fold: 5,
            spot: 6,
            keys: 7,
            valid: 8,
            length: 9,
            pixel: 10,
            name: 11,
            currency: 12,
            flags: Flag::Server as u8 | Flag::Id as u8,
            scheme: 13,
        };
        let mut bytes = Vec::new();
        row.write(&mut bytes);
        assert_eq!(bytes.len(), ROW_BYTES);
        assert_eq!(Row::read(bytes.as_slice().try_into().expect("the length is checked")), row);
    }
}
