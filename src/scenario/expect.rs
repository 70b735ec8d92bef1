//! From the lines below `expect:` to expectations.

use std::collections::BTreeMap;

use super::node::{Node, Value};
use super::read::event_name;
use super::reader::{Entries, Reader, entry};
use super::words::{EXPECTATION_KEYS, OTHER_KEY_NAMES};
use crate::event::{Channel, Expectation, MatchKey};
use crate::step::{Flaw, nearest};

/// Reads all expectations; wrong ones are noted and left out.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Vec<Expectation> {
    let Value::List(items) = &node.value else {
        let hint = match node.value {
            Value::Null => "write `expect: []` where silence is expected",
            _ => "begin every expectation with `- `: `  - event: Purchase`",
        };
        let what = format!("expected a list of events, found {}", node.kind());
        reader.fault(node, what, Some(hint.to_owned()));
        return Vec::new();
    };
    let mut expectations: Vec<Expectation> = Vec::new();
    for item in items {
        let Some(expectation) = expectation(reader, item) else { continue };
        let same = |known: &&Expectation| {
            Expectation { place: expectation.place, ..(**known).clone() } == expectation
        };
        if let Some(first) = expectations.iter().find(same) {
            let what = format!("`{}` is expected twice in the same way", expectation.event);
            let hint = format!("say `count: 2` on line {}", first.place.line);
            reader.fault(item, what, Some(hint));
            continue;
        }
        expectations.push(expectation);
    }
    expectations
}

fn expectation(reader: &mut Reader<'_>, item: &Node) -> Option<Expectation> {
    if let Some(name) = item.scalar() {
        let hint = format!("write `- event: {name}`");
        reader.fault(item, format!("expected a mapping, found {}", item.kind()), Some(hint));
        return None;
    }
    let entries = reader.mapping(item, "a mapping with `event`", EXPECTATION_KEYS)?;
    let Some(event_node) = entry(entries, "event") else {
        reader.fault(
            item,
            "`event` is missing",
            Some("for example `- event: Purchase`".to_owned()),
        );
        return None;
    };
    let event = reader.text(event_node, "an event name");
    if let Some(event) = &event {
        event_name(reader, event_node, event);
    }
    let count = entry(entries, "count").map_or(Some(1), |node| count(reader, node));
    let channels = channels(reader, entry(entries, "channels"));
    let value = match entry(entries, "value") {
        Some(node) => value(reader, node).map(Some),
        None => Some(None),
    };
    let currency = match entry(entries, "currency") {
        Some(node) => currency(reader, node).map(Some),
        None => Some(None),
    };
    let keys = keys(reader, entries, channels.as_deref());
    Some(Expectation {
        event: event?,
        count: count?,
        channels: channels?,
        value: value?,
        currency: currency?,
        keys: keys?,
        open: false,
        place: item.place,
    })
}

fn count(reader: &mut Reader<'_>, node: &Node) -> Option<u32> {
    let text = reader.number(node, "a count")?;
    match text.parse::<i64>() {
        Ok(0) => {
            let flaw = Flaw::new("nothing to expect")
                .hint("an event that must not happen stands under `never:`");
            reader.flaw(node, flaw);
            None
        }
        Ok(number) if number < 0 => {
            reader.flaw(node, Flaw::new("a count cannot be negative"));
            None
        }
        Ok(number) => {
            let number = u32::try_from(number).ok();
            if number.is_none() {
                reader.flaw(node, Flaw::new("the count is too large"));
            }
            number
        }
        Err(_) => {
            reader.flaw(node, Flaw::new("a count is a whole number, such as 1"));
            None
        }
    }
}

fn value(reader: &mut Reader<'_>, node: &Node) -> Option<f64> {
    let text = reader.number(node, "a number")?;
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Some(number),
        _ => {
            reader.flaw(node, Flaw::new("the value is not a number").hint("for example 42.00"));
            None
        }
    }
}

fn currency(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = reader.text(node, "a currency")?;
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Some(text);
    }
    let upper = text.to_uppercase();
    let symbol = [("$", "USD"), ("€", "EUR"), ("£", "GBP"), ("¥", "JPY")]
        .iter()
        .find(|(symbol, _)| *symbol == text)
        .map(|(_, code)| *code);
    let flaw = Flaw::new("a currency is three capital letters (ISO 4217)");
    let flaw = match symbol {
        Some(code) => flaw.hint(format!("did you mean `{code}`?")),
        None if upper.len() == 3 && upper.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            flaw.hint(format!("did you mean `{upper}`?"))
        }
        None => flaw.hint("for example USD"),
    };
    reader.flaw(node, flaw);
    None
}

fn channels(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<Vec<Channel>> {
    let Some(node) = node else { return Some(Channel::ALL.to_vec()) };
    let names = reader.names(node, "a list of channels", |reader, item| {
        reader.name_of(item, "a channel", Channel::ALL.map(Channel::name).into_iter())
    })?;
    if names.is_empty() {
        let hint =
            "leave the key out for both; an event that must not happen stands under `never:`";
        reader.fault(node, "no channel is expected to carry it", Some(hint.to_owned()));
        return None;
    }
    Some(names.iter().filter_map(|name| Channel::from_name(name)).collect())
}

fn keys(
    reader: &mut Reader<'_>,
    entries: &Entries,
    channels: Option<&[Channel]>,
) -> Option<BTreeMap<Channel, Vec<String>>> {
    const SIDES: &[(&str, &str)] = &[("browser", ""), ("server", "")];
    let mut keys = BTreeMap::new();
    let Some(node) = entry(entries, "keys") else { return Some(keys) };
    let before = reader.errors.len();
    if let Value::List(_) = node.value {
        let hint = "say which side: `keys: { browser: [em, fbp], server: [em] }`".to_owned();
        reader.fault(node, "expected a mapping of channels, found a list", Some(hint));
        return None;
    }
    let sides = reader.mapping(node, "a mapping of channels", SIDES)?;
    for (side, list) in sides {
        let Some(channel) = side.scalar().and_then(Channel::from_name) else { continue };
        if channels.is_some_and(|channels| !channels.contains(&channel)) {
            let what = format!("keys of the {channel}, which is not among the channels");
            reader.fault(side, what, None);
        }
        if let Some(names) = reader.names(list, "a list of match keys", match_key) {
            keys.insert(channel, names);
        }
    }
    (reader.errors.len() == before).then_some(keys)
}

fn match_key(reader: &mut Reader<'_>, item: &Node) -> Option<String> {
    let name = reader.text(item, "a match key")?;
    if MatchKey::from_name(&name).is_some() {
        return Some(name);
    }
    let known = || MatchKey::ALL.iter().map(|key| key.name());
    let other = OTHER_KEY_NAMES.iter().find(|(other, _)| *other == name.to_lowercase());
    let hint = match other.map(|(_, key)| *key).or_else(|| nearest(&name, known())) {
        Some(key) => format!("did you mean `{key}`?"),
        None => format!("the match keys are {}", known().collect::<Vec<_>>().join(", ")),
    };
    reader.fault(item, format!("unknown match key `{name}`"), Some(hint));
    None
}
