//! The tables of the manual that come from the program itself: steps, keys, people.

use super::words::{EXPECTATION_KEYS, FAULT_KEYS, KEYS};
use crate::event::FaultAnswer;
use crate::persona::{FIELDS, KINDS, Persona};
use crate::step::STEPS;

/// A generated part of the manual: its name and its Markdown.
pub struct Part {
    /// Name of the part in the manual's marks.
    pub name: &'static str,
    /// Markdown table.
    pub text: String,
}

/// All generated parts of `docs/scenarios.md`.
pub fn manual() -> Vec<Part> {
    let keys = |keys: &[(&str, &str)]| {
        table(&["Key", "What it holds"], keys.iter().map(|(key, what)| vec![code(key), cell(what)]))
    };
    vec![
        Part { name: "keys", text: keys(KEYS) },
        Part {
            name: "steps",
            text: table(
                &["Step", "What it does", "Example"],
                STEPS.iter().map(|step| {
                    let example = code(&format!("- {}", step.example));
                    vec![code(step.keyword), cell(step.summary), example]
                }),
            ),
        },
        Part { name: "expectation", text: keys(EXPECTATION_KEYS) },
        Part { name: "fault", text: keys(FAULT_KEYS) },
        Part {
            name: "answers",
            text: table(
                &["Answer", "What happens"],
                FaultAnswer::ALL.iter().map(|(_, word, what)| vec![code(word), cell(what)]),
            ),
        },
        Part {
            name: "personas",
            text: table(
                &["Persona", "Who it is, and what is awkward about it"],
                KINDS.iter().map(|kind| vec![code(kind.name), cell(kind.summary)]),
            ),
        },
        Part { name: "fields", text: fields() },
    ]
}

fn fields() -> String {
    const EXAMPLE_SEED: u64 = 1;
    let example = KINDS.first().and_then(|kind| Persona::new(kind.name, EXAMPLE_SEED));
    table(
        &["Field", "What it holds", "For example"],
        FIELDS.iter().map(|(name, what)| {
            let value = example.as_ref().and_then(|person| person.field(name)).unwrap_or_default();
            vec![code(name), cell(what), code(value)]
        }),
    )
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rule: Vec<String> = head.iter().map(|_| "---".to_owned()).collect();
    let mut text = line(&head) + &line(&rule);
    for row in rows {
        text += &line(&row);
    }
    text
}

fn code(text: &str) -> String {
    format!("`{}`", cell(text))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
