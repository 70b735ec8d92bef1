//! Where in a text a fault is, and which word was meant.

use crate::event::Place;

/// Line, column in characters and the line itself at a byte of a text.
pub(in crate::gate) fn locate(text: &str, at: usize) -> (Place, String) {
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let place = Place {
        line: text[..start].matches('\n').count() as u32 + 1,
        column: text[start..at].chars().count() as u32 + 1,
    };
    (place, line.trim().to_owned())
}

/// The nearest word, or all of them where they are few.
pub(super) fn suggest<T: AsRef<str>>(wrong: &str, candidates: &[T]) -> Option<String> {
    // Two slips in a short word, a third of a long one: beyond that a guess misleads.
    let bound = (wrong.chars().count() / 3).max(2);
    let nearest = candidates
        .iter()
        .map(AsRef::as_ref)
        .map(|word| {
            (strsim::damerau_levenshtein(&wrong.to_lowercase(), &word.to_lowercase()), word)
        })
        .min_by_key(|(distance, _)| *distance)?;
    if nearest.0 <= bound {
        return Some(format!("did you mean `{}`?", nearest.1));
    }
    // `warning` for `warn`, `phone` for `ph`.
    let stem = candidates.iter().map(AsRef::as_ref).find(|word| wrong.starts_with(word));
    if let Some(word) = stem {
        return Some(format!("did you mean `{word}`?"));
    }
    (candidates.len() <= 6).then(|| {
        let words: Vec<&str> = candidates.iter().map(AsRef::as_ref).collect();
        format!("it is one of {}", words.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_survive_any_offset() {
        assert_eq!(locate("é = 1\nü = x", 12).0, Place { line: 2, column: 5 });
        assert_eq!(locate("ab", 99).0, Place { line: 1, column: 3 });
        assert_eq!(locate("", 0).0, Place { line: 1, column: 1 });
    }
}
