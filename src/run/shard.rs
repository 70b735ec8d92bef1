//! The split of a suite over several machines: each part belongs to exactly one shard,
//! and every machine finds the same split without talking to the others.
//!
//! Never plays.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::Error;
use super::artefacts::hash_of;
use crate::capture::ShardRecord;

/// One shard of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

impl Shard {
    /// Keeps what of a suite belongs to this shard, in its order, and says of which suite it
    /// is a part. Parts of the same unit stay together; `unit` names it the same way on every
    /// machine.
    pub(super) fn share<T>(
        self,
        parts: Vec<T>,
        unit: impl Fn(&T) -> String,
    ) -> Result<(Vec<T>, ShardRecord), Error> {
        let all: BTreeSet<String> = parts.iter().map(&unit).collect();
        let names: Vec<&str> = all.iter().map(String::as_str).collect();
        let record = ShardRecord {
            number: self.number,
            of: self.of,
            units: names.len() as u64,
            suite: hash_of(names.join("\n").as_bytes()).map_err(|cause| Error::Engine {
                stage: "the split of the suite",
                what: cause.to_string(),
            })?,
        };
        let count = all.len();
        let mine: BTreeSet<String> =
            self.pick(all.into_iter().collect(), String::clone).into_iter().collect();
        if mine.is_empty() {
            return Err(Error::Nothing {
                what: format!(
                    "shard {self} has nothing to play: there are {count} scenarios with their profiles; use at most that many shards"
                ),
            });
        }
        Ok((parts.into_iter().filter(|part| mine.contains(&unit(part))).collect(), record))
    }

    /// Keeps the parts of this shard, in their order. `key` names a part the same way on
    /// every machine; parts are dealt out in the order of their names, so that shards
    /// differ by one part at most.
    fn pick<T>(self, parts: Vec<T>, key: impl Fn(&T) -> String) -> Vec<T> {
        let mut order: Vec<(String, usize)> =
            parts.iter().enumerate().map(|(at, part)| (key(part), at)).collect();
        order.sort();
        let mut mine = vec![false; parts.len()];
        for (place, (_, at)) in order.iter().enumerate() {
            mine[*at] = place % self.of as usize == self.number as usize - 1;
        }
        parts.into_iter().zip(mine).filter(|(_, mine)| *mine).map(|(part, _)| part).collect()
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let wrong = || format!("`{text}` is not a shard; write 2/5 for the second of five");
        let (number, of) = text.split_once('/').ok_or_else(wrong)?;
        let shard = Shard {
            number: number.parse().map_err(|_| wrong())?,
            of: of.parse().map_err(|_| wrong())?,
        };
        if (1..=shard.of).contains(&shard.number) { Ok(shard) } else { Err(wrong()) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_in_exactly_one_shard_whatever_the_order_of_files() {
        let mut parts: Vec<u32> = (0..17).collect();
        let split = |parts: &[u32], of: u32| -> Vec<Vec<u32>> {
            (1..=of)
                .map(|number| {
                    let mut mine =
                        Shard { number, of }.pick(parts.to_vec(), |part| format!("{part:03}"));
                    mine.sort_unstable();
                    mine
                })
                .collect()
        };
        let shards = split(&parts, 5);
        let mut all: Vec<u32> = shards.concat();
        all.sort_unstable();
        assert_eq!(all, parts);
        assert!(shards.iter().all(|shard| shard.len() == 3 || shard.len() == 4));
        parts.reverse();
        assert_eq!(split(&parts, 5), shards);
    }

    #[test]
    fn shards_of_one_suite_say_so_and_keep_units_whole() {
        let parts: Vec<u32> = (0..20).collect();
        let share = |number, parts: &[u32]| {
            Shard { number, of: 2 }.share(parts.to_vec(), |part| format!("unit {}", part / 4))
        };
        let (one, of_one) = share(1, &parts).expect("five units");
        let (two, of_two) = share(2, &parts).expect("five units");
        assert_eq!((one.len(), two.len()), (12, 8));
        assert_eq!((of_one.units, of_one.suite.len()), (5, 64));
        assert_eq!(of_one.suite, of_two.suite);
        let (_, other) = share(1, &parts[..16]).expect("four units");
        assert_ne!(other.suite, of_one.suite);
        let none = share(2, &parts[..4]).expect_err("one unit").to_string();
        assert!(none.contains("shard 2/2 has nothing to play"), "{none}");
    }

    #[test]
    fn what_is_no_shard_is_refused_with_an_example() {
        assert_eq!("2/5".parse(), Ok(Shard { number: 2, of: 5 }));
        for text in ["", "2", "0/5", "6/5", "a/b", "1/0", "-1/2"] {
            assert!(text.parse::<Shard>().is_err_and(|what| what.contains("2/5")), "{text}");
        }
    }
}
