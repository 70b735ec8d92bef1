//! The token that Meta's parameter builder puts behind digests, `fbp`, `fbc` and addresses:
//! which library wrote it, and what it says to have done to the value.
//!
//! Never whether what it did was right.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::people::without_appendix;
use crate::event::MatchKey;

/// What the token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appendix {
    /// Language of the library.
    pub language: &'static str,
    /// What it did; `None` in the older form, which does not say.
    pub change: Option<Change>,
    /// Version of the library, where the token has it.
    pub version: Option<(u8, u8, u8)>,
}

/// What the library did to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It handed the value on.
    Unchanged,
    /// It prepared the value.
    Prepared,
    /// It made the value where there was none.
    New,
    /// It put another value in the place of the one it found.
    Modified,
}

impl Change {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Change::Unchanged => "unchanged",
            Change::Prepared => "prepared",
            Change::New => "made new",
            Change::Modified => "modified",
        }
    }
}

impl std::fmt::Display for Appendix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Meta's {} library", self.language)?;
        if let Some((major, minor, patch)) = self.version {
            write!(f, " {major}.{minor}.{patch}")?;
        }
        self.change.map_or(Ok(()), |change| write!(f, ": {}", change.name()))
    }
}

/// Languages by their number in the token (meta-facts 3.4, read in the libraries' code).
const LANGUAGES: [(u8, &str); 6] =
    [(1, "PHP"), (2, "Python"), (3, "Java"), (4, "Node"), (5, "Ruby"), (6, "browser")];
/// Languages in the older form of two characters (meta-facts 3.4).
const OLDER: [(&str, &str); 6] = [
    ("AQ", "PHP"),
    ("Ag", "Python"),
    ("Aw", "Java"),
    ("BA", "Node"),
    ("BQ", "Ruby"),
    ("Bg", "browser"),
];
/// The first byte of the token: the version of its form (meta-facts 3.4).
const FORM: u8 = 1;

/// Reads the token behind a value; `None` where there is none, or none that is known.
pub fn appendix(key: MatchKey, value: &str) -> Option<Appendix> {
    let token = value.strip_prefix(without_appendix(key, value))?.strip_prefix('.')?;
    if let Some((_, language)) = OLDER.iter().find(|(short, _)| *short == token) {
        return Some(Appendix { language, change: None, version: None });
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let &[FORM, language, change, major, minor, patch] = bytes.as_slice() else { return None };
    let (_, language) = LANGUAGES.iter().find(|(number, _)| *number == language)?;
    let change = match change {
        0 => Change::Unchanged,
        1 => Change::Prepared,
        2 => Change::New,
        3 => Change::Modified,
        _ => return None,
    };
    Some(Appendix { language, change: Some(change), version: Some((major, minor, patch)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_say_whose_they_are_and_what_was_done() {
        let of = |token: &str| {
            let value = format!("fb.1.1772452790000.IwAR0a.{token}");
            appendix(MatchKey::ClickId, &value).map(|found| found.to_string())
        };
        assert_eq!(of("AQQCAQIB").as_deref(), Some("Meta's Node library 1.2.1: made new"));
        assert_eq!(of("AQQDAQIB").as_deref(), Some("Meta's Node library 1.2.1: modified"));
        assert_eq!(of("AQYAAQIB").as_deref(), Some("Meta's browser library 1.2.1: unchanged"));
        assert_eq!(of("Ag").as_deref(), Some("Meta's Python library"));
        assert_eq!(of("ZZZZZZZZ"), None, "an unknown form");
        assert_eq!(appendix(MatchKey::ClickId, "fb.1.1772452790000.IwAR0a"), None);
        let digest = format!("{}.AQEBAQAA", "a".repeat(64));
        let found = appendix(MatchKey::Email, &digest).expect("a token");
        assert_eq!((found.language, found.change), ("PHP", Some(Change::Prepared)));
    }
}
