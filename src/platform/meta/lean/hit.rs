//! A hit's query, borrowed.
//!
//! Reads what `pixel` reads, name for name, and answers `None` where it could differ.
//! Never whether what it says is right.

use std::borrow::Cow;

use super::field::{Kind, Named};
use super::hash::{Hash, stable};
use super::parameter;
use super::scan::Raw;
use super::sign;
use super::{Lean, bit, order_key, visitor};
use crate::event::{Channel, MatchKey};
use crate::platform::meta::address::is_pixel_id;
use crate::platform::meta::pixel::is_automatic;
use crate::platform::meta::quality::is_well_formed;

#[expect(clippy::too_many_lines, reason = "one arm per parameter of the wire")]
pub(super) fn read(query: &str) -> Option<Lean<'_>> {
    let mut lean = Lean::empty();
    let mut hash = Hash::seeded(Channel::Browser as u64 + 16);
    let (mut seen, mut keys, mut names) = (0u32, 0u32, 0u64);
    let (mut forced, mut category, mut set_up) = (false, false, false);
    for pair in query.split('&') {
        if pair.is_empty() {
            continue;
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name)?;
        let once = |seen: &mut u32, place: u32| {
            let first = *seen & (1 << place) == 0;
            *seen |= 1 << place;
            first.then_some(())
        };
        match name.as_ref() {
            "id" => {
                once(&mut seen, 0)?;
                lean.pixel = decode(value)?;
            }
            "ev" => {
                once(&mut seen, 1)?;
                let text = decode(value)?;
                hash.add(1);
                hash.text(&text);
                lean.name = Some(text);
            }
            "eid" => {
                once(&mut seen, 2)?;
                let text = decode(value)?;
                hash.add(2);
                sign::id(&mut hash, &text);
                lean.id = Some(text);
            }
            "dl" => {
                once(&mut seen, 3)?;
                let text = decode(value)?;
                hash.add(4);
                sign::page(&mut hash, &text);
                lean.content = lean.content.wrapping_add(stable(text.as_bytes()));
            }
            "ts" => {
                once(&mut seen, 4)?;
                hash.add(3);
                let text = decode(value)?;
                lean.time = Some(text.parse().ok()?);
            }
            "es" => {
                once(&mut seen, 5)?;
                category = matches!(value, "automatic" | "user_properties");
                decode(value)?;
            }
            "cs_est" => {
                once(&mut seen, 6)?;
                set_up = value == "true";
                decode(value)?;
            }
            "rqm" => {
                once(&mut seen, 7)?;
                forced = value == "FGET";
            }
            "dpo" | "dpoco" | "dpost" | "vdpo" => {
                hash.text(&name);
                hash.text(&decode(value)?);
            }
            "fbp" => {
                once(&mut seen, 8)?;
                put(&mut lean, &mut hash, &mut keys, MatchKey::BrowserId, &decode(value)?)?;
            }
            "fbc" => {
                once(&mut seen, 9)?;
                put(&mut lean, &mut hash, &mut keys, MatchKey::ClickId, &decode(value)?)?;
            }
            bracketed if bracketed.contains('[') => {
                let (stem, key) = bracketed.split_once('[')?;
                let key = key.strip_suffix(']')?;
                match stem {
                    "ud" | "udff" => {
                        let known = MatchKey::from_name(key)?;
                        put(&mut lean, &mut hash, &mut keys, known, &decode(value)?)?;
                    }
                    "cd" => {
                        let place = 1 << (stable(key.as_bytes()) & 63);
                        // Nested names, ids out of place and names that may come twice.
                        if key.contains(['[', ']'])
                            || MISPLACED.contains(&key)
                            || names & place != 0
                        {
                            return None;
                        }
                        names |= place;
                        parameter(&mut lean, &mut hash, key, &decode(value)?)?;
                    }
                    "aud" | "audff" | "cud" | "ncud" | "cudff" | "ncudff" | "expv2" | "exp"
                    | "pmd" | "ap" | "ie" | "bfs" | "par" | "oed" => {
                        decode(value)?;
                    }
                    _ => return None,
                }
            }
            // What else the script says is looked at by no event rule; it must be readable.
            _ => {
                decode(value)?;
            }
        }
    }
    // Copies for other receivers are told from all events together; hits without a pixel
    // id are defects.
    if forced || !is_pixel_id(&lean.pixel) || seen & 0b1010 == 0 {
        return None;
    }
    lean.automatic = category || set_up || lean.name.as_deref().is_some_and(is_automatic);
    hash.add(u64::from(lean.automatic));
    lean.signature = Some(hash.finish());
    Some(lean)
}

/// Names under which an id is no event id.
const MISPLACED: &[&str] = &["eventID", "event_id", "eventId", "eventid", "eid"];

fn put(
    lean: &mut Lean<'_>,
    hash: &mut Hash,
    seen: &mut u32,
    key: MatchKey,
    value: &str,
) -> Option<()> {
    if *seen & bit(key) != 0 {
        return None;
    }
    *seen |= bit(key);
    if !value.is_empty() {
        lean.keys |= bit(key);
    }
    let known = sign::key(hash, key, value, sign::look(key, value));
    if known.unwrap_or_else(|| is_well_formed(key, value)) {
        lean.valid |= bit(key);
    }
    if key == MatchKey::BrowserId {
        lean.visitor = visitor(value);
    }
    Some(())
}

#[expect(clippy::ptr_arg, reason = "a borrowed value outlives the call, an owned one does not")]
fn parameter<'a>(
    lean: &mut Lean<'a>,
    hash: &mut Hash,
    name: &str,
    value: &Cow<'a, str>,
) -> Option<()> {
    // JSON in a text becomes that value.
    let raw = if value.starts_with(['[', '{']) {
        let read = if value.starts_with('[') {
            serde_json::from_str::<serde::de::IgnoredAny>(value).ok().map(|_| Raw::Array(value))
        } else {
            serde_json::from_str::<serde::de::IgnoredAny>(value).ok().map(|_| Raw::Object(value))
        };
        read.unwrap_or(Raw::Text(value, true))
    } else {
        Raw::Text(value, false)
    };
    let named = Named::new(name);
    let mut part = named.begun;
    hash.add(part.finish());
    hash.add(parameter::sign(named.kind, raw));
    part.text(value);
    lean.content = lean.content.wrapping_add(part.finish());
    match named.kind {
        Kind::Value => lean.value = amount(value),
        Kind::Currency => lean.currency = Some(value.clone()),
        Kind::Order if matches!(raw, Raw::Text(..)) => lean.order = order_key(value),
        _ => {}
    }
    Some(())
}

/// An amount, where it reads as a plain decimal number.
pub(super) fn amount(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Percent signs and plus signs resolved; `None` for what is broken or no UTF-8.
fn decode(text: &str) -> Option<Cow<'_, str>> {
    let bytes = text.as_bytes();
    let Some(first) = memchr::memchr2(b'%', b'+', bytes) else { return Some(Cow::Borrowed(text)) };
    let mut decoded = Vec::with_capacity(bytes.len());
    decoded.extend_from_slice(&bytes[..first]);
    let mut at = first;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'%' => {
                let high = HEX[usize::from(*bytes.get(at + 1)?)];
                let low = HEX[usize::from(*bytes.get(at + 2)?)];
                if high | low > 15 {
                    return None;
                }
                decoded.push(high << 4 | low);
                at += 3;
            }
            b'+' => {
                decoded.push(b' ');
                at += 1;
            }
            other => {
                decoded.push(*other);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// What a hexadecimal digit stands for; 255 for everything else.
const HEX: [u8; 256] = {
    let mut table = [255; 256];
    let mut digit = 0;
    while digit < 16 {
        table[b"0123456789abcdef"[digit] as usize] = digit as u8;
        table[b"0123456789ABCDEF"[digit] as usize] = digit as u8;
        digit += 1;
    }
    table
};
