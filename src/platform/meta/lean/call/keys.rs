//! The match keys of an event, each once: as a text, as a digest, or in a list.
//!
//! Never any other field of the event.

use std::borrow::Cow;

use super::super::hash::stable;
use super::super::scan::{Raw, Scan, items};
use super::super::sign::{self, Look};
use super::super::{bit, visitor};
use super::Draft;
use crate::event::MatchKey;
use crate::platform::meta::quality::is_well_formed;

impl<'a> Draft<'a> {
    #[inline]
    pub(super) fn key_at(&mut self, key: MatchKey, scan: &mut Scan<'a>) -> Option<()> {
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

    pub(super) fn unknown_key(&mut self, name: &str, value: Raw<'_>) -> Option<()> {
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
}
