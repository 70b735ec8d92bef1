//! An entry of a call's `data`, borrowed.
//!
//! Reads what `graph::entry` reads, field for field, and answers `None` where it could
//! differ. Never what an event says about a visitor.

use std::borrow::Cow;

use super::field::{Field, Kind, Named};
use super::hash::{Hash, stable};
use super::lane::whole_number;
use super::parameter;
use super::scan::{Raw, Scan, fields, items};
use super::sign::{self, Look};
use super::{Lean, bit, order_key, visitor};
use crate::event::{Channel, MatchKey};
use crate::platform::meta::quality::is_well_formed;

const SECOND: i64 = 1_000;
const DAY: i64 = 86_400 * SECOND;
/// Limits at which the platform's refusals and the rules on time change their answer.
const AHEAD: i64 = 5 * 60 * SECOND;
const OLD: i64 = 7 * DAY;
const OLD_IN_STORE: i64 = 62 * DAY;

/// Most parameters of one event that are told apart by the quick way.
const MOST_NAMES: usize = 16;

/// Bits of the fields of an event, where they are there and where they are usual.
const NAME: u32 = 1;
const ID: u32 = 2;
const TIME: u32 = 4;
const PAGE: u32 = 8;
const SOURCE: u32 = 16;
const USER_DATA: u32 = 32;
const CUSTOM_DATA: u32 = 64;

/// An event while its fields come in, in any order. A field that could differ from what
/// `graph::entry` reads answers `None`, and the event is for the full decoder.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    lean: Lean<'a>,
    /// What is not usual, in the order of the text.
    hash: Hash,
    /// Signs of parameters, in any order.
    parameters: u64,
    /// Match keys that came, and those with one usual value, as it is and in a list.
    keys: u32,
    usual_keys: [u32; 2],
    /// Fields that came, and the usual ones of them.
    seen: u32,
    usual: u32,
    names: [u32; MOST_NAMES],
    count: usize,
}

impl<'a> Draft<'a> {
    /// Nothing yet, from that side.
    #[inline]
    pub fn new(channel: Channel) -> Draft<'a> {
        Draft {
            lean: Lean::empty(),
            hash: Hash::seeded(channel as u64),
            parameters: 0,
            keys: 0,
            usual_keys: [0; 2],
            seen: 0,
            usual: 0,
            names: [0; MOST_NAMES],
            count: 0,
        }
    }

    /// True where it has a name.
    pub fn is_named(&self) -> bool {
        self.lean.name.is_some()
    }

    /// What it came to. `caught` is when it arrived, Unix milliseconds.
    #[inline]
    pub fn finish(&mut self, caught: Option<i64>) -> &Lean<'a> {
        self.hash.add(u64::from(self.seen) << 32 | u64::from(self.usual));
        self.hash.add(u64::from(self.usual_keys[0]) << 32 | u64::from(self.usual_keys[1]));
        self.hash.add(self.parameters);
        self.hash.add(age(&self.lean, caught));
        self.lean.signature = Some(self.hash.finish());
        &self.lean
    }

    /// The same for good.
    pub fn into_lean(mut self, caught: Option<i64>) -> Lean<'a> {
        self.finish(caught);
        self.lean
    }

    #[inline]
    fn once(&mut self, place: u32) -> Option<()> {
        let first = self.seen & place == 0;
        self.seen |= place;
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
        let Some(mut inner) = entered else {
            if let Some(field) = Field::of_event(name) {
                return self.read(field, scan);
            }
            // Everything else is unknown to the platform or seldom, and rules print it.
            return scan.value()?.is_null().then_some(());
        };
        if name == "user_data" {
            self.begin_user_data()?;
            self.user_data(&mut inner)?;
        } else {
            self.begin_custom_data()?;
            while let Some(name) = inner.name() {
                self.read(Field::of_custom(name)?, &mut inner)?;
            }
        }
        scan.leave(&inner)?;
        Some(())
    }

    /// Notes that `user_data` comes, which it may once.
    pub fn begin_user_data(&mut self) -> Option<()> {
        self.once(USER_DATA)
    }

    /// Notes that `custom_data` comes, which it may once.
    pub fn begin_custom_data(&mut self) -> Option<()> {
        self.once(CUSTOM_DATA)
    }

    fn user_data(&mut self, scan: &mut Scan<'a>) -> Option<()> {
        while let Some(name) = scan.name() {
            match Field::of_user(name) {
                Some(field) => self.read(field, scan)?,
                None => self.unknown_key(name, scan.value()?)?,
            }
        }
        scan.is_done().then_some(())
    }

    /// Reads the value at the cursor as that of a field.
    #[inline]
    pub fn read(&mut self, field: Field, scan: &mut Scan<'a>) -> Option<()> {
        match field {
            Field::Key(key) => return self.key_at(key, scan),
            Field::Parameter(named) => return self.parameter_at(named, scan),
            Field::Time => {
                if let Some(seconds) = scan.whole_number() {
                    return self.seconds(seconds);
                }
            }
            Field::Name | Field::Id | Field::Page => {
                if let Some(text) = scan.plain() {
                    return self.put_text(field, text.into());
                }
            }
            _ => {}
        }
        let value = scan.value()?;
        if value.is_null() { Some(()) } else { self.put(field, value) }
    }

    /// Takes the value of a field that is no list of match keys.
    #[inline]
    pub fn put(&mut self, field: Field, value: Raw<'a>) -> Option<()> {
        match field {
            Field::Name | Field::Id | Field::Page => self.put_text(field, value.text()?)?,
            Field::Time => {
                self.once(TIME)?;
                self.lean.time = Some(whole_seconds(value)?);
            }
            Field::Source => {
                self.once(SOURCE)?;
                if matches!(value, Raw::Text("website", false)) {
                    self.usual |= SOURCE;
                } else {
                    parameter::raw(&mut self.hash, value);
                }
            }
            Field::AsItStands(named) => {
                self.hash.add(named.begun.finish());
                parameter::raw(&mut self.hash, value);
            }
            Field::Passed(named) => self.hash.add(named.begun.finish()),
            Field::Ignored => {}
            Field::Key(key) => self.key(key, &value.text()?),
            Field::Parameter(named) => {
                self.parameter(named, value, parameter::sign(named.kind, value))?;
                if named.kind == Kind::Value {
                    self.lean.value = amount(value);
                }
            }
        }
        Some(())
    }

    /// Takes the text of the name, the id or the page.
    #[inline]
    pub fn put_text(&mut self, field: Field, text: Cow<'a, str>) -> Option<()> {
        match field {
            Field::Name => {
                self.once(NAME)?;
                self.hash.text(&text);
                self.lean.name = Some(text);
            }
            Field::Id => {
                self.once(ID)?;
                if sign::says_something(&text) {
                    self.usual |= ID;
                } else {
                    sign::itself(&mut self.hash, &text);
                }
                self.lean.id = Some(text);
            }
            Field::Page => {
                self.once(PAGE)?;
                if sign::is_whole(&text) {
                    self.usual |= PAGE;
                } else {
                    sign::itself(&mut self.hash, &text);
                }
                self.lean.content = self.lean.content.wrapping_add(stable(text.as_bytes()));
            }
            _ => return None,
        }
        Some(())
    }

    /// Takes a text that holds JSON as the value of a field.
    pub fn put_json(&mut self, field: Field, text: &'a str) -> Option<()> {
        let mut scan = Scan::over(text);
        self.read(field, &mut scan)?;
        scan.rest().is_empty().then_some(())
    }

    #[inline]
    fn key_at(&mut self, key: MatchKey, scan: &mut Scan<'a>) -> Option<()> {
        if sign::is_digested(key) {
            if scan.digest() {
                self.first_of(key)?;
                self.usual(key, 0);
                return Some(());
            }
            if scan.listed_digest() {
                self.first_of(key)?;
                self.usual(key, 1);
                return Some(());
            }
        }
        if let Some(mut list) = scan.enter(false) {
            self.first_of(key)?;
            self.list(key, &mut list)?;
            scan.leave(&list)?;
            return Some(());
        }
        if let Some(text) = scan.plain() {
            self.first_of(key)?;
            self.key(key, text);
            return Some(());
        }
        let value = scan.value()?;
        if !value.is_null() {
            self.first_of(key)?;
            self.key(key, &value.text()?);
        }
        Some(())
    }

    #[inline]
    fn first_of(&mut self, key: MatchKey) -> Option<()> {
        let first = self.keys & bit(key) == 0;
        self.keys |= bit(key);
        first.then_some(())
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
                if item.is_null() {
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
        self.usual_keys[listed] |= bit(key);
    }

    #[cold]
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
    #[inline]
    pub fn seconds(&mut self, seconds: i64) -> Option<()> {
        const TEN_DIGITS: std::ops::Range<i64> = 1_000_000_000..10_000_000_000;
        self.once(TIME)?;
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
        if key == MatchKey::BrowserId {
            if sign::is_bare_browser_id(value) {
                self.lean.visitor = stable(value.as_bytes()).max(1);
                return self.usual(key, 0);
            }
            self.lean.visitor = visitor(value);
        }
        match sign::look(key, value) {
            Look::Usual => self.usual(key, 0),
            look => self.hashed(key, value, look),
        }
    }

    fn unknown_key(&mut self, name: &str, value: Raw<'_>) -> Option<()> {
        if value.is_null() {
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

    /// Reads a parameter; lists of goods are looked at once for both, what they are and where
    /// they end.
    #[inline]
    fn parameter_at(&mut self, named: Named, scan: &mut Scan<'a>) -> Option<()> {
        if let (Kind::Contents | Kind::ContentIds, Some(mut list)) = (named.kind, scan.enter(false))
        {
            let read = if named.kind == Kind::Contents {
                parameter::contents(&mut list)
            } else {
                parameter::content_ids(&mut list)
            };
            if let Some(sign) = read {
                let text = scan.leave(&list)?;
                return self.parameter(named, Raw::Array(text), sign);
            }
        }
        if named.kind == Kind::Value
            && let Some((text, amount)) = scan.amount()
        {
            self.parameter(named, Raw::Number(text), parameter::NUMBER)?;
            self.lean.value = Some(amount);
            return Some(());
        }
        let value = scan.value()?;
        self.parameter(named, value, parameter::sign(named.kind, value))?;
        if named.kind == Kind::Value {
            self.lean.value = amount(value);
        }
        Some(())
    }

    #[inline]
    fn parameter(&mut self, named: Named, value: Raw<'a>, sign: u64) -> Option<()> {
        let mut part = named.begun;
        part.add(sign);
        let short = named.begun.finish() as u32;
        // A name twice: the last one wins in the full parser.
        if self.names[..self.count].contains(&short) {
            return None;
        }
        *self.names.get_mut(self.count)? = short;
        self.count += 1;
        self.parameters = self.parameters.wrapping_add(part.finish());
        let mut content = named.begun;
        match value {
            Raw::Text(text, _) | Raw::Number(text) | Raw::Object(text) | Raw::Array(text) => {
                content.text(text);
            }
            Raw::Flag(flag) => content.text(if flag { "true" } else { "false" }),
            Raw::Null => content.text("null"),
        }
        self.lean.content = self.lean.content.wrapping_add(content.finish());
        match named.kind {
            Kind::Currency if !value.is_null() => self.lean.currency = value.text(),
            Kind::Order if matches!(value, Raw::Text(..) | Raw::Number(_)) => {
                self.lean.order = order_key(&value.text()?);
            }
            _ => {}
        }
        Some(())
    }
}

pub(super) fn read<'a>(
    text: &'a str,
    channel: Channel,
    caught: Option<i64>,
    known: &[String],
) -> Option<Lean<'a>> {
    let mut draft = Draft::new(channel);
    draft.object(&mut fields(text)?, known)?;
    Some(draft.into_lean(caught))
}

/// Whole seconds of ten digits, as milliseconds; whatever else stands there is unusual.
fn whole_seconds(value: Raw<'_>) -> Option<i64> {
    let (Raw::Number(text) | Raw::Text(text, false)) = value else { return None };
    let seconds = whole_number(text.as_bytes()).filter(|_| text.len() == 10)?;
    Some(seconds * SECOND)
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

fn amount(value: Raw<'_>) -> Option<f64> {
    let text = value.text()?;
    super::hit::amount(&text)
}
