//! ## What it checks
//! `client_user_agent` is a visitor's browser, not the HTTP client or SDK of the server,
//! and not the very user agent with which the call itself is made.
//!
//! ## Why it matters
//! Every visitor looks like the same program. The platform cannot match by it, and may
//! take the traffic for a bot's.
//!
//! ## How to fix
//! Send the User-Agent header of the visitor's request to the site. In a chain of
//! services, hand it on explicitly: each HTTP client puts its own name into the header.
//!
//! ## Source
//! Meta, Conversions API parameters: the user agent of the browser. Seen in the wild:
//! axios, requests and SDK names in its place.

use crate::event::{Channel, Event, MatchKey};
use crate::finding::Severity;
use crate::platform::meta::client::http_client;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "user-agent-of-http-client",
    title: "a program's user agent in place of the visitor's",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("user_agent_of_http_client.rs"),
};

/// The program that stands in for the visitor's browser.
pub(in crate::rule) fn program(event: &Event) -> Option<&'static str> {
    if event.channel != Channel::Server {
        return None;
    }
    let agent = event.key(MatchKey::ClientUserAgent).filter(|agent| !agent.trim().is_empty())?;
    http_client(agent).or_else(|| {
        let own = event.sender.as_deref() == Some(agent) && !agent.starts_with("Mozilla/");
        own.then_some("the call's own user agent")
    })
}

fn ask(event: &Event) -> Vec<Offence> {
    let Some(program) = program(event) else { return Vec::new() };
    vec![
        Offence::new(
            format!(
                "client_user_agent of {} from the server is a program's ({program}), not a browser's",
                event.name()
            ),
            "send the User-Agent header of the visitor's request to the site",
        )
        .because(program),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{server, with};

    #[test]
    fn programs_are_named_and_browsers_pass() {
        let of = |agent: &str| {
            let found = ask(&with(server("Lead", "1"), MatchKey::ClientUserAgent, agent));
            found.first().and_then(|offence| offence.cause.clone())
        };
        assert_eq!(of("axios/1.7.2").as_deref(), Some("axios"));
        assert_eq!(of("shop-backend/1.0").as_deref(), Some("the call's own user agent"));
        assert_eq!(of("Mozilla/5.0 (iPhone) [FBAN/FBIOS]"), None);
        assert_eq!(of("SomeTvBrowser/3"), None);
        assert!(ask(&server("Lead", "1")).is_empty());
    }
}
