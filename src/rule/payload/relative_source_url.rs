//! ## What it checks
//! The page of an event is a whole address, with scheme and host: `https://shop.example/
//! thanks`, not `/thanks` or `shop.example/thanks`.
//!
//! ## Why it matters
//! Without a host the platform cannot tell whose event it is: domain checks and audiences
//! by address leave it out.
//!
//! ## How to fix
//! Build the address from the request's scheme, host and path; behind a proxy, from the
//! forwarded ones or a configured base address.
//!
//! ## Source
//! Meta, server event parameters: event_source_url is the browser's URL and should match
//! the verified domain.

use crate::event::{Event, mask_url};
use crate::finding::Severity;
use crate::rule::literal::says_nothing;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "relative-source-url",
    title: "a page without scheme and host",
    severity: Severity::Warn,
    check: Check::Event(ask),
    source: include_str!("relative_source_url.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let Some(page) = event.page.as_deref().filter(|page| !says_nothing(page)) else {
        return Vec::new();
    };
    let of_app = event.action_source.as_deref().is_some_and(|source| source != "website");
    let whole = url::Url::parse(page).is_ok_and(|url| {
        url.host_str().is_some_and(|host| !host.is_empty())
            || matches!(url.scheme(), "file" | "about" | "data" | "blob")
    });
    if whole || of_app {
        return Vec::new();
    }
    vec![
        Offence::new(
            format!(
                "the page of {} from the {} is \"{}\", without scheme and host",
                event.name(),
                event.channel,
                mask_url(page)
            ),
            "send the whole address, with https:// and the host that the visitor sees",
        )
        .because(if page.starts_with('/') { "path only" } else { "no scheme" }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;

    #[test]
    fn whole_addresses_pass() {
        let cause = |page: &str| {
            let mut event = Event::new(Channel::Server, 1, "1");
            event.page = Some(page.into());
            ask(&event).into_iter().next().and_then(|offence| offence.cause)
        };
        for page in ["https://shop.test/", "http://127.0.0.1:8000/x", "about:srcdoc", ""] {
            assert_eq!(cause(page), None, "{page}");
        }
        assert_eq!(cause("/thanks").as_deref(), Some("path only"));
        assert_eq!(cause("shop.test/thanks").as_deref(), Some("no scheme"));
    }
}
