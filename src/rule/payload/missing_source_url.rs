//! ## What it checks
//! A server event of a web site names the page on which it happened: `event_source_url`.
//! Not asked of events from elsewhere (app, store, telephone …).
//!
//! ## Why it matters
//! It is required for web events; the platform checks the domain against those you have
//! verified, and audiences by address need it.
//!
//! ## How to fix
//! Pass the address of the page: from the request that carried out the action, or its
//! `Referer`. In a job, store it with the order.
//!
//! ## Source
//! Meta, server event parameters: event_source_url is required for website events.

use crate::event::Event;
use crate::finding::Severity;
use crate::rule::literal::says_nothing;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "missing-source-url",
    title: "a web event of the server without its page",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("missing_source_url.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let given = event.page.as_deref().is_some_and(|page| !says_nothing(page));
    let of_site = event.action_source.as_deref() == Some("website");
    if !of_site || given || super::is_misspelt(event, "event_source_url") {
        return Vec::new();
    }
    vec![Offence::new(
        format!("{} from the server names no event_source_url", event.name()),
        "pass the address of the page on which the action happened",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;

    #[test]
    fn only_web_events_have_a_page() {
        let mut event = Event::new(Channel::Server, 1, "1");
        event.action_source = Some("physical_store".into());
        assert!(ask(&event).is_empty());
        event.action_source = Some("website".into());
        assert_eq!(ask(&event).len(), 1);
        event.page = Some("null".into());
        assert_eq!(ask(&event).len(), 1);
        event.page = Some("/thanks".into());
        assert!(ask(&event).is_empty());
    }
}
