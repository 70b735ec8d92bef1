//! ## What it checks
//! `fbc` reads `fb.<subdomain index>.<creation time>.<fbclid>`, with the click id as the
//! landing page had it. A short fifth part, which Meta's own libraries add, is fine. A
//! bare click id, a missing one, quotes, URL-encoding, white space, the stored form of a
//! dot and literals such as "undefined" are named. The unit of the creation time and
//! changes to the click id are rules of their own, and so is a digest.
//!
//! ## Why it matters
//! For a click id that is incorrectly formatted the Conversions API refuses the whole
//! request; otherwise the click, the surest sign of all, is lost.
//!
//! ## How to fix
//! Send the value of the `_fbc` cookie as it is, URL-decoded once. Where there is no
//! cookie, make it of the landing's `fbclid`: `fb.1.<now in milliseconds>.<fbclid>`, and
//! keep it. Without a click there is no `fbc`.
//!
//! ## Source
//! Meta, "fbp and fbc parameters"; error 100/2804001 "Click ID incorrectly formatted";
//! longer click ids than 500 characters are ignored by the pixel (its source).

use super::hashed_plain_key::is_digest;
use crate::event::{Event, MatchKey};
use crate::finding::Severity;
use crate::platform::meta::browser_ids::read_fbc;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "malformed-fbc",
    title: "a click id that is none",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("malformed_fbc.rs"),
};

fn ask(event: &Event) -> Vec<Offence> {
    let values = event.keys.get(&MatchKey::ClickId).into_iter().flatten();
    let fault = values
        .filter(|value| !value.is_empty() && !is_digest(value))
        .find_map(|value| read_fbc(value).err());
    let Some(fault) = fault else { return Vec::new() };
    let fix = match fault {
        "not in the form fb.…" => {
            "put fb.1.<creation time in milliseconds>. in front of the landing's fbclid"
        }
        "no click id" | "null literal" | "not four parts" => {
            "send no fbc where there was no click; otherwise the value of the _fbc cookie"
        }
        _ => "send the value of the _fbc cookie as it is, URL-decoded once",
    };
    vec![
        Offence::new(format!("fbc of {} from the {}: {fault}", event.name(), event.channel), fix)
            .because(fault),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::{CLICK, server, with};

    #[test]
    fn well_formed_click_ids_pass_and_faults_are_named() {
        let of = |value: &str| {
            let found = ask(&with(server("Lead", "1"), MatchKey::ClickId, value));
            found.first().and_then(|offence| offence.cause.clone())
        };
        for good in [
            format!("fb.1.1772452790000.{CLICK}"),
            format!("fb.1.1772452790000.{CLICK}.AQQCAQIB"),
            format!("fb.1.1772452790.{CLICK}"),
            format!("fb.1.1772452790000.{CLICK}_aem_AbCd"),
        ] {
            assert_eq!(of(&good), None, "{good}");
        }
        assert_eq!(of(CLICK).as_deref(), Some("not in the form fb.…"));
        assert_eq!(of("fb.1.1772452790000.").as_deref(), Some("no click id"));
        assert_eq!(of("fb.1.1772452790000.undefined").as_deref(), Some("null literal"));
        assert_eq!(of(&format!("fb.1.now.{CLICK}")).as_deref(), Some("creation time is no number"));
    }
}
