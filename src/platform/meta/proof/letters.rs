//! What becomes of accented Latin letters in careless programs: folded, spelt out,
//! decomposed, dropped, replaced or misread.
//! Never which field they stand in.

use super::slip::Slip;

/// Letter, its base, what writers of its language spell it as, its combining mark.
const LETTERS: &[(char, &str, &str, Option<char>)] = &[
    ('à', "a", "a", Some('\u{300}')),
    ('á', "a", "a", Some('\u{301}')),
    ('â', "a", "a", Some('\u{302}')),
    ('ã', "a", "a", Some('\u{303}')),
    ('ä', "a", "ae", Some('\u{308}')),
    ('å', "a", "aa", Some('\u{30a}')),
    ('æ', "ae", "ae", None),
    ('ç', "c", "c", Some('\u{327}')),
    ('č', "c", "c", Some('\u{30c}')),
    ('ć', "c", "c", Some('\u{301}')),
    ('ď', "d", "d", Some('\u{30c}')),
    ('ð', "d", "d", None),
    ('è', "e", "e", Some('\u{300}')),
    ('é', "e", "e", Some('\u{301}')),
    ('ê', "e", "e", Some('\u{302}')),
    ('ë', "e", "e", Some('\u{308}')),
    ('ě', "e", "e", Some('\u{30c}')),
    ('ę', "e", "e", Some('\u{328}')),
    ('ğ', "g", "g", Some('\u{306}')),
    ('ì', "i", "i", Some('\u{300}')),
    ('í', "i", "i", Some('\u{301}')),
    ('î', "i", "i", Some('\u{302}')),
    ('ï', "i", "i", Some('\u{308}')),
    ('ı', "i", "i", None),
    ('ł', "l", "l", None),
    ('ñ', "n", "n", Some('\u{303}')),
    ('ń', "n", "n", Some('\u{301}')),
    ('ň', "n", "n", Some('\u{30c}')),
    ('ò', "o", "o", Some('\u{300}')),
    ('ó', "o", "o", Some('\u{301}')),
    ('ô', "o", "o", Some('\u{302}')),
    ('õ', "o", "o", Some('\u{303}')),
    ('ö', "o", "oe", Some('\u{308}')),
    ('ő', "o", "o", Some('\u{30b}')),
    ('ø', "o", "oe", None),
    ('œ', "oe", "oe", None),
    ('ř', "r", "r", Some('\u{30c}')),
    ('ś', "s", "s", Some('\u{301}')),
    ('š', "s", "s", Some('\u{30c}')),
    ('ş', "s", "s", Some('\u{327}')),
    ('ș', "s", "s", Some('\u{326}')),
    ('ß', "ss", "ss", None),
    ('ť', "t", "t", Some('\u{30c}')),
    ('ț', "t", "t", Some('\u{326}')),
    ('þ', "th", "th", None),
    ('ù', "u", "u", Some('\u{300}')),
    ('ú', "u", "u", Some('\u{301}')),
    ('û', "u", "u", Some('\u{302}')),
    ('ü', "u", "ue", Some('\u{308}')),
    ('ů', "u", "u", Some('\u{30a}')),
    ('ű', "u", "u", Some('\u{30b}')),
    ('ý', "y", "y", Some('\u{301}')),
    ('ÿ', "y", "y", Some('\u{308}')),
    ('ź', "z", "z", Some('\u{301}')),
    ('ż', "z", "z", Some('\u{307}')),
    ('ž', "z", "z", Some('\u{30c}')),
];

/// What careless programs make of a text with letters beyond ASCII; nothing of others.
pub(super) fn damaged(text: &str) -> Vec<(Vec<u8>, Slip)> {
    if text.is_ascii() {
        return Vec::new();
    }
    let mut found: Vec<(Vec<u8>, Slip)> = vec![
        (mapped(text, |_, base, _, _| base.to_owned()).into_bytes(), Slip::AccentsFolded),
        (mapped(text, |_, _, spelt, _| spelt.to_owned()).into_bytes(), Slip::AccentsFolded),
        (
            mapped(text, |letter, base, _, mark| match mark {
                Some(mark) => format!("{base}{mark}"),
                None => letter.to_string(),
            })
            .into_bytes(),
            Slip::Decomposed,
        ),
        (replaced(text, "").into_bytes(), Slip::AccentsLost),
        (replaced(text, "?").into_bytes(), Slip::AccentsLost),
        (replaced(text, "??").into_bytes(), Slip::AccentsLost),
        (replaced(text, "\u{fffd}").into_bytes(), Slip::AccentsLost),
        (replaced(text, "_").into_bytes(), Slip::AccentsLost),
    ];
    if text.chars().all(|c| u32::from(c) < 256) {
        // The bytes of Latin-1, and UTF-8 that was read as Latin-1 and written again.
        found.push((text.chars().map(|c| u32::from(c) as u8).collect(), Slip::CharacterSet));
    }
    let misread: String = text.bytes().map(char::from).collect();
    found.push((misread.to_lowercase().into_bytes(), Slip::CharacterSet));
    found.push((misread.into_bytes(), Slip::CharacterSet));
    found.retain(|(bytes, _)| !bytes.is_empty() && bytes != text.as_bytes());
    found
}

fn mapped(text: &str, how: impl Fn(char, &str, &str, Option<char>) -> String) -> String {
    text.chars()
        .map(|c| {
            let lower = c.to_lowercase().next().unwrap_or(c);
            let Some((letter, base, spelt, mark)) =
                LETTERS.iter().find(|(letter, ..)| *letter == lower)
            else {
                return c.to_string();
            };
            let made = how(*letter, base, spelt, *mark);
            if c == *letter { made } else { capitalised(&made) }
        })
        .collect()
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

fn replaced(text: &str, by: &str) -> String {
    text.chars().map(|c| if c.is_ascii() { c.to_string() } else { by.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_are_damaged_in_every_usual_way_and_plain_text_in_none() {
        let made = damaged("Görlitz");
        let has = |bytes: &[u8], slip: Slip| made.contains(&(bytes.to_vec(), slip));
        assert!(has(b"Gorlitz", Slip::AccentsFolded) && has(b"Goerlitz", Slip::AccentsFolded));
        assert!(has(b"Grlitz", Slip::AccentsLost) && has(b"G?rlitz", Slip::AccentsLost));
        assert!(has("Go\u{308}rlitz".as_bytes(), Slip::Decomposed));
        assert!(has(b"G\xf6rlitz", Slip::CharacterSet));
        assert!(has("GÃ¶rlitz".as_bytes(), Slip::CharacterSet));
        assert!(damaged("Paris").is_empty());
        assert!(damaged("東京").iter().all(|(bytes, _)| !bytes.is_empty()));
    }
}
