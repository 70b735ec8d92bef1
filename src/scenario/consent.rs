//! How a visitor answers the banner of a site: named once, by a scenario or by the
//! configuration.
//!
//! Never whether the answer is given; the profile says that.

use super::node::{Node, Value};
use super::reader::{Reader, entry};
use super::words::CONSENT_KEYS;
use crate::step::{Flaw, Target};

/// The banner of a site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Consent {
    /// How a visitor agrees.
    pub accept: Option<Answer>,
    /// How a visitor refuses.
    pub refuse: Option<Answer>,
    /// Whether events may be sent before the visitor has answered (opt-out).
    pub allowed_before: bool,
}

/// One way to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// By a click on this element.
    Click(Target),
    /// By cookies that the banner would set, name and value.
    Cookies(Vec<(String, String)>),
}

impl Consent {
    /// The same with what it leaves open taken from another.
    #[must_use]
    pub fn or(self, other: &Consent) -> Consent {
        let own_word = self.accept.is_some() || self.refuse.is_some() || self.allowed_before;
        Consent {
            accept: self.accept.or_else(|| other.accept.clone()),
            refuse: self.refuse.or_else(|| other.refuse.clone()),
            allowed_before: if own_word { self.allowed_before } else { other.allowed_before },
        }
    }
}

/// The words for what may be sent before the answer.
pub(super) const BEFORE: &[&str] = &["silent", "allowed"];

/// Reads the `consent:` of a scenario.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Consent> {
    let entries = reader.mapping(node, "a mapping with `accept` and `refuse`", CONSENT_KEYS)?;
    let mut consent = Consent::default();
    for (key, into) in [("accept", &mut consent.accept), ("refuse", &mut consent.refuse)] {
        if let Some(node) = entry(entries, key) {
            *into = Some(answer(reader, node)?);
        }
    }
    if let Some(node) = entry(entries, "before") {
        let word = reader.name_of(node, "a word", BEFORE.iter().copied())?;
        consent.allowed_before = word == "allowed";
    }
    Some(consent)
}

fn answer(reader: &mut Reader<'_>, node: &Node) -> Option<Answer> {
    if let Value::Map(_) = node.value {
        let entries = reader.mapping(node, "a selector, or `cookies:`", &[("cookies", "")])?;
        let Some(list) = entry(entries, "cookies") else {
            let hint = "for example `refuse: { cookies: { consent: \"no\" } }`".to_owned();
            reader.fault(node, "`cookies` is missing", Some(hint));
            return None;
        };
        let Value::Map(pairs) = &list.value else {
            reader.fault(list, format!("expected names and values, found {}", list.kind()), None);
            return None;
        };
        let mut cookies = Vec::new();
        for (name, value) in pairs {
            let text = reader.text(value, "a value")?;
            cookies.push((reader.text(name, "a name")?, text));
        }
        return Some(Answer::Cookies(cookies));
    }
    let text = reader.text(node, "a selector")?;
    match click(&text) {
        Ok(answer) => Some(answer),
        Err(flaw) => {
            reader.flaw(node, flaw);
            None
        }
    }
}

/// The answer by a click on the element of a selector.
pub(super) fn click(text: &str) -> Result<Answer, Flaw> {
    Target::parse(text).map(Answer::Click)
}
