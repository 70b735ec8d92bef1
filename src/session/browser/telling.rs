//! What a browser tells of its pages over `WebDriver BiDi`: the requests that they make,
//! who caused them, which of them failed, and what scripts of ours in them report.
//!
//! One connection serves all profiles of a browser; here each is told of its own.
//! Never which requests matter, never what a report means.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::bidi::Bidi;
use crate::capture::Frame;

/// Name under which scripts of ours report.
const CHANNEL: &str = "countonce";

/// The error of a request that failed without a word.
pub(crate) const NO_REASON: &str = "no reason given";

/// Tells what a page's own policy refuses.
const POLICY: &str = include_str!("policy.js");

/// What is subscribed to.
const EVENTS: &[&str] = &[
    "browsingContext.contextCreated",
    "network.beforeRequestSent",
    "network.responseCompleted",
    "network.fetchError",
    "script.message",
];

/// Pages and requests remembered at a time; a page can make any number of them.
const MOST: usize = 10_000;
/// Frames kept of a stack: enough to leave the platform's script, its loader and a framework.
const DEEPEST: usize = 24;
/// Longest text kept of an address or a name in a stack, in characters.
const LONGEST: usize = 400;

/// Something that a browser tells of a profile.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Told {
    /// A page makes a request.
    Request {
        /// The browser's name for it.
        id: String,
        /// Unix milliseconds.
        at: i64,
        /// Method, upper case.
        method: String,
        /// Absolute address.
        url: String,
        /// `script`, `parser`, `preflight` or `other`.
        by: String,
        /// Stack of the script that made it.
        stack: Vec<Frame>,
    },
    /// A request has its answer.
    Answered {
        /// The browser's name for it.
        id: String,
    },
    /// A request got no answer.
    Failed {
        /// The browser's name for it.
        id: String,
        /// Why, in the browser's words.
        error: String,
    },
    /// A page's own content security policy refused a request.
    Refused {
        /// Unix milliseconds.
        at: i64,
        /// Absolute address, or the origin alone.
        url: String,
        /// The directive that refused it.
        directive: String,
    },
    /// A script of the caller's reports.
    Report(Value),
}

/// Told of all that happens in a profile, from any thread.
pub(crate) type Ear = Arc<dyn Fn(Told) + Send + Sync>;

/// Hands what a browser tells to the profile that it is about.
#[derive(Clone, Default)]
pub(super) struct Telling {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Profile of each page and frame.
    profiles: HashMap<String, String>,
    /// Who listens for a profile.
    ears: HashMap<String, Ear>,
}

impl Telling {
    /// Asks the browser to tell; false where it cannot.
    pub(super) async fn begin(&self, bidi: &Bidi) -> bool {
        bidi.call("session.subscribe", json!({"events": EVENTS})).await.is_ok()
    }

    /// Begins to listen for a profile, and installs scripts in all pages it will have.
    pub(super) async fn listen(&self, bidi: &Bidi, profile: &str, ear: Ear, scripts: &[&str]) {
        self.state().ears.insert(profile.to_owned(), ear);
        for script in scripts.iter().chain(&[POLICY]) {
            let params = json!({
                "functionDeclaration": script,
                "arguments": [{"type": "channel", "value": {"channel": CHANNEL}}],
                "userContexts": [profile],
            });
            // A browser that cannot do this tells less, and the run says so nowhere else
            // than by what it does not know.
            let _ = bidi.call("script.addPreloadScript", params).await;
        }
    }

    /// Forgets a profile.
    pub(super) fn forget(&self, profile: &str) {
        let mut state = self.state();
        state.ears.remove(profile);
        state.profiles.retain(|_, of| of != profile);
    }

    /// Takes an event of the connection.
    pub(super) fn hear(&self, method: &str, params: &Value) {
        if method == "browsingContext.contextCreated" {
            let mut state = self.state();
            if let (Some(page), Some(profile)) =
                (text(params, "context"), text(params, "userContext"))
                && state.profiles.len() < MOST
            {
                state.profiles.insert(page, profile);
            }
            return;
        }
        let page = params.get("context").or_else(|| params["source"].get("context"));
        let profile = text(params, "userContext").or_else(|| {
            let page = page.and_then(Value::as_str)?;
            self.state().profiles.get(page).cloned()
        });
        let Some(ear) = profile.and_then(|of| self.state().ears.get(&of).cloned()) else { return };
        if let Some(told) = told(method, params) {
            ear(told);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an event says; `None` for those that say nothing here.
fn told(method: &str, params: &Value) -> Option<Told> {
    let request = &params["request"];
    let id = || text(request, "request");
    match method {
        "network.beforeRequestSent" => Some(Told::Request {
            id: id()?,
            at: params.get("timestamp").and_then(Value::as_i64)?,
            method: text(request, "method")?.to_ascii_uppercase(),
            url: text(request, "url")?,
            by: text(&params["initiator"], "type").unwrap_or_else(|| "other".to_owned()),
            stack: frames(&params["initiator"]["stackTrace"]["callFrames"]),
        }),
        "network.responseCompleted" => Some(Told::Answered { id: id()? }),
        "network.fetchError" => {
            let error = text(params, "errorText").filter(|text| !text.is_empty());
            let error = error.unwrap_or_else(|| NO_REASON.to_owned());
            Some(Told::Failed { id: id()?, error: bounded(&error) })
        }
        "script.message" if params.get("channel").and_then(Value::as_str) == Some(CHANNEL) => {
            let report = params["data"].get("value").and_then(Value::as_str)?;
            let report: Value = serde_json::from_str(report).ok()?;
            let Some(url) = text(&report, "refused") else { return Some(Told::Report(report)) };
            let at = report.get("at").and_then(Value::as_i64)?;
            let directive = bounded(&text(&report, "directive").unwrap_or_default());
            Some(Told::Refused { at, url, directive })
        }
        _ => None,
    }
}

/// The frames of a stack as BiDi gives them, which counts lines and columns from 0.
fn frames(list: &Value) -> Vec<Frame> {
    let number = |frame: &Value, name: &str| {
        let found = frame.get(name).and_then(Value::as_u64).unwrap_or_default();
        u32::try_from(found.saturating_add(1)).unwrap_or(u32::MAX)
    };
    let frames = list.as_array().into_iter().flatten().take(DEEPEST);
    frames
        .map(|frame| Frame {
            url: bounded(&text(frame, "url").unwrap_or_default()),
            function: bounded(&text(frame, "functionName").unwrap_or_default()),
            line: number(frame, "lineNumber"),
            column: number(frame, "columnNumber"),
        })
        .collect()
}

/// The frames of a stack as scripts see it: `at name (address:line:column)` in Chromium,
/// `name@address:line:column` in Firefox and WebKit. The first `skip` are left out.
pub(crate) fn stack_of(text: &str, skip: usize) -> Vec<Frame> {
    let frames = text.lines().filter_map(|line| {
        let line = line.trim();
        let (function, place) = match line.strip_prefix("at ") {
            Some(rest) => match rest.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
                Some((function, place)) => (function, place),
                None => ("", rest.strip_prefix("async ").unwrap_or(rest)),
            },
            None => line.split_once('@')?,
        };
        let mut parts = place.rsplitn(3, ':');
        let column = parts.next()?.parse().ok()?;
        let line = parts.next()?.parse().ok()?;
        let url = bounded(parts.next()?);
        Some(Frame { url, function: bounded(function.trim_start_matches("new ")), line, column })
    });
    frames.skip(skip).take(DEEPEST).collect()
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn bounded(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(url: &str, function: &str, line: u32, column: u32) -> Frame {
        Frame { url: url.to_owned(), function: function.to_owned(), line, column }
    }

    #[test]
    fn stacks_are_read_as_each_engine_writes_them() {
        let chromium = "Error\n    at noted (https://x/watch.js:3:9)\n    at n.pay [as onclick] (https://shop.test/a.js?v=1:12:34)\n    at https://shop.test/:7:1";
        let read = stack_of(chromium, 1);
        assert_eq!(read[0], frame("https://shop.test/a.js?v=1", "n.pay [as onclick]", 12, 34));
        assert_eq!(read[1], frame("https://shop.test/", "", 7, 1));
        let firefox = "noted@https://x/watch.js:3:9\npay@https://shop.test/a.js:12:34\n@https://shop.test/:7:1\n";
        let read = stack_of(firefox, 1);
        assert_eq!(read[0], frame("https://shop.test/a.js", "pay", 12, 34));
        assert_eq!(read[1], frame("https://shop.test/", "", 7, 1));
        assert!(stack_of("Error: no stack here", 0).is_empty());
    }

    #[test]
    fn each_profile_is_told_of_its_own_pages_only() {
        let telling = Telling::default();
        let heard: Arc<Mutex<Vec<Told>>> = Arc::default();
        let notes = Arc::clone(&heard);
        let ear: Ear = Arc::new(move |told| notes.lock().expect("whole").push(told));
        telling.state().ears.insert("one".to_owned(), ear);
        for (page, profile) in [("page", "one"), ("other", "two")] {
            let made = json!({"context": page, "userContext": profile});
            telling.hear("browsingContext.contextCreated", &made);
        }
        let request = |page: &str| {
            json!({
                "context": page, "timestamp": 5,
                "request": {"request": "7", "method": "get", "url": "https://x/"},
                "initiator": {"type": "script", "stackTrace": {"callFrames": [
                    {"url": "https://x/a.js", "functionName": "f", "lineNumber": 0, "columnNumber": 4},
                ]}},
            })
        };
        telling.hear("network.beforeRequestSent", &request("page"));
        telling.hear("network.beforeRequestSent", &request("other"));
        telling.hear(
            "script.message",
            &json!({
                "channel": CHANNEL, "data": {"type": "string", "value": "{\"a\":1}"},
                "source": {"context": "page"},
            }),
        );
        let heard = heard.lock().expect("whole");
        assert_eq!(heard.len(), 2, "{heard:?}");
        assert!(matches!(&heard[0], Told::Request { stack, method, .. }
            if stack[0] == frame("https://x/a.js", "f", 1, 5) && method == "GET"));
        assert_eq!(heard[1], Told::Report(json!({"a": 1})));
    }

    #[test]
    fn a_forgotten_profile_leaves_nothing_behind() {
        let telling = Telling::default();
        telling
            .hear("browsingContext.contextCreated", &json!({"context": "p", "userContext": "u"}));
        telling.forget("u");
        assert!(telling.state().profiles.is_empty());
    }
}
