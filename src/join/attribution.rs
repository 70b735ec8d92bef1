//! Attributes server calls to sessions by evidence, strongest first: a shared event
//! id, another trace of the same browser (browser id, click id, digests), the test
//! person's data, the only session open at the time.
//!
//! Hits need none of this: each session has a listener of its own.
//! Never guesses between two sessions: what ties to both stays unattributed.

use std::collections::HashMap;

use super::SessionFacts;
use crate::event::{Channel, Event};
use crate::platform::Platform;

/// Why a server event is taken to belong to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribution {
    /// Caught by the session's own listener.
    Listener,
    /// A browser event of the session carries the same event id.
    EventId,
    /// A browser event of the session carries the same browser id, click id or digest.
    SharedTrace,
    /// It carries a digest or id of the session's test person.
    Persona,
    /// No other session was open.
    OnlyOneOpen,
}

impl Attribution {
    /// The word reports use.
    pub fn name(self) -> &'static str {
        match self {
            Attribution::Listener => "listener",
            Attribution::EventId => "event id",
            Attribution::SharedTrace => "browser id",
            Attribution::Persona => "persona",
            Attribution::OnlyOneOpen => "only session open",
        }
    }
}

/// A text in a run and the session it points to; `None` once two sessions share the text.
type Signs = HashMap<(u32, String), Option<u32>>;

/// Sets `session` on every server event that evidence ties to exactly one session.
///
/// Returns, per event, what tied it; `None` where nothing did.
pub fn attribute(
    platform: &Platform,
    events: &mut [Event],
    sessions: &[SessionFacts],
) -> Vec<Option<Attribution>> {
    let mut pointers = Pointers::default();
    for event in events.iter().filter(|event| event.channel == Channel::Browser) {
        let Some(session) = event.session else { continue };
        if let Some(id) = event.id.as_deref().filter(|id| !id.is_empty()) {
            point(&mut pointers.ids, event.recording, id, session);
        }
        for trace in (platform.traces)(event) {
            point(&mut pointers.traces, event.recording, &trace, session);
        }
    }
    for session in sessions {
        for mark in &session.marks {
            point(&mut pointers.people, session.recording, mark, session.session);
        }
    }
    // Logs know no session, and then nothing points anywhere.
    let any = !sessions.is_empty() || events.iter().any(|event| event.session.is_some());
    events
        .iter_mut()
        .map(|event| {
            if event.session.is_some() {
                return Some(Attribution::Listener);
            }
            if !any {
                return None;
            }
            let traces = (platform.traces)(event);
            let (session, why) = pointers.evidence(event, &traces, sessions)?;
            event.session = Some(session);
            Some(why)
        })
        .collect()
}

/// What points where, by strength.
#[derive(Default)]
struct Pointers {
    ids: Signs,
    traces: Signs,
    people: Signs,
}

impl Pointers {
    fn evidence(
        &self,
        event: &Event,
        traces: &[String],
        sessions: &[SessionFacts],
    ) -> Option<(u32, Attribution)> {
        let look = |signs: &Signs, text: &str| {
            signs.get(&(event.recording, text.to_owned())).copied().flatten()
        };
        if let Some(session) = event.id.as_deref().and_then(|id| look(&self.ids, id)) {
            return Some((session, Attribution::EventId));
        }
        if let Some(session) = traces.iter().find_map(|trace| look(&self.traces, trace)) {
            return Some((session, Attribution::SharedTrace));
        }
        if let Some(session) = traces.iter().find_map(|trace| look(&self.people, trace)) {
            return Some((session, Attribution::Persona));
        }
        let mut open = sessions.iter().filter(|session| {
            session.recording == event.recording
                && session.opened <= event.caught
                && session.closed.is_none_or(|closed| event.caught <= closed)
        });
        match (open.next(), open.next()) {
            (Some(only), None) => Some((only.session, Attribution::OnlyOneOpen)),
            _ => None,
        }
    }
}

fn point(signs: &mut Signs, recording: u32, text: &str, session: u32) {
    signs
        .entry((recording, text.to_owned()))
        .and_modify(|known| {
            if *known != Some(session) {
                *known = None;
            }
        })
        .or_insert(Some(session));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::MatchKey;

    fn session(number: u32, opened: i64, closed: i64, marks: &[&str]) -> SessionFacts {
        SessionFacts {
            recording: 0,
            session: number,
            scenario: format!("s{number}"),
            file: String::new(),
            profile: "clean".into(),
            opened,
            closed: Some(closed),
            marks: marks.iter().map(|mark| (*mark).to_owned()).collect(),
            persona: Default::default(),
            expect: vec![],
            never: vec![],
            played: true,
            site_answers: 1,
            visit: Default::default(),
        }
    }

    fn event(channel: Channel, session: Option<u32>, id: Option<&str>, caught: i64) -> Event {
        let mut event = Event::new(channel, 1, "1");
        event.session = session;
        event.id = id.map(str::to_owned);
        event.caught = caught;
        event
    }

    #[test]
    fn stronger_evidence_wins_over_weaker() {
        let sessions = [session(1, 0, 100, &[]), session(2, 0, 100, &["em:digest"])];
        let mut by_id = event(Channel::Server, None, Some("a"), 50);
        by_id.keys.insert(MatchKey::Email, vec!["digest".into()]);
        let mut by_person = event(Channel::Server, None, Some("z"), 50);
        by_person.keys.insert(MatchKey::Email, vec!["digest".into()]);
        let mut events = [event(Channel::Browser, Some(1), Some("a"), 10), by_id, by_person];
        let why = attribute(&crate::platform::meta::PLATFORM, &mut events, &sessions);
        assert_eq!(events[1].session, Some(1));
        assert_eq!(why[1], Some(Attribution::EventId));
        assert_eq!(events[2].session, Some(2));
        assert_eq!(why[2], Some(Attribution::Persona));
    }

    #[test]
    fn what_ties_to_two_sessions_is_left_alone() {
        let sessions = [session(1, 0, 100, &[]), session(2, 0, 100, &[])];
        let mut events = [
            event(Channel::Browser, Some(1), Some("same"), 10),
            event(Channel::Browser, Some(2), Some("same"), 10),
            event(Channel::Server, None, Some("same"), 20),
        ];
        let why = attribute(&crate::platform::meta::PLATFORM, &mut events, &sessions);
        assert_eq!((events[2].session, why[2]), (None, None));
    }

    #[test]
    fn the_only_open_session_takes_what_nothing_else_ties() {
        let sessions = [session(1, 0, 100, &[]), session(2, 200, 300, &[])];
        let mut events =
            [event(Channel::Server, None, None, 250), event(Channel::Server, None, None, 150)];
        let why = attribute(&crate::platform::meta::PLATFORM, &mut events, &sessions);
        assert_eq!((events[0].session, why[0]), (Some(2), Some(Attribution::OnlyOneOpen)));
        assert_eq!(events[1].session, None);
    }
}
