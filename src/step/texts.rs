//! The texts inside actions, and what each is read as, so that a value can be put
//! into it without breaking it.

use super::{Action, Condition, ScrollTo, Target};

/// What a text of an action is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextUse {
    /// Taken as it is.
    Plain,
    /// Part of an address.
    Address,
    /// CSS selector.
    Css,
    /// `XPath` expression.
    XPath,
    /// Script.
    Script,
}

impl Action {
    /// The same action with every text replaced.
    #[must_use]
    pub fn with_texts(&self, replace: &mut dyn FnMut(TextUse, &str) -> String) -> Action {
        match self {
            Action::Visit(address) => Action::Visit(replace(TextUse::Address, address)),
            Action::Click(target) => Action::Click(target.with_texts(replace)),
            Action::Fill { target, text } => Action::Fill {
                target: target.with_texts(replace),
                text: replace(TextUse::Plain, text),
            },
            Action::Select { target, option } => Action::Select {
                target: target.with_texts(replace),
                option: replace(TextUse::Plain, option),
            },
            Action::Press { target, keys } => Action::Press {
                target: target.as_ref().map(|target| target.with_texts(replace)),
                keys: replace(TextUse::Plain, keys),
            },
            Action::Check { target, on } => {
                Action::Check { target: target.with_texts(replace), on: *on }
            }
            Action::Wait { condition, within } => {
                Action::Wait { condition: condition.with_texts(replace), within: *within }
            }
            Action::Scroll(ScrollTo::Element(target)) => {
                Action::Scroll(ScrollTo::Element(target.with_texts(replace)))
            }
            Action::Scroll(ScrollTo::Top | ScrollTo::Bottom) | Action::Reload | Action::Back => {
                self.clone()
            }
            Action::Evaluate(script) => Action::Evaluate(replace(TextUse::Script, script)),
        }
    }
}

impl Target {
    fn with_texts(&self, replace: &mut dyn FnMut(TextUse, &str) -> String) -> Target {
        match self {
            Target::Css(selector) => Target::Css(replace(TextUse::Css, selector)),
            Target::Text(text) => Target::Text(replace(TextUse::Plain, text)),
            Target::Role { role, name } => Target::Role {
                role: role.clone(),
                name: name.as_ref().map(|name| replace(TextUse::Plain, name)),
            },
            Target::XPath(expression) => Target::XPath(replace(TextUse::XPath, expression)),
            Target::Label(text) => Target::Label(replace(TextUse::Plain, text)),
            Target::TestId(id) => Target::TestId(replace(TextUse::Plain, id)),
        }
    }
}

impl Condition {
    fn with_texts(&self, replace: &mut dyn FnMut(TextUse, &str) -> String) -> Condition {
        match self {
            Condition::Url(part) => Condition::Url(replace(TextUse::Address, part)),
            Condition::Visible(target) => Condition::Visible(target.with_texts(replace)),
            Condition::Hidden(target) => Condition::Hidden(target.with_texts(replace)),
            Condition::Text(text) => Condition::Text(replace(TextUse::Plain, text)),
            Condition::Event { event, channel } => {
                Condition::Event { event: replace(TextUse::Plain, event), channel: *channel }
            }
            Condition::Script(script) => Condition::Script(replace(TextUse::Script, script)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_visited_with_its_use() {
        let css = Target::Css("c".to_owned());
        let actions = [
            Action::Visit("v".to_owned()),
            Action::Fill { target: css.clone(), text: "t".to_owned() },
            Action::Press { target: None, keys: "k".to_owned() },
            Action::Click(Target::XPath("x".to_owned())),
            Action::Scroll(ScrollTo::Element(css)),
            Action::Evaluate("s".to_owned()),
        ];
        let mut seen = Vec::new();
        for action in &actions {
            let changed = action.with_texts(&mut |usage, text| {
                seen.push((usage, text.to_owned()));
                format!("{text}!")
            });
            assert_ne!(&changed, action);
        }
        let uses: Vec<TextUse> = seen.iter().map(|(usage, _)| *usage).collect();
        assert_eq!(
            uses,
            [
                TextUse::Address,
                TextUse::Css,
                TextUse::Plain,
                TextUse::Plain,
                TextUse::XPath,
                TextUse::Css,
                TextUse::Script
            ]
        );
    }
}
