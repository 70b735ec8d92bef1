//! From the lines below `server_faults:` to faults of the server tap.

use super::node::{Node, Value};
use super::read::event_name;
use super::reader::{Reader, entry};
use super::words::FAULT_KEYS;
use crate::event::{FaultAnswer, ServerFault};
use crate::step::{Flaw, duration, nearest};

/// Word for every matching call.
pub(super) const EVERY: &str = "all";

/// Reads all faults; wrong ones are noted and left out.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Vec<ServerFault> {
    let Value::List(items) = &node.value else {
        let what = format!("expected a list of faults, found {}", node.kind());
        let hint = "begin every fault with `- `: `  - answer: 500`".to_owned();
        reader.fault(node, what, Some(hint));
        return Vec::new();
    };
    items.iter().filter_map(|item| fault(reader, item)).collect()
}

fn fault(reader: &mut Reader<'_>, item: &Node) -> Option<ServerFault> {
    let entries = reader.mapping(item, "a mapping with `answer`", FAULT_KEYS)?;
    let Some(answer_node) = entry(entries, "answer") else {
        reader.fault(item, "`answer` is missing", Some("for example `- answer: 500`".to_owned()));
        return None;
    };
    let answer = answer(reader, answer_node);
    let event = match entry(entries, "event") {
        Some(node) => {
            let event = reader.text(node, "an event name")?;
            event_name(reader, node, &event);
            Some(event)
        }
        None => None,
    };
    let calls = entry(entries, "calls").map_or(Some((1, 1)), |node| calls(reader, node));
    let delay = match entry(entries, "delay") {
        Some(node) => Some(delay(reader, node, answer)?),
        None => None,
    };
    let (first, last) = calls?;
    Some(ServerFault { answer: answer?, event, first, last, delay, place: item.place })
}

fn answer(reader: &mut Reader<'_>, node: &Node) -> Option<FaultAnswer> {
    let text = reader.text(node, "an answer")?;
    let found = FaultAnswer::from_name(&text);
    if found.is_none() {
        let words = || FaultAnswer::ALL.iter().map(|(_, word, _)| *word);
        let hint = match nearest(&text, words()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("the answers are {}", words().collect::<Vec<_>>().join(", ")),
        };
        reader.fault(node, format!("unknown answer `{text}`"), Some(hint));
    }
    found
}

/// `2`, `1-3` or `all`.
fn calls(reader: &mut Reader<'_>, node: &Node) -> Option<(u32, u32)> {
    let text = reader.text(node, "a number of calls")?;
    if text == EVERY {
        return Some((1, u32::MAX));
    }
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0);
    let range = match text.split_once('-') {
        Some((first, last)) => number(first).zip(number(last)),
        None => number(&text).map(|one| (one, one)),
    };
    let range = range.filter(|(first, last)| first <= last);
    if range.is_none() {
        let flaw = Flaw::new(format!("`{text}` names no calls"))
            .hint("write which of the matching calls: `1`, `1-3` or `all`");
        reader.flaw(node, flaw);
    }
    range
}

fn delay(reader: &mut Reader<'_>, node: &Node, answer: Option<FaultAnswer>) -> Option<u64> {
    let text = reader.text(node, "a duration")?;
    match duration(&text) {
        Ok(millis) => {
            let waits = |answer| matches!(answer, FaultAnswer::Slow | FaultAnswer::Timeout);
            if answer.is_some_and(|answer| !waits(answer)) {
                let hint = "`delay` belongs to `slow` and `timeout`".to_owned();
                reader.fault(node, "this answer is given at once", Some(hint));
                return None;
            }
            Some(millis)
        }
        Err(what) => {
            reader.flaw(node, Flaw::new(what));
            None
        }
    }
}
