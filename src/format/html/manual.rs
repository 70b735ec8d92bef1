//! A rule's manual page as HTML: headings, paragraphs, code in back quotes, links as text.
//!
//! Only what rule headers use of Markdown. Never an address that can be followed: the
//! page makes no request.

use minijinja::value::Value;

use super::text::escape;

/// The page as HTML, its headings as bold lines so that the outline of the report stays whole.
pub(super) fn html(markdown: &str) -> Value {
    let mut safe = String::new();
    for block in markdown.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        let (heading, rest) = match block.strip_prefix("## ") {
            Some(heading) => heading.split_once('\n').unwrap_or((heading, "")),
            None => ("", block),
        };
        if !heading.is_empty() {
            safe.push_str(&format!("<p class=\"head\">{}</p>", escape(heading.trim())));
        }
        if rest.lines().all(|line| line.starts_with("- ") || line.starts_with("  "))
            && !rest.is_empty()
        {
            safe.push_str("<ul>");
            for item in rest.trim_start_matches("- ").split("\n- ") {
                safe.push_str(&format!("<li>{}</li>", inline(item)));
            }
            safe.push_str("</ul>");
        } else if !rest.is_empty() {
            safe.push_str(&format!("<p>{}</p>", inline(rest)));
        }
    }
    Value::from_safe_string(safe)
}

/// Code in back quotes; everything else as it is.
pub(super) fn inline(text: &str) -> String {
    let mut safe = String::new();
    let last = text.matches('`').count();
    for (at, part) in text.split('`').enumerate() {
        let part = escape(part);
        match at % 2 {
            0 => safe.push_str(&part),
            _ if at == last => safe.push_str(&format!("`{part}")),
            _ => safe.push_str(&format!("<code>{part}</code>")),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_paragraphs_lists_and_code_are_shown_and_markup_is_not() {
        let page = "## What it checks\nThat `<b>` is\nkept.\n\nMore.\n\n- one\n- two `x`\n";
        assert_eq!(
            html(page).to_string(),
            "<p class=\"head\">What it checks</p><p>That <code>&lt;b&gt;</code> is&#10;kept.</p>\
             <p>More.</p><ul><li>one</li><li>two <code>x</code></li></ul>"
        );
        assert_eq!(inline("a ` b `c` d"), "a <code> b </code>c` d");
    }
}
