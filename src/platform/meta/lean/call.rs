//! An entry of a call's `data`, borrowed.
//!
//! Reads what `graph::entry` reads, field for field, and answers `None` where it could
//! differ. Never what an event says about a visitor.

mod keys;
mod parameters;

use std::borrow::Cow;

use super::field::Field;
use super::hash::{Hash, stable};
use super::lane::whole_number;
use super::parameter;
use super::scan::{Raw, Scan, fields};
use super::{Lean, sign};
use crate::event::Channel;

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
            Field::Parameter(named) => self.whole_parameter(named, value)?,
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

    /// The time of the event in whole seconds.
    #[inline]
    pub fn seconds(&mut self, seconds: i64) -> Option<()> {
        const TEN_DIGITS: std::ops::Range<i64> = 1_000_000_000..10_000_000_000;
        self.once(TIME)?;
        self.lean.time = Some(TEN_DIGITS.contains(&seconds).then_some(seconds * SECOND)?);
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
