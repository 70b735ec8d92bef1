//! ## What it checks
//! Where data processing options are sent (`dpo`, `data_processing_options`), they are
//! `LDU` or empty, with a country of 0 or 1 and a state that goes with it. A country of 1
//! comes with a state, a state with a country. The misspelt `vdpo` is named.
//!
//! ## Why it matters
//! With half of the figures the platform falls back to guessing the place of the visitor,
//! or ignores the flag; the visitor's objection is then not honoured.
//!
//! ## How to fix
//! `fbq('dataProcessingOptions', ['LDU'], 0, 0)` lets the platform find the place; `1, 1000`
//! says California. On the server set all three fields.
//!
//! ## Source
//! Meta, data processing options: countries 0 and 1, states 1000 to 1013 and 0. The image
//! tag in the documentation misspells the key as `vdpo`.

use serde_json::Value;

use crate::event::Event;
use crate::finding::Severity;
use crate::platform::meta::vocabulary::PRIVACY_STATES;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "invalid-data-processing-options",
    title: "data processing options that do not say what they should",
    severity: Severity::Warn,
    check: Check::Event(ask),
    source: include_str!("invalid_data_processing_options.rs"),
};

/// Names of options, country and state on the two channels.
const NAMES: [[&str; 3]; 2] = [
    ["dpo", "dpoco", "dpost"],
    ["data_processing_options", "data_processing_options_country", "data_processing_options_state"],
];

fn ask(event: &Event) -> Vec<Offence> {
    let mark = |name: &str| event.marks.get(name).map(|text| text.trim());
    let found = if mark("vdpo").is_some() && mark("dpo").is_none() {
        Some(("the key vdpo, which the platform does not know; it is dpo", "vdpo"))
    } else {
        NAMES
            .iter()
            .find_map(|[options, country, state]| fault(mark(options), mark(country), mark(state)))
    };
    let Some((what, cause)) = found else { return Vec::new() };
    vec![
        Offence::new(
            format!("{} from the {} has {what}", event.name(), event.channel),
            "set the options LDU with country and state: 0 and 0, or 1 and the state's number",
        )
        .because(cause),
    ]
}

fn fault(
    options: Option<&str>,
    country: Option<&str>,
    state: Option<&str>,
) -> Option<(&'static str, &'static str)> {
    if !known_options(options?) {
        return Some(("data processing options other than LDU", "unknown option"));
    }
    let number = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::parse::<i64>);
    match (number(country), number(state)) {
        (None, None) => None,
        (Some(Err(_)), _) => Some(("a country that is no number", "invalid country")),
        (_, Some(Err(_))) => Some(("a state that is no number", "invalid state")),
        (Some(Ok(country)), _) if !matches!(country, 0 | 1) => {
            Some(("a country other than 0 and 1", "invalid country"))
        }
        (_, Some(Ok(state))) if state != 0 && !PRIVACY_STATES.contains(&state) => {
            Some(("a state that the platform does not know", "invalid state"))
        }
        (None, Some(_)) => Some(("a state without a country", "state without country")),
        (Some(Ok(1)), None) => Some(("a country without a state", "country without state")),
        (Some(Ok(0)), Some(Ok(state))) if state != 0 => {
            Some(("a state in no country", "state without country"))
        }
        _ => None,
    }
}

/// `LDU`, nothing, or a list of at most that.
fn known_options(text: &str) -> bool {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(list)) => {
            list.iter().all(|option| matches!(option.as_str(), Some("LDU" | "")))
        }
        _ => text.split(',').all(|option| matches!(option.trim(), "LDU" | "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_settings_pass_and_half_ones_do_not() {
        let cause = |options, country, state| fault(Some(options), country, state).map(|f| f.1);
        for (options, country, state) in [
            ("", None, None),
            ("[]", None, None),
            ("LDU", Some("0"), Some("0")),
            ("LDU", Some("1"), Some("1000")),
            ("[\"LDU\"]", Some("1"), Some("0")),
            ("LDU", None, None),
        ] {
            assert_eq!(cause(options, country, state), None, "{options} {country:?} {state:?}");
        }
        for (options, country, state, expected) in [
            ("ldu", Some("0"), Some("0"), "unknown option"),
            ("LDU", Some("1"), None, "country without state"),
            ("LDU", None, Some("1000"), "state without country"),
            ("LDU", Some("2"), Some("0"), "invalid country"),
            ("LDU", Some("1"), Some("CA"), "invalid state"),
            ("LDU", Some("1"), Some("1020"), "invalid state"),
        ] {
            assert_eq!(cause(options, country, state), Some(expected), "{options}");
        }
    }
}
