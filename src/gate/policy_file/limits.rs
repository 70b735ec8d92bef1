//! The `[policy.limits]` table: the figures that rules go by, where the rules' own are
//! not right for a site.
//!
//! Figures per event name stand alone (for every event) or in a table by event name.
//! Never what a figure is compared with.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::policy::Policy;
use super::{Reader, suggest};
use crate::event::{Channel, MatchKey, window};
use crate::finding::{EVERY_EVENT, Figures, WantedCoverage};

type Value<'v> = Spanned<DeValue<'v>>;

const KEYS: [&str; 6] = [
    "event_time_skew",
    "slow_server_event",
    "match_quality",
    "dedup_rate",
    "server_coverage",
    "match_key_coverage",
];

/// The scale of a figure.
#[derive(Clone, Copy)]
enum Scale {
    /// 0 to 1, or per cent.
    Share,
    /// 0 to 10.
    Score,
}

impl Reader<'_> {
    pub(super) fn limits(&mut self, value: &Value<'_>, policy: &mut Policy) {
        let Some(table) = self.as_table(value, "limits") else { return };
        let settings = &mut policy.settings;
        for (key, value) in table {
            let name: &str = key.get_ref();
            match name {
                "event_time_skew" => settings.event_time_skew = self.length(value, name),
                "slow_server_event" => settings.slow_server_event = self.length(value, name),
                "match_quality" => settings.match_quality = self.figures(value, name, Scale::Score),
                "dedup_rate" => settings.dedup_rate = self.figures(value, name, Scale::Share),
                "server_coverage" => {
                    settings.server_coverage = self.figures(value, name, Scale::Share);
                }
                "match_key_coverage" => {
                    let Some(wanted) = self.as_table(value, name) else { continue };
                    self.coverage("", wanted, &mut settings.key_coverage);
                }
                other => {
                    let hint = suggest(other, &KEYS);
                    self.fault(key.span().start, format!("unknown limit `{other}`"), hint);
                }
            }
        }
    }

    fn length(&mut self, value: &Value<'_>, name: &str) -> Option<i64> {
        let Some(text) = value.get_ref().as_str() else {
            let hint = Some(format!("write it with a unit: {name} = \"60s\""));
            self.fault(value.span().start, format!("`{name}` must be a length of time"), hint);
            return None;
        };
        match window(text) {
            Ok(millis) => i64::try_from(millis).ok(),
            Err(what) => {
                self.fault(value.span().start, what, None);
                None
            }
        }
    }

    fn figures(&mut self, value: &Value<'_>, name: &str, scale: Scale) -> Figures {
        let mut figures = Figures::default();
        if let Some(table) = value.get_ref().as_table() {
            self.figures_by_event("", table, scale, &mut figures);
        } else if let Some(figure) = self.figure(value, name, scale) {
            figures.0.insert(EVERY_EVENT.to_owned(), figure);
        }
        figures
    }

    /// Event names may hold dots, which TOML takes for tables unless they stand in quotes.
    fn figures_by_event(
        &mut self,
        prefix: &str,
        table: &DeTable<'_>,
        scale: Scale,
        figures: &mut Figures,
    ) {
        for (key, value) in table {
            let event = joined(prefix, key.get_ref());
            if let Some(inner) = value.get_ref().as_table() {
                self.figures_by_event(&event, inner, scale, figures);
            } else if let Some(figure) = self.figure(value, &event, scale) {
                figures.0.insert(event, figure);
            }
        }
    }

    fn figure(&mut self, value: &Value<'_>, name: &str, scale: Scale) -> Option<f64> {
        let written = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().replace('_', ""),
            DeValue::Float(number) => number.as_str().replace('_', ""),
            DeValue::String(text) => text.trim().to_owned(),
            _ => String::new(),
        };
        let (number, divisor) = match (written.strip_suffix('%'), scale) {
            (Some(per_cent), Scale::Share) => (per_cent.trim_end(), 100.0),
            _ => (written.as_str(), 1.0),
        };
        let most = match scale {
            Scale::Share => 1.0,
            Scale::Score => 10.0,
        };
        let figure = number.parse::<f64>().ok().map(|number| number / divisor);
        let good = figure.filter(|figure| (0.0..=most).contains(figure));
        if good.is_none() {
            let what = match scale {
                Scale::Share => {
                    format!("`{name}` must be a share from 0 to 1, such as 0.8 or \"80 %\"")
                }
                Scale::Score => format!("`{name}` must be a score from 0 to 10, such as 6.0"),
            };
            self.fault(value.span().start, what, None);
        }
        good
    }

    fn coverage(&mut self, prefix: &str, table: &DeTable<'_>, wanted: &mut Vec<WantedCoverage>) {
        for (key, value) in table {
            let name = joined(prefix, key.get_ref());
            if let Some(inner) = value.get_ref().as_table() {
                self.coverage(&name, inner, wanted);
                continue;
            }
            match subject(&name) {
                Ok((event, channel, key)) => {
                    if let Some(share) = self.figure(value, &name, Scale::Share) {
                        wanted.push(WantedCoverage { event, channel, key, share });
                    }
                }
                Err((what, hint)) => self.fault(key.span().start, what, hint),
            }
        }
    }
}

fn joined(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

type Wrong = (String, Option<String>);

/// Reads `Purchase.server.ph`; the event may be `*`.
fn subject(name: &str) -> Result<(Option<String>, Channel, MatchKey), Wrong> {
    let mut parts = name.rsplitn(3, '.');
    let (Some(key), Some(channel), Some(event)) = (parts.next(), parts.next(), parts.next()) else {
        let hint = "write event, channel and key, such as \"Purchase.server.ph\"".to_owned();
        return Err((format!("`{name}` names no event, channel and match key"), Some(hint)));
    };
    let channel = Channel::from_name(channel).ok_or_else(|| {
        let names = Channel::ALL.map(Channel::name);
        (format!("unknown channel `{channel}`"), suggest(channel, &names))
    })?;
    let key = MatchKey::from_name(key).ok_or_else(|| {
        let names: Vec<&str> = MatchKey::ALL.iter().map(|key| key.name()).collect();
        (format!("unknown match key `{key}`"), suggest(key, &names))
    })?;
    Ok(((event != EVERY_EVENT).then(|| event.to_owned()), channel, key))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::gate::PolicyError;

    fn read(text: &str) -> Result<Policy, PolicyError> {
        Policy::from_config(text, Path::new("countonce.toml"), &[])
    }

    #[test]
    fn every_limit_is_read_in_each_of_its_spellings() {
        let policy = read(
            r#"
            [policy.limits]
            event_time_skew = "10m"
            slow_server_event = "90s"
            match_quality = 6.5
            dedup_rate = "90 %"
            [policy.limits.server_coverage]
            "*" = 0.8
            Purchase = 1
            "Page.View" = 0.5
            [policy.limits.match_key_coverage]
            "Purchase.server.ph" = 0.8
            Page.View.browser.em = "25 %"
            "*.server.fbp" = 1
            "#,
        )
        .expect("a policy");
        let settings = policy.settings;
        assert_eq!(settings.event_time_skew, Some(600_000));
        assert_eq!(settings.slow_server_event, Some(90_000));
        assert_eq!(settings.match_quality.of("Lead"), Some(6.5));
        assert_eq!(settings.dedup_rate.of("Lead"), Some(0.9));
        assert_eq!(settings.server_coverage.of("Purchase"), Some(1.0));
        assert_eq!(settings.server_coverage.of("Page.View"), Some(0.5));
        assert_eq!(settings.server_coverage.of("Lead"), Some(0.8));
        let wanted: Vec<(Option<&str>, Channel, MatchKey, f64)> = settings
            .key_coverage
            .iter()
            .map(|wish| (wish.event.as_deref(), wish.channel, wish.key, wish.share))
            .collect();
        assert!(wanted.contains(&(Some("Purchase"), Channel::Server, MatchKey::Phone, 0.8)));
        assert!(wanted.contains(&(Some("Page.View"), Channel::Browser, MatchKey::Email, 0.25)));
        assert!(wanted.contains(&(None, Channel::Server, MatchKey::BrowserId, 1.0)));
    }

    #[test]
    fn every_fault_has_its_place_and_a_hint() {
        let text = "[policy.limits]\nevent_time_skw = \"5m\"\nslow_server_event = 60\nmatch_quality = 11\ndedup_rate = \"lots\"\n[policy.limits.match_key_coverage]\n\"Purchase.sever.ph\" = 1\n\"Purchase.server.phone\" = 1\nPurchase = 1\n";
        insta::assert_snapshot!(read(text).expect_err("faults").to_string(), @r#"
        countonce.toml:2:1: unknown limit `event_time_skw`
            event_time_skw = "5m"
            did you mean `event_time_skew`?
        countonce.toml:3:21: `slow_server_event` must be a length of time
            slow_server_event = 60
            write it with a unit: slow_server_event = "60s"
        countonce.toml:4:17: `match_quality` must be a score from 0 to 10, such as 6.0
            match_quality = 11
        countonce.toml:5:14: `dedup_rate` must be a share from 0 to 1, such as 0.8 or "80 %"
            dedup_rate = "lots"
        countonce.toml:7:1: unknown channel `sever`
            "Purchase.sever.ph" = 1
            did you mean `server`?
        countonce.toml:8:1: unknown match key `phone`
            "Purchase.server.phone" = 1
            did you mean `ph`?
        countonce.toml:9:1: `Purchase` names no event, channel and match key
            Purchase = 1
            write event, channel and key, such as "Purchase.server.ph"
        "#);
    }
}
