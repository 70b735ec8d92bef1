//! Reads a baseline; every fault has its place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{BASELINE_FORMAT, Baseline, Seen, Terms};
use crate::event::Place;
use crate::gate::policy_file::locate;
use crate::report::{PerChannel, Shape};

/// A baseline that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{place}: {what}", file.display())]
pub struct BaselineError {
    /// The file.
    pub file: PathBuf,
    /// Where in it.
    pub place: Place,
    /// What is wrong, and what to do.
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    #[serde(default)]
    accepted: Vec<toml::Spanned<Entry>>,
    #[serde(default)]
    behaviour: BTreeMap<String, BTreeMap<String, Event>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    finding: String,
    #[serde(default)]
    reason: String,
    expires: Option<toml::value::Datetime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    #[serde(default)]
    pairing: BTreeSet<String>,
    #[serde(default)]
    browser: Side,
    #[serde(default)]
    server: Side,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Side {
    #[serde(default)]
    keys: BTreeSet<String>,
    #[serde(default)]
    parameters: BTreeSet<String>,
}

impl From<Side> for Shape {
    fn from(side: Side) -> Shape {
        Shape { keys: side.keys, parameters: side.parameters }
    }
}

impl Baseline {
    /// Reads a file's text; `file` stands in its errors.
    pub fn parse(text: &str, file: &Path) -> Result<Baseline, BaselineError> {
        let fault = |at: usize, what: String| BaselineError {
            file: file.to_owned(),
            place: locate(text, at).0,
            what,
        };
        let read: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            fault(at, error.message().lines().collect::<Vec<_>>().join(" "))
        })?;
        if read.format != BASELINE_FORMAT {
            return Err(fault(
                text.find("format").unwrap_or(0),
                format!(
                    "format {} is not known to this version, which reads {BASELINE_FORMAT}; write it anew with --update-baseline",
                    read.format
                ),
            ));
        }
        let mut baseline = Baseline::default();
        for entry in read.accepted {
            let at = entry.span().start;
            let Entry { finding, reason, expires } = entry.into_inner();
            let expires = match expires {
                None => None,
                Some(toml::value::Datetime { date: Some(date), time: None, offset: None }) => {
                    Some(date.to_string())
                }
                Some(other) => {
                    let what = format!("`expires` is a day such as 2027-01-31, not {other}");
                    return Err(fault(at, what));
                }
            };
            if finding.split('|').count() < 5 {
                let what = format!(
                    "`{finding}` is no finding; it is written rule|event|side|scenario|cause, with - for none"
                );
                return Err(fault(at, what));
            }
            if baseline.accepted.insert(finding.clone(), Terms { reason, expires }).is_some() {
                return Err(fault(at, format!("`{finding}` is accepted twice; keep one")));
            }
        }
        for (scenario, events) in read.behaviour {
            let events = events.into_iter().map(|(name, event)| {
                let sides =
                    PerChannel { browser: event.browser.into(), server: event.server.into() };
                (name, Seen { pairing: event.pairing, sides })
            });
            baseline.behaviour.insert(scenario, events.collect());
        }
        Ok(baseline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Baseline, String> {
        Baseline::parse(text, Path::new("baseline.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn faults_have_a_place_and_say_what_to_do() {
        for (text, told) in [
            ("format = 2\n", "baseline.toml:1:1: format 2 is not known"),
            ("format = 1\nfoo = 3\n", "baseline.toml:2:1: unknown field `foo`"),
            (
                "format = 1\n[[accepted]]\nfinding = \"a|b\"\n",
                "baseline.toml:2:1: `a|b` is no finding",
            ),
            (
                "format = 1\n[[accepted]]\nfinding = \"a|b|c|d|e\"\nexpires = 2027-01-31T10:00:00\n",
                "`expires` is a day",
            ),
            ("format = 1\n[[accepted]\n", "baseline.toml:2:"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut baseline = Baseline::default();
        let nasty = "a \"b\" \\ \u{202e}c\n\u{1}|-|-|x|y|z";
        let terms = Terms { reason: nasty.to_owned(), expires: Some("2027-01-31".to_owned()) };
        baseline.accepted.insert(nasty.to_owned(), terms);
        let mut seen = Seen::default();
        seen.pairing.insert("paired".to_owned());
        seen.sides.server.keys.insert("em?".to_owned());
        let events = BTreeMap::from([(nasty.to_owned(), seen)]);
        baseline.behaviour.insert("Guest: checkout (adblock)".to_owned(), events);
        baseline.behaviour.insert("silent".to_owned(), BTreeMap::new());
        let text = baseline.text();
        assert_eq!(read(&text).as_ref(), Ok(&baseline), "{text}");
        assert!(!text.contains('\u{202e}') && !text.contains('\u{1}'));
    }
}
