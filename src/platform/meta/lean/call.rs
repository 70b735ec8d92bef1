//! An entry of a call's `data`, borrowed.
//!
//! Reads what `graph::entry` reads, field for field, and answers `None` where it could
//! differ. Never what an event says about a visitor.

use std::borrow::Cow;

use super::scan::{Raw, fields, items};
use super::sign::{self, Hash, stable};
use super::{Lean, bit, visitor};
use crate::event::{Channel, MatchKey};
use crate::platform::meta::graph::KNOWN_USER_DATA;
use crate::platform::meta::quality::is_well_formed;

const SECOND: i64 = 1_000;
const DAY: i64 = 86_400 * SECOND;
/// Limits at which the platform's refusals and the rules on time change their answer.
const AHEAD: i64 = 5 * 60 * SECOND;
const OLD: i64 = 7 * DAY;
const OLD_IN_STORE: i64 = 62 * DAY;

pub(super) fn read<'a>(
    text: &'a str,
    channel: Channel,
    caught: Option<i64>,
    known: &[String],
) -> Option<Lean<'a>> {
    let mut lean = Lean::empty();
    let mut hash = Hash::seeded(channel as u64);
    let mut scan = fields(text)?;
    let mut seen = 0u32;
    let mut once = |place: u32| {
        let first = seen & (1 << place) == 0;
        seen |= 1 << place;
        first.then_some(())
    };
    while let Some((name, value)) = scan.field() {
        if value == Raw::Null || known.iter().any(|own| own == name) {
            continue;
        }
        match name {
            "event_name" => {
                once(0)?;
                hash.add(1);
                let text = value.text()?;
                hash.text(&text);
                lean.name = Some(text);
            }
            "event_id" => {
                once(1)?;
                hash.add(2);
                let text = value.text()?;
                sign::id(&mut hash, &text);
                lean.id = Some(text);
            }
            "event_time" => {
                once(2)?;
                hash.add(3);
                let digits = whole_seconds(value)?;
                lean.time = Some(digits);
            }
            "event_source_url" => {
                once(3)?;
                hash.add(4);
                let text = value.text()?;
                sign::page(&mut hash, &text);
                lean.content = lean.content.wrapping_add(stable(text.as_bytes()));
            }
            "action_source" => {
                once(4)?;
                hash.add(5);
                sign::raw(&mut hash, value);
            }
            "user_data" => {
                once(5)?;
                let Raw::Object(inner) = value else { return None };
                user_data(&mut lean, &mut hash, inner)?;
            }
            "custom_data" => {
                once(6)?;
                let Raw::Object(inner) = value else { return None };
                custom_data(&mut lean, &mut hash, inner)?;
            }
            "data_processing_options"
            | "data_processing_options_country"
            | "data_processing_options_state"
            | "app_data"
            | "opt_out"
            | "referrer_url" => {
                hash.text(name);
                // Rules look at the options, refusals at the data of apps.
                if name.starts_with("data") || name == "app_data" {
                    sign::raw(&mut hash, value);
                }
            }
            // Everything else is unknown to the platform or seldom, and rules print it.
            _ => return None,
        }
    }
    if !scan.is_done() {
        return None;
    }
    hash.add(age(&lean, caught));
    lean.signature = Some(hash.finish());
    Some(lean)
}

/// Whole seconds of ten digits, as milliseconds; whatever else stands there is unusual.
fn whole_seconds(value: Raw<'_>) -> Option<i64> {
    let (Raw::Number(text) | Raw::Text(text, false)) = value else { return None };
    let usual = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    usual.then(|| text.parse::<i64>().ok()).flatten().map(|seconds| seconds * SECOND)
}

/// How the time of the event and its arrival lie to each other, as far as rules can tell.
fn age(lean: &Lean<'_>, caught: Option<i64>) -> u64 {
    let (Some(time), Some(caught)) = (lean.time, caught) else {
        return u64::from(lean.time.is_some());
    };
    match caught - time {
        age if age < -AHEAD => 1_000_000 + (-age / SECOND) as u64 * 1_000 + (-age % SECOND) as u64,
        age if age <= OLD => 1,
        age if age <= OLD_IN_STORE => 2,
        _ => 3,
    }
}

fn user_data<'a>(lean: &mut Lean<'a>, hash: &mut Hash, inner: &'a str) -> Option<()> {
    let mut scan = fields(inner)?;
    let mut seen = 0u32;
    while let Some((name, value)) = scan.field() {
        if value == Raw::Null {
            continue;
        }
        let Some(key) = known_key(name) else {
            if KNOWN_USER_DATA.contains(&name) {
                continue;
            }
            // Rules look at the names of unknown keys, never at their values.
            hash.add(0x200);
            hash.text(name);
            if let Raw::Array(list) = value {
                // An empty list is no value, so the name does not count.
                let mut scan = items(list)?;
                hash.add(u64::from(scan.item().is_some_and(|item| item != Raw::Null)));
                return None;
            }
            continue;
        };
        if seen & bit(key) != 0 {
            return None;
        }
        seen |= bit(key);
        match value {
            Raw::Array(list) => {
                let mut scan = items(list)?;
                let mut count = 0u64;
                while let Some(item) = scan.item() {
                    if item == Raw::Null {
                        continue;
                    }
                    put(lean, hash, key, item.text()?, count == 0);
                    count += 1;
                }
                if !scan.is_done() {
                    return None;
                }
                hash.add(count);
            }
            other => put(lean, hash, key, other.text()?, true),
        }
    }
    scan.is_done().then_some(())
}

fn put(lean: &mut Lean<'_>, hash: &mut Hash, key: MatchKey, value: Cow<'_, str>, first: bool) {
    let value = value.as_ref();
    if !value.is_empty() {
        lean.keys |= bit(key);
    }
    let valid = sign::key(hash, key, value).unwrap_or_else(|| is_well_formed(key, value));
    if valid {
        lean.valid |= bit(key);
    }
    if first && key == MatchKey::BrowserId {
        lean.visitor = visitor(value);
    }
}

/// The key of a name; the usual ones without a search.
#[inline]
fn known_key(name: &str) -> Option<MatchKey> {
    Some(match name {
        "em" => MatchKey::Email,
        "ph" => MatchKey::Phone,
        "fn" => MatchKey::FirstName,
        "ln" => MatchKey::LastName,
        "ct" => MatchKey::City,
        "st" => MatchKey::State,
        "zp" => MatchKey::Zip,
        "country" => MatchKey::Country,
        "external_id" => MatchKey::ExternalId,
        "client_ip_address" => MatchKey::ClientIp,
        "client_user_agent" => MatchKey::ClientUserAgent,
        "fbp" => MatchKey::BrowserId,
        "fbc" => MatchKey::ClickId,
        other => return MatchKey::from_name(other),
    })
}

/// Names under which an id is no event id; which one comes first decides, so they are
/// left to the full decoder.
const MISPLACED: &[&str] = &["event_id", "eventID", "eventId", "eventid", "eid"];

fn custom_data<'a>(lean: &mut Lean<'a>, hash: &mut Hash, inner: &'a str) -> Option<()> {
    let mut scan = fields(inner)?;
    let mut names = 0u64;
    while let Some((name, value)) = scan.field() {
        if MISPLACED.contains(&name) {
            return None;
        }
        hash.add(0x300);
        sign::parameter(hash, name, value);
        let mut part = Hash::new();
        part.text(name);
        match value {
            Raw::Text(text, _) | Raw::Number(text) | Raw::Object(text) | Raw::Array(text) => {
                part.text(text);
            }
            Raw::Flag(flag) => part.text(if flag { "true" } else { "false" }),
            Raw::Null => part.text("null"),
        }
        lean.content = lean.content.wrapping_add(part.finish());
        // A name twice: the last one wins in the full parser.
        let place = 1 << (stable(name.as_bytes()) & 63);
        if names & place != 0 && twice(inner, name) {
            return None;
        }
        names |= place;
        match name {
            "value" => lean.value = amount(value),
            "currency" if value != Raw::Null => lean.currency = value.text(),
            _ => {}
        }
    }
    scan.is_done().then_some(())
}

fn twice(inner: &str, wanted: &str) -> bool {
    let Some(mut scan) = fields(inner) else { return true };
    let mut count = 0;
    while let Some((name, _)) = scan.field() {
        count += usize::from(name == wanted);
    }
    count > 1
}

fn amount(value: Raw<'_>) -> Option<f64> {
    let text = value.text()?;
    super::hit::amount(&text)
}
