//! ## What it checks
//! Keys that must travel as they are (address, user agent, fbp, fbc, and ids that the
//! platform itself gave out) hold no digests.
//!
//! ## Why it matters
//! The platform compares these texts as they are. A digest of one matches nobody, and
//! nothing can turn it back; for the browser id it also breaks the fallback that removes
//! duplicates.
//!
//! ## How to fix
//! Leave these keys out of the helper that hashes user data. SDKs hash what needs it by
//! themselves, so hand them plain values throughout.
//!
//! ## Source
//! Meta, "Customer information parameters": do not hash client_ip_address,
//! client_user_agent, fbc, fbp, subscription_id, fb_login_id, lead_id and the like.

use crate::event::{Event, MatchKey};
use crate::finding::Severity;
use crate::platform::meta::proof::{Shape, shape};
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "hashed-plain-key",
    title: "a digest where the plain value belongs",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("hashed_plain_key.rs"),
};

/// Keys whose plain values never look like a digest. Subscription, install and
/// advertiser ids are left out: some systems make them of hex digits.
const NEVER_HEX: [MatchKey; 8] = [
    MatchKey::ClientIp,
    MatchKey::ClientUserAgent,
    MatchKey::ClickId,
    MatchKey::BrowserId,
    MatchKey::LoginId,
    MatchKey::LeadId,
    MatchKey::PageId,
    MatchKey::PageScopedUserId,
];

/// True for a value that can only be a digest.
pub(super) fn is_digest(value: &str) -> bool {
    !matches!(shape(value), Shape::Plain | Shape::Empty)
}

fn ask(event: &Event) -> Vec<Offence> {
    NEVER_HEX
        .into_iter()
        .filter(|key| {
            event.keys.get(key).is_some_and(|values| values.iter().any(|value| is_digest(value)))
        })
        .map(|key| {
            Offence::new(
                format!(
                    "{key} of {} from the {} is a digest; it must travel as it is",
                    event.name(),
                    event.channel
                ),
                format!("do not hash {key}"),
            )
            .because(key.name())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{server, with};

    #[test]
    fn digests_are_found_and_ids_of_hex_digits_left_alone() {
        let hex = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f";
        assert!(ask(&server("Purchase", "1")).is_empty());
        for key in [MatchKey::BrowserId, MatchKey::ClientIp] {
            let found = ask(&with(server("Purchase", "1"), key, hex));
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].cause.as_deref(), Some(key.name()));
        }
        assert!(
            ask(&with(server("Purchase", "1"), MatchKey::SubscriptionId, &hex[..32])).is_empty()
        );
        assert!(ask(&with(server("Purchase", "1"), MatchKey::ExternalId, hex)).is_empty());
    }
}
