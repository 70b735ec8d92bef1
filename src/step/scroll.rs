//! Scrolls to the top, to the bottom, or until an element is in view.

use super::{Action, Arg, ScrollTo, StepError, StepKind, target_schema};

pub(super) const STEP: StepKind = StepKind {
    keyword: "scroll",
    summary: "Scrolls to `top`, to `bottom`, or until an element is in view",
    example: "scroll: bottom",
    parse,
    schema: || serde_json::json!({ "anyOf": [{ "enum": ["top", "bottom"] }, target_schema()] }),
};

fn parse(arg: &Arg) -> Result<Vec<Action>, StepError> {
    let to = match arg.text("`top`, `bottom` or a selector")? {
        "top" => ScrollTo::Top,
        "bottom" => ScrollTo::Bottom,
        _ => ScrollTo::Element(arg.target()?),
    };
    Ok(vec![Action::Scroll(to)])
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use super::super::read::testing::*;
    use super::*;

    #[test]
    fn the_ends_of_the_page_and_elements_are_reached() {
        assert_eq!(good(&STEP, &text("top")), [Action::Scroll(ScrollTo::Top)]);
        assert_eq!(good(&STEP, &text("bottom")), [Action::Scroll(ScrollTo::Bottom)]);
        let footer = ScrollTo::Element(Target::Css("footer".to_owned()));
        assert_eq!(good(&STEP, &text("footer")), [Action::Scroll(footer)]);
        bad(&STEP, &none());
    }
}
