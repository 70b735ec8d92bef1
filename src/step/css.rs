//! Finds CSS selectors that no browser would accept, before one is started.
//!
//! Not a CSS parser: it reports what is certainly wrong and lets everything else
//! pass to the browser.

use super::target::Flaw;

/// Pseudo-classes that other tools have and browsers do not.
const FOREIGN: &[(&str, &str)] = &[
    (":contains(", "use `text=…`"),
    (":has-text(", "use `text=…`"),
    (":text(", "use `text=…`"),
    (":text-is(", "use `text=…`"),
    (":visible", "every step waits for visible elements by itself"),
    (":eq(", "use `:nth-child(…)` or `:nth-of-type(…)`"),
    (">>", "chains are not known; use a descendant selector or `xpath=`"),
];

/// Refuses a selector that is certainly broken.
pub(super) fn check(text: &str) -> Result<(), Flaw> {
    let bare = opaque(text);
    check_balance(&bare, "selector")?;
    let outside = blank_quoted(&bare);
    let characters: Vec<char> = outside.chars().collect();
    for (at, c) in characters.iter().enumerate() {
        let next = characters.get(at + 1).copied();
        let escaped = at > 0 && characters[at - 1] == '\\';
        match c {
            _ if escaped => {}
            '{' | '}' | ';' => {
                return Err(Flaw::new(format!("`{c}` does not belong into a selector")).at(at));
            }
            '#' | '.' if !next.is_some_and(begins_a_name) => {
                let what = if *c == '#' { "an id" } else { "a class name" };
                let flaw = Flaw::new(format!("`{c}` must be followed by {what}")).at(at);
                return Err(match next {
                    Some(digit) if digit.is_ascii_digit() => flaw.hint(format!(
                        "{what} that begins with a digit is written `[{}='{digit}…']`",
                        if *c == '#' { "id" } else { "class~" }
                    )),
                    _ => flaw,
                });
            }
            _ => {}
        }
    }
    for (word, instead) in FOREIGN {
        if let Some(at) = outside.find(word) {
            let at = outside[..at].chars().count();
            return Err(Flaw::new(format!("`{}` is not CSS", word.trim_end_matches('(')))
                .at(at)
                .hint(*instead));
        }
    }
    let trimmed = outside.trim();
    let dangling = |c: char| matches!(c, '>' | '+' | '~' | ',');
    if trimmed.ends_with(dangling) {
        let at = outside.trim_end().chars().count() - 1;
        return Err(Flaw::new("the selector breaks off after a combinator").at(at));
    }
    if trimmed.starts_with(dangling) || trimmed.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Flaw::new("a selector cannot begin so").at(0));
    }
    Ok(())
}

/// Refuses brackets and quotes that do not match.
pub(super) fn check_balance(text: &str, name: &str) -> Result<(), Flaw> {
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut quote: Option<(char, usize)> = None;
    let mut escaped = false;
    for (at, c) in text.chars().enumerate() {
        if escaped {
            escaped = false;
            continue;
        }
        if c == '\\' {
            escaped = true;
        } else if let Some((mark, _)) = quote {
            if c == mark {
                quote = None;
            }
        } else {
            match c {
                '"' | '\'' => quote = Some((c, at)),
                '(' | '[' => open.push((c, at)),
                ')' | ']' => {
                    let wanted = if c == ')' { '(' } else { '[' };
                    if open.pop().map(|(c, _)| c) != Some(wanted) {
                        return Err(Flaw::new(format!("`{c}` closes nothing")).at(at));
                    }
                }
                _ => {}
            }
        }
    }
    if let Some((mark, at)) = quote {
        return Err(Flaw::new(format!("the quote {mark} is never closed in this {name}")).at(at));
    }
    match open.first() {
        Some((c, at)) => Err(Flaw::new(format!("`{c}` is never closed in this {name}")).at(*at)),
        None => Ok(()),
    }
}

fn begins_a_name(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '_' | '-' | '\\') || !c.is_ascii()
}

/// The text with each `${…}` replaced by as many letters.
fn opaque(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        inside |= c == '$' && rest.peek() == Some(&'{');
        out.push(if inside { 'x' } else { c });
        inside &= c != '}';
    }
    out
}

/// The text with quoted parts and attribute brackets blanked, at equal length.
fn blank_quoted(text: &str) -> String {
    let mut out = String::new();
    let (mut quote, mut depth, mut escaped) = (None, 0_u32, false);
    for c in text.chars() {
        let blank = match (quote, c) {
            _ if escaped => true,
            (Some(mark), c) => {
                if c == mark {
                    quote = None;
                }
                true
            }
            (None, '"' | '\'') => {
                quote = Some(c);
                true
            }
            (None, '[') => {
                depth += 1;
                true
            }
            (None, ']') => {
                depth = depth.saturating_sub(1);
                true
            }
            _ => depth > 0,
        };
        escaped = c == '\\' && !escaped;
        out.push(if blank && c != '\\' { 'x' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_selectors_pass() {
        for good in [
            "#buy",
            "button.primary:not(.off) > span",
            "a[href$='.pdf']",
            "a[data-x=\"{json}\"]",
            "input[name='user[email]']",
            "li:nth-child(2n+1)",
            "#\\31 a",
            ".w-1\\/2",
            "#größe",
            "[data-id='${persona.external_id}']",
            "#${persona.external_id}",
            "html",
            "*",
            ":is(h1, h2)",
            "div:has(> img)",
            "a, b",
            "tr > td + td ~ td",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn broken_selectors_are_refused_at_their_place() {
        for (bad, at) in [
            ("a[href", 1),
            ("a)", 1),
            ("a[b='c]", 4),
            ("div {", 4),
            ("#1a", 0),
            ("a .5x", 2),
            ("#", 0),
            ("a >", 2),
            ("a,", 1),
            ("> a", 0),
            ("a:contains('x')", 1),
            ("a >> b", 2),
            ("li:eq(1)", 2),
        ] {
            assert_eq!(check(bad).expect_err(bad).at, Some(at), "{bad}");
        }
    }
}
