//! The tables of the configuration that are about visitors: profiles of the user's own,
//! the banner, shares of the traffic.
//!
//! Never what a profile does to a browser.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::consent::{Answer, BEFORE, Consent, click};
use super::super::profile_names;
use super::reader::{Reader, Value};
use super::schema::{CONSENT_KEYS, PROFILE_KEYS};
use crate::step::{duration, nearest};
use crate::visitor::{Blocks, Circumstances, Decision};

/// Words of `blocks`.
pub(super) const BLOCKS: &[&str] = &["nothing", "lists", "hosts"];
/// Words of `consent` in a profile.
pub(super) const DECISIONS: &[&str] = &["as-written", "refuses", "agrees-late"];

/// Longest absence that a visitor returns from: eleven years.
const MOST_HOURS: u32 = 100_000;
/// Rounding that shares written with two decimals need.
const TOLERANCE: f64 = 1e-9;

impl Reader<'_> {
    pub(super) fn profiles(&mut self, table: &DeTable<'_>) -> BTreeMap<String, Circumstances> {
        let mut profiles = BTreeMap::new();
        for (name, value) in table {
            let DeValue::Table(entries) = value.get_ref() else {
                self.wrong_type(value, "a table");
                continue;
            };
            let key: &str = name.get_ref();
            if profile_names().any(|known| known == key) {
                let hint = "choose another name, and begin with `like`".to_owned();
                let what = format!("`{key}` is a profile that is always there");
                self.fault(&name.span(), what, Some(hint));
                continue;
            }
            let profile = self.profile(entries);
            profiles.insert(key.to_owned(), profile);
        }
        profiles
    }

    fn profile(&mut self, table: &DeTable<'_>) -> Circumstances {
        self.known(table, PROFILE_KEYS);
        let like = self.word(table, "like", &profile_names().collect::<Vec<_>>());
        let mut own = like.map_or_else(Circumstances::default, Circumstances::of_profile);
        match self.word(table, "blocks", BLOCKS) {
            Some("nothing") => own.blocks = Blocks::Nothing,
            Some("lists") => own.blocks = Blocks::Lists,
            Some("hosts") => own.blocks = Blocks::Hosts,
            _ => {}
        }
        match self.word(table, "consent", DECISIONS) {
            Some("as-written") => own.consent = Decision::AsWritten,
            Some("refuses") => own.consent = Decision::Refuses,
            Some("agrees-late") => own.consent = Decision::AgreesLate,
            _ => {}
        }
        for (key, flag) in [
            ("strips-click-ids", &mut own.strips_click_ids),
            ("caps-script-cookies", &mut own.caps_script_cookies),
            ("signals-privacy", &mut own.signals_privacy),
            ("without-scripts", &mut own.without_scripts),
            ("pixel-down", &mut own.pixel_down),
            ("mobile", &mut own.mobile),
        ] {
            let Some(value) = table.get(key) else { continue };
            match value.get_ref() {
                DeValue::Boolean(said) => *flag = *said,
                _ => self.wrong_type(value, "true or false"),
            }
        }
        if let Some(millis) = self.millis(table, "latency") {
            own.latency_ms = u32::try_from(millis).unwrap_or(u32::MAX);
        }
        if let Some(value) = table.get("returns-after-hours") {
            let hours = match value.get_ref() {
                DeValue::Integer(number) => number.as_str().parse::<u32>().ok(),
                _ => None,
            };
            match hours.filter(|hours| *hours <= MOST_HOURS) {
                Some(hours) => own.returns_after_hours = hours,
                None => {
                    let hint = "three days are 72".to_owned();
                    self.fault(&value.span(), "not a number of hours", Some(hint));
                }
            }
        }
        own
    }

    pub(super) fn consent(&mut self, table: &DeTable<'_>) -> Consent {
        self.known(table, CONSENT_KEYS);
        Consent {
            accept: table.get("accept").and_then(|value| self.answer(value)),
            refuse: table.get("refuse").and_then(|value| self.answer(value)),
            allowed_before: self.word(table, "before", BEFORE) == Some("allowed"),
        }
    }

    fn answer(&mut self, value: &Value<'_>) -> Option<Answer> {
        let DeValue::Table(entries) = value.get_ref() else {
            let text = self.text_of(value)?;
            return match click(&text) {
                Ok(answer) => Some(answer),
                Err(flaw) => {
                    self.fault(&value.span(), flaw.what, flaw.hint);
                    None
                }
            };
        };
        self.known(entries, &[("cookies", "")]);
        let Some(pairs) = self.table(entries, "cookies") else {
            if !entries.contains_key("cookies") {
                let hint = "for example `refuse = { cookies = { consent = \"no\" } }`".to_owned();
                self.fault(&value.span(), "`cookies` is missing", Some(hint));
            }
            return None;
        };
        let mut cookies = Vec::new();
        for (name, value) in pairs {
            cookies.push((name.get_ref().to_string(), self.text_of(value)?));
        }
        Some(Answer::Cookies(cookies))
    }

    pub(super) fn traffic(
        &mut self,
        table: &DeTable<'_>,
        own: &BTreeMap<String, Circumstances>,
    ) -> BTreeMap<String, f64> {
        let mut shares = BTreeMap::new();
        let mut profiles: Vec<&str> = profile_names().collect();
        profiles.extend(own.keys().map(String::as_str));
        for (name, value) in table {
            let key: &str = name.get_ref();
            if !profiles.contains(&key) {
                let hint = match nearest(key, profiles.iter().copied()) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => format!("known are {}", profiles.join(", ")),
                };
                self.fault(&name.span(), format!("unknown profile `{key}`"), Some(hint));
                continue;
            }
            let Some(share) = self.share(value) else { continue };
            shares.insert(key.to_owned(), share);
        }
        let sum: f64 = shares.values().sum();
        if sum > 1.0 + TOLERANCE
            && let Some((name, _)) = table.iter().next()
        {
            let hint = "shares are parts of all visitors, such as 0.25".to_owned();
            self.fault(&name.span(), format!("the shares add up to {sum:.2}"), Some(hint));
        }
        shares
    }

    fn share(&mut self, value: &Value<'_>) -> Option<f64> {
        let number = match value.get_ref() {
            DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
            DeValue::Integer(number) => number.as_str().parse::<f64>().ok(),
            _ => {
                self.wrong_type(value, "a share between 0 and 1");
                return None;
            }
        };
        let share = number.filter(|share| (0.0..=1.0).contains(share));
        if share.is_none() {
            let hint = "a quarter of all visitors is 0.25".to_owned();
            self.fault(&value.span(), "a share lies between 0 and 1", Some(hint));
        }
        share
    }

    fn millis(&mut self, table: &DeTable<'_>, key: &str) -> Option<u64> {
        let text = self.text(table, key)?;
        match duration(&text) {
            Ok(millis) => Some(millis),
            Err(what) => {
                let span = table.get(key).map(Spanned::span).unwrap_or_default();
                self.fault(&span, what, None);
                None
            }
        }
    }

    /// One of a set of words.
    fn word<'k>(&mut self, table: &DeTable<'_>, key: &str, known: &[&'k str]) -> Option<&'k str> {
        let text = self.text(table, key)?;
        let found = known.iter().copied().find(|word| *word == text);
        if found.is_none() {
            let hint = match nearest(&text, known.iter().copied()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("known are {}", known.join(", ")),
            };
            let span = table.get(key).map(Spanned::span).unwrap_or_default();
            self.fault(&span, format!("unknown {key} `{text}`"), Some(hint));
        }
        found
    }
}
