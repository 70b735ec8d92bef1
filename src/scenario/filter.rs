//! The expression of `--filter`: which scenarios to play.
//!
//! Words are looked for in the name; `tag:`, `event:`, `persona:`, `profile:` and
//! `file:` look elsewhere. `not` binds most, then `and` (also silent), then `or`.

use std::fmt;
use std::iter::Peekable;
use std::vec::IntoIter;

use super::Scenario;
use crate::step::nearest;

/// Deeper parentheses are a mistake.
const DEEPEST: usize = 64;

/// Fields that a filter can ask for.
const FIELDS: &[&str] = &["name", "tag", "event", "persona", "profile", "file"];

/// A filter, ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    root: Question,
}

/// A filter expression that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// The expression.
    pub text: String,
    /// Character at which it goes wrong, from 0.
    pub at: usize,
    /// What is wrong: lowercase fragment, no full stop.
    pub what: String,
    /// How to mend it.
    pub hint: Option<String>,
}

impl std::error::Error for FilterError {}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String =
            self.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        write!(f, "--filter: {}\n  | {shown}\n  | {}^", self.what, " ".repeat(self.at))?;
        match &self.hint {
            Some(hint) => write!(f, "\n  = {hint}"),
            None => Ok(()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Question {
    /// Field and the text sought in it, lower-cased where case does not count.
    Has(&'static str, String),
    Not(Box<Question>),
    All(Vec<Question>),
    Any(Vec<Question>),
}

impl Filter {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Filter, FilterError> {
        let tokens = tokens(text)?;
        let mut parser = Parser { text, tokens: tokens.into_iter().peekable(), depth: 0 };
        let root = parser.any()?;
        match parser.tokens.next() {
            None => Ok(Filter { root }),
            Some(token) => {
                Err(parser.error(token.at, "a closing parenthesis without an opening one"))
            }
        }
    }

    /// True when the scenario is asked for.
    pub fn matches(&self, scenario: &Scenario) -> bool {
        self.root.holds(scenario)
    }
}

impl Question {
    fn holds(&self, scenario: &Scenario) -> bool {
        match self {
            Question::Not(inner) => !inner.holds(scenario),
            Question::All(parts) => parts.iter().all(|part| part.holds(scenario)),
            Question::Any(parts) => parts.iter().any(|part| part.holds(scenario)),
            Question::Has(field, text) => match *field {
                "tag" => scenario.tags.iter().any(|tag| tag == text),
                "event" => scenario.expect.iter().any(|expected| expected.event == *text),
                "persona" => scenario.persona == *text,
                "profile" => scenario.profiles.iter().any(|profile| profile == text),
                "file" => scenario.file.to_string_lossy().contains(text.as_str()),
                _ => scenario.name.to_lowercase().contains(text.as_str()),
            },
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    at: usize,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Open,
    Close,
    Word { text: String, quoted: bool },
}

fn tokens(text: &str) -> Result<Vec<Token>, FilterError> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let start = at;
        match characters[at] {
            c if c.is_whitespace() => at += 1,
            '(' | ')' => {
                let kind = if characters[at] == '(' { Kind::Open } else { Kind::Close };
                tokens.push(Token { at, kind });
                at += 1;
            }
            _ => {
                let (mut word, mut quoted) = (String::new(), false);
                while at < characters.len() {
                    let c = characters[at];
                    if c.is_whitespace() || c == '(' || c == ')' {
                        break;
                    }
                    if c == '"' || c == '\'' {
                        let inner = &characters[at + 1..];
                        let Some(length) = inner.iter().position(|end| *end == c) else {
                            return Err(FilterError {
                                text: text.to_owned(),
                                at,
                                what: "the quote is never closed".to_owned(),
                                hint: None,
                            });
                        };
                        quoted = true;
                        word.extend(&inner[..length]);
                        at += length + 2;
                    } else {
                        word.push(c);
                        at += 1;
                    }
                }
                tokens.push(Token { at: start, kind: Kind::Word { text: word, quoted } });
            }
        }
    }
    Ok(tokens)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Peekable<IntoIter<Token>>,
    depth: usize,
}

impl Parser<'_> {
    fn error(&self, at: usize, what: impl Into<String>) -> FilterError {
        FilterError { text: self.text.to_owned(), at, what: what.into(), hint: None }
    }

    /// True and taken when the operator comes next.
    fn takes(&mut self, operator: &str) -> bool {
        self.tokens.next_if(|token| operator_of(token) == Some(operator)).is_some()
    }

    fn any(&mut self) -> Result<Question, FilterError> {
        let mut parts = vec![self.all()?];
        while self.takes("or") {
            parts.push(self.all()?);
        }
        Ok(single(parts, Question::Any))
    }

    fn all(&mut self) -> Result<Question, FilterError> {
        let mut parts = vec![self.not()?];
        loop {
            let spoken = self.takes("and");
            let more = self
                .tokens
                .peek()
                .is_some_and(|token| token.kind != Kind::Close && operator_of(token) != Some("or"));
            if !spoken && !more {
                return Ok(single(parts, Question::All));
            }
            parts.push(self.not()?);
        }
    }

    fn not(&mut self) -> Result<Question, FilterError> {
        let mut negated = false;
        while self.takes("not") {
            negated = !negated;
        }
        let question = self.one()?;
        Ok(if negated { Question::Not(Box::new(question)) } else { question })
    }

    fn one(&mut self) -> Result<Question, FilterError> {
        let end = self.text.chars().count();
        let Some(token) = self.tokens.next() else {
            return Err(self.error(end, "something to look for is missing here"));
        };
        if let Some(operator) = operator_of(&token) {
            let error = self.error(token.at, format!("nothing stands before `{operator}`"));
            let hint = format!("to look for the word itself, quote it: '{operator}'");
            return Err(FilterError { hint: Some(hint), ..error });
        }
        match token.kind {
            Kind::Close => Err(self.error(token.at, "something to look for is missing here")),
            Kind::Word { text, quoted } => self.word(token.at, &text, quoted),
            Kind::Open => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(self.error(token.at, "too many parentheses"));
                }
                let inner = self.any()?;
                self.depth -= 1;
                match self.tokens.next() {
                    Some(Token { kind: Kind::Close, .. }) => Ok(inner),
                    _ => Err(self.error(token.at, "the parenthesis is never closed")),
                }
            }
        }
    }

    fn word(&self, at: usize, text: &str, quoted: bool) -> Result<Question, FilterError> {
        let Some((field, value)) = text.split_once(':') else {
            return match text {
                "" => Err(self.error(at, "an empty text is in every name")),
                _ => Ok(Question::Has("name", text.to_lowercase())),
            };
        };
        let Some(known) = FIELDS.iter().copied().find(|known| *known == field) else {
            // A colon inside a quoted phrase belongs to the phrase.
            if quoted {
                return Ok(Question::Has("name", text.to_lowercase()));
            }
            let hint = match nearest(field, FIELDS.iter().copied()) {
                Some(near) => format!("did you mean `{near}:`?"),
                None => format!("the fields are {}", FIELDS.join(", ")),
            };
            let error = self.error(at, format!("unknown field `{field}`"));
            return Err(FilterError { hint: Some(hint), ..error });
        };
        if value.is_empty() {
            let end = at + text.chars().count();
            return Err(self.error(end, format!("nothing stands after `{known}:`")));
        }
        let value = if known == "name" { value.to_lowercase() } else { value.to_owned() };
        Ok(Question::Has(known, value))
    }
}

fn operator_of(token: &Token) -> Option<&'static str> {
    match &token.kind {
        Kind::Word { text, quoted: false } => {
            ["and", "or", "not"].into_iter().find(|operator| text.eq_ignore_ascii_case(operator))
        }
        _ => None,
    }
}

fn single(mut parts: Vec<Question>, many: fn(Vec<Question>) -> Question) -> Question {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Environment, parse};
    use super::*;

    fn scenario() -> Scenario {
        let text = "name: Guest checkout\ntags: [purchase, cutover]\npersona: uk_shopper\nsteps: [reload]\nexpect:\n  - event: Purchase\n";
        parse(Path::new("shop/guest.yaml"), text, &Environment::new(&|_| None)).expect("good")
    }

    #[track_caller]
    fn check(expression: &str, wanted: bool) {
        let filter = Filter::parse(expression).expect(expression);
        assert_eq!(filter.matches(&scenario()), wanted, "{expression}");
    }

    #[test]
    fn words_tags_and_events_are_found() {
        for (expression, wanted) in [
            ("guest", true),
            ("GUEST", true),
            ("checkout guest", true),
            ("'guest checkout'", true),
            ("'checkout guest'", false),
            ("name:Guest", true),
            ("tag:cutover", true),
            ("tag:cut", false),
            ("event:Purchase", true),
            ("event:purchase", false),
            ("persona:uk_shopper", true),
            ("profile:clean", true),
            ("file:shop/", true),
            ("member", false),
        ] {
            check(expression, wanted);
        }
    }

    #[test]
    fn operators_bind_as_in_speech() {
        for (expression, wanted) in [
            ("not member", true),
            ("not guest or guest", true),
            ("not (guest or member)", false),
            ("not not guest", true),
            ("member or tag:cutover and event:Purchase", true),
            ("(member or tag:cutover) and event:Lead", false),
            ("guest NOT tag:slow", true),
            ("member and (guest or guest) or guest", true),
        ] {
            check(expression, wanted);
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        for (expression, at) in [
            ("", 0),
            ("guest and", 9),
            ("or guest", 0),
            ("guest or or x", 9),
            ("(guest", 0),
            ("guest)", 5),
            ("tga:x", 0),
            ("guest tag:", 10),
            ("'guest", 0),
            ("not", 3),
            ("()", 1),
            ("''", 0),
        ] {
            assert_eq!(Filter::parse(expression).expect_err(expression).at, at, "{expression}");
        }
        let text = Filter::parse("tga:x").expect_err("unknown").to_string();
        assert!(text.contains("did you mean `tag:`?") && text.contains("  | ^"), "{text}");
    }

    #[test]
    fn a_wall_of_parentheses_is_refused() {
        assert!(Filter::parse(&"(".repeat(100_000)).is_err());
        let many = format!("{}x{}", "not ".repeat(10_000), " or y".repeat(10_000));
        assert!(Filter::parse(&many).is_ok());
    }
}
