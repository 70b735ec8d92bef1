//! Who caused each event of the pixel, from what the browser told beside the tap.
//!
//! A call of `fbq()` names its caller best: the script keeps calls in a queue and sends
//! them later, when its caller is no longer on the stack. Where no call fits (an image in
//! the page, an automatic event), the request's own stack is asked.
//! Never good or bad.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::address::{self, Purpose};
use crate::capture::{Attempt, Capture, Command, Frame};
use crate::event::{Caller, Channel, Event};

/// Finds the callers of browser events; those that nothing tells of stay without one.
pub(super) fn callers(capture: &Capture, events: &mut [Event]) {
    let mut commands: BTreeMap<Told<'_>, VecDeque<&Command>> = BTreeMap::new();
    for command in capture.commands.iter().filter(|command| command.verb.starts_with("track")) {
        let of = (command.session, command.event.as_str(), command.id.as_deref());
        commands.entry(of).or_default().push_back(command);
    }
    let mut attempts: BTreeMap<Made<'_>, VecDeque<&Attempt>> = BTreeMap::new();
    for attempt in &capture.attempts {
        let of = (attempt.session, attempt.method.as_str(), attempt.url.as_str());
        attempts.entry(of).or_default().push_back(attempt);
    }
    let mut taken: BTreeMap<(Told<'_>, String), usize> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for event in events.iter_mut().filter(|event| event.channel == Channel::Browser) {
        let Some(session) = event.session else { continue };
        let exchange = capture.exchange(event.exchange);
        let attempt = exchange.and_then(|exchange| {
            if !seen.insert(exchange.number) {
                return None;
            }
            let request = &exchange.request;
            let made = (session, request.method.as_str(), request.url.as_str());
            attempts.get_mut(&made)?.pop_front()
        });
        let name = event.name.clone().unwrap_or_default();
        let id = event.id.clone().filter(|id| !id.is_empty());
        let key = commands
            .keys()
            .find(|(of, told, with)| *of == session && *told == name && *with == id.as_deref())
            .copied();
        let command = key.filter(|_| !is_image(event)).and_then(|key| {
            let fitting = commands[&key]
                .iter()
                .filter(|one| one.pixel.as_ref().is_none_or(|pixel| *pixel == event.pixel));
            let turn = taken.entry((key, event.pixel.clone())).or_default();
            *turn += 1;
            fitting.skip(*turn - 1).copied().next()
        });
        let by_command = command.and_then(|command| caller(&command.stack));
        event.caller = by_command.or_else(|| attempt.and_then(of_attempt));
    }
}

/// Session, event name and event ID.
type Told<'a> = (u32, &'a str, Option<&'a str>);
/// Session, method and address.
type Made<'a> = (u32, &'a str, &'a str);

fn is_image(event: &Event) -> bool {
    event.marks.get("noscript").is_some_and(|value| value == "1")
}

fn of_attempt(attempt: &Attempt) -> Option<Caller> {
    if let Some(found) = caller(&attempt.stack) {
        return Some(found);
    }
    let in_page = attempt.by == "parser" && attempt.stack.is_empty();
    in_page.then(|| Caller { url: "an element of the page".to_owned(), ..Caller::default() })
}

/// The innermost place that is neither the pixel script nor the snippet's own function.
fn caller(stack: &[Frame]) -> Option<Caller> {
    let outside = |frame: &&Frame| {
        address::purpose("GET", &frame.url) != Purpose::Script
            && !matches!(frame.function.rsplit('.').next(), Some("fbq" | "_fbq"))
            && frame.url.starts_with("http")
    };
    let places = stack.iter().filter(outside);
    Caller::of(places.map(|frame| (frame.url.as_str(), frame.function.as_str(), frame.line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(url: &str, function: &str, line: u32) -> Frame {
        Frame { url: url.to_owned(), function: function.to_owned(), line, column: 1 }
    }

    #[test]
    fn the_scripts_own_frames_and_the_snippet_are_no_culprits() {
        let script = "https://connect.facebook.net/en_US/fbevents.js";
        let stack = [
            frame(script, "send", 9),
            frame("https://shop.test/", "window.fbq.window._fbq", 15),
            frame("https://shop.test/shop.js", "track", 7),
            frame("https://shop.test/", "", 32),
        ];
        let found = caller(&stack).expect("a place");
        assert_eq!((found.url.as_str(), found.line), ("https://shop.test/shop.js", 7));
        assert_eq!(found.from, Some(("https://shop.test/".to_owned(), 32)));
        assert_eq!(caller(&stack[..2]), None);
    }

    #[test]
    fn an_image_in_the_page_is_told_from_a_call() {
        let attempt = |by: &str| Attempt {
            session: 1,
            at: 0,
            method: "GET".to_owned(),
            url: String::new(),
            by: by.to_owned(),
            stack: Vec::new(),
            error: None,
        };
        assert_eq!(
            of_attempt(&attempt("parser")).expect("known").to_string(),
            "an element of the page"
        );
        assert_eq!(of_attempt(&attempt("other")), None);
    }
}
