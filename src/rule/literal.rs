//! Words of programming languages that stand where a value was forgotten.
//!
//! Never which fields may hold them: that is for the rules.

/// The word that a text is, where some language prints it for a missing value. The empty
/// text is not among them.
pub(super) fn null_literal(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let folded = text.to_ascii_lowercase();
    match folded.as_str() {
        "undefined" => Some("undefined"),
        "null" | "(null)" => Some("null"),
        "nan" => Some("NaN"),
        "[object object]" => Some("[object Object]"),
        // These are words of other things as well, unless written as the language prints them.
        _ if text == "None" => Some("None"),
        _ if text == "nil" => Some("nil"),
        _ => None,
    }
}

/// True for a text that says nothing: empty, blank, or a [`null_literal`].
pub(super) fn says_nothing(text: &str) -> bool {
    text.trim().is_empty() || null_literal(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_for_nothing_are_taken_for_nothing() {
        for text in ["undefined", " null ", "NaN", "nan", "[object Object]", "None", ""] {
            assert!(says_nothing(text), "{text:?}");
        }
        for text in ["none", "0", "false", "nullable", "Nil", "undefined-1"] {
            assert!(!says_nothing(text), "{text:?}");
        }
    }
}
