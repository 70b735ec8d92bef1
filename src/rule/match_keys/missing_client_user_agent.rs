//! ## What it checks
//! A server event with action source `website` carries `client_user_agent`.
//!
//! ## Why it matters
//! The documentation requires it for web events. Requests without it are accepted, but
//! the visitor's address alone matches hardly anyone.
//!
//! ## How to fix
//! Send the User-Agent header of the visitor's request. For calls that are made later,
//! keep it with the order.
//!
//! ## Source
//! Meta, Conversions API parameters: client_user_agent is required for website events.
//! Observed: events without it are accepted.

use crate::event::{Channel, Event, MatchKey};
use crate::finding::Severity;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "missing-client-user-agent",
    title: "a website event without the visitor's user agent",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("missing_client_user_agent.rs"),
};

/// True for an event that should name the visitor's user agent and does not.
pub(super) fn lacks_one(event: &Event) -> bool {
    let of_website =
        event.channel == Channel::Server && event.action_source.as_deref() == Some("website");
    let named = event
        .keys
        .get(&MatchKey::ClientUserAgent)
        .is_some_and(|values| values.iter().any(|value| !value.trim().is_empty()));
    of_website && !named
}

fn ask(event: &Event) -> Vec<Offence> {
    if !lacks_one(event) {
        return Vec::new();
    }
    vec![Offence::new(
        format!("{} from the server without client_user_agent", event.name()),
        "send the User-Agent header of the visitor's request; keep it for later calls",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{browser, server, with};

    #[test]
    fn only_website_events_of_the_server_need_one() {
        let bare = || with(server("Lead", "1"), MatchKey::ClientUserAgent, "");
        assert_eq!(ask(&bare()).len(), 1);
        assert!(ask(&server("Lead", "1")).is_empty());
        assert!(ask(&with(browser("Lead", "1"), MatchKey::ClientUserAgent, "")).is_empty());
        let mut elsewhere = bare();
        elsewhere.action_source = Some("phone_call".into());
        assert!(ask(&elsewhere).is_empty());
        let blank = with(server("Lead", "1"), MatchKey::ClientUserAgent, " ");
        assert_eq!(ask(&blank).len(), 1);
    }
}
