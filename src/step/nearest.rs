//! The known word that an unknown one was probably meant to be.

/// Longer than any word we know: hostile texts are not compared at length.
const LONGEST: usize = 64;

/// The candidate closest to a word, where one is close enough to be worth naming.
///
/// Letter case is ignored, a missing or swapped letter costs little, and a word that
/// is the beginning of exactly one candidate stands for it.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let allowed = match word.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        length => length / 3,
    };
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let closest = candidates
        .iter()
        .map(|candidate| {
            (strsim::damerau_levenshtein(&word, &candidate.to_lowercase()), *candidate)
        })
        .filter(|(distance, candidate)| {
            *distance <= allowed && *distance < candidate.chars().count()
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate);
    closest.or_else(|| {
        let mut longer =
            candidates.iter().filter(|candidate| candidate.to_lowercase().starts_with(&word));
        let first = longer.next()?;
        (word.chars().count() >= 2 && longer.next().is_none()).then_some(*first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &[&str] = &["visit", "click", "fill", "select", "evaluate"];

    #[test]
    fn slips_of_the_keyboard_find_their_word() {
        let near = |word| nearest(word, WORDS.iter().copied());
        assert_eq!(near("clik"), Some("click"));
        assert_eq!(near("Click"), Some("click"));
        assert_eq!(near("cilck"), Some("click"));
        assert_eq!(near("eval"), Some("evaluate"));
    }

    #[test]
    fn foreign_words_find_nothing() {
        let near = |word| nearest(word, WORDS.iter().copied());
        assert_eq!(near("banana"), None);
        assert_eq!(near(""), None);
        assert_eq!(near(&"x".repeat(10_000)), None);
    }
}
