//! ARIA roles: which elements have one without saying so, and which take their name from their text.
//!
//! A short form of what browsers compute, for the roles that scenarios look for.
//! Never a page: the table is handed to the script that looks.

/// One role.
pub(crate) struct Role {
    /// Its name.
    pub(crate) name: &'static str,
    /// Selector of elements that have it by themselves; empty where none do.
    pub(crate) implicit: &'static str,
    /// True when its accessible name comes from its text.
    pub(crate) named_by_content: bool,
}

const fn role(name: &'static str, implicit: &'static str, named_by_content: bool) -> Role {
    Role { name, implicit, named_by_content }
}

/// Every role that can be looked for.
///
/// Source: W3C, ARIA in HTML (implicit semantics) and WAI-ARIA 1.2 (name from contents).
pub(crate) const ROLES: &[Role] = &[
    role("alert", "", false),
    role("alertdialog", "", false),
    role("article", "article", false),
    role("banner", "header", false),
    role(
        "button",
        "button, summary, input[type=button], input[type=submit], input[type=reset], input[type=image]",
        true,
    ),
    role("cell", "td", true),
    role("checkbox", "input[type=checkbox]", true),
    role("columnheader", "th", true),
    role("combobox", "select:not([multiple]):not([size]), input[list]", false),
    role("complementary", "aside", false),
    role("contentinfo", "footer", false),
    role("dialog", "dialog", false),
    role("figure", "figure", false),
    role("form", "form", false),
    role("group", "fieldset, details, optgroup", false),
    role("heading", "h1, h2, h3, h4, h5, h6", true),
    role("img", "img:not([alt=\"\"]), svg", false),
    role("link", "a[href], area[href]", true),
    role("list", "ul, ol, menu", false),
    role("listbox", "select[multiple], select[size], datalist", false),
    role("listitem", "li", false),
    role("main", "main", false),
    role("menu", "", false),
    role("menuitem", "", true),
    role("meter", "meter", false),
    role("navigation", "nav", false),
    role("option", "option", true),
    role("paragraph", "p", false),
    role("progressbar", "progress", false),
    role("radio", "input[type=radio]", true),
    role("radiogroup", "", false),
    role("region", "section[aria-label], section[aria-labelledby]", false),
    role("row", "tr", true),
    role("search", "search", false),
    role("searchbox", "input[type=search]:not([list])", false),
    role("slider", "input[type=range]", false),
    role("spinbutton", "input[type=number]", false),
    role("status", "output", false),
    role("switch", "", true),
    role("tab", "", true),
    role("table", "table", false),
    role("tablist", "", false),
    role("tabpanel", "", false),
    role(
        "textbox",
        "textarea, input:not([type]):not([list]), input[type=text]:not([list]), \
         input[type=email]:not([list]), input[type=tel]:not([list]), input[type=url]:not([list]), \
         [contenteditable=\"\"], [contenteditable=true], [contenteditable=plaintext-only]",
        false,
    ),
    role("tooltip", "", true),
    role("treeitem", "", true),
];

/// The role of that name, whatever the case.
pub(crate) fn find(name: &str) -> Option<&'static Role> {
    ROLES.iter().find(|role| role.name.eq_ignore_ascii_case(name))
}

impl Role {
    /// Selector of every element that may have the role: by itself or by its attribute.
    pub(crate) fn selector(&self) -> String {
        let given = format!("[role~=\"{}\" i]", self.name);
        if self.implicit.is_empty() { given } else { format!("{}, {given}", self.implicit) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_found_whatever_the_case_and_sorted_without_repeats() {
        assert_eq!(find("Button").map(|role| role.name), Some("button"));
        assert!(find("buton").is_none());
        assert!(ROLES.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn a_selector_covers_the_elements_own_role_and_the_given_one() {
        let link = find("link").expect("known").selector();
        assert!(link.contains("a[href]") && link.contains("[role~=\"link\" i]"), "{link}");
        assert_eq!(find("tab").expect("known").selector(), "[role~=\"tab\" i]");
    }
}
