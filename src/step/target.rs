//! Selectors: the text forms of a [`Target`].
//!
//! CSS by default; `text=`, `role=`, `xpath=`, `label=` and `testid=` otherwise.
//! Persona variables may stand anywhere in the value and are taken as opaque.

use serde_json::{Value, json};

use super::{Target, css, nearest};

/// What is wrong with a text, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Lowercase fragment, no full stop.
    pub what: String,
    /// How to mend it.
    pub hint: Option<String>,
    /// Character at which it goes wrong, from 0.
    pub at: Option<u32>,
}

impl Flaw {
    /// A flaw of the whole text.
    pub fn new(what: impl Into<String>) -> Flaw {
        Flaw { what: what.into(), hint: None, at: None }
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Flaw {
        self.hint = Some(hint.into());
        self
    }

    /// Adds where it is, counted in characters from 0.
    #[must_use]
    pub fn at(mut self, at: usize) -> Flaw {
        self.at = Some(at as u32);
        self
    }

    /// Moves the position on by what stands before the text.
    #[must_use]
    fn after(mut self, characters: usize) -> Flaw {
        self.at = self.at.map(|at| at + characters as u32);
        self
    }
}

/// Prefixes, without the equals sign, in the order of the documentation.
const PREFIXES: &[&str] = &["text", "role", "label", "testid", "xpath"];

/// Roles of WAI-ARIA 1.2 that an element can have (abstract roles left out).
const ROLES: &[&str] = &[
    "alert",
    "alertdialog",
    "application",
    "article",
    "banner",
    "blockquote",
    "button",
    "caption",
    "cell",
    "checkbox",
    "code",
    "columnheader",
    "combobox",
    "complementary",
    "contentinfo",
    "definition",
    "deletion",
    "dialog",
    "directory",
    "document",
    "emphasis",
    "feed",
    "figure",
    "form",
    "generic",
    "grid",
    "gridcell",
    "group",
    "heading",
    "img",
    "insertion",
    "link",
    "list",
    "listbox",
    "listitem",
    "log",
    "main",
    "marquee",
    "math",
    "menu",
    "menubar",
    "menuitem",
    "menuitemcheckbox",
    "menuitemradio",
    "meter",
    "navigation",
    "none",
    "note",
    "option",
    "paragraph",
    "presentation",
    "progressbar",
    "radio",
    "radiogroup",
    "region",
    "row",
    "rowgroup",
    "rowheader",
    "scrollbar",
    "search",
    "searchbox",
    "separator",
    "slider",
    "spinbutton",
    "status",
    "strong",
    "subscript",
    "superscript",
    "switch",
    "tab",
    "table",
    "tablist",
    "tabpanel",
    "term",
    "textbox",
    "time",
    "timer",
    "toolbar",
    "tooltip",
    "tree",
    "treegrid",
    "treeitem",
];

impl Target {
    /// Reads a selector.
    pub fn parse(text: &str) -> Result<Target, Flaw> {
        if text.trim().is_empty() {
            return Err(Flaw::new("the selector is empty"));
        }
        let Some((prefix, value)) = prefix_of(text) else {
            css::check(text)?;
            return Ok(Target::Css(text.trim().to_owned()));
        };
        let before = text.chars().count() - value.chars().count();
        if !PREFIXES.contains(&prefix) {
            return Err(unknown_prefix(prefix));
        }
        if value.trim().is_empty() {
            return Err(Flaw::new(format!("nothing stands after `{prefix}=`")).at(before));
        }
        match prefix {
            "text" => Ok(Target::Text(unquoted(value).to_owned())),
            "label" => Ok(Target::Label(unquoted(value).to_owned())),
            "testid" => Ok(Target::TestId(unquoted(value).to_owned())),
            "xpath" => {
                css::check_balance(value, "XPath expression").map_err(|flaw| flaw.after(before))?;
                Ok(Target::XPath(value.trim().to_owned()))
            }
            _ => role(value).map_err(|flaw| flaw.after(before)),
        }
    }
}

/// The word before a leading `word=`, and what follows; CSS never begins so.
fn prefix_of(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')?;
    let value = text[end..].strip_prefix('=')?;
    (end > 0).then_some((&text[..end], value))
}

fn unknown_prefix(prefix: &str) -> Flaw {
    let flaw = Flaw::new(format!("`{prefix}=` is no kind of selector")).at(0);
    if prefix.eq_ignore_ascii_case("css") {
        return flaw.hint("CSS is the default: leave `css=` out");
    }
    if prefix.eq_ignore_ascii_case("id") {
        return flaw.hint("an element is found by its id with CSS: `#the-id`");
    }
    if let Some(known) = nearest(prefix, PREFIXES.iter().copied()) {
        return flaw.hint(format!("did you mean `{known}=`?"));
    }
    let known: Vec<String> = PREFIXES.iter().map(|known| format!("`{known}=`")).collect();
    flaw.hint(format!("CSS needs no prefix; the others are {}", known.join(", ")))
}

/// `button`, or `button[name='Pay now']` with either quote or none.
fn role(value: &str) -> Result<Target, Flaw> {
    let value = value.trim_end();
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(value.len());
    let (role, rest) = value.split_at(end);
    if !ROLES.contains(&role) && !role.starts_with("doc-") {
        let flaw = Flaw::new(format!("`{role}` is no ARIA role")).at(0);
        return Err(match nearest(role, ROLES.iter().copied()) {
            Some(known) => flaw.hint(format!("did you mean `role={known}`?")),
            None => flaw.hint("for example `role=button[name='Pay now']`"),
        });
    }
    let role = role.to_owned();
    if rest.is_empty() {
        return Ok(Target::Role { role, name: None });
    }
    let wanted = || {
        Flaw::new("after the role only `[name='…']` may stand")
            .at(end)
            .hint(format!("for example `role={role}[name='Pay now']`"))
    };
    let inner = rest
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .and_then(|inner| inner.trim().strip_prefix("name"))
        .and_then(|inner| inner.trim_start().strip_prefix('='))
        .ok_or_else(wanted)?
        .trim();
    let name = unquoted(inner);
    let half_quoted = name == inner && inner.starts_with(['\'', '"']);
    if name.is_empty() || half_quoted {
        return Err(wanted());
    }
    Ok(Target::Role { role, name: Some(name.to_owned()) })
}

/// The text without one pair of quotes around it.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}

/// JSON Schema of a selector.
pub fn target_schema() -> Value {
    let known: Vec<String> = PREFIXES.iter().map(|known| format!("{known}=")).collect();
    json!({
        "type": "string",
        "minLength": 1,
        "pattern": format!(r"^\s*(({})\s*\S|(?![A-Za-z0-9_-]+=)\S)", known.join("|")),
        "description": "A selector: CSS, or text=…, role=button[name='…'], label=…, testid=…, xpath=…",
        "examples": ["#add-to-cart", "text=Blue mug", "role=button[name='Pay now']"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(text: &str) -> Flaw {
        Target::parse(text).expect_err(text)
    }

    #[test]
    fn every_form_is_read() {
        let role = |role: &str, name: Option<&str>| Target::Role {
            role: role.to_owned(),
            name: name.map(str::to_owned),
        };
        for (text, target) in [
            ("#buy", Target::Css("#buy".to_owned())),
            (" a[href='/x=y'] ", Target::Css("a[href='/x=y']".to_owned())),
            ("[data-x=1]", Target::Css("[data-x=1]".to_owned())),
            ("text=Blue mug", Target::Text("Blue mug".to_owned())),
            ("text=\"Blue mug\"", Target::Text("Blue mug".to_owned())),
            ("text=1 = 1", Target::Text("1 = 1".to_owned())),
            ("label=E-mail", Target::Label("E-mail".to_owned())),
            ("testid=pay", Target::TestId("pay".to_owned())),
            ("xpath=//a[@id='x']", Target::XPath("//a[@id='x']".to_owned())),
            ("role=button", role("button", None)),
            ("role=button[name='Pay now']", role("button", Some("Pay now"))),
            ("role=link[name=\"O'Brien's\"]", role("link", Some("O'Brien's"))),
            ("role=button[name=Pay]", role("button", Some("Pay"))),
            ("text=${persona.last_name}", Target::Text("${persona.last_name}".to_owned())),
        ] {
            assert_eq!(Target::parse(text), Ok(target), "{text}");
        }
    }

    #[test]
    fn an_unknown_prefix_gets_a_suggestion() {
        assert_eq!(flaw("txt=Blue").hint.as_deref(), Some("did you mean `text=`?"));
        assert_eq!(flaw("Xpath=//a").hint.as_deref(), Some("did you mean `xpath=`?"));
        assert!(flaw("css=#a").hint.is_some_and(|hint| hint.contains("default")));
        assert!(flaw("banana=1").hint.is_some_and(|hint| hint.contains("`testid=`")));
    }

    #[test]
    fn broken_selectors_say_where() {
        assert_eq!(flaw("a[href='x'").at, Some(1));
        assert_eq!(flaw("xpath=//a[@id=(1]").at, Some(16));
        assert!(flaw("").what.contains("empty") && flaw("text=  ").what.contains("nothing"));
    }

    #[test]
    fn roles_are_checked() {
        assert_eq!(flaw("role=buton").hint.as_deref(), Some("did you mean `role=button`?"));
        for bad in [
            "role=",
            "role=button[",
            "role=button[title='x']",
            "role=button[name='x]",
            "role=button name",
        ] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
    }
}
