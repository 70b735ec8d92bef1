//! Sets a checkbox or radio button.

use super::{Action, Arg, ArgValue, StepError, StepKind, target_schema};

pub(super) const STEP: StepKind = StepKind {
    keyword: "check",
    summary: "Sets a checkbox or radio button; `{selector: false}` clears it",
    example: "check: \"#newsletter\"",
    parse,
    schema: || {
        serde_json::json!({ "anyOf": [
            target_schema(),
            {
                "type": "object",
                "minProperties": 1,
                "propertyNames": target_schema(),
                "additionalProperties": { "enum": [true, false, "true", "false"] },
            },
        ] })
    },
};

fn parse(arg: &Arg) -> Result<Vec<Action>, StepError> {
    match &arg.value {
        ArgValue::Map(_) => arg
            .pairs("check: { \"#newsletter\": false }")?
            .into_iter()
            .map(|(selector, state)| {
                let target = selector.target()?;
                match state.text("`true` or `false`")? {
                    "true" => Ok(Action::Check { target, on: true }),
                    "false" => Ok(Action::Check { target, on: false }),
                    _ => Err(StepError::at(state, "expected `true` or `false`")),
                }
            })
            .collect(),
        _ => Ok(vec![Action::Check { target: arg.target()?, on: true }]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use super::super::read::testing::*;
    use super::*;

    #[test]
    fn a_box_is_set_or_cleared() {
        let check = |on| Action::Check { target: Target::Css("#terms".to_owned()), on };
        assert_eq!(good(&STEP, &text("#terms")), [check(true)]);
        assert_eq!(good(&STEP, &map(&[("#terms", "true")])), [check(true)]);
        assert_eq!(good(&STEP, &map(&[("#terms", "false")])), [check(false)]);
    }

    #[test]
    fn yes_and_no_are_not_booleans() {
        assert!(bad(&STEP, &map(&[("#terms", "yes")])).what.contains("`true` or `false`"));
        bad(&STEP, &list(&[text("#terms")]));
    }
}
