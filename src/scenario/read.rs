//! The walk through one scenario file: from the tree to a [`Scenario`], every error
//! noted on the way.

use url::Url;

use super::error::ScenarioError;
use super::node::{self, Node, Value};
use super::reader::{Entries, Reader, entry};
use super::source::Source;
use super::words::{ALL, KEYS, misspelled_event};
use super::{
    Consent, Environment, Never, Scenario, consent, expect, faults, profile_names, steps,
    variant_names,
};
use crate::event::{Expectation, Place};
use crate::persona::KINDS;
use crate::step::{Flaw, StepKind, duration};
use crate::visitor::CLEAN;

/// A scenario that was read, with what only the loading of several needs.
pub(super) struct Read {
    pub(super) scenario: Scenario,
    pub(super) name_place: Place,
    pub(super) name_width: u32,
}

/// Reads one file; all of its errors at once.
pub(super) fn read(
    source: &Source,
    environment: &Environment<'_>,
) -> Result<Read, Vec<ScenarioError>> {
    let Some(root) = node::read(source)? else {
        let error = ScenarioError::whole(&source.file, "the file is empty")
            .hint("a scenario has at least `name`, `steps` and `expect`");
        return Err(vec![error]);
    };
    let mut reader = Reader::new(source, environment);
    let read = walk(&mut reader, &root);
    let mut errors = reader.errors;
    errors.sort_by_key(|error| error.place);
    match read {
        Some(mut read) if errors.is_empty() => {
            read.scenario.warnings = reader.warnings;
            Ok(read)
        }
        _ => Err(errors),
    }
}

fn walk(reader: &mut Reader<'_>, root: &Node) -> Option<Read> {
    if let Value::List(_) = root.value {
        let hint = "write `name:`, `steps:` and `expect:` as keys of the file".to_owned();
        reader.fault(root, "a scenario is a mapping, found a list", Some(hint));
        return None;
    }
    let entries = top_level(reader, root)?;
    let missing: Vec<&str> = ["name", "steps", "expect"]
        .into_iter()
        .filter(|name| entry(entries, name).is_none())
        .collect();
    for name in &missing {
        let hint = match *name {
            "name" => "every scenario needs a name of its own: `name: Guest checkout`",
            "steps" => "say what the visitor does: `steps:` and below it `  - visit: /`",
            _ => {
                "say what really happens: `expect:` and below it `  - event: Purchase`; `expect: []` where silence is expected"
            }
        };
        reader.fault(root, format!("`{name}` is missing"), Some(hint.to_owned()));
    }

    let name_node = entry(entries, "name");
    let name = name_node.and_then(|node| reader.text(node, "a name"));
    let tags = entry(entries, "tags").map_or(Some(Vec::new()), |node| {
        reader.names(node, "a list of tags", |reader, item| reader.text(item, "a tag"))
    });
    let site = entry(entries, "site").and_then(|node| site(reader, node));
    let persona = match entry(entries, "persona") {
        Some(node) => reader.name_of(node, "a persona", KINDS.iter().map(|kind| kind.name)),
        None => KINDS.first().map(|kind| kind.name.to_owned()),
    };
    let profiles = profiles(reader, entry(entries, "profiles"));
    let variants = variants(reader, entry(entries, "variants"));
    let consent = entry(entries, "consent")
        .map_or(Some(Consent::default()), |node| consent::read(reader, node));
    let settle = entry(entries, "settle").and_then(|node| settle(reader, node));
    let server_faults =
        entry(entries, "server_faults").map_or(Vec::new(), |node| faults::read(reader, node));
    let steps = entry(entries, "steps").map(|node| steps::read(reader, node));
    let expect = entry(entries, "expect").map(|node| expect::read(reader, node));
    let never = entry(entries, "never").map_or(Vec::new(), |node| never(reader, node));
    if let Some(expect) = &expect {
        contradictions(reader, expect, &never);
        if expect.is_empty()
            && never.is_empty()
            && let Some(node) = entry(entries, "expect")
        {
            reader.advise(
                node.place,
                node.width,
                "nothing is expected and nothing forbidden".to_owned(),
                "name under `never:` what must not be caught".to_owned(),
            );
        }
    }
    Some(Read {
        name_place: name_node.map_or(root.place, |node| node.place),
        name_width: name_node.map_or(1, |node| node.width),
        scenario: Scenario {
            file: reader.source.file.clone(),
            name: name?,
            tags: tags?,
            site,
            persona: persona?,
            profiles: profiles?,
            variants: variants?,
            consent: consent?,
            steps: steps?,
            expect: expect?,
            never,
            server_faults,
            settle,
            warnings: Vec::new(),
        },
    })
}

/// The entries of the file; a step among them is a matter of indentation.
fn top_level<'n>(reader: &mut Reader<'_>, root: &'n Node) -> Option<&'n Entries> {
    let before = reader.errors.len();
    let entries = reader.mapping(root, "a mapping with `name`, `steps` and `expect`", KEYS)?;
    for error in &mut reader.errors[before..] {
        let key = entries.iter().find(|(key, _)| key.place == error.place);
        let word = key.and_then(|(key, _)| key.scalar()).unwrap_or_default();
        if StepKind::of(word).is_some() {
            error.hint = Some(format!("a step stands below `steps:`, as `  - {word}: …`"));
        }
    }
    Some(entries)
}

fn site(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = reader.text(node, "a site")?;
    if let Err(flaw) = check_site(&text) {
        reader.flaw(node, flaw);
        return None;
    }
    Some(text)
}

fn profiles(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<Vec<String>> {
    let Some(node) = node else { return Some(vec![CLEAN.to_owned()]) };
    let own = reader.environment.profiles;
    let mut known: Vec<&str> = profile_names().collect();
    known.extend(own.iter().map(String::as_str));
    let profiles = reader.names(node, "a list of profiles", |reader, item| {
        reader.name_of(item, "a profile", known.iter().copied())
    })?;
    if profiles.is_empty() {
        let hint = "leave the key out for `[clean]`".to_owned();
        reader.fault(node, "the list of profiles is empty", Some(hint));
        return None;
    }
    Some(profiles)
}

fn variants(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<Vec<String>> {
    let every = || variant_names().map(str::to_owned).collect::<Vec<String>>();
    let Some(node) = node else { return Some(Vec::new()) };
    if node.scalar() == Some(ALL) {
        return Some(every());
    }
    let named = reader.names(node, "a list of variants, or `all`", |reader, item| {
        reader.name_of(item, "a variant", variant_names().chain([ALL]))
    })?;
    Some(if named.iter().any(|name| name == ALL) { every() } else { named })
}

fn settle(reader: &mut Reader<'_>, node: &Node) -> Option<u64> {
    let text = reader.text(node, "a duration")?;
    match duration(&text) {
        Ok(millis) => Some(millis),
        Err(what) => {
            reader.flaw(node, Flaw::new(what));
            None
        }
    }
}

fn never(reader: &mut Reader<'_>, node: &Node) -> Vec<Never> {
    let mut never = Vec::new();
    reader.names(node, "a list of event names", |reader, item| {
        let event = reader.text(item, "an event name")?;
        event_name(reader, item, &event);
        never.push(Never { event: event.clone(), place: item.place });
        Some(event)
    });
    never
}

/// Warns of an event name that is almost one in common use.
pub(super) fn event_name(reader: &mut Reader<'_>, node: &Node, event: &str) {
    if let Some(meant) = misspelled_event(event) {
        reader.advise(
            node.place,
            node.width,
            format!("`{event}` is taken for an event of your own"),
            format!("did you mean `{meant}`?"),
        );
    }
}

fn contradictions(reader: &mut Reader<'_>, expect: &[Expectation], never: &[Never]) {
    for never in never {
        let Some(expected) = expect.iter().find(|expected| expected.event == never.event) else {
            continue;
        };
        let width = never.event.chars().count() as u32;
        let error = reader
            .source
            .error(never.place, width, format!("`{}` is expected and forbidden", never.event))
            .hint(format!("line {} expects it", expected.place.line));
        reader.errors.push(error);
    }
}

/// Refuses what is neither `demo` nor an address of a web site.
pub(super) fn check_site(text: &str) -> Result<(), Flaw> {
    if text == "demo" {
        return Ok(());
    }
    let hint = "write `demo` or an address like `https://shop.test`";
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Ok(()),
        _ if !text.contains("://") && (text.contains('.') || text.contains(':')) => {
            Err(Flaw::new("a site needs a scheme").hint(format!("did you mean `http://{text}`?")))
        }
        _ => Err(Flaw::new("neither an http(s) address nor `demo`").hint(hint)),
    }
}
