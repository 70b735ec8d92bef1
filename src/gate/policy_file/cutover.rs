//! Reads `[policy.cutover]`: the stages that events must bear, and the criteria of each.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Reader;
use super::words::suggest;
use crate::finding::Severity;
use crate::gate::cutover::relative;
use crate::gate::metric::Misread;
use crate::gate::policy::Policy;
use crate::report::Stage;

impl Reader<'_> {
    pub(super) fn cutover(&mut self, value: &Spanned<DeValue<'_>>, policy: &mut Policy) {
        let Some(table) = self.as_table(value, "cutover") else { return };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "stage" => {
                    policy.cutover.stage = self.stage(value, "stage");
                }
                "events" => {
                    let Some(events) = self.as_table(value, "events") else { continue };
                    for (name, value) in events {
                        let off = value.get_ref().as_str() == Some(Severity::Off.name());
                        let stage = if off { None } else { self.stage(value, name.get_ref()) };
                        if off || stage.is_some() {
                            policy.cutover.events.push((name.get_ref().to_string(), stage));
                        }
                    }
                }
                other => {
                    if let Some(stage) = Stage::from_name(other).filter(|of| of.number() > 0) {
                        let Some(limits) = self.as_table(value, other) else { continue };
                        self.criteria(stage, "", limits, policy);
                        continue;
                    }
                    let mut words = vec!["stage", "events"];
                    words.extend(Stage::ALL[1..].iter().map(|stage| stage.name()));
                    let hint = suggest(other, &words);
                    self.fault(key.span().start, format!("unknown key `{other}`"), hint);
                }
            }
        }
    }

    fn stage(&mut self, value: &Spanned<DeValue<'_>>, name: &str) -> Option<Stage> {
        let word = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().to_owned(),
            _ => self.as_text(value, name)?,
        };
        let stage = Stage::from_name(&word);
        if stage.is_none() {
            let names = Stage::ALL.map(Stage::name);
            let hint = suggest(&word, &names)
                .or_else(|| Some(format!("it is one of {}, or 0 to 4", names.join(", "))));
            self.fault(value.span().start, format!("unknown stage `{word}`"), hint);
        }
        stage
    }

    /// Criteria of a stage, named without an event; `off` takes one away.
    fn criteria(&mut self, stage: Stage, prefix: &str, table: &DeTable<'_>, policy: &mut Policy) {
        for (key, value) in table {
            let name = match prefix {
                "" => key.get_ref().to_string(),
                prefix => format!("{prefix}.{}", key.get_ref()),
            };
            if let Some(inner) = value.get_ref().as_table() {
                self.criteria(stage, &name, inner, policy);
                continue;
            }
            let Some(limit) = self.as_text(value, &name) else { continue };
            if limit == Severity::Off.name() {
                policy.cutover.criteria.push((stage, name, None));
                continue;
            }
            match relative(&name, &limit) {
                Ok(threshold) => policy.cutover.criteria.push((stage, name, Some(threshold))),
                Err(Misread { what, wrong, candidates }) => {
                    let hint = suggest(&wrong, &candidates);
                    let at = if wrong.is_empty() { value.span() } else { key.span() };
                    self.fault(at.start, what, hint);
                }
            }
        }
    }
}
