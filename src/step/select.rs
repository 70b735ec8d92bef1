//! Chooses an option of a select element by its label or value.

use super::read::pairs_schema;
use super::{Action, Arg, StepError, StepKind};

const EXAMPLE: &str = "select: { \"#country\": \"${persona.country_name}\" }";

pub(super) const STEP: StepKind = StepKind {
    keyword: "select",
    summary: "Chooses an option of a select element by its label or value",
    example: EXAMPLE,
    parse,
    schema: || pairs_schema("Label or value of the option"),
};

fn parse(arg: &Arg) -> Result<Vec<Action>, StepError> {
    arg.pairs(EXAMPLE)?
        .into_iter()
        .map(|(selector, option)| {
            let target = selector.target()?;
            let option_text = option.text("a label or value")?;
            if option_text.is_empty() {
                return Err(StepError::at(option, "the option is empty")
                    .hint("name the option by its label or its value"));
            }
            Ok(Action::Select { target, option: option_text.to_owned() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use super::super::read::testing::*;
    use super::*;

    #[test]
    fn options_are_chosen_in_order() {
        let select = |selector: &str, option: &str| Action::Select {
            target: Target::Css(selector.to_owned()),
            option: option.to_owned(),
        };
        assert_eq!(
            good(&STEP, &map(&[("#b", "Germany"), ("#a", "2")])),
            [select("#b", "Germany"), select("#a", "2")]
        );
    }

    #[test]
    fn an_empty_option_is_refused() {
        bad(&STEP, &map(&[("#b", "")]));
        bad(&STEP, &none());
    }
}
