//! From the lines below `steps:` to steps: the keyword is looked up, variables are
//! replaced, and the step's own file reads the argument.

use super::Step;
use super::error::ScenarioError;
use super::node::{Node, Value};
use super::reader::Reader;
use super::template;
use crate::event::Place;
use crate::step::{Arg, ArgValue, Flaw, STEPS, StepError, StepKind, nearest};

/// Reads all steps; wrong ones are noted and left out.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Vec<Step> {
    let items = match &node.value {
        Value::List(items) if !items.is_empty() => items,
        Value::List(_) | Value::Null => {
            let hint = "for example `  - visit: /`".to_owned();
            reader.fault(node, "there are no steps", Some(hint));
            return Vec::new();
        }
        _ => {
            let hint = "begin every step with `- `: `  - visit: /`".to_owned();
            reader.fault(
                node,
                format!("expected a list of steps, found {}", node.kind()),
                Some(hint),
            );
            return Vec::new();
        }
    };
    items.iter().filter_map(|item| step(reader, item)).collect()
}

fn step(reader: &mut Reader<'_>, item: &Node) -> Option<Step> {
    let nothing = Node { place: item.place, width: item.width, value: Value::Null };
    let (key, argument) = match &item.value {
        Value::Scalar { .. } => (item, &nothing),
        Value::Map(entries) => match entries.as_slice() {
            [(key, argument)] => (key, argument),
            [] => {
                reader.fault(item, "an empty step", Some("for example `- reload`".to_owned()));
                return None;
            }
            [(first, argument), (second, _), ..] => {
                two_keys(reader, first, argument, second);
                return None;
            }
        },
        Value::Null | Value::List(_) => {
            let hint = "for example `- visit: /` or `- reload`".to_owned();
            reader.fault(item, format!("expected a step, found {}", item.kind()), Some(hint));
            return None;
        }
    };
    let keyword = key.scalar().unwrap_or_default();
    let Some(kind) = StepKind::of(keyword) else {
        unknown(reader, key, keyword);
        return None;
    };
    let mut changed = Vec::new();
    let arg = arg(reader, argument, &mut changed)?;
    match (kind.parse)(&arg) {
        Ok(actions) => Some(Step {
            keyword: kind.keyword,
            place: key.place,
            text: reader.source.line(key.place.line).unwrap_or_default().trim().to_owned(),
            actions,
        }),
        Err(error) => {
            refused(reader, kind, argument, error, &changed);
            None
        }
    }
}

fn two_keys(reader: &mut Reader<'_>, first: &Node, argument: &Node, second: &Node) {
    let name = |node: &Node| node.scalar().unwrap_or_default().to_owned();
    let (one, two) = (name(first), name(second));
    let hint = if argument.value == Value::Null && StepKind::of(&two).is_none() {
        format!("indent the lines that belong to `{one}:` further than `{one}` itself")
    } else {
        "begin each step on a line of its own with `- `".to_owned()
    };
    reader.fault(second, format!("two keys in one step: `{one}` and `{two}`"), Some(hint));
}

fn unknown(reader: &mut Reader<'_>, key: &Node, keyword: &str) {
    let known = || STEPS.iter().map(|step| step.keyword);
    // What the same things are called elsewhere.
    let other = match keyword.to_lowercase().as_str() {
        "goto" | "open" | "navigate" | "url" | "get" => Some("visit"),
        "type" | "input" | "enter" | "set" => Some("fill"),
        "tap" | "submit" => Some("click"),
        "sleep" | "pause" | "waitfor" | "wait_for" | "expect" | "assert" => Some("wait"),
        "key" | "keys" | "send_keys" => Some("press"),
        "refresh" => Some("reload"),
        "script" | "execute" | "eval" | "js" => Some("evaluate"),
        "choose" => Some("select"),
        _ => None,
    };
    let first_word = keyword.split_whitespace().next().unwrap_or_default();
    let (what, hint) = if StepKind::of(first_word).is_some() && first_word != keyword {
        (
            format!("`{first_word}` is not followed by a colon"),
            format!("write `- {first_word}: {}`", keyword[first_word.len()..].trim()),
        )
    } else {
        let hint = match other.or_else(|| nearest(keyword, known())) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("the steps are {}", known().collect::<Vec<_>>().join(", ")),
        };
        (format!("unknown step `{keyword}`"), hint)
    };
    reader.fault(key, what, Some(hint));
}

/// A text that is no longer as written: where it stands, and what became of it.
type Changed = (Place, String);

/// The argument with its variables replaced; `changed` collects the texts that are no
/// longer as written.
fn arg(reader: &mut Reader<'_>, node: &Node, changed: &mut Vec<Changed>) -> Option<Arg> {
    let value = match &node.value {
        Value::Null => ArgValue::Null,
        Value::Scalar { text, .. } => match template::resolve(text, reader.environment.lookup) {
            Ok(resolved) => {
                if resolved.text != *text {
                    changed.push((node.place, resolved.text.clone()));
                }
                ArgValue::Text(resolved.text)
            }
            Err(flaws) => {
                for flaw in flaws {
                    reader.flaw(node, flaw);
                }
                return None;
            }
        },
        Value::List(items) => {
            let read: Vec<Option<Arg>> =
                items.iter().map(|item| arg(reader, item, changed)).collect();
            ArgValue::List(read.into_iter().collect::<Option<_>>()?)
        }
        Value::Map(entries) => {
            let read: Vec<Option<(Arg, Arg)>> = entries
                .iter()
                .map(|(key, value)| {
                    let (key, value) = (arg(reader, key, changed), arg(reader, value, changed));
                    Some((key?, value?))
                })
                .collect();
            ArgValue::Map(read.into_iter().collect::<Option<_>>()?)
        }
    };
    Some(Arg { place: node.place, value })
}

fn refused(
    reader: &mut Reader<'_>,
    kind: &StepKind,
    argument: &Node,
    error: StepError,
    changed: &[Changed],
) {
    let example = || Some(format!("for example `- {}`", kind.example));
    let Some(node) = find(argument, error.place) else {
        let what = format!("{}: {}", kind.keyword, error.what);
        let placed = reader.source.error(error.place, 1, what);
        reader.errors.push(ScenarioError { hint: error.hint.or_else(example), ..placed });
        return;
    };
    let flaw = match changed.iter().find(|(place, _)| *place == node.place) {
        None => Flaw { what: error.what, hint: error.hint.or_else(example), at: error.at },
        // The value may be a secret, and a suggestion would be made from it.
        Some((_, value)) => {
            let written = node.scalar().unwrap_or_default();
            Flaw { what: without(&error.what, value, written), hint: example(), at: None }
        }
    };
    reader.flaw(node, Flaw { what: format!("{}: {}", kind.keyword, flaw.what), ..flaw });
}

/// A message without the quoted parts that come from a variable's value.
fn without(what: &str, value: &str, written: &str) -> String {
    let parts: Vec<&str> = what
        .split('`')
        .enumerate()
        .map(|(index, part)| {
            let quoted = index % 2 == 1;
            if quoted && value.contains(part) && !written.contains(part) { "…" } else { part }
        })
        .collect();
    parts.join("`")
}

/// The scalar, or else the outermost part, at a place.
fn find(node: &Node, place: Place) -> Option<&Node> {
    let inside = match &node.value {
        Value::List(items) => items.iter().find_map(|item| find(item, place)),
        Value::Map(entries) => {
            entries.iter().find_map(|(key, value)| find(key, place).or_else(|| find(value, place)))
        }
        Value::Null | Value::Scalar { .. } => None,
    };
    inside.or_else(|| (node.place == place).then_some(node))
}
