//! Clears a checkbox.

use super::{Action, Arg, StepError, StepKind, target_schema};

pub(super) const STEP: StepKind = StepKind {
    keyword: "uncheck",
    summary: "Clears a checkbox",
    example: "uncheck: \"label=Keep me informed\"",
    parse,
    schema: target_schema,
};

fn parse(arg: &Arg) -> Result<Vec<Action>, StepError> {
    Ok(vec![Action::Check { target: arg.target()?, on: false }])
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use super::super::read::testing::*;
    use super::*;

    #[test]
    fn a_box_is_cleared() {
        let target = Target::Label("Keep me informed".to_owned());
        assert_eq!(
            good(&STEP, &text("label=Keep me informed")),
            [Action::Check { target, on: false }]
        );
        bad(&STEP, &none());
    }
}
