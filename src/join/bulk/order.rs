//! Brings places with the same key together: one pass by the leading bits of the key, then
//! whatever shares them is sorted by itself.
//!
//! Keys are hashes, so that few share their leading bits; where many do, the order costs
//! what any sort costs. Never what a key or a place stands for.

/// A key and where what it belongs to stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Entry {
    pub(super) key: u64,
    pub(super) batch: u32,
    pub(super) place: u32,
}

/// Room for entries and their order, to be used again and again.
#[derive(Debug, Default)]
pub(super) struct Order {
    taken: Vec<Entry>,
    sorted: Vec<Entry>,
    ends: Vec<u32>,
}

impl Order {
    /// Forgets all entries.
    pub(super) fn clear(&mut self) {
        self.taken.clear();
    }

    /// Takes an entry.
    #[inline]
    pub(super) fn push(&mut self, key: u64, batch: u32, place: u32) {
        self.taken.push(Entry { key, batch, place });
    }

    /// The entries by key, batch and place. All keys have as many leading bits in common as
    /// `common` says.
    pub(super) fn sort(&mut self, common: u32) -> &mut [Entry] {
        let count = self.taken.len();
        if count < 2 {
            return &mut self.taken;
        }
        let bits = count.ilog2();
        let bucket = |key: u64| ((key << common) >> (64 - bits)) as usize;
        self.ends.clear();
        self.ends.resize(1 << bits, 0);
        for entry in &self.taken {
            self.ends[bucket(entry.key)] += 1;
        }
        let mut begin = 0;
        for end in &mut self.ends {
            begin += std::mem::replace(end, begin);
        }
        if self.sorted.len() < count {
            self.sorted.resize(count, Entry::default());
        }
        let sorted = &mut self.sorted[..count];
        for entry in &self.taken {
            let end = &mut self.ends[bucket(entry.key)];
            sorted[*end as usize] = *entry;
            *end += 1;
        }
        let mut begin = 0;
        for end in &self.ends {
            let end = *end as usize;
            if end - begin > 1 {
                sorted[begin..end].sort_unstable();
            }
            begin = end;
        }
        sorted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_a_plain_sort_whatever_the_keys() {
        let mut order = Order::default();
        let hash = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for (common, key) in [
            (0, &hash as &dyn Fn(u64) -> u64),
            (6, &|number| hash(number) >> 6),
            (0, &|number| hash(number % 7)),
            (0, &|_| u64::MAX),
            (0, &|number| number),
        ] {
            for count in [0, 1, 2, 3, 1000] {
                order.clear();
                let mut plain = Vec::new();
                for number in (0..count).rev() {
                    order.push(key(number), number as u32 % 3, number as u32);
                    plain.push((key(number), number as u32 % 3, number as u32));
                }
                plain.sort_unstable();
                let found = order.sort(common);
                assert!(
                    found.iter().map(|entry| (entry.key, entry.batch, entry.place)).eq(plain),
                    "{count} keys, {common} bits in common"
                );
            }
        }
    }
}
