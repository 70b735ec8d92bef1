//! ## What it checks
//! Every entry of an event's user data is a match key that the platform knows by that
//! name. For others the meant key is named: `email` for em, `phone` for ph, `dob` for
//! db, `fbclid` for fbc and so on.
//!
//! ## Why it matters
//! An entry under another name is not read, however good its value; the Conversions API
//! can refuse the whole request for it.
//!
//! ## How to fix
//! Use the platform's names: em, ph, fn, ln, ge, db, ct, st, zp, country, external_id,
//! client_ip_address, client_user_agent, fbc, fbp. The pixel accepts longer names in
//! `fbq('init', …)` and translates them; the server API does not.
//!
//! ## Source
//! Meta, "Customer information parameters"; error 100/2804019 for unexpected keys. Seen in
//! the wild: email and phone in packages for several languages.

use crate::event::{Event, MatchKey, mask_and_cut};
use crate::finding::Severity;
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "wrong-match-key-name",
    title: "user data under a name that the platform does not know",
    severity: Severity::Error,
    check: Check::Event(ask),
    source: include_str!("wrong_match_key_name.rs"),
};

/// Names that sites use, letters only and lower case, with the key that is meant.
const MEANT: &[(&str, MatchKey)] = &[
    ("email", MatchKey::Email),
    ("emails", MatchKey::Email),
    ("mail", MatchKey::Email),
    ("emailaddress", MatchKey::Email),
    ("emailhash", MatchKey::Email),
    ("hashedemail", MatchKey::Email),
    ("useremail", MatchKey::Email),
    ("customeremail", MatchKey::Email),
    ("phone", MatchKey::Phone),
    ("phones", MatchKey::Phone),
    ("phonenumber", MatchKey::Phone),
    ("phonehash", MatchKey::Phone),
    ("hashedphone", MatchKey::Phone),
    ("tel", MatchKey::Phone),
    ("telephone", MatchKey::Phone),
    ("mobile", MatchKey::Phone),
    ("mobilephone", MatchKey::Phone),
    ("pn", MatchKey::Phone),
    ("firstname", MatchKey::FirstName),
    ("fname", MatchKey::FirstName),
    ("givenname", MatchKey::FirstName),
    ("name", MatchKey::FirstName),
    ("lastname", MatchKey::LastName),
    ("lname", MatchKey::LastName),
    ("surname", MatchKey::LastName),
    ("familyname", MatchKey::LastName),
    ("gender", MatchKey::Gender),
    ("gen", MatchKey::Gender),
    ("sex", MatchKey::Gender),
    ("dob", MatchKey::BirthDate),
    ("birthday", MatchKey::BirthDate),
    ("birthdate", MatchKey::BirthDate),
    ("dateofbirth", MatchKey::BirthDate),
    ("city", MatchKey::City),
    ("town", MatchKey::City),
    ("state", MatchKey::State),
    ("region", MatchKey::State),
    ("province", MatchKey::State),
    ("zip", MatchKey::Zip),
    ("zipcode", MatchKey::Zip),
    ("postal", MatchKey::Zip),
    ("postalcode", MatchKey::Zip),
    ("postcode", MatchKey::Zip),
    ("plz", MatchKey::Zip),
    ("countrycode", MatchKey::Country),
    ("cn", MatchKey::Country),
    ("co", MatchKey::Country),
    ("cc", MatchKey::Country),
    ("externalid", MatchKey::ExternalId),
    ("externid", MatchKey::ExternalId),
    ("externalids", MatchKey::ExternalId),
    ("userid", MatchKey::ExternalId),
    ("customerid", MatchKey::ExternalId),
    ("uid", MatchKey::ExternalId),
    ("ip", MatchKey::ClientIp),
    ("ipaddress", MatchKey::ClientIp),
    ("clientip", MatchKey::ClientIp),
    ("clientipaddress", MatchKey::ClientIp),
    ("userip", MatchKey::ClientIp),
    ("ua", MatchKey::ClientUserAgent),
    ("useragent", MatchKey::ClientUserAgent),
    ("clientuseragent", MatchKey::ClientUserAgent),
    ("clientua", MatchKey::ClientUserAgent),
    ("clickid", MatchKey::ClickId),
    ("fbclid", MatchKey::ClickId),
    ("fbclickid", MatchKey::ClickId),
    ("fbcookie", MatchKey::ClickId),
    ("browserid", MatchKey::BrowserId),
    ("fbbrowserid", MatchKey::BrowserId),
    ("subscriptionid", MatchKey::SubscriptionId),
    ("loginid", MatchKey::LoginId),
    ("fbloginid", MatchKey::LoginId),
    ("fbid", MatchKey::LoginId),
    ("leadid", MatchKey::LeadId),
    ("leadgenid", MatchKey::LeadId),
    ("anonid", MatchKey::AnonId),
    ("mobileadid", MatchKey::MobileAdId),
    ("advertiserid", MatchKey::MobileAdId),
    ("idfa", MatchKey::MobileAdId),
    ("gaid", MatchKey::MobileAdId),
];
/// Names at least this alike (0 to 1) are a slip of the finger.
const ALIKE: f64 = 0.8;

/// The key that a name was meant to be.
pub(super) fn meant(name: &str) -> Option<MatchKey> {
    let letters: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let spelt = MEANT.iter().find(|(word, _)| *word == letters).map(|(_, key)| *key);
    let cased = || {
        MatchKey::ALL
            .iter()
            .copied()
            .find(|key| key.name().chars().filter(char::is_ascii_alphanumeric).eq(letters.chars()))
    };
    let alike = || {
        MatchKey::ALL
            .iter()
            .map(|key| (strsim::normalized_damerau_levenshtein(key.name(), name), *key))
            .filter(|(likeness, key)| *likeness >= ALIKE && key.name().len() > 3)
            .max_by(|left, right| left.0.total_cmp(&right.0))
            .map(|(_, key)| key)
    };
    spelt.or_else(cased).or_else(alike)
}

fn ask(event: &Event) -> Vec<Offence> {
    let mut names: Vec<&str> = event.unknown_keys.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| {
            let place = format!("user data of {} from the {}", event.name(), event.channel);
            // Names are the site's own words, but a hostile one may be long.
            let shown = mask_and_cut(name, 40);
            match meant(name) {
                Some(MatchKey::ClickId)
                    if name.to_lowercase().contains("click") || name == "fbclid" =>
                {
                    Offence::new(
                        format!("{place} holds \"{shown}\"; the platform reads fbc"),
                        "send fbc: fb.1.<creation time in milliseconds>.<fbclid>",
                    )
                    .because(format!("{shown} for fbc"))
                }
                Some(key) => Offence::new(
                    format!("{place} holds \"{shown}\"; the platform reads {key}"),
                    format!("rename {shown} to {key}"),
                )
                .because(format!("{shown} for {key}")),
                None => Offence::new(
                    format!("{place} holds \"{shown}\", which is no match key"),
                    format!("drop {shown}, or move it to the event's own data"),
                )
                .because(shown),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::trial::server;

    #[test]
    fn the_meant_key_is_named() {
        for (name, expected) in [
            ("email", Some(MatchKey::Email)),
            ("phone_number", Some(MatchKey::Phone)),
            ("firstName", Some(MatchKey::FirstName)),
            ("EM", Some(MatchKey::Email)),
            ("_fbp", Some(MatchKey::BrowserId)),
            ("clientIpAddress", Some(MatchKey::ClientIp)),
            ("external_idd", Some(MatchKey::ExternalId)),
            ("client_user_agnet", Some(MatchKey::ClientUserAgent)),
            ("fbclid", Some(MatchKey::ClickId)),
            ("shoe_size", None),
            ("e", None),
        ] {
            assert_eq!(meant(name), expected, "{name}");
        }
    }

    #[test]
    fn each_name_is_told_once() {
        let mut event = server("Lead", "1");
        assert!(ask(&event).is_empty());
        for name in ["email", "email", "shoe_size"] {
            event.unknown_keys.push((name.into(), "x@example.com".into()));
        }
        let found = ask(&event);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].cause.as_deref(), Some("email for em"));
        assert!(!found.iter().any(|offence| offence.message.contains("example.com")));
    }
}
