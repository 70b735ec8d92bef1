//! What an event said, field by field, fit to be shown: personal data under stable
//! pseudonyms, everything else cut to a readable length.
//!
//! Two fields of a report show the same text exactly when both sides sent the same.
//! Never a value by which a person could be known.

use crate::event::Channel;
use crate::finding::Finding;

use super::{Caught, Report};

/// One event's payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Number of the exchange that carried it.
    pub exchange: u64,
    /// Position among the events of that exchange, from 0.
    pub entry: u32,
    /// Side.
    pub channel: Channel,
    /// Event name; empty where it has none.
    pub event: String,
    /// What it says, in the order of reports.
    pub fields: Vec<Field>,
}

/// One field of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name: `event_id`, `em`, `value` …
    pub name: String,
    /// Its value as it may be shown.
    pub value: String,
}

/// Most payloads that are held side by side: a pair and one copy of a half.
const SIDE_BY_SIDE: usize = 3;

/// The payloads that show a finding, browser first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Witnesses<'a>(pub Vec<&'a Excerpt>);

impl<'a> Witnesses<'a> {
    /// Every field name with what each payload says, in the order of reports.
    pub fn rows(&self) -> Vec<(&'a str, Vec<Option<&'a str>>)> {
        let mut names: Vec<&'a str> = Vec::new();
        for excerpt in &self.0 {
            let mut place = 0;
            for field in &excerpt.fields {
                match names.iter().position(|name| *name == field.name) {
                    Some(known) => place = known + 1,
                    // Behind the field that precedes it in its own payload.
                    None => {
                        names.insert(place, &field.name);
                        place += 1;
                    }
                }
            }
        }
        let value = |excerpt: &&'a Excerpt, name: &str| {
            let field = excerpt.fields.iter().find(|field| field.name == name);
            field.map(|field| field.value.as_str())
        };
        names
            .into_iter()
            .map(|name| (name, self.0.iter().map(|excerpt| value(excerpt, name)).collect()))
            .collect()
    }
}

impl Report {
    /// The payloads that show a finding; where only one side is evidence, the other half
    /// of the same conversion stands beside it.
    pub fn witnesses(&self, finding: &Finding) -> Witnesses<'_> {
        let concerns = |caught: &&Caught| {
            finding.evidence.contains(&caught.exchange)
                && finding.event.as_deref().is_none_or(|name| name == caught.event)
                && (caught.session == finding.session || finding.session.is_none())
        };
        let mut cited: Vec<&Caught> =
            self.caught.iter().filter(concerns).take(SIDE_BY_SIDE).collect();
        let one_sided = cited.windows(2).all(|pair| pair[0].channel == pair[1].channel);
        if one_sided && cited.len() < SIDE_BY_SIDE {
            let partner = cited.iter().find_map(|caught| caught.joined);
            cited.extend(partner.and_then(|joined| self.caught.get(joined.with)));
        }
        cited.sort_by_key(|caught| (caught.channel, caught.at));
        let excerpt = |caught: &Caught| {
            self.excerpts.iter().find(|excerpt| {
                excerpt.exchange == caught.exchange && excerpt.entry == caught.entry
            })
        };
        Witnesses(cited.into_iter().filter_map(excerpt).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(channel: Channel, fields: &[(&str, &str)]) -> Excerpt {
        Excerpt {
            exchange: 1,
            entry: 0,
            channel,
            event: "Purchase".to_owned(),
            fields: fields
                .iter()
                .map(|(name, value)| Field { name: (*name).to_owned(), value: (*value).to_owned() })
                .collect(),
        }
    }

    #[test]
    fn fields_of_both_sides_stand_side_by_side_in_order() {
        let browser = excerpt(Channel::Browser, &[("event_id", "a"), ("value", "1")]);
        let server =
            excerpt(Channel::Server, &[("event_id", "A"), ("em", "em·1"), ("currency", "USD")]);
        let rows = Witnesses(vec![&browser, &server]).rows();
        assert_eq!(
            rows,
            [
                ("event_id", vec![Some("a"), Some("A")]),
                ("em", vec![None, Some("em·1")]),
                ("currency", vec![None, Some("USD")]),
                ("value", vec![Some("1"), None]),
            ]
        );
    }
}
