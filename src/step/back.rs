//! Goes one step back in the history.

use super::{Action, Arg, StepError, StepKind};

pub(super) const STEP: StepKind = StepKind {
    keyword: "back",
    summary: "Goes one step back in the history",
    example: "back",
    parse,
    schema: || serde_json::json!({ "type": "null" }),
};

fn parse(arg: &Arg) -> Result<Vec<Action>, StepError> {
    arg.nothing(STEP.keyword)?;
    Ok(vec![Action::Back])
}

#[cfg(test)]
mod tests {
    use super::super::read::testing::*;
    use super::*;

    #[test]
    fn it_stands_alone() {
        assert_eq!(good(&STEP, &none()), [Action::Back]);
        bad(&STEP, &text("2"));
    }
}
