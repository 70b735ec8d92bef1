//! An entry of a call's `data`, borrowed.
//!
//! Reads what `graph::entry` reads, field for field, and answers `None` where it could
//! differ. Never what an event says about a visitor.

use std::borrow::Cow;

use super::hash::{Hash, stable};
use super::parameter;
use super::scan::{Raw, Scan, fields, items};
use super::sign::{self, Look};
use super::{Lean, bit, order_key, visitor};
use crate::event::{Channel, MatchKey};
use crate::platform::meta::graph::KNOWN_USER_DATA;
use crate::platform::meta::quality::is_well_formed;

const SECOND: i64 = 1_000;
const DAY: i64 = 86_400 * SECOND;
/// Limits at which the platform's refusals and the rules on time change their answer.
const AHEAD: i64 = 5 * 60 * SECOND;
const OLD: i64 = 7 * DAY;
const OLD_IN_STORE: i64 = 62 * DAY;

/// Most parameters of one event that are told apart by the quick way.
const MOST_NAMES: usize = 16;

/// An event while its fields come in, in any order. A field that could differ from what
/// `graph::entry` reads answers `None`, and the event is for the full decoder.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    lean: Lean<'a>,
    hash: Hash,
    /// Match keys with one usual value, as it is and in a list.
    usual: [u32; 2],
    seen: u32,
    names: [u32; MOST_NAMES],
    count: usize,
}

impl<'a> Draft<'a> {
    /// Nothing yet, from that side.
    pub fn new(channel: Channel) -> Draft<'a> {
        Draft {
            lean: Lean::empty(),
            hash: Hash::seeded(channel as u64),
            usual: [0; 2],
            seen: 0,
            names: [0; MOST_NAMES],
            count: 0,
        }
    }

    /// True where it has a name.
    pub fn is_named(&self) -> bool {
        self.lean.name.is_some()
    }

    /// What it came to. `caught` is when it arrived, Unix milliseconds.
    pub fn finish(&mut self, caught: Option<i64>) -> &Lean<'a> {
        self.hash.add(u64::from(self.usual[0]) << 32 | u64::from(self.usual[1]));
        self.hash.add(age(&self.lean, caught));
        self.lean.signature = Some(self.hash.finish());
        &self.lean
    }

    #[inline]
    fn once(&mut self, place: u32) -> Option<()> {
        let first = self.seen & (1 << place) == 0;
        self.seen |= 1 << place;
        self.hash.add(u64::from(place) + 1);
        first.then_some(())
    }

    /// Reads the fields of an object to its end.
    pub fn object(&mut self, scan: &mut Scan<'a>, known: &[String]) -> Option<()> {
        while let Some(name) = scan.name() {
            if known.iter().any(|own| own == name) {
                scan.value()?;
            } else {
                self.field(name, scan)?;
            }
        }
        scan.is_done().then_some(())
    }

    /// Reads the value of one field of the event.
    pub fn field(&mut self, name: &'a str, scan: &mut Scan<'a>) -> Option<()> {
        let entered = match name {
            "user_data" | "custom_data" => scan.enter(true),
            _ => None,
        };
        if let Some(mut inner) = entered {
            if name == "user_data" {
                self.once(5)?;
                self.user_data(&mut inner)?;
            } else {
                self.once(6)?;
                self.custom_data(&mut inner)?;
            }
            scan.leave(&inner)?;
            return Some(());
        }
        let value = scan.value()?;
        if value == Raw::Null { Some(()) } else { self.outer(name, value) }
    }

    /// A field of the event itself.
    pub fn outer(&mut self, name: &str, value: Raw<'a>) -> Option<()> {
        match name {
            "event_name" => {
                self.once(0)?;
                let text = value.text()?;
                self.hash.text(&text);
                self.lean.name = Some(text);
            }
            "event_id" => {
                self.once(1)?;
                let text = value.text()?;
                sign::id(&mut self.hash, &text);
                self.lean.id = Some(text);
            }
            "event_time" => {
                self.once(2)?;
                self.lean.time = Some(whole_seconds(value)?);
            }
            "event_source_url" => {
                self.once(3)?;
                let text = value.text()?;
                sign::page(&mut self.hash, &text);
                self.lean.content = self.lean.content.wrapping_add(stable(text.as_bytes()));
            }
            "action_source" => {
                self.once(4)?;
                parameter::raw(&mut self.hash, value);
            }
            "data_processing_options"
            | "data_processing_options_country"
            | "data_processing_options_state"
            | "app_data"
            | "opt_out"
            | "referrer_url" => {
                self.hash.text(name);
                // Rules look at the options, refusals at the data of apps.
                if name.starts_with("data") || name == "app_data" {
                    parameter::raw(&mut self.hash, value);
                }
            }
            // Everything else is unknown to the platform or seldom, and rules print it.
            _ => return None,
        }
        Some(())
    }

    fn user_data(&mut self, scan: &mut Scan<'a>) -> Option<()> {
        let mut seen = 0u32;
        while let Some(name) = scan.name() {
            let Some(key) = known_key(name) else {
                self.unknown_key(name, scan.value()?)?;
                continue;
            };
            if sign::is_digested(key) && scan.digest() {
                first_of(&mut seen, key)?;
                self.usual(key, 0);
                continue;
            }
            if let Some(mut list) = scan.enter(false) {
                first_of(&mut seen, key)?;
                self.list(key, &mut list)?;
                scan.leave(&list)?;
                continue;
            }
            let value = scan.value()?;
            if value != Raw::Null {
                first_of(&mut seen, key)?;
                self.key(key, &value.text()?);
            }
        }
        scan.is_done().then_some(())
    }

    /// The values of a match key that stand in a list.
    fn list(&mut self, key: MatchKey, list: &mut Scan<'a>) -> Option<()> {
        let mut count = 0u64;
        let mut usual = false;
        while list.more()? {
            let (value, is_digest) = if sign::is_digested(key) && list.digest() {
                (Cow::Borrowed(""), true)
            } else {
                let item = list.value()?;
                if item == Raw::Null {
                    continue;
                }
                (item.text()?, false)
            };
            let look = if is_digest { Look::Usual } else { sign::look(key, &value) };
            if usual {
                self.hashed(key, "", Look::Usual);
                usual = false;
            }
            if count == 0 && look == Look::Usual {
                usual = true;
            } else {
                self.hashed(key, &value, look);
            }
            if count == 0 && key == MatchKey::BrowserId {
                self.lean.visitor = visitor(&value);
            }
            count += 1;
        }
        if usual && count == 1 {
            self.usual(key, 1);
        } else {
            self.hash.add((0x100 + key as u64) << 32 | 0xffff);
            self.hash.add(count);
        }
        Some(())
    }

    #[inline]
    fn usual(&mut self, key: MatchKey, listed: usize) {
        self.lean.keys |= bit(key);
        self.lean.valid |= bit(key);
        self.usual[listed] |= bit(key);
    }

    fn hashed(&mut self, key: MatchKey, value: &str, look: Look) {
        if look != Look::Odd || !value.is_empty() {
            self.lean.keys |= bit(key);
        }
        let known = sign::key(&mut self.hash, key, value, look);
        if known.unwrap_or_else(|| is_well_formed(key, value)) {
            self.lean.valid |= bit(key);
        }
    }

    /// The time of the event in whole seconds.
    pub fn seconds(&mut self, seconds: i64) -> Option<()> {
        const TEN_DIGITS: std::ops::Range<i64> = 1_000_000_000..10_000_000_000;
        self.once(2)?;
        self.lean.time = Some(TEN_DIGITS.contains(&seconds).then_some(seconds * SECOND)?);
        Some(())
    }

    /// The values of a match key as a list in JSON.
    pub fn keys(&mut self, key: MatchKey, list: &'a str) -> Option<()> {
        let mut scan = items(list)?;
        self.list(key, &mut scan)?;
        scan.is_done().then_some(())
    }

    /// The one value of a match key.
    #[inline]
    pub fn key(&mut self, key: MatchKey, value: &str) {
        match sign::look(key, value) {
            Look::Usual => self.usual(key, 0),
            look => self.hashed(key, value, look),
        }
        if key == MatchKey::BrowserId {
            self.lean.visitor = visitor(value);
        }
    }

    fn unknown_key(&mut self, name: &str, value: Raw<'_>) -> Option<()> {
        if value == Raw::Null || KNOWN_USER_DATA.contains(&name) {
            return Some(());
        }
        // An empty list is no value, so the name does not count: seldom enough.
        if matches!(value, Raw::Array(_)) {
            return None;
        }
        // Rules look at the names of unknown keys, never at their values.
        self.hash.add(0x200);
        self.hash.text(name);
        Some(())
    }

    fn custom_data(&mut self, scan: &mut Scan<'a>) -> Option<()> {
        while let Some(name) = scan.name() {
            let value = scan.value()?;
            self.parameter(name, value)?;
        }
        scan.is_done().then_some(())
    }

    /// A parameter.
    #[inline]
    pub fn parameter(&mut self, name: &str, value: Raw<'a>) -> Option<()> {
        if MISPLACED.contains(&name) {
            return None;
        }
        let mut part = Hash::new();
        part.text(name);
        let named = part.finish();
        // A name twice: the last one wins in the full parser.
        let short = named as u32;
        if self.names[..self.count].contains(&short) {
            return None;
        }
        *self.names.get_mut(self.count)? = short;
        self.count += 1;
        self.hash.add(named);
        parameter::parameter(&mut self.hash, name, value);
        match value {
            Raw::Text(text, _) | Raw::Number(text) | Raw::Object(text) | Raw::Array(text) => {
                part.text(text);
            }
            Raw::Flag(flag) => part.text(if flag { "true" } else { "false" }),
            Raw::Null => part.text("null"),
        }
        self.lean.content = self.lean.content.wrapping_add(part.finish());
        match name {
            "value" => self.lean.value = amount(value),
            "currency" if value != Raw::Null => self.lean.currency = value.text(),
            "order_id" if matches!(value, Raw::Text(..) | Raw::Number(_)) => {
                self.lean.order = order_key(&value.text()?);
            }
            _ => {}
        }
        Some(())
    }
}

fn first_of(seen: &mut u32, key: MatchKey) -> Option<()> {
    let first = *seen & bit(key) == 0;
    *seen |= bit(key);
    first.then_some(())
}

pub(super) fn read<'a>(
    text: &'a str,
    channel: Channel,
    caught: Option<i64>,
    known: &[String],
) -> Option<Lean<'a>> {
    let mut draft = Draft::new(channel);
    draft.object(&mut fields(text)?, known)?;
    draft.finish(caught);
    Some(draft.lean)
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

fn amount(value: Raw<'_>) -> Option<f64> {
    let text = value.text()?;
    super::hit::amount(&text)
}
