//! The split of a suite over several machines: each part belongs to exactly one shard,
//! and every machine finds the same split without talking to the others.
//!
//! Never plays.

use std::fmt;
use std::str::FromStr;

/// One shard of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

impl Shard {
    /// Keeps the parts of this shard, in their order. `key` names a part the same way on
    /// every machine; parts are dealt out in the order of their names, so that shards
    /// differ by one part at most.
    pub fn pick<T>(self, parts: Vec<T>, key: impl Fn(&T) -> String) -> Vec<T> {
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
    fn what_is_no_shard_is_refused_with_an_example() {
        assert_eq!("2/5".parse(), Ok(Shard { number: 2, of: 5 }));
        for text in ["", "2", "0/5", "6/5", "a/b", "1/0", "-1/2"] {
            assert!(text.parse::<Shard>().is_err_and(|what| what.contains("2/5")), "{text}");
        }
    }
}
