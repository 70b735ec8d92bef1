//! E-mail addresses as faults spell them.
//! Never whether an address exists.

use super::{Draft, draft, encoded};
use crate::platform::meta::proof::Plain;
use crate::platform::meta::proof::slip::Slip;

pub(super) fn drafts(person: Plain<'_>) -> Vec<Draft> {
    let Some(email) = person.get("email") else { return Vec::new() };
    let raw = email.trim();
    let lower = raw.to_lowercase();
    let mut found =
        vec![draft(raw, &[Slip::NotLowerCased]), draft(raw.to_uppercase(), &[Slip::NotLowerCased])];
    if let Some((local, domain)) = lower.split_once('@') {
        let untagged = local.split('+').next().unwrap_or(local);
        let undotted = local.replace('.', "");
        found.push(draft(format!("{untagged}@{domain}"), &[Slip::PlusTagRemoved]));
        found.push(draft(format!("{undotted}@{domain}"), &[Slip::DotsRemoved]));
        found.push(draft(
            format!("{}@{domain}", untagged.replace('.', "")),
            &[Slip::PlusTagRemoved, Slip::DotsRemoved],
        ));
        found.push(draft(lower.replace('+', " "), &[Slip::PlusAsSpace]));
        found.push(draft(lower.replace('+', ""), &[Slip::PlusAsSpace]));
    }
    found.extend(encoded(&lower, &[]));
    found.extend(encoded(raw, &[Slip::NotLowerCased]));
    found
}
