//! Presses keys on an element, or on whatever has the focus.

use super::read::text_schema;
use super::{Action, Arg, ArgValue, StepError, StepKind, keys, target_schema};

pub(super) const STEP: StepKind = StepKind {
    keyword: "press",
    summary: "Presses a key or chord (`Enter`, `Control+a`), on the element in focus or on `{selector: keys}`",
    example: "press: { \"#search\": Enter }",
    parse,
    schema: || {
        serde_json::json!({ "anyOf": [
            text_schema("Key or chord for the element in focus: Enter, Control+a"),
            {
                "type": "object",
                "minProperties": 1,
                "propertyNames": target_schema(),
                "additionalProperties": text_schema("Key or chord: Enter, Control+a"),
            },
        ] })
    },
};

fn parse(arg: &Arg) -> Result<Vec<Action>, StepError> {
    match &arg.value {
        ArgValue::Map(_) => arg
            .pairs(STEP.example)?
            .into_iter()
            .map(|(selector, text)| {
                Ok(Action::Press { target: Some(selector.target()?), keys: keys_of(text)? })
            })
            .collect(),
        _ => Ok(vec![Action::Press { target: None, keys: keys_of(arg)? }]),
    }
}

fn keys_of(arg: &Arg) -> Result<String, StepError> {
    let text = arg.text("a key")?;
    keys::check(text).map_err(|flaw| StepError::flaw(arg, flaw))?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use super::super::read::testing::*;
    use super::*;

    #[test]
    fn keys_go_to_the_focus_or_to_an_element() {
        let press =
            |target: Option<Target>, keys: &str| Action::Press { target, keys: keys.to_owned() };
        assert_eq!(good(&STEP, &text("Enter")), [press(None, "Enter")]);
        assert_eq!(
            good(&STEP, &map(&[("#q", "Control+a")])),
            [press(Some(Target::Css("#q".to_owned())), "Control+a")]
        );
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(bad(&STEP, &text("enter")).hint.is_some());
        bad(&STEP, &none());
        bad(&STEP, &list(&[text("#q"), text("Enter")]));
    }
}
