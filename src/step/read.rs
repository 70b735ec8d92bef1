//! Reading an argument: the few shapes that steps share, and what is said when an
//! argument has another.

use serde_json::{Value, json};

use super::{Arg, ArgValue, Flaw, StepError, Target, target_schema};

impl StepError {
    /// An error at an argument.
    pub(super) fn at(arg: &Arg, what: impl Into<String>) -> StepError {
        StepError { place: arg.place, at: None, what: what.into(), hint: None }
    }

    /// Adds how to mend it.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> StepError {
        self.hint = Some(hint.into());
        self
    }

    /// A flaw in the text of an argument.
    pub(super) fn flaw(arg: &Arg, flaw: Flaw) -> StepError {
        StepError { place: arg.place, at: flaw.at, what: flaw.what, hint: flaw.hint }
    }
}

impl Arg {
    /// The text of a scalar; `wanted` names what belongs here (`a selector`).
    pub(super) fn text(&self, wanted: &str) -> Result<&str, StepError> {
        match &self.value {
            ArgValue::Text(text) => Ok(text),
            ArgValue::Null => Err(StepError::at(self, format!("{wanted} is missing"))
                .hint("a text that begins with `#` needs quotes, since `#` begins a comment")),
            ArgValue::List(_) => {
                Err(StepError::at(self, format!("expected {wanted}, found a list"))
                    .hint("a text that begins with `[` needs quotes"))
            }
            ArgValue::Map(_) => {
                Err(StepError::at(self, format!("expected {wanted}, found a mapping"))
                    .hint("a text that holds `: ` or begins with `{` needs quotes"))
            }
        }
    }

    /// A selector.
    pub(super) fn target(&self) -> Result<Target, StepError> {
        let text = self.text("a selector")?;
        Target::parse(text).map_err(|flaw| StepError::flaw(self, flaw))
    }

    /// Nothing at all.
    pub(super) fn nothing(&self, keyword: &str) -> Result<(), StepError> {
        match self.value {
            ArgValue::Null => Ok(()),
            _ => Err(StepError::at(self, format!("`{keyword}` takes no argument"))
                .hint(format!("write `- {keyword}` alone"))),
        }
    }

    /// Pairs in the order of the file: a mapping, one `[a, b]`, or a list of such.
    pub(super) fn pairs(&self, example: &str) -> Result<Vec<(&Arg, &Arg)>, StepError> {
        let wrong = |arg: &Arg| {
            StepError::at(arg, "expected pairs of a selector and a text").hint(example.to_owned())
        };
        match &self.value {
            ArgValue::Map(pairs) if pairs.is_empty() => Err(wrong(self)),
            ArgValue::Map(pairs) => Ok(pairs.iter().map(|(key, value)| (key, value)).collect()),
            ArgValue::List(items) => match items.as_slice() {
                [] => Err(wrong(self)),
                [first, second] if first.is_text() && second.is_text() => Ok(vec![(first, second)]),
                items => items
                    .iter()
                    .map(|item| match &item.value {
                        ArgValue::List(pair) => match pair.as_slice() {
                            [first, second] => Ok((first, second)),
                            _ => Err(wrong(item)),
                        },
                        _ => Err(wrong(item)),
                    })
                    .collect(),
            },
            _ => Err(wrong(self)),
        }
    }

    fn is_text(&self) -> bool {
        matches!(self.value, ArgValue::Text(_))
    }
}

/// JSON Schema of a text that YAML may take for a number or a boolean.
pub(super) fn text_schema(description: &str) -> Value {
    json!({ "type": ["string", "number", "boolean"], "description": description })
}

/// JSON Schema of [`Arg::pairs`].
pub(super) fn pairs_schema(text: &str) -> Value {
    let pair = json!({
        "type": "array",
        "prefixItems": [target_schema(), text_schema(text)],
        "minItems": 2,
        "maxItems": 2,
    });
    json!({ "anyOf": [
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": target_schema(),
            "additionalProperties": text_schema(text),
        },
        pair,
        { "type": "array", "items": pair, "minItems": 1 },
    ] })
}

#[cfg(test)]
pub(super) mod testing {
    //! Arguments for the tests of the steps.

    use super::super::{Action, Arg, ArgValue, StepError, StepKind};
    use crate::event::Place;

    fn arg(value: ArgValue) -> Arg {
        Arg { place: Place { line: 3, column: 5 }, value }
    }

    /// No argument.
    pub(in crate::step) fn none() -> Arg {
        arg(ArgValue::Null)
    }

    /// A text.
    pub(in crate::step) fn text(text: &str) -> Arg {
        arg(ArgValue::Text(text.to_owned()))
    }

    /// A list.
    pub(in crate::step) fn list(items: &[Arg]) -> Arg {
        arg(ArgValue::List(items.to_vec()))
    }

    /// A mapping of texts.
    pub(in crate::step) fn map(pairs: &[(&str, &str)]) -> Arg {
        arg(ArgValue::Map(pairs.iter().map(|(key, value)| (text(key), text(value))).collect()))
    }

    /// The actions of a good argument.
    pub(in crate::step) fn good(step: &StepKind, arg: &Arg) -> Vec<Action> {
        (step.parse)(arg).unwrap_or_else(|error| panic!("{}: {error:?}", step.keyword))
    }

    /// The error of a bad argument.
    pub(in crate::step) fn bad(step: &StepKind, arg: &Arg) -> StepError {
        (step.parse)(arg).expect_err(step.keyword)
    }
}
