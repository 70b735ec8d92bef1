//! Clicks an element once it is visible and enabled.

use super::{Action, Arg, StepError, StepKind, target_schema};

pub(super) const STEP: StepKind = StepKind {
    keyword: "click",
    summary: "Clicks an element once it is visible and enabled",
    example: "click: \"role=button[name='Pay now']\"",
    parse,
    schema: target_schema,
};

fn parse(arg: &Arg) -> Result<Vec<Action>, StepError> {
    Ok(vec![Action::Click(arg.target()?)])
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use super::super::read::testing::*;
    use super::*;

    #[test]
    fn a_selector_is_clicked() {
        let actions = good(&STEP, &text("text=Blue mug"));
        assert_eq!(actions, [Action::Click(Target::Text("Blue mug".to_owned()))]);
    }

    #[test]
    fn a_selector_that_yaml_swallowed_is_explained() {
        assert!(bad(&STEP, &none()).hint.is_some_and(|hint| hint.contains("comment")));
        assert!(bad(&STEP, &list(&[text("data-x")])).hint.is_some_and(|hint| hint.contains("`[`")));
        assert!(bad(&STEP, &map(&[("a", "b")])).what.contains("mapping"));
    }
}
