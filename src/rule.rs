//! The rule catalogue: each rule is one question asked of the events or of the joined tables.
//!
//! A rule returns offending rows and the words for them; it does not print, count,
//! sort or know the policy. To add one: one file in the folder of its family, one
//! `mod` line and one line in the list there.
//! Never formats, baselines or exit codes.

mod counting;
mod judge;
mod ledger;
mod literal;
mod match_keys;
mod pairing;
mod parity;
mod payload;
mod pick;
mod privacy;
mod row;
mod suspects;
mod transport;
#[cfg(test)]
mod trial;
mod variants;
mod words;

use polars::prelude::{LazyFrame, PolarsResult};

use crate::event::{Channel, Event, mask_personal};
use crate::finding::Severity;
use crate::join::Tables;

pub use judge::{JudgeError, judge, judge_by, judge_event};
pub use row::Row;

/// A family of rules: a folder, and what it is about.
pub struct Family {
    /// Name of the folder.
    pub name: &'static str,
    /// Its rules, in the order of the catalogue.
    pub rules: &'static [&'static Rule],
}

/// Every family, in the order of the catalogue.
pub const FAMILIES: &[Family] = &[
    Family { name: "ledger", rules: ledger::RULES },
    Family { name: "pairing", rules: pairing::RULES },
    Family { name: "parity", rules: parity::RULES },
    Family { name: "payload", rules: payload::RULES },
    Family { name: "match_keys", rules: match_keys::RULES },
    Family { name: "privacy", rules: privacy::RULES },
    Family { name: "transport", rules: transport::RULES },
    Family { name: "variants", rules: variants::RULES },
    Family { name: "counting", rules: counting::RULES },
];

/// Families whose findings block a move to the server under the `cutover` preset, beside
/// the rules on digests.
const BLOCKING_FAMILIES: &[&str] = &["ledger", "pairing", "privacy"];

/// Rules of other families that block it too: what is left on in a test must be gone then.
const BLOCKING_RULES: &[&str] = &["test-event-code-left-on"];

/// Every rule, in the order of the catalogue.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|family| family.rules.iter().copied())
}

/// One rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Stable id, kebab case, equal to the file name.
    pub id: &'static str,
    /// The offence in a few words.
    pub title: &'static str,
    /// Default severity.
    pub severity: Severity,
    /// The question.
    pub check: Check,
    /// The rule's own source file, whose header is its manual page.
    pub source: &'static str,
}

/// The two kinds of questions.
#[derive(Clone, Copy)]
pub enum Check {
    /// Asked of one decoded event: cheap, scales to production logs.
    Event(fn(&Event) -> Vec<Offence>),
    /// Asked of the joined tables: a query, and the words for each row it returns.
    Table {
        /// Offending rows, with the columns `event` (text), `channel` (text), `session` (u32)
        /// and `evidence` (list of u64) where they apply.
        query: fn(&Tables) -> PolarsResult<LazyFrame>,
        /// The offence in words; `None` when a closer look clears the row.
        tell: fn(&Row<'_>, &Tables) -> Option<Offence>,
    },
}

/// One offence in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offence {
    /// The named cause, in a few stable words.
    pub cause: Option<String>,
    /// What is wrong; personal data masked.
    pub message: String,
    /// What to change.
    pub fix: String,
    /// Weight, where it is not the rule's default.
    pub severity: Option<Severity>,
    /// Side to mend, where it is not the row's.
    pub channel: Option<Channel>,
    /// How many offences of the same kind it stands for; one where absent.
    pub times: Option<u32>,
}

impl Offence {
    /// An offence with message and fix.
    pub fn new(message: impl Into<String>, fix: impl Into<String>) -> Offence {
        Offence { message: message.into(), fix: fix.into(), ..Offence::default() }
    }

    /// The same, with everything masked by which a person could be known: event IDs and
    /// names of fields are the site's own words, and some sites make them of addresses.
    fn masked(mut self) -> Offence {
        for text in [&mut self.message, &mut self.fix].into_iter().chain(&mut self.cause) {
            *text = mask_personal(text);
        }
        self
    }

    /// The same with a named cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Offence {
        self.cause = Some(cause.into());
        self
    }

    /// The same with a weight of its own.
    #[must_use]
    pub fn weighing(mut self, severity: Severity) -> Offence {
        self.severity = Some(severity);
        self
    }

    /// The same for several offences of one kind.
    #[must_use]
    pub fn times(mut self, times: u32) -> Offence {
        self.times = Some(times);
        self
    }

    /// The same with the side to mend.
    #[must_use]
    pub fn on(mut self, channel: Channel) -> Offence {
        self.channel = Some(channel);
        self
    }
}

impl Rule {
    /// The manual page: the header of the rule's file as Markdown.
    pub fn manual(&self) -> String {
        let header: Vec<&str> = self
            .source
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or(""))
            .collect();
        header.join("\n").trim().to_owned()
    }
}

/// Rules on joined tables that look at nothing but what facts hold: ids, names, pixels,
/// times, values, currencies, refusals.
const ASKED_OF_FACTS: &[&str] = &[
    "missing-server-event",
    "missing-browser-event",
    "missing-event-id",
    "event-name-mismatch",
    "pixel-id-mismatch",
    "duplicate-server-event",
    "dedup-window-exceeded",
    "server-before-browser",
    "value-mismatch",
    "currency-mismatch",
    "event-time-skew",
    "low-dedup-rate",
    "low-server-coverage",
    "nothing-captured",
    "orders-not-matched",
];

/// True for a rule that can be asked where only facts are left of events.
pub fn is_asked_of_facts(id: &str) -> bool {
    ASKED_OF_FACTS.contains(&id)
}

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
}

/// True when the `cutover` preset takes the rule's findings as errors.
pub fn blocks_cutover(id: &str) -> bool {
    let family = FAMILIES.iter().find(|family| family.rules.iter().any(|rule| rule.id == id));
    BLOCKING_RULES.contains(&id)
        || id.contains("digest")
        || family.is_some_and(|family| BLOCKING_FAMILIES.contains(&family.name))
}

/// The catalogue as one Markdown document: `docs/rules.md`.
pub fn handbook() -> String {
    let mut text = String::from(
        "# Rules\n\nCollected from the headers of the rule files; `countonce explain RULE` prints one page.\n",
    );
    for rule in rules() {
        let manual = rule.manual().replace("\n## ", "\n### ");
        let manual =
            manual.strip_prefix("## ").map_or(manual.clone(), |rest| format!("### {rest}"));
        text.push_str(&format!(
            "\n## {}\n\n*{}* — {}\n\n{manual}\n",
            rule.id, rule.severity, rule.title
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_site_are_masked_in_every_part() {
        let offence = Offence::new("the ID ann@example.com", "drop ann@example.com")
            .because("ann@example.com for em")
            .masked();
        let parts = [offence.message, offence.fix, offence.cause.unwrap_or_default()];
        assert!(parts.iter().all(|part| part.contains("aaa@aaaaaaa.aaa")), "{parts:?}");
    }

    #[test]
    fn a_move_is_blocked_by_what_the_catalogue_names() {
        let blocking = ["double-counted", "missing-event-id", "event-without-consent"];
        for id in blocking.iter().chain(&["digest-of-nothing", "test-event-code-left-on"]) {
            assert!(blocks_cutover(id), "{id}");
        }
        for id in ["value-mismatch", "deprecated-api-version", "no-such-rule"] {
            assert!(!blocks_cutover(id), "{id}");
        }
        assert!(BLOCKING_RULES.iter().all(|id| find(id).is_some()));
    }
}
