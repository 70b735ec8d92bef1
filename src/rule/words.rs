//! Small pieces of the sentences that findings are made of.
//!
//! Never a whole sentence: each rule has its own.

/// `one event` or `3 events`.
pub(super) fn several(count: usize, noun: &str) -> String {
    if count == 1 { format!("one {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_a_word_and_more_are_figures() {
        assert_eq!((several(1, "call"), several(3, "call")), ("one call".into(), "3 calls".into()));
    }
}
