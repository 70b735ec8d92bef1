//! Loads the page again.

use super::{Action, Arg, StepError, StepKind};

pub(super) const STEP: StepKind = StepKind {
    keyword: "reload",
    summary: "Loads the page again",
    example: "reload",
    parse,
    schema: || serde_json::json!({ "type": "null" }),
};

fn parse(arg: &Arg) -> Result<Vec<Action>, StepError> {
    arg.nothing(STEP.keyword)?;
    Ok(vec![Action::Reload])
}

#[cfg(test)]
mod tests {
    use super::super::read::testing::*;
    use super::*;

    #[test]
    fn it_stands_alone() {
        assert_eq!(good(&STEP, &none()), [Action::Reload]);
        assert!(bad(&STEP, &text("now")).hint.is_some_and(|hint| hint.contains("- reload")));
    }
}
