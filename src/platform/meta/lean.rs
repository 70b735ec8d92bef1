//! Events read without building them: borrowed views for logs of millions of lines.
//!
//! A [`Lean`] holds what the facts table needs, and a signature: two events of equal
//! signature are alike in everything that event rules and the platform's own refusals
//! look at, so that the full [`Event`] has to be built and asked only once of each.
//! Whatever is unusual (escaped names, duplicate fields, broken text) is left to the full
//! decoders: the readers answer `None`. Never an opinion of its own: no rule, no message.

mod call;
mod field;
mod hash;
mod hit;
mod lane;
mod parameter;
mod rails;
mod scan;
mod sign;
mod text;

use std::borrow::Cow;

use crate::event::{Channel, Event, MatchKey};

pub use call::Draft;
pub use field::Field;
pub use hash::{Hash, stable, wide};
pub use lane::{is_plain, whole_number};
pub use rails::{Rails, Turn};
pub use scan::{Raw, Scan, fields, first, items as entries, whole};

use super::quality::is_well_formed;

/// What the facts table takes from an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Lean<'a> {
    /// Pixel id; empty where the text does not say.
    pub pixel: Cow<'a, str>,
    /// Event name.
    pub name: Option<Cow<'a, str>>,
    /// Event id, verbatim; an empty one is there.
    pub id: Option<Cow<'a, str>>,
    /// When it happened, Unix milliseconds.
    pub time: Option<i64>,
    /// True for events that the platform makes by itself.
    pub automatic: bool,
    /// The conversion value, where it reads as a plain number.
    pub value: Option<f64>,
    /// Currency as sent.
    pub currency: Option<Cow<'a, str>>,
    /// Match keys that are there and not empty, a bit each in the order of [`MatchKey::ALL`].
    pub keys: u32,
    /// Match keys of these that are well formed.
    pub valid: u32,
    /// Stands for the browser id; 0 where there is none.
    pub visitor: u64,
    /// Stands for parameters and page together, to tell twins.
    pub content: u64,
    /// Stands for the number of the order, see [`order_key`]; 0 where there is none.
    pub order: u64,
    /// Equal for events that are alike to every event rule; `None` where that is not known.
    pub signature: Option<u64>,
}

/// The bit of a match key in [`Lean::keys`].
pub fn bit(key: MatchKey) -> u32 {
    1 << (key as u32)
}

impl<'a> Lean<'a> {
    /// The same out of a decoded event, without a signature.
    pub fn of(event: &'a Event) -> Lean<'a> {
        let (mut keys, mut valid) = (0, 0);
        for (key, values) in &event.keys {
            if values.iter().any(|value| !value.is_empty()) {
                keys |= bit(*key);
            }
            if values.iter().any(|value| is_well_formed(*key, value)) {
                valid |= bit(*key);
            }
        }
        let mut content = 0u64;
        for (name, value) in &event.parameters {
            let mut hash = Hash::new();
            hash.text(name);
            match value {
                serde_json::Value::String(text) => hash.text(text),
                other => hash.text(&other.to_string()),
            }
            content = content.wrapping_add(hash.finish());
        }
        if let Some(page) = &event.page {
            content = content.wrapping_add(stable(page.as_bytes()));
        }
        Lean {
            pixel: Cow::Borrowed(&event.pixel),
            name: event.name.as_deref().map(Cow::Borrowed),
            id: event.id.as_deref().map(Cow::Borrowed),
            time: event.time.as_ref().and_then(|time| time.millis),
            automatic: event.automatic,
            value: event.value(),
            currency: event.parameter_text("currency").map(Cow::Owned),
            keys,
            valid,
            visitor: event.key(MatchKey::BrowserId).map_or(0, visitor),
            content,
            order: match event.parameters.get("order_id") {
                Some(serde_json::Value::String(text)) => order_key(text),
                Some(serde_json::Value::Number(number)) => order_key(&number.to_string()),
                _ => 0,
            },
            signature: None,
        }
    }

    fn empty() -> Lean<'a> {
        Lean {
            pixel: Cow::Borrowed(""),
            name: None,
            id: None,
            time: None,
            automatic: false,
            value: None,
            currency: None,
            keys: 0,
            valid: 0,
            visitor: 0,
            content: 0,
            order: 0,
            signature: None,
        }
    }
}

/// Stands for a browser id; the appendix of Meta's libraries makes no other visitor of one.
pub fn visitor(fbp: &str) -> u64 {
    if fbp.is_empty() {
        return 0;
    }
    if sign::is_bare_browser_id(fbp) {
        return stable(fbp.as_bytes()).max(1);
    }
    stable(super::without_appendix(MatchKey::BrowserId, fbp).as_bytes()).max(1)
}

/// Stands for the number of an order, with or without the sign that shops put before it.
pub fn order_key(number: &str) -> u64 {
    let number = number.trim();
    let bare = number.strip_prefix('#').unwrap_or(number);
    if bare.is_empty() { 0 } else { stable(bare.as_bytes()).max(1) }
}

/// One entry of a call's `data`, or an event of the same form in a log. `caught` is when it
/// arrived, Unix milliseconds; `None` where the log does not say, which makes it the time
/// of the event. `known` are fields of the log itself that are no part of the event.
pub fn call<'a>(
    text: &'a str,
    channel: Channel,
    caught: Option<i64>,
    known: &[String],
) -> Option<Lean<'a>> {
    call::read(text, channel, caught, known)
}

/// The query, or the urlencoded body, of a hit.
pub fn hit(query: &str) -> Option<Lean<'_>> {
    hit::read(query)
}
