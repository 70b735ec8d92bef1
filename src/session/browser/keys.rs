//! Key names of scenarios (`Enter`, `Control+a`) as the driver wants them.
//!
//! Never where the keys go.

use serde_json::{Value, json};

/// Named keys and their code points.
///
/// Source: W3C `WebDriver`, "Keyboard actions", table of normalised key values.
const NAMED: &[(&str, char)] = &[
    ("Alt", '\u{E00A}'),
    ("ArrowDown", '\u{E015}'),
    ("ArrowLeft", '\u{E012}'),
    ("ArrowRight", '\u{E014}'),
    ("ArrowUp", '\u{E013}'),
    ("Backspace", '\u{E003}'),
    ("Control", '\u{E009}'),
    ("Delete", '\u{E017}'),
    ("Down", '\u{E015}'),
    ("End", '\u{E010}'),
    ("Enter", '\u{E007}'),
    ("Escape", '\u{E00C}'),
    ("F1", '\u{E031}'),
    ("F2", '\u{E032}'),
    ("F3", '\u{E033}'),
    ("F4", '\u{E034}'),
    ("F5", '\u{E035}'),
    ("F6", '\u{E036}'),
    ("F7", '\u{E037}'),
    ("F8", '\u{E038}'),
    ("F9", '\u{E039}'),
    ("F10", '\u{E03A}'),
    ("F11", '\u{E03B}'),
    ("F12", '\u{E03C}'),
    ("Home", '\u{E011}'),
    ("Insert", '\u{E016}'),
    ("Left", '\u{E012}'),
    ("Meta", '\u{E03D}'),
    ("PageDown", '\u{E00F}'),
    ("PageUp", '\u{E00E}'),
    ("Return", '\u{E007}'),
    ("Right", '\u{E014}'),
    ("Shift", '\u{E008}'),
    ("Space", ' '),
    ("Tab", '\u{E004}'),
    ("Up", '\u{E013}'),
];

/// The key that empties a selected field.
pub(crate) const DELETE: &str = "\u{E017}";

/// Reads key names joined by `+`; the error names the word that is no key.
pub(crate) fn parse(keys: &str) -> Result<Vec<char>, String> {
    // A plus sign itself: alone, or after another one.
    let (rest, plus) = match keys.strip_suffix('+') {
        Some(rest) if rest.is_empty() || rest.ends_with('+') => (rest.trim_end_matches('+'), true),
        _ => (keys, false),
    };
    let mut codes = Vec::new();
    for word in rest.split('+').filter(|_| !rest.is_empty()) {
        let name = word.trim();
        let mut chars = name.chars();
        let code = match (chars.next(), chars.next()) {
            (Some(one), None) => one,
            _ => NAMED
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, code)| *code)
                .ok_or_else(|| unknown(name))?,
        };
        codes.push(code);
    }
    codes.extend(plus.then_some('+'));
    if codes.is_empty() { Err(unknown("")) } else { Ok(codes) }
}

fn unknown(name: &str) -> String {
    let nearest = NAMED
        .iter()
        .map(|(known, _)| {
            (strsim::jaro_winkler(&known.to_ascii_lowercase(), &name.to_ascii_lowercase()), *known)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((likeness, known)) if likeness > 0.7 => {
            format!("`{name}` is not a key; did you mean `{known}`?")
        }
        _ => format!("`{name}` is not a key; write one character or a name such as Enter or Tab"),
    }
}

/// The driver's action sequence: all down in order, all up in reverse.
pub(crate) fn chord(codes: &[char]) -> Value {
    let down = codes.iter().map(|code| json!({"type": "keyDown", "value": code.to_string()}));
    let up = codes.iter().rev().map(|code| json!({"type": "keyUp", "value": code.to_string()}));
    json!({"actions": [{"type": "key", "id": "keys", "actions": down.chain(up).collect::<Vec<_>>()}]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_characters_become_codes_in_order() {
        assert_eq!(parse("Enter"), Ok(vec!['\u{E007}']));
        assert_eq!(parse("control + a"), Ok(vec!['\u{E009}', 'a']));
        assert_eq!(parse("+"), Ok(vec!['+']));
        assert_eq!(parse("Shift++"), Ok(vec!['\u{E008}', '+']));
        assert_eq!(parse("ü"), Ok(vec!['ü']));
    }

    #[test]
    fn a_word_that_is_no_key_gets_a_suggestion() {
        assert!(parse("Entre").expect_err("unknown").contains("did you mean `Enter`"));
        assert!(parse("").is_err());
    }

    #[test]
    fn a_chord_releases_in_reverse() {
        let chord = chord(&['\u{E009}', 'a']);
        let actions = chord["actions"][0]["actions"].as_array().expect("a list");
        let words: Vec<_> = actions.iter().map(|action| action["type"].as_str()).collect();
        assert_eq!(words, [Some("keyDown"), Some("keyDown"), Some("keyUp"), Some("keyUp")]);
        assert_eq!(actions[3]["value"], "\u{E009}");
    }
}
