//! What every part of the walk through a file shares: collecting errors, replacing
//! variables, reading scalars.

use super::Environment;
use super::error::ScenarioError;
use super::node::{Node, Value};
use super::source::Source;
use super::template;
use crate::event::Place;
use crate::step::{Flaw, nearest};

/// A walk through one file.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) environment: &'a Environment<'a>,
    pub(super) errors: Vec<ScenarioError>,
    pub(super) warnings: Vec<ScenarioError>,
}

/// Entries of a mapping: key and value.
pub(super) type Entries = [(Node, Node)];

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source, environment: &'a Environment<'a>) -> Reader<'a> {
        Reader { source, environment, errors: Vec::new(), warnings: Vec::new() }
    }

    /// Notes an error at a node.
    pub(super) fn fault(&mut self, node: &Node, what: impl Into<String>, hint: Option<String>) {
        let error = self.source.error(node.place, node.width, what);
        self.errors.push(ScenarioError { hint, ..error });
    }

    /// Notes an error in the text of a node.
    pub(super) fn flaw(&mut self, node: &Node, flaw: Flaw) {
        let (place, width) = match (flaw.at, node.scalar()) {
            (Some(at), Some(text)) => {
                let place = self.source.within(node.place, text, at);
                let found = place != node.place || at == 0;
                (place, if found { extent(text, at) } else { node.width })
            }
            _ => (node.place, node.width),
        };
        let error = self.source.error(place, width, flaw.what);
        self.errors.push(ScenarioError { hint: flaw.hint, ..error });
    }

    /// Notes an advice that is no error.
    pub(super) fn advise(&mut self, place: Place, width: u32, what: String, hint: String) {
        let warning = self.source.error(place, width, what).hint(hint);
        self.warnings.push(warning);
    }

    /// The entries of a mapping whose keys are all known; unknown ones are errors.
    pub(super) fn mapping<'n>(
        &mut self,
        node: &'n Node,
        wanted: &str,
        known: &[(&str, &str)],
    ) -> Option<&'n Entries> {
        let Value::Map(entries) = &node.value else {
            self.fault(node, format!("expected {wanted}, found {}", node.kind()), None);
            return None;
        };
        for (key, _) in entries {
            let name = key.scalar().unwrap_or_default();
            if known.iter().any(|(word, _)| *word == name) {
                continue;
            }
            let words = || known.iter().map(|(word, _)| *word);
            let hint = match nearest(name, words()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("known are {}", words().collect::<Vec<_>>().join(", ")),
            };
            self.fault(key, format!("unknown key `{name}`"), Some(hint));
        }
        Some(entries)
    }

    /// The items of a list.
    pub(super) fn list<'n>(&mut self, node: &'n Node, wanted: &str) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            Value::Scalar { text, .. } => {
                let hint = format!("write `[{text}]`");
                self.fault(node, format!("expected {wanted}, found {}", node.kind()), Some(hint));
                None
            }
            Value::Null | Value::Map(_) => {
                self.fault(node, format!("expected {wanted}, found {}", node.kind()), None);
                None
            }
        }
    }

    /// A text outside the steps: its variables replaced, none of them a persona's.
    pub(super) fn text(&mut self, node: &Node, wanted: &str) -> Option<String> {
        let text = self.resolved(node, wanted)?;
        if text.personal {
            let flaw = Flaw::new("a persona's data stands here, which only steps know")
                .hint("use `${persona.…}` below `steps:`");
            self.flaw(node, flaw);
            return None;
        }
        if text.text.trim().is_empty() {
            self.fault(node, format!("{wanted} is empty"), None);
            return None;
        }
        Some(text.text)
    }

    /// A text with its variables replaced.
    fn resolved(&mut self, node: &Node, wanted: &str) -> Option<template::Resolved> {
        let Some(text) = node.scalar() else {
            let what = match node.value {
                Value::Null => format!("{wanted} is missing"),
                _ => format!("expected {wanted}, found {}", node.kind()),
            };
            self.fault(node, what, None);
            return None;
        };
        match template::resolve(text, self.environment.lookup) {
            Ok(resolved) => Some(resolved),
            Err(flaws) => {
                for flaw in flaws {
                    self.flaw(node, flaw);
                }
                None
            }
        }
    }

    /// A number, written without quotes or given by a variable.
    pub(super) fn number(&mut self, node: &Node, wanted: &str) -> Option<String> {
        if node.scalar().is_some_and(|text| text.parse::<f64>().is_err() && !text.contains("${")) {
            let what = format!("expected {wanted}, found {}", node.kind());
            let decimal_comma = node.scalar().is_some_and(|text| {
                text.contains(',') && text.replace(',', ".").parse::<f64>().is_ok()
            });
            let hint = decimal_comma.then(|| "decimals are written with a point".to_owned());
            self.fault(node, what, hint);
            return None;
        }
        if let Value::Scalar { text, plain: false } = &node.value
            && !text.contains("${")
        {
            let hint = format!("leave the quotes out: {text}");
            self.fault(node, format!("expected {wanted}, found a text"), Some(hint));
            return None;
        }
        self.text(node, wanted).map(|text| text.trim().to_owned())
    }

    /// One of a set of names, with a suggestion where it is not.
    pub(super) fn name_of<'k>(
        &mut self,
        node: &Node,
        wanted: &str,
        known: impl Iterator<Item = &'k str> + Clone,
    ) -> Option<String> {
        let name = self.text(node, wanted)?;
        if known.clone().any(|word| word == name) {
            return Some(name);
        }
        let hint = match nearest(&name, known.clone()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("known are {}", known.collect::<Vec<_>>().join(", ")),
        };
        let noun = wanted.strip_prefix("a ").or(wanted.strip_prefix("an ")).unwrap_or(wanted);
        self.fault(node, format!("unknown {noun} `{name}`"), Some(hint));
        None
    }

    /// A list of names without repetition; `None` where anything in it is wrong.
    pub(super) fn names(
        &mut self,
        node: &Node,
        wanted: &str,
        mut read: impl FnMut(&mut Self, &Node) -> Option<String>,
    ) -> Option<Vec<String>> {
        let items = self.list(node, wanted)?;
        let mut names: Vec<String> = Vec::new();
        let mut whole = true;
        for item in items {
            match read(self, item) {
                Some(name) if names.contains(&name) => {
                    self.fault(item, format!("`{name}` is listed twice"), None);
                    whole = false;
                }
                Some(name) => names.push(name),
                None => whole = false,
            }
        }
        whole.then_some(names)
    }
}

/// How many characters the part has that begins at a character: a variable, a word,
/// or that character alone.
fn extent(text: &str, at: u32) -> u32 {
    let rest: Vec<char> = text.chars().skip(at as usize).collect();
    let length = if rest.starts_with(&['$', '{']) {
        rest.iter().position(|c| *c == '}').map_or(2, |end| end + 1)
    } else {
        rest.iter().take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).count()
    };
    length.max(1) as u32
}

/// The value of a key.
pub(super) fn entry<'n>(entries: &'n Entries, name: &str) -> Option<&'n Node> {
    entries.iter().find(|(key, _)| key.scalar() == Some(name)).map(|(_, value)| value)
}
