//! What a step wants of the page, in the words of the script that looks for it.
//!
//! Never a browser: a wish is plain JSON.

use serde_json::{Value, json};

use super::roles;
use crate::step::Target;

/// The script that looks, waits and makes ready; its three parts are one program.
pub(super) const SCRIPT: &str = concat!(
    include_str!("page/look.js"),
    include_str!("page/ready.js"),
    include_str!("page/wait.js")
);

/// What is to be done with the element once it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act<'a> {
    /// It will be clicked: it must be visible, enabled and uncovered.
    Click,
    /// It will be filled: the script focuses and selects it, or sets it where keys cannot.
    Fill(&'a str),
    /// An option is chosen, by the script itself.
    Select(&'a str),
    /// It gets the focus.
    Press,
    /// A control is wanted on or off; answers with what to click where it is not.
    Check { on: bool, confirm: bool },
    /// It is scrolled into view, by the script itself.
    Scroll,
    /// It must be visible.
    Visible,
    /// It must be absent or invisible.
    Hidden,
}

/// Asks for an element. Fails with a word for the user when the role is unknown.
pub(crate) fn element(target: &Target, act: &Act<'_>) -> Result<Value, String> {
    let (name, more) = match act {
        Act::Click => ("click", json!({})),
        Act::Fill(text) => ("fill", json!({"text": text})),
        Act::Select(option) => ("select", json!({"text": option})),
        Act::Press => ("press", json!({})),
        Act::Check { on, confirm } => ("check", json!({"on": on, "confirm": confirm})),
        Act::Scroll => ("scroll", json!({})),
        Act::Visible => ("visible", json!({})),
        Act::Hidden => ("hidden", json!({})),
    };
    let (target, named) = place(target)?;
    let mut wish = json!({"act": name, "target": target, "named": named});
    if let (Some(wish), Some(more)) = (wish.as_object_mut(), more.as_object()) {
        wish.extend(more.clone());
    }
    Ok(wish)
}

/// Asks for an address that contains the text.
pub(crate) fn url(text: &str) -> Value {
    json!({"act": "url", "text": text})
}

/// Asks for a text anywhere on the page.
pub(crate) fn text(text: &str) -> Value {
    json!({"act": "text", "text": text, "named": true})
}

/// Scrolls to the top or the bottom of the page.
pub(crate) fn edge(top: bool) -> Value {
    json!({"act": "edge", "text": if top { "top" } else { "bottom" }})
}

fn place(target: &Target) -> Result<(Value, bool), String> {
    Ok(match target {
        Target::Css(selector) => (json!({"kind": "css", "value": selector}), true),
        Target::Text(text) => (json!({"kind": "text", "value": text}), true),
        Target::XPath(path) => (json!({"kind": "xpath", "value": path}), true),
        Target::Label(text) => (json!({"kind": "label", "value": text}), true),
        Target::TestId(id) => (json!({"kind": "testid", "value": id}), true),
        Target::Role { role, name } => {
            let role = roles::find(role).ok_or_else(|| unknown_role(role))?;
            let place = json!({
                "kind": "role", "role": role.name, "name": name, "selector": role.selector(),
            });
            (place, role.named_by_content)
        }
    })
}

fn unknown_role(given: &str) -> String {
    let nearest = roles::ROLES
        .iter()
        .map(|role| (strsim::jaro_winkler(role.name, &given.to_ascii_lowercase()), role.name))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((likeness, name)) if likeness > 0.7 => {
            format!("`{given}` is not a role; did you mean `{name}`?")
        }
        _ => format!("`{given}` is not a role that can be looked for"),
    }
}

/// The target as a user writes it.
pub(crate) fn written(target: &Target) -> String {
    match target {
        Target::Css(selector) => selector.clone(),
        Target::Text(text) => format!("text={text}"),
        Target::XPath(path) => format!("xpath={path}"),
        Target::Label(text) => format!("label={text}"),
        Target::TestId(id) => format!("testid={id}"),
        Target::Role { role, name: None } => format!("role={role}"),
        Target::Role { role, name: Some(name) } => format!("role={role}[name='{name}']"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_carries_its_selector_and_whether_text_names_it() {
        let target = Target::Role { role: "Link".to_owned(), name: Some("Cart".to_owned()) };
        let wish = element(&target, &Act::Click).expect("known");
        assert_eq!(wish["target"]["role"], "link");
        assert_eq!(wish["named"], true);
        let list = Target::Role { role: "list".to_owned(), name: None };
        assert_eq!(element(&list, &Act::Visible).expect("known")["named"], false);
    }

    #[test]
    fn an_unknown_role_gets_a_suggestion() {
        let target = Target::Role { role: "buton".to_owned(), name: None };
        let error = element(&target, &Act::Click).expect_err("unknown");
        assert_eq!(error, "`buton` is not a role; did you mean `button`?");
    }

    #[test]
    fn targets_are_written_as_in_a_scenario() {
        let role = Target::Role { role: "button".to_owned(), name: Some("Pay now".to_owned()) };
        assert_eq!(written(&role), "role=button[name='Pay now']");
        assert_eq!(written(&Target::Css("#x".to_owned())), "#x");
    }
}
