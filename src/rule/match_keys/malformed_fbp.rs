//! ## What it checks
//! `fbp` reads `fb.<subdomain index>.<creation time in milliseconds>.<random number>`.
//! A short fifth part, which Meta's own libraries add, is fine. Quotes, URL-encoding,
//! the cookie's name in front, white space and literals such as "undefined" are named.
//! A digest is a rule of its own.
//!
//! ## Why it matters
//! The browser id ties server events to the browser that the platform already knows, and
//! removes duplicates where there is no event ID. One that is not well formed does neither.
//!
//! ## How to fix
//! Send the value of the `_fbp` cookie as it is, URL-decoded once. Where there is no
//! cookie, send no `fbp`.
//!
//! ## Source
//! Meta, "fbp and fbc parameters"; the fifth part in the source of Meta's parameter builder.

use super::hashed_plain_key::is_digest;
use crate::event::{Event, MatchKey};
use crate::finding::Severity;
use crate::platform::meta::browser_ids::{Unit, read_fbp, unit};
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "malformed-fbp",
    title: "a browser id that is none",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("malformed_fbp.rs"),
};

/// What is wrong with a browser id; `None` for a good one, and for a digest or an empty
/// text, which others speak about.
pub(super) fn fault(value: &str) -> Option<&'static str> {
    if value.is_empty() || is_digest(value) {
        return None;
    }
    match read_fbp(value) {
        Err(fault) => Some(fault),
        Ok(id) => match unit(id.created) {
            Unit::Milliseconds => None,
            Unit::Seconds => Some("creation time in seconds"),
            Unit::Calendar => Some("creation time as a calendar date"),
            Unit::Finer | Unit::Unknown => Some("creation time is not in milliseconds"),
        },
    }
}

fn ask(event: &Event) -> Vec<Offence> {
    let values = event.keys.get(&MatchKey::BrowserId);
    let Some(fault) = values.into_iter().flatten().find_map(|value| fault(value)) else {
        return Vec::new();
    };
    vec![
        Offence::new(
            format!("fbp of {} from the {}: {fault}", event.name(), event.channel),
            "send the value of the _fbp cookie as it is, or nothing where there is none",
        )
        .because(fault),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{server, with};

    #[test]
    fn ids_of_every_script_pass_and_faults_are_named() {
        let of = |value: &str| {
            let found = ask(&with(server("Lead", "1"), MatchKey::BrowserId, value));
            found.first().and_then(|offence| offence.cause.clone())
        };
        for good in [
            "fb.1.1596403881668.1116446470",
            "fb.2.1596403881668.123456789012345678",
            "fb.1.1596403881668.1116446470.AQQCAQIB",
            "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
        ] {
            assert_eq!(of(good), None, "{good}");
        }
        assert_eq!(of("fb.1.1596403881.111").as_deref(), Some("creation time in seconds"));
        assert_eq!(of("fb.1.20260302.111").as_deref(), Some("creation time as a calendar date"));
        assert_eq!(of("undefined").as_deref(), Some("null literal"));
        assert_eq!(of("1116446470").as_deref(), Some("not in the form fb.…"));
    }
}
