//! YAML as a tree in which every part knows its place.
//!
//! Built from the parser's events, so that both places of a duplicate key are known
//! and nesting and aliases have limits.
//! Never what a key means.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::error::ScenarioError;
use super::source::Source;
use super::syntax;
use crate::event::Place;

/// Deeper nesting has no meaning in any file we read.
const DEEPEST: usize = 24;
/// Bounds what aliases may multiply a file to.
const MOST_NODES: usize = 50_000;

/// One part of a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) place: Place,
    /// Characters it takes on its first line; at least 1.
    pub(super) width: u32,
    pub(super) value: Value,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nothing, or a plain `~` or `null`.
    Null,
    /// A scalar as written; `plain` without quotes, so that it may be a number.
    Scalar { text: String, plain: bool },
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order of the file; keys are unique scalars.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Scalar { text, plain: true } if text.parse::<f64>().is_ok() => "a number",
            Value::Scalar { .. } => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// The text of a scalar.
    pub(super) fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// Reads the one document of a file; `Ok(None)` where it is empty.
///
/// Every duplicate key is an error of its own; a syntax error ends the reading.
pub(super) fn read(source: &Source) -> Result<Option<Node>, Vec<ScenarioError>> {
    let mut builder = Builder {
        source,
        open: Vec::new(),
        root: None,
        anchors: HashMap::new(),
        nodes: 0,
        errors: Vec::new(),
    };
    let mut parser = Parser::new_from_str(&source.text);
    while let Some(event) = parser.next_event() {
        let step = match event {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => Err(syntax::explain(source, &error)),
        };
        if let Err(error) = step {
            builder.errors.push(error);
            return Err(builder.errors);
        }
    }
    if builder.errors.is_empty() { Ok(builder.root) } else { Err(builder.errors) }
}

/// A list or mapping whose end has not come.
struct Open {
    node: Node,
    anchor: usize,
    /// In a mapping: the key whose value comes next.
    key: Option<Node>,
}

struct Builder<'a> {
    source: &'a Source,
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    errors: Vec<ScenarioError>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), ScenarioError> {
        let place = place(span);
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                return Err(self
                    .source
                    .error(place, 3, "a second document in the file")
                    .hint("write one scenario per file"));
            }
            Event::Scalar(text, style, anchor, tag) => {
                let text_tag = self.check_tag(tag.as_ref(), place)?;
                let node = self.scalar(&text, style, text_tag, span);
                self.insert(node, anchor)?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.check_tag(tag.as_ref(), place)?;
                self.begin(place, Value::List(Vec::new()), anchor)?;
            }
            Event::MappingStart(anchor, tag) => {
                self.check_tag(tag.as_ref(), place)?;
                self.begin(place, Value::Map(Vec::new()), anchor)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.insert(open.node, open.anchor)?;
                }
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err(self.source.error(place, 1, "an alias for what is not complete"));
                };
                self.nodes += size(&node);
                self.insert(node, 0)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, place: Place, value: Value, anchor: usize) -> Result<(), ScenarioError> {
        if self.open.len() >= DEEPEST {
            return Err(self.source.error(place, 1, "nested too deeply"));
        }
        self.open.push(Open { node: Node { place, width: 1, value }, anchor, key: None });
        Ok(())
    }

    fn scalar(&self, text: &str, style: ScalarStyle, text_tag: bool, span: Span) -> Node {
        let plain = style == ScalarStyle::Plain && !text_tag;
        let null = plain && matches!(text, "" | "~" | "null" | "Null" | "NULL");
        let one_line = span.start.line() == span.end.line();
        let width = if one_line { span.len().max(1) } else { 1 } as u32;
        let value = if null { Value::Null } else { Value::Scalar { text: text.to_owned(), plain } };
        // The parser puts an absent value where the next token stands, which may be
        // lines below; the end of its key is where a reader looks.
        let absent = text.is_empty() && span.is_empty() && plain;
        let key = self.open.last().and_then(|open| open.key.as_ref());
        match key {
            Some(key) if absent => Node {
                place: Place { line: key.place.line, column: key.place.column },
                width: key.width,
                value,
            },
            _ => Node { place: place(span), width, value },
        }
    }

    fn insert(&mut self, node: Node, anchor: usize) -> Result<(), ScenarioError> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err(self.source.error(
                node.place,
                1,
                "the file grows too large by its aliases",
            ));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match (&mut open.node.value, open.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(_), None) => {
                if node.scalar().is_none() {
                    let what = format!("expected a key, found {}", node.kind());
                    let error = self.source.error(node.place, node.width, what);
                    return Err(error.hint("a text that begins with `{`, `[` or `?` needs quotes"));
                }
                open.key = Some(node);
            }
            (Value::Map(entries), Some(key)) => {
                match entries.iter().find(|(known, _)| known.scalar() == key.scalar()) {
                    None => entries.push((key, node)),
                    Some((first, _)) => {
                        let name = key.scalar().unwrap_or_default();
                        let error = self
                            .source
                            .error(key.place, key.width, format!("`{name}` is given twice"))
                            .hint(format!("it stands on line {} already", first.place.line));
                        self.errors.push(error);
                    }
                }
            }
            (Value::Null | Value::Scalar { .. }, _) => {}
        }
        Ok(())
    }

    /// True for `!!str`; every other tag is refused.
    fn check_tag(&self, tag: Option<&Cow<'_, Tag>>, place: Place) -> Result<bool, ScenarioError> {
        match tag {
            None => Ok(false),
            Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => Ok(true),
            Some(tag) => Err(self
                .source
                .error(place, 1, format!("the tag `{tag}` has no meaning here"))
                .hint("a text that begins with `!` needs quotes")),
        }
    }
}

fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::List(items) => items.iter().map(size).sum(),
        Value::Map(entries) => entries.iter().map(|(_, value)| 1 + size(value)).sum(),
        Value::Null | Value::Scalar { .. } => 0,
    }
}

fn place(span: Span) -> Place {
    Place { line: span.start.line() as u32, column: span.start.col() as u32 + 1 }
}

#[cfg(test)]
pub(super) mod testing {
    //! Trees as JSON, as an editor's schema check would see them.

    use serde_json::{Map, Value as Json};

    use super::{Node, Value};

    /// The tree with plain scalars resolved by YAML's core schema.
    pub(in crate::scenario) fn json(node: &Node) -> Json {
        match &node.value {
            Value::Null => Json::Null,
            Value::Scalar { text, plain: false } => Json::String(text.clone()),
            Value::Scalar { text, plain: true } => match text.as_str() {
                "true" | "True" | "TRUE" => Json::Bool(true),
                "false" | "False" | "FALSE" => Json::Bool(false),
                text => {
                    let number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
                    if let Some(integer) = text.parse::<i64>().ok().filter(|_| number) {
                        Json::from(integer)
                    } else if let Some(float) = text.parse::<f64>().ok().filter(|_| number) {
                        Json::from(float)
                    } else {
                        Json::String(text.to_owned())
                    }
                }
            },
            Value::List(items) => Json::Array(items.iter().map(json).collect()),
            Value::Map(entries) => Json::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.scalar().unwrap_or_default().to_owned(), json(value)))
                    .collect::<Map<String, Json>>(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn tree(text: &str) -> Node {
        read(&Source::new(Path::new("x.yaml"), text)).expect("good").expect("not empty")
    }

    fn faults(text: &str) -> Vec<ScenarioError> {
        read(&Source::new(Path::new("x.yaml"), text)).expect_err(text)
    }

    fn at(line: u32, column: u32) -> Place {
        Place { line, column }
    }

    #[test]
    fn every_part_knows_its_place() {
        let root = tree("name: Guest\nsteps:\n  - click: \"#buy\"\n  - reload\n");
        let Value::Map(entries) = &root.value else { panic!("{root:?}") };
        assert_eq!(entries[0].1.place, at(1, 7));
        let Value::List(steps) = &entries[1].1.value else { panic!("{root:?}") };
        let Value::Map(click) = &steps[0].value else { panic!("{root:?}") };
        assert_eq!((click[0].0.place, click[0].0.width), (at(3, 5), 5));
        assert_eq!((click[0].1.place, click[0].1.width), (at(3, 12), 6));
        assert_eq!(steps[1].place, at(4, 5));
    }

    #[test]
    fn an_absent_value_stands_at_its_key() {
        let root = tree("steps:\n\n\nexpect: []\n");
        let Value::Map(entries) = &root.value else { panic!("{root:?}") };
        assert_eq!(entries[0].1, Node { place: at(1, 1), width: 5, value: Value::Null });
    }

    #[test]
    fn every_duplicate_key_is_reported_at_its_second_place() {
        let errors = faults("a: 1\nb: 2\na: 3\nb: 4\n");
        assert_eq!(
            errors.iter().map(|error| error.place).collect::<Vec<_>>(),
            [at(3, 1), at(4, 1)]
        );
        assert!(errors[0].hint.as_deref().is_some_and(|hint| hint.contains("line 1")));
    }

    #[test]
    fn hostile_nesting_and_aliases_have_limits() {
        assert!(faults(&"[".repeat(100))[0].what.contains("deeply"));
        assert_eq!(faults(&"[".repeat(100_000)).len(), 1);
        assert!(faults(&"- ".repeat(5_000)).len() == 1);
        let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
        for pair in ["ab", "bc", "cd", "de", "ef", "fg", "gh"] {
            let (from, to) = pair.split_at(1);
            let list = vec![format!("*{from}"); 6].join(", ");
            bomb.push_str(&["", to, ": &", to, " [", &list, "]\n"].concat());
        }
        assert!(faults(&bomb)[0].what.contains("too large"));
        assert!(faults("a: &a [*a]")[0].what.contains("not complete"));
    }

    #[test]
    fn aliases_stand_for_what_they_name() {
        let root = tree("a: &x [1]\nb: *x\n");
        let Value::Map(entries) = &root.value else { panic!("{root:?}") };
        assert_eq!(entries[0].1, entries[1].1);
    }

    #[test]
    fn tags_and_second_documents_are_refused() {
        assert!(faults("a: !ref x")[0].what.contains("tag"));
        assert!(faults("a: 1\n---\nb: 2\n")[0].what.contains("second document"));
        assert!(faults("{a: 1}: 2")[0].what.contains("expected a key"));
    }

    #[test]
    fn an_empty_file_is_nothing() {
        for text in ["", "\n\n", "# only a comment\n"] {
            assert_eq!(read(&Source::new(Path::new("x.yaml"), text)), Ok(None), "{text:?}");
        }
    }
}
