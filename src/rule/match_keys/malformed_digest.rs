//! ## What it checks
//! A digest in a hashed key is a SHA-256 written as 64 hex digits: not an MD5 or a
//! SHA-1, not Base64, not cut, not in capitals, with nothing around it. The few
//! characters that Meta's parameter builder puts behind a dot belong to a digest and
//! are fine. Plain text and digests of nothing are rules of their own.
//!
//! ## Why it matters
//! Digests are compared as texts. One of another kind or in another notation equals
//! none that the platform has, so the key is as good as missing.
//!
//! ## How to fix
//! SHA-256 of the normalised value as lower-case hex, 64 characters. Capitals come from
//! the formatter of some languages and databases; some SDKs lower-case them and some
//! send them on.
//!
//! ## Source
//! Meta, "Customer information parameters": SHA-256. What the pixel and each SDK do with
//! capitals and MD5 was observed; the PHP SDK sends an upper-case digest unchanged.

use crate::event::{Event, Secrecy};
use crate::finding::Severity;
use crate::platform::meta::proof::{Shape, nothing, shape};
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "malformed-digest",
    title: "a digest of the wrong kind or in the wrong notation",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("malformed_digest.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    if event.automatic {
        return Vec::new();
    }
    let mut offences = Vec::new();
    for (key, values) in &event.keys {
        if key.secrecy() != Secrecy::Hashed {
            continue;
        }
        let malformed = values
            .iter()
            .filter(|value| nothing(*key, value).is_none())
            .map(|value| shape(value))
            .find(|shape| !matches!(shape, Shape::Sha256 | Shape::Plain | Shape::Empty));
        let Some(shape) = malformed else { continue };
        let (message, fix) = words(shape);
        let offence = Offence::new(
            format!("{key} of {} from the {} is {message}", event.name(), event.channel),
            fix,
        )
        .because(shape.words());
        offences.push(match shape {
            Shape::UpperSha256 => offence.weighing(Severity::Warn),
            _ => offence,
        });
    }
    offences
}

fn words(shape: Shape) -> (&'static str, &'static str) {
    match shape {
        Shape::UpperSha256 => ("a SHA-256 in capitals", "write the digest in lower case"),
        Shape::PaddedSha256 => ("a SHA-256 with white space around it", "trim the digest"),
        Shape::PrefixedSha256 => {
            ("a SHA-256 with text in front of it", "send the 64 hex digits alone")
        }
        Shape::Md5 => ("an MD5 digest", "send the SHA-256 of the plain value"),
        Shape::Sha1 => ("a SHA-1 digest", "send the SHA-256 of the plain value"),
        Shape::OtherSha2 => ("a digest of another length", "use SHA-256, not its relatives"),
        Shape::Base64 => ("a digest in Base64", "write the digest as 64 hex digits"),
        Shape::CutSha256 | Shape::Sha256 | Shape::Empty | Shape::Plain => (
            "hex digits, but not the 64 of a SHA-256",
            "widen the column or field that cuts the digest",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::MatchKey;
    use crate::rule::trial::{server, with};

    #[test]
    fn only_sixty_four_digits_pass_with_or_without_metas_mark() {
        let hex = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f";
        for good in [hex.to_owned(), format!("{hex}.AQQCAQIB"), format!("{hex}.BA")] {
            assert!(ask(&with(server("Lead", "1"), MatchKey::Email, &good)).is_empty(), "{good}");
        }
        for (value, expected, severity) in [
            (hex.to_uppercase(), "upper case", Some(Severity::Warn)),
            (hex[..32].to_owned(), "MD5", None),
            (hex[..40].to_owned(), "SHA-1", None),
            (hex[..63].to_owned(), "wrong length", None),
            (format!("{hex} "), "white space around it", None),
        ] {
            let found = ask(&with(server("Lead", "1"), MatchKey::Email, &value));
            assert_eq!(found.len(), 1, "{value}");
            assert_eq!((found[0].cause.as_deref(), found[0].severity), (Some(expected), severity));
        }
        let empty = with(server("Lead", "1"), MatchKey::Email, "d41d8cd98f00b204e9800998ecf8427e");
        assert!(ask(&empty).is_empty(), "the MD5 of nothing is digest-of-nothing");
        assert!(ask(&with(server("Lead", "1"), MatchKey::ExternalId, &hex[..32])).is_empty());
    }
}
