//! The rule catalogue: each rule is one question asked of the events or of the joined tables.
//!
//! A rule returns offending rows and the words for them; it does not print, count,
//! sort or know the policy. To add one: one file in the folder of its family, one
//! `mod` line there, one line in [`RULES`].
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
mod transport;
mod words;

use polars::prelude::{LazyFrame, PolarsResult};

use crate::event::{Channel, Event};
use crate::finding::Severity;
use crate::join::Tables;

pub use judge::{JudgeError, judge};
pub use row::Row;

/// Every rule, in the order of the catalogue.
pub const RULES: &[&Rule] = &[
    &ledger::double_counted::RULE,
    &ledger::not_counted::RULE,
    &ledger::missing_conversion::RULE,
    &ledger::unexpected_event::RULE,
    &pairing::missing_server_event::RULE,
    &pairing::missing_browser_event::RULE,
    &pairing::missing_event_id::RULE,
    &pairing::empty_event_id::RULE,
    &pairing::event_id_in_wrong_place::RULE,
    &pairing::event_id_mismatch::RULE,
    &pairing::event_name_mismatch::RULE,
    &pairing::pixel_id_mismatch::RULE,
    &pairing::event_id_reused::RULE,
    &pairing::event_id_guessable::RULE,
    &pairing::duplicate_browser_event::RULE,
    &pairing::duplicate_server_event::RULE,
    &pairing::dedup_window_exceeded::RULE,
    &pairing::fallback_dedup_only::RULE,
    &pairing::server_before_browser::RULE,
    &parity::value_mismatch::RULE,
    &payload::misspelt_standard_event::RULE,
    &payload::missing_event_name::RULE,
    &payload::missing_value::RULE,
    &payload::missing_currency::RULE,
    &payload::invalid_currency::RULE,
    &payload::value_not_a_number::RULE,
    &payload::suspicious_value::RULE,
    &payload::invalid_contents::RULE,
    &payload::empty_content_ids::RULE,
    &payload::missing_content_type::RULE,
    &payload::invalid_content_type::RULE,
    &payload::invalid_delivery_category::RULE,
    &payload::missing_contents::RULE,
    &payload::null_literal::RULE,
    &payload::unknown_parameter::RULE,
    &payload::event_time_in_milliseconds::RULE,
    &payload::event_time_in_future::RULE,
    &payload::event_time_stale::RULE,
    &payload::event_time_not_a_number::RULE,
    &payload::missing_action_source::RULE,
    &payload::invalid_action_source::RULE,
    &payload::missing_source_url::RULE,
    &payload::relative_source_url::RULE,
    &payload::staging_source_url::RULE,
    &payload::test_event_code_left_on::RULE,
    &payload::oversized_request::RULE,
    &payload::invalid_data_processing_options::RULE,
    &match_keys::unhashed_personal_data::RULE,
    &match_keys::low_match_key_coverage::RULE,
    &privacy::personal_data_in_url::RULE,
    &privacy::personal_data_in_custom_data::RULE,
    &privacy::event_without_consent::RULE,
    &privacy::access_token_in_browser::RULE,
    &privacy::access_token_in_url::RULE,
    &transport::rejected_request::RULE,
    &transport::partial_batch_lost::RULE,
    &transport::retry_not_idempotent::RULE,
    &transport::slow_server_event::RULE,
    &transport::unreadable_payload::RULE,
    &transport::pixel_loaded_twice::RULE,
    &transport::page_view_fired_twice::RULE,
    &transport::deprecated_api_version::RULE,
    &counting::low_dedup_rate::RULE,
    &counting::low_server_coverage::RULE,
    &counting::nothing_captured::RULE,
];

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
}

impl Offence {
    /// An offence with message and fix.
    pub fn new(message: impl Into<String>, fix: impl Into<String>) -> Offence {
        Offence { message: message.into(), fix: fix.into(), ..Offence::default() }
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

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}

/// True when the `cutover` preset takes the rule's findings as errors.
pub fn blocks_cutover(id: &str) -> bool {
    id.contains("digest")
}

/// The catalogue as one Markdown document: `docs/rules.md`.
pub fn handbook() -> String {
    let mut text = String::from(
        "# Rules\n\nCollected from the headers of the rule files; `countonce explain RULE` prints one page.\n",
    );
    for rule in RULES {
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
