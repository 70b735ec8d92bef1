//! Listening without a scenario: a browser tap for a browser of the user's own, and what
//! both taps catch as it comes, action by action.
//! Never a verdict: that is made at the end, from the tape.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::capture::{Exchange, Follower, Line, TapeError};
use crate::event::{Channel, Event};
use crate::platform::PLATFORMS;

/// Past this many actions the oldest are forgotten: a staging server may run for days.
const MOST_ACTIONS: usize = 50_000;

/// What is known of an action: an event name and ID, or one event without an ID.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Action {
    /// Event name.
    pub event: String,
    /// Event ID.
    pub id: Option<String>,
    /// Exchanges by which the browser told of it.
    pub browser: Vec<u64>,
    /// Exchanges by which the server did.
    pub server: Vec<u64>,
    /// Match keys that the browser gave, by name.
    pub browser_keys: BTreeSet<&'static str>,
    /// Match keys that the server gave.
    pub server_keys: BTreeSet<&'static str>,
    /// Why the platform would refuse the server's call, where it would.
    pub refused: Option<String>,
}

impl Action {
    /// True where both sides told of it.
    pub fn is_paired(&self) -> bool {
        !self.browser.is_empty() && !self.server.is_empty()
    }
}

/// Something that was caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caught {
    /// An event, and how its action stands by it.
    Event {
        /// Which side.
        channel: Channel,
        /// Number of its exchange.
        exchange: u64,
        /// Unix milliseconds.
        at: i64,
        /// How the action stands.
        action: Action,
    },
    /// A payload that cannot be read.
    Defect {
        /// Number of its exchange.
        exchange: u64,
        /// What is wrong.
        what: String,
    },
}

type Identity = (String, String, String);

/// What has been caught so far.
pub struct Live {
    tape: Follower,
    actions: BTreeMap<Identity, Action>,
    order: VecDeque<Identity>,
}

impl Live {
    /// Follows a tape from its begin.
    pub fn new(tape: Follower) -> Live {
        Live { tape, actions: BTreeMap::new(), order: VecDeque::new() }
    }

    /// What has come since the last look.
    pub fn look(&mut self) -> Result<Vec<Caught>, TapeError> {
        let mut caught = Vec::new();
        for line in self.tape.look()? {
            if let Line::Exchange(exchange) = line {
                self.take(&exchange, &mut caught);
            }
        }
        Ok(caught)
    }

    fn take(&mut self, exchange: &Exchange, caught: &mut Vec<Caught>) {
        for platform in PLATFORMS {
            let decoded = (platform.decode)(exchange);
            for event in decoded.events {
                let action = self.add(&event);
                caught.push(Caught::Event {
                    channel: event.channel,
                    exchange: exchange.number,
                    at: event.caught,
                    action,
                });
            }
            caught.extend(
                decoded
                    .defects
                    .into_iter()
                    .map(|defect| Caught::Defect { exchange: defect.exchange, what: defect.what }),
            );
        }
    }

    fn add(&mut self, event: &Event) -> Action {
        let id = event.id.clone().filter(|id| !id.is_empty());
        let mut single = Action::default();
        let action = match &id {
            // Without an ID there is nothing by which two events are one action.
            None => &mut single,
            Some(id) => {
                let identity = (event.pixel.clone(), event.name().to_owned(), id.clone());
                if !self.actions.contains_key(&identity) {
                    self.order.push_back(identity.clone());
                }
                if self.order.len() > MOST_ACTIONS
                    && let Some(oldest) = self.order.pop_front()
                {
                    self.actions.remove(&oldest);
                }
                self.actions.entry(identity).or_default()
            }
        };
        event.name().clone_into(&mut action.event);
        action.id = id;
        let given =
            event.keys.iter().filter(|(_, values)| values.iter().any(|one| !one.is_empty()));
        let given = given.map(|(key, _)| key.name());
        match event.channel {
            Channel::Browser => {
                action.browser.push(event.exchange);
                action.browser_keys.extend(given);
            }
            Channel::Server => {
                action.server.push(event.exchange);
                action.server_keys.extend(given);
                action.refused = event.refused.as_ref().map(|refusal| refusal.title.clone());
            }
        }
        action.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Answer, Door, Opening, Request, TAPE_FORMAT, TapeWriter};

    fn exchange(channel: Channel, url: &str, body: &str) -> Line {
        Line::Exchange(Exchange {
            number: 0,
            channel,
            door: Door::BaseUrl,
            session: None,
            at: 1_795_394_400_000,
            request: Request {
                method: if body.is_empty() { "GET" } else { "POST" }.to_owned(),
                url: url.to_owned(),
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: body.as_bytes().to_vec(),
            },
            answer: Answer::new(200, "application/json", r#"{"events_received":1}"#),
            injected: None,
        })
    }

    #[test]
    fn an_action_is_shown_with_both_its_halves_as_they_come() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tape.jsonl");
        let opening = Opening {
            countonce_tape: TAPE_FORMAT,
            tool: "test".to_owned(),
            started: 0,
            pixel_script: "stand-in".to_owned(),
            browser: String::new(),
            site: String::new(),
            filter_lists: String::new(),
        };
        let writer = TapeWriter::create(&path, &opening).expect("a tape");
        let mut live = Live::new(Follower::open(&path).expect("opened"));
        let hit = "https://www.facebook.com/tr/?id=12&ev=Purchase&dl=https%3A%2F%2Fshop.test%2F&eid=o-1&fbp=fb.1.1.2";
        writer.write(exchange(Channel::Browser, hit, "")).expect("written");
        let first = live.look().expect("read");
        let [Caught::Event { action, .. }] = first.as_slice() else { panic!("{first:?}") };
        assert!(!action.is_paired() && action.browser == [1]);
        assert!(action.browser_keys.contains("fbp"));
        let call = r#"{"data":[{"event_name":"Purchase","event_id":"o-1","event_time":1795394400,"action_source":"website","user_data":{"client_user_agent":"UA","client_ip_address":"198.51.100.7"},"custom_data":{"value":1,"currency":"USD"}}],"access_token":"T"}"#;
        let url = "https://graph.facebook.com/v25.0/12/events";
        writer.write(exchange(Channel::Server, url, call)).expect("written");
        let second = live.look().expect("read");
        let [Caught::Event { channel, action, .. }] = second.as_slice() else {
            panic!("{second:?}")
        };
        assert_eq!(*channel, Channel::Server);
        assert!(action.is_paired() && action.server == [2] && action.refused.is_none());
        writer.write(exchange(Channel::Server, url, "{not json")).expect("written");
        let third = live.look().expect("read");
        assert!(matches!(third.as_slice(), [Caught::Defect { exchange: 3, .. }]), "{third:?}");
    }
}
