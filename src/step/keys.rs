//! Names of keys, as the DOM's `KeyboardEvent.key` has them.

use super::nearest;
use super::target::Flaw;

/// Named keys; every single character is a key as well.
const NAMED: &[&str] = &[
    "Enter",
    "Tab",
    "Escape",
    "Backspace",
    "Delete",
    "Insert",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "Space",
    "F1",
    "F2",
    "F3",
    "F4",
    "F5",
    "F6",
    "F7",
    "F8",
    "F9",
    "F10",
    "F11",
    "F12",
];

/// Keys that are held while the last one is pressed.
const HELD: &[&str] = &["Control", "Shift", "Alt", "Meta"];

/// Words that people write for them.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("ctrl", "Control"),
    ("strg", "Control"),
    ("cmd", "Meta"),
    ("command", "Meta"),
    ("option", "Alt"),
    ("return", "Enter"),
    ("esc", "Escape"),
    ("del", "Delete"),
    ("up", "ArrowUp"),
    ("down", "ArrowDown"),
    ("left", "ArrowLeft"),
    ("right", "ArrowRight"),
];

/// Refuses key names that no keyboard has: `Control+a`, `Enter`, `x`.
pub(super) fn check(keys: &str) -> Result<(), Flaw> {
    if keys.trim().is_empty() {
        return Err(Flaw::new("the key is missing").hint("for example `Enter` or `Control+a`"));
    }
    // A lone or final plus sign is the plus key.
    let (held, last) = match keys.strip_suffix('+') {
        Some("") => ("", "+"),
        Some(rest) => (
            rest.strip_suffix('+').filter(|held| !held.is_empty()).ok_or_else(|| missing(keys))?,
            "+",
        ),
        None => keys.rsplit_once('+').unwrap_or(("", keys)),
    };
    let mut at = 0;
    for name in held.split('+').filter(|_| !held.is_empty()) {
        if !HELD.contains(&name) {
            let flaw = Flaw::new(format!("`{name}` is no key to hold down")).at(at);
            return Err(suggest(flaw, name, HELD));
        }
        at += name.chars().count() + 1;
    }
    let single = last.chars().count() == 1 && last != " ";
    if single || NAMED.contains(&last) || (held.is_empty() && HELD.contains(&last)) {
        return Ok(());
    }
    Err(suggest(Flaw::new(format!("`{last}` is no key")).at(at), last, NAMED))
}

fn missing(keys: &str) -> Flaw {
    Flaw::new("a key is missing after the `+`").at(keys.chars().count() - 1)
}

fn suggest(flaw: Flaw, name: &str, known: &'static [&'static str]) -> Flaw {
    let lower = name.to_lowercase();
    let other = OTHER_NAMES.iter().find(|(other, _)| *other == lower).map(|(_, key)| *key);
    match other.or_else(|| nearest(name, known.iter().copied())) {
        Some(key) => flaw.hint(format!("did you mean `{key}`?")),
        None => flaw.hint(format!(
            "one character, or one of {}; to type a text use `fill`",
            known.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn keys_and_chords_pass() {
        for good in
            ["Enter", "a", "ß", "+", "Control+a", "Control+Shift+ArrowLeft", "Control++", "Shift"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn other_words_get_a_suggestion() {
        for (bad, hint) in [
            ("enter", "`Enter`"),
            ("Ctrl+a", "`Control`"),
            ("Return", "`Enter`"),
            ("Control+down", "`ArrowDown`"),
            ("hello", "fill"),
        ] {
            let flaw = check(bad).expect_err(bad);
            assert!(
                flaw.hint.as_deref().is_some_and(|text| text.contains(hint)),
                "{bad}: {flaw:?}"
            );
        }
        for bad in ["", " ", "Control+", "a+b", "Control+Enterr", "++"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
