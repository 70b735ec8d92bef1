//! Reads a policy from TOML: the `[policy]` table of the configuration, or a file of its own.
//!
//! All faults are told at once, each with `file:line:column`, the offending line and the
//! nearest right word.
//! Never the file system: the text is handed in.

mod cutover;
mod limits;
mod schema;
mod words;

use std::fmt;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::metric::Misread;
use super::policy::{KnownRule, Policy, Preset};
use super::threshold::Threshold;
use crate::event::Place;
use crate::finding::Severity;

pub use schema::policy_schema;
pub(super) use words::locate;
use words::suggest;

const SEVERITIES: [Severity; 4] = [Severity::Off, Severity::Info, Severity::Warn, Severity::Error];
const KEYS: [&str; 9] = [
    "preset",
    "rules",
    "max_warnings",
    "max_flaky",
    "thresholds",
    "limits",
    "drift",
    "compare",
    "cutover",
];

/// What is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError {
    /// The file.
    pub file: PathBuf,
    /// Its faults, in the order of the file; never empty.
    pub faults: Vec<Fault>,
}

/// One fault of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it is.
    pub place: Place,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub hint: Option<String>,
    /// The offending line.
    pub line: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            let Fault { place, what, hint, line } = fault;
            write!(f, "{}:{place}: {what}\n    {line}", self.file.display())?;
            if let Some(hint) = hint {
                write!(f, "\n    {hint}")?;
            }
        }
        Ok(())
    }
}

impl Policy {
    /// Reads the `[policy]` table of a configuration, whose other tables belong to others;
    /// the default policy where there is none.
    pub fn from_config(
        text: &str,
        file: &Path,
        rules: &[KnownRule<'_>],
    ) -> Result<Policy, PolicyError> {
        Reader::new(text, file, rules).read(false)
    }

    /// Reads a file that holds nothing but a policy, with or without the `[policy]` heading.
    pub fn from_file(
        text: &str,
        file: &Path,
        rules: &[KnownRule<'_>],
    ) -> Result<Policy, PolicyError> {
        Reader::new(text, file, rules).read(true)
    }
}

struct Reader<'a> {
    text: &'a str,
    file: &'a Path,
    rules: &'a [KnownRule<'a>],
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, file: &'a Path, rules: &'a [KnownRule<'a>]) -> Reader<'a> {
        Reader { text, file, rules, faults: Vec::new() }
    }

    fn read(mut self, whole_file: bool) -> Result<Policy, PolicyError> {
        let mut policy = Policy::new(Preset::default(), self.rules);
        match DeTable::parse(self.text) {
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                self.fault(at, error.message().lines().collect::<Vec<_>>().join(" "), None);
            }
            Ok(document) => {
                let document = document.get_ref();
                match document.get("policy") {
                    Some(value) => match value.get_ref().as_table() {
                        Some(table) => self.table(table, &mut policy),
                        None => self.fault(
                            value.span().start,
                            "`policy` must be a table".to_owned(),
                            Some("write [policy] on a line of its own".to_owned()),
                        ),
                    },
                    None if whole_file => self.table(document, &mut policy),
                    None => {}
                }
            }
        }
        if self.faults.is_empty() {
            return Ok(policy);
        }
        self.faults.sort_by_key(|fault| fault.place);
        Err(PolicyError { file: self.file.to_owned(), faults: self.faults })
    }

    fn table(&mut self, table: &DeTable<'_>, policy: &mut Policy) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "preset" => self.preset(value, policy),
                "rules" => self.rules(value, policy),
                "max_warnings" => policy.max_warnings = self.whole("max_warnings", value),
                "max_flaky" => policy.max_flaky = self.whole("max_flaky", value),
                "thresholds" => {
                    let Some(limits) = self.as_table(value, "thresholds") else { continue };
                    self.thresholds("", limits, policy);
                }
                "limits" => self.limits(value, policy),
                "drift" => {
                    if let Some(severity) = self.severity(value, "drift") {
                        policy.drift = severity;
                    }
                }
                "compare" => self.compare(value, policy),
                "cutover" => self.cutover(value, policy),
                other => {
                    let hint = suggest(other, &KEYS);
                    self.fault(key.span().start, format!("unknown key `{other}`"), hint);
                }
            }
        }
    }

    fn preset(&mut self, value: &Spanned<DeValue<'_>>, policy: &mut Policy) {
        let names = Preset::ALL.map(Preset::name);
        let Some(name) = self.as_text(value, "preset") else { return };
        if let Some(preset) = Preset::from_name(&name) {
            policy.preset = preset;
        } else {
            let hint = suggest(&name, &names);
            self.fault(value.span().start, format!("unknown preset `{name}`"), hint);
        }
    }

    fn rules(&mut self, value: &Spanned<DeValue<'_>>, policy: &mut Policy) {
        let Some(table) = self.as_table(value, "rules") else { return };
        let known: Vec<&str> = self.rules.iter().map(|rule| rule.id).collect();
        for (key, value) in table {
            let id = key.get_ref().as_ref();
            if !known.contains(&id) {
                let hint = suggest(id, &known)
                    .or_else(|| Some("`countonce explain` lists the rules".to_owned()));
                self.fault(key.span().start, format!("unknown rule `{id}`"), hint);
                continue;
            }
            if let Some(severity) = self.severity(value, id) {
                policy.rules.insert(id.to_owned(), severity);
            }
        }
    }

    fn severity(&mut self, value: &Spanned<DeValue<'_>>, name: &str) -> Option<Severity> {
        let word = self.as_text(value, name)?;
        let known = SEVERITIES.into_iter().find(|known| known.name() == word);
        if known.is_none() {
            let hint = suggest(&word, &SEVERITIES.map(Severity::name));
            self.fault(value.span().start, format!("unknown severity `{word}`"), hint);
        }
        known
    }

    /// What a comparison of two runs bears.
    fn compare(&mut self, value: &Spanned<DeValue<'_>>, policy: &mut Policy) {
        const BORNE: [&str; 2] = ["rate_drop", "score_drop"];
        let Some(table) = self.as_table(value, "compare") else { return };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if !BORNE.contains(&name) {
                let hint = suggest(name, &BORNE);
                self.fault(key.span().start, format!("unknown key `{name}`"), hint);
                continue;
            }
            let text = match value.get_ref() {
                DeValue::Integer(number) => number.as_str().to_owned(),
                DeValue::Float(number) => number.as_str().to_owned(),
                DeValue::String(text) => text.to_string(),
                _ => String::new(),
            };
            let (number, scale) = match text.trim().strip_suffix('%') {
                Some(percent) => (percent.trim().to_owned(), 100.0),
                None => (text.trim().to_owned(), 1.0),
            };
            match number.parse::<f64>() {
                Ok(number) if number.is_finite() && number >= 0.0 => {
                    let borne = if name == "rate_drop" {
                        &mut policy.tolerance.rate
                    } else {
                        &mut policy.tolerance.score
                    };
                    *borne = number / scale;
                }
                _ => self.fault(
                    value.span().start,
                    format!("`{name}` must be a number from 0"),
                    Some("for example rate_drop = \"2 %\" or score_drop = 0.3".to_owned()),
                ),
            }
        }
    }

    fn whole(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<u32> {
        let number = value.get_ref().as_integer().and_then(|integer| {
            u32::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok()
        });
        if number.is_none() {
            let what = format!("`{key}` must be a whole number from 0");
            self.fault(value.span().start, what, None);
        }
        number
    }

    /// A figure's name holds dots, which TOML takes for tables unless it stands in quotes:
    /// both spellings mean the same.
    fn thresholds(&mut self, prefix: &str, table: &DeTable<'_>, policy: &mut Policy) {
        for (key, value) in table {
            let name = match prefix {
                "" => key.get_ref().to_string(),
                prefix => format!("{prefix}.{}", key.get_ref()),
            };
            if let Some(inner) = value.get_ref().as_table() {
                self.thresholds(&name, inner, policy);
                continue;
            }
            let Some(limit) = value.get_ref().as_str() else {
                let number = match value.get_ref() {
                    DeValue::Integer(number) => number.as_str(),
                    DeValue::Float(number) => number.as_str(),
                    _ => "0.99",
                };
                let hint = Some(format!("for example \"{name}\" = \">= {number}\""));
                let what = format!("the limit of `{name}` must be a text with a comparison");
                self.fault(value.span().start, what, hint);
                continue;
            };
            match Threshold::parse(&name, limit) {
                Ok(threshold) => policy.thresholds.push(threshold),
                Err(Misread { what, wrong, candidates }) => {
                    let hint = suggest(&wrong, &candidates);
                    let at = if wrong.is_empty() { value.span() } else { key.span() };
                    self.fault(at.start, what, hint);
                }
            }
        }
    }

    fn as_table<'v>(
        &mut self,
        value: &'v Spanned<DeValue<'v>>,
        name: &str,
    ) -> Option<&'v DeTable<'v>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.fault(value.span().start, format!("`{name}` must be a table"), None);
        }
        table
    }

    fn as_text(&mut self, value: &Spanned<DeValue<'_>>, name: &str) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.fault(value.span().start, format!("`{name}` must be a text"), None);
        }
        text
    }

    fn fault(&mut self, at: usize, what: String, hint: Option<String>) {
        let (place, line) = locate(self.text, at);
        self.faults.push(Fault { place, what, hint, line });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: [KnownRule<'_>; 2] = [
        KnownRule { id: "value-mismatch", blocks_cutover: false },
        KnownRule { id: "missing-event-id", blocks_cutover: true },
    ];

    fn read(text: &str) -> Result<Policy, PolicyError> {
        Policy::from_config(text, Path::new("countonce.toml"), &RULES)
    }

    #[test]
    fn a_whole_policy_is_read() {
        let policy = read(
            r#"
            site = "https://shop.test"
            [policy]
            preset = "strict"
            max_warnings = 3
            max_flaky = 2
            [policy.rules]
            value-mismatch = "off"
            [policy.thresholds]
            "Purchase.dedup_rate" = ">= 99 %"
            Lead.server.coverage.ph = ">= 0.8"
            "#,
        )
        .expect("a policy");
        assert_eq!(policy.preset, Preset::Strict);
        assert_eq!((policy.max_warnings, policy.max_flaky), (Some(3), Some(2)));
        assert_eq!(policy.severity("value-mismatch", Severity::Error), Severity::Off);
        assert_eq!(policy.thresholds.len(), 2);
    }

    #[test]
    fn a_configuration_without_a_policy_means_the_default() {
        let policy = read("site = \"demo\"\n").expect("a policy");
        assert_eq!(policy.preset, Preset::Recommended);
        assert_eq!(policy.max_warnings, None);
    }

    #[test]
    fn a_policy_file_needs_no_heading_and_may_have_one() {
        for text in ["preset = \"cutover\"", "[policy]\npreset = \"cutover\""] {
            let policy = Policy::from_file(text, Path::new("p.toml"), &RULES).expect("a policy");
            assert_eq!(policy.preset, Preset::Cutover);
        }
    }

    #[test]
    fn every_fault_is_told_with_its_place_and_the_nearest_word() {
        let text = "[policy]\npreset = \"stritc\"\nmax_warnings = -1\nmax_warning = 1\n[policy.rules]\nvalue-mismach = \"warn\"\nvalue-mismatch = \"warning\"\nmissing-event-id = 3\n[policy.thresholds]\n\"Purchase.dedup_rat\" = \">= 1\"\n\"Lead.server.coverage.phone\" = \">= 1\"\n\"Lead.dedup_rate\" = \"99\"\nflaky = 0\n";
        let error = read(text).expect_err("faults");
        insta::assert_snapshot!(error.to_string(), @r#"
        countonce.toml:2:10: unknown preset `stritc`
            preset = "stritc"
            did you mean `strict`?
        countonce.toml:3:16: `max_warnings` must be a whole number from 0
            max_warnings = -1
        countonce.toml:4:1: unknown key `max_warning`
            max_warning = 1
            did you mean `max_warnings`?
        countonce.toml:6:1: unknown rule `value-mismach`
            value-mismach = "warn"
            did you mean `value-mismatch`?
        countonce.toml:7:18: unknown severity `warning`
            value-mismatch = "warning"
            did you mean `warn`?
        countonce.toml:8:20: `missing-event-id` must be a text
            missing-event-id = 3
        countonce.toml:10:1: unknown figure `Purchase.dedup_rat`
            "Purchase.dedup_rat" = ">= 1"
            did you mean `Purchase.dedup_rate`?
        countonce.toml:11:1: unknown match key `phone`
            "Lead.server.coverage.phone" = ">= 1"
            did you mean `ph`?
        countonce.toml:12:21: `99` is no limit: write a comparison and a number, as in ">= 0.99", ">= 99 %" or "== 0"
            "Lead.dedup_rate" = "99"
        countonce.toml:13:9: the limit of `flaky` must be a text with a comparison
            flaky = 0
            for example "flaky" = ">= 0"
        "#);
    }

    #[test]
    fn a_text_that_is_no_toml_is_a_fault_with_a_place() {
        let error = read("[policy]\npreset = strict\n").expect_err("a fault");
        assert_eq!(error.faults[0].place, Place { line: 2, column: 10 });
    }
}
