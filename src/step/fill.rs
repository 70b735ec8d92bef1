//! Replaces the content of form fields, in the order of the file.

use super::read::pairs_schema;
use super::{Action, Arg, StepError, StepKind};

const EXAMPLE: &str =
    "fill: { \"#email\": \"${persona.email}\", \"label=Phone\": \"${persona.phone}\" }";

pub(super) const STEP: StepKind = StepKind {
    keyword: "fill",
    summary: "Replaces the content of fields: selector and text, as a mapping or as `[selector, text]`, in the order of the file",
    example: EXAMPLE,
    parse,
    schema: || pairs_schema("What to type"),
};

fn parse(arg: &Arg) -> Result<Vec<Action>, StepError> {
    arg.pairs(EXAMPLE)?
        .into_iter()
        .map(|(selector, text)| {
            Ok(Action::Fill { target: selector.target()?, text: text.text("a text")?.to_owned() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use super::super::read::testing::*;
    use super::*;

    fn fills(pairs: &[(&str, &str)]) -> Vec<Action> {
        pairs
            .iter()
            .map(|(selector, text)| Action::Fill {
                target: Target::Css((*selector).to_owned()),
                text: (*text).to_owned(),
            })
            .collect()
    }

    #[test]
    fn a_mapping_keeps_its_order() {
        let pairs = [("#z", "1"), ("#a", "02108"), ("#m", "")];
        assert_eq!(good(&STEP, &map(&pairs)), fills(&pairs));
    }

    #[test]
    fn one_pair_and_a_list_of_pairs_are_the_same_as_a_mapping() {
        let pair = list(&[text("#a"), text("x")]);
        assert_eq!(good(&STEP, &pair), fills(&[("#a", "x")]));
        assert_eq!(good(&STEP, &list(&[pair.clone(), pair])), fills(&[("#a", "x"), ("#a", "x")]));
    }

    #[test]
    fn anything_else_is_refused() {
        for arg in [
            none(),
            text("#a"),
            map(&[]),
            list(&[]),
            list(&[text("#a")]),
            list(&[text("#a"), text("b"), text("c")]),
            list(&[list(&[text("#a")])]),
            map(&[("#a[", "x")]),
        ] {
            bad(&STEP, &arg);
        }
    }
}
