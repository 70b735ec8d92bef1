//! ## What it checks
//! `client_ip_address` is one IPv4 or IPv6 address and nothing else: no list, no port,
//! no brackets, quotes or white space, no network. A short addition of Meta's parameter
//! builder is fine. An IPv4 address written as IPv6 and an anonymised one are warnings.
//! A digest is a rule of its own.
//!
//! ## Why it matters
//! A text that is no address is ignored or refused, and with it half of what recognises
//! visitors who are not logged in.
//!
//! ## How to fix
//! Split X-Forwarded-For at the commas and send the first public address, trimmed. Strip
//! the port. Frameworks have a setting for trusted proxies that does all of this.
//!
//! ## Source
//! Meta, "Customer information parameters": a valid IPv4 or IPv6 address, no spaces. The
//! PHP SDK's own helper sends the whole header.

use super::hashed_plain_key::is_digest;
use crate::event::{Event, MatchKey};
use crate::finding::Severity;
use crate::platform::meta::client::read_address;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "malformed-client-ip",
    title: "a text that is no single IP address",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("malformed_client_ip.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let values = event.keys.get(&MatchKey::ClientIp).into_iter().flatten();
    let fault = values
        .filter(|value| !value.is_empty() && !is_digest(value))
        .find_map(|value| read_address(value).err());
    let Some(fault) = fault else { return Vec::new() };
    let fix = match fault {
        "list of addresses" => "send the first public address of the list only",
        "port behind it" => "strip the port",
        "IPv4 written as IPv6" => "write it as plain IPv4, without ::ffff:",
        "leading zeros" => {
            "write each number without zeros at its front: some parsers read them as octal"
        }
        "anonymised" => "send the whole address, or none where the law demands it",
        _ => "send one IPv4 or IPv6 address and nothing else",
    };
    let offence = Offence::new(
        format!("client_ip_address of {} from the {}: {fault}", event.name(), event.channel),
        fix,
    )
    .because(fault);
    vec![if matches!(fault, "IPv4 written as IPv6" | "anonymised") {
        offence.weighing(Severity::Warn)
    } else {
        offence
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{server, with};

    #[test]
    fn single_addresses_pass_and_anything_around_them_is_named() {
        let of = |value: &str| {
            let found = ask(&with(server("Lead", "1"), MatchKey::ClientIp, value));
            found.into_iter().next()
        };
        for good in ["73.162.41.9", "2601:645::1", "127.0.0.1", "168.212.226.204.ABcDEFGh"] {
            assert_eq!(of(good), None, "{good}");
        }
        for (value, cause, severity) in [
            ("73.162.41.9, 10.0.0.1", "list of addresses", None),
            ("73.162.41.9:4711", "port behind it", None),
            ("unknown", "no address", None),
            ("::ffff:73.162.41.9", "IPv4 written as IPv6", Some(Severity::Warn)),
        ] {
            let found = of(value).expect(value);
            assert_eq!((found.cause.as_deref(), found.severity), (Some(cause), severity));
            assert!(!found.message.contains("73.162"), "addresses stay out of messages");
        }
    }
}
