//! Variables in texts: `${NAME}`, `${NAME:-default}`, `${persona.field}`, and `$${`
//! for a literal `${`.
//!
//! The environment is bound when a file is loaded; what is left are persona
//! variables, bound once per session. A literal dollar sign that would begin or end
//! up before a brace is kept as `${$}` in between.

use crate::persona::FIELDS;
use crate::step::{Flaw, nearest};

/// Defaults within defaults beyond this depth are a mistake.
const DEEPEST: usize = 8;

/// How a literal dollar sign is kept where it could be taken for a variable.
const DOLLAR: &str = "${$}";

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Persona(String),
    Variable { name: String, default: Option<Vec<Piece>>, at: usize },
}

/// Where the environment's variables come from.
pub(super) type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A text whose environment variables are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    pub(super) text: String,
    /// True where anything but plain text went into it.
    pub(super) bound: bool,
    /// True where it holds persona variables.
    pub(super) personal: bool,
}

/// Replaces the environment's variables; all flaws of the text are found at once.
pub(super) fn resolve(text: &str, lookup: &Lookup<'_>) -> Result<Resolved, Vec<Flaw>> {
    let pieces = parse(text, 0, 0).map_err(|flaw| vec![flaw])?;
    let mut flat = Vec::new();
    let mut flaws = Vec::new();
    flatten(&pieces, lookup, &mut flat, &mut flaws);
    if !flaws.is_empty() {
        return Err(flaws);
    }
    let plain = |piece: &Piece| matches!(piece, Piece::Literal(_));
    let personal = !flat.iter().all(plain);
    Ok(Resolved { text: render(&flat), bound: personal || !pieces.iter().all(plain), personal })
}

/// Replaces the persona's variables; `value` gives a field's value, made fit for the text.
pub(super) fn bind(text: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    if !text.contains("${") {
        return text.to_owned();
    }
    let mut bound = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        bound.push_str(&rest[..start]);
        let inner = &rest[start + 2..];
        let Some(end) = inner.find('}') else {
            rest = &rest[start..];
            break;
        };
        let name = &inner[..end];
        match name.strip_prefix("persona.").and_then(value) {
            Some(value) => bound.push_str(&value),
            None if name == "$" => bound.push('$'),
            // Loading has refused every unknown field; a text that never went
            // through loading stays as it is.
            None => bound.push_str(&rest[start..=start + 2 + end]),
        }
        rest = &inner[end + 1..];
    }
    bound.push_str(rest);
    bound
}

fn flatten(pieces: &[Piece], lookup: &Lookup<'_>, flat: &mut Vec<Piece>, flaws: &mut Vec<Flaw>) {
    for piece in pieces {
        match piece {
            Piece::Literal(text) => push_literal(flat, text),
            Piece::Persona(_) => flat.push(piece.clone()),
            Piece::Variable { name, default, at } => match (lookup(name), default) {
                (Some(value), None) => push_literal(flat, &value),
                (Some(value), Some(_)) if !value.is_empty() => push_literal(flat, &value),
                (_, Some(default)) => flatten(default, lookup, flat, flaws),
                (None, None) => flaws.push(
                    Flaw::new(format!("the variable `{name}` is not set")).at(*at).hint(format!(
                        "set {name} in the environment, give a default with `${{{name}:-…}}`, or write `$${{` for a literal `${{`"
                    )),
                ),
            },
        }
    }
}

fn push_literal(flat: &mut Vec<Piece>, text: &str) {
    match flat.last_mut() {
        Some(Piece::Literal(before)) => before.push_str(text),
        _ => flat.push(Piece::Literal(text.to_owned())),
    }
}

fn render(flat: &[Piece]) -> String {
    let mut text = String::new();
    for (index, piece) in flat.iter().enumerate() {
        match piece {
            Piece::Persona(field) => {
                text.push_str("${persona.");
                text.push_str(field);
                text.push('}');
            }
            Piece::Literal(literal) => {
                let literal = literal.replace("${", &format!("{DOLLAR}{{"));
                let before_variable = index + 1 < flat.len();
                match literal.strip_suffix('$').filter(|_| before_variable) {
                    Some(most) => text.extend([most, DOLLAR]),
                    None => text.push_str(&literal),
                }
            }
            Piece::Variable { .. } => {}
        }
    }
    text
}

/// The pieces of a text; places count characters from `offset`.
fn parse(text: &str, offset: usize, depth: usize) -> Result<Vec<Piece>, Flaw> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    let mut seen = offset;
    while let Some(start) = rest.find("${") {
        let at = seen + rest[..start].chars().count();
        if rest[..start].ends_with('$') {
            literal.push_str(&rest[..start - 1]);
            literal.push_str("${");
            rest = &rest[start + 2..];
            seen = at + 2;
            continue;
        }
        literal.push_str(&rest[..start]);
        let inner = &rest[start + 2..];
        let Some(end) = closing(inner) else {
            return Err(Flaw::new("`${` is never closed")
                .at(at)
                .hint("write `${NAME}`, or `$${` for a literal `${`"));
        };
        if !literal.is_empty() {
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
        }
        pieces.push(variable(&inner[..end], at, depth)?);
        rest = &inner[end + 1..];
        seen = at + 2 + inner[..=end].chars().count();
    }
    literal.push_str(rest);
    if !literal.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    Ok(pieces)
}

/// The closing brace that belongs to an opened variable.
fn closing(inner: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut before = ' ';
    for (at, c) in inner.char_indices() {
        match c {
            '{' if before == '$' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
        before = c;
    }
    None
}

fn variable(inner: &str, at: usize, depth: usize) -> Result<Piece, Flaw> {
    let (name, default) = match inner.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inner, None),
    };
    if let Some(field) = name.strip_prefix("persona.") {
        return persona(field, default.is_some(), at);
    }
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let valid =
        name.starts_with(first) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !valid {
        let flaw = Flaw::new(format!("`{name}` is no name of a variable")).at(at);
        return Err(match name.split_once('.') {
            Some((room, field)) if nearest(room, ["persona"]).is_some() => {
                flaw.hint(format!("did you mean `${{persona.{field}}}`?"))
            }
            _ => flaw.hint("write `${NAME}`, `${NAME:-default}` or `${persona.email}`; `$${` stands for a literal `${`"),
        });
    }
    let default = match default {
        None => None,
        Some(_) if depth >= DEEPEST => {
            return Err(Flaw::new("too many defaults within defaults").at(at));
        }
        Some(default) => {
            let before = at + 2 + name.chars().count() + 2;
            Some(parse(default, before, depth + 1)?)
        }
    };
    Ok(Piece::Variable { name: name.to_owned(), default, at })
}

fn persona(field: &str, has_default: bool, at: usize) -> Result<Piece, Flaw> {
    let known = || FIELDS.iter().map(|(name, _)| *name);
    if !known().any(|name| name == field) {
        let flaw = Flaw::new(format!("a persona has no field `{field}`")).at(at);
        return Err(match nearest(field, known()) {
            Some(name) => flaw.hint(format!("did you mean `${{persona.{name}}}`?")),
            None => flaw.hint(format!("its fields are {}", known().collect::<Vec<_>>().join(", "))),
        });
    }
    if has_default {
        return Err(Flaw::new("a persona's field needs no default")
            .at(at)
            .hint(format!("every persona has every field: write `${{persona.{field}}}`")));
    }
    Ok(Piece::Persona(field.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<String> {
        match name {
            "SITE" => Some("https://shop.test".to_owned()),
            "EMPTY" => Some(String::new()),
            "TRAP" => Some("a${persona.email}$".to_owned()),
            _ => None,
        }
    }

    fn text(template: &str) -> String {
        resolve(template, &lookup).expect(template).text
    }

    fn flaw(template: &str) -> Flaw {
        resolve(template, &lookup).expect_err(template).remove(0)
    }

    fn whole(template: &str) -> String {
        bind(&text(template), &|field| (field == "email").then(|| "a@b.c".to_owned()))
    }

    #[test]
    fn variables_and_defaults_are_replaced() {
        assert_eq!(text("${SITE}/x"), "https://shop.test/x");
        assert_eq!(text("${NONE:-demo}"), "demo");
        assert_eq!(text("${EMPTY:-demo}"), "demo");
        assert_eq!(text("[${EMPTY}]"), "[]");
        assert_eq!(text("${NONE:-}"), "");
        assert_eq!(text("${NONE:-${SITE}/y}!"), "https://shop.test/y!");
        assert_eq!(text("no $ variable { here }"), "no $ variable { here }");
        assert_eq!(text(""), "");
    }

    #[test]
    fn persona_variables_wait_for_the_session() {
        let resolved = resolve("x ${persona.email} y", &lookup).expect("good");
        assert_eq!(resolved.text, "x ${persona.email} y");
        assert!(resolved.bound && resolved.personal);
        assert_eq!(whole("x ${persona.email} y"), "x a@b.c y");
        assert_eq!(whole("${NONE:-${persona.email}}"), "a@b.c");
    }

    #[test]
    fn literal_dollars_survive_both_bindings() {
        assert_eq!(whole("$${x} costs $5"), "${x} costs $5");
        assert_eq!(whole("$${persona.email}"), "${persona.email}");
        assert_eq!(whole("${NONE:-$}${persona.email}"), "$a@b.c");
        assert_eq!(whole("${NONE:-$}{x}"), "${x}");
        assert_eq!(whole("${TRAP}${persona.email}"), "a${persona.email}$a@b.c");
    }

    #[test]
    fn an_unset_variable_is_named_at_its_place() {
        let flaw = flaw("ä/${NONE}");
        assert_eq!(flaw.at, Some(2));
        assert!(
            flaw.what.contains("`NONE`") && flaw.hint.is_some_and(|hint| hint.contains("NONE:-"))
        );
        assert_eq!(resolve("${A} ${B}", &lookup).expect_err("two").len(), 2);
        assert_eq!(super::resolve("x${NONE:-${GONE}}", &lookup).expect_err("one")[0].at, Some(9));
    }

    #[test]
    fn wrong_names_get_a_suggestion() {
        let hint = |template| flaw(template).hint.unwrap_or_default();
        assert!(hint("${persona.emial}").contains("persona.email"));
        assert!(hint("${person.email}").contains("persona.email"));
        assert!(hint("${persona.shoe_size}").contains("first_name"));
        assert!(hint("${persona.email:-x}").contains("persona.email"));
        for broken in ["${", "a ${SITE", "${}", "${1A}", "${A B}", "${SITE:-${}"] {
            assert!(resolve(broken, &lookup).is_err(), "{broken}");
        }
    }

    #[test]
    fn endless_defaults_are_refused() {
        let deep = format!("{}x{}", "${A:-".repeat(5_000), "}".repeat(5_000));
        assert!(flaw(&deep).what.contains("too many"));
    }
}
