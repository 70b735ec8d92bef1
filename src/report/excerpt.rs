//! What an event said, field by field, fit to be shown: personal data under stable
//! pseudonyms, everything else cut to a readable length.
//!
//! Two fields of a report show the same text exactly when both sides sent the same.
//! Never a value by which a person could be known.

use crate::event::Channel;
use crate::finding::Finding;

use super::Report;

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

/// The payloads that show a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Witnesses<'a> {
    /// What the browser said.
    pub browser: Option<&'a Excerpt>,
    /// What the server said.
    pub server: Option<&'a Excerpt>,
}

impl<'a> Witnesses<'a> {
    /// The payload of one side.
    pub fn of(&self, channel: Channel) -> Option<&'a Excerpt> {
        match channel {
            Channel::Browser => self.browser,
            Channel::Server => self.server,
        }
    }

    /// Every field name with what each side says, in the order of reports.
    pub fn rows(&self) -> Vec<(&'a str, Option<&'a str>, Option<&'a str>)> {
        let of = |side: Option<&'a Excerpt>| side.map_or(&[][..], |excerpt| &excerpt.fields);
        let value = |fields: &'a [Field], name: &str| {
            fields.iter().find(|field| field.name == name).map(|field| field.value.as_str())
        };
        let (browser, server) = (of(self.browser), of(self.server));
        let mut rows: Vec<(&str, Option<&str>, Option<&str>)> = browser
            .iter()
            .map(|field| {
                let name = field.name.as_str();
                (name, Some(field.value.as_str()), value(server, name))
            })
            .collect();
        for (at, field) in server.iter().enumerate() {
            if rows.iter().any(|(name, ..)| *name == field.name) {
                continue;
            }
            // Behind the field that precedes it on the server's side.
            let before = server[..at].last().map(|field| field.name.as_str());
            let place = before
                .and_then(|before| rows.iter().position(|(name, ..)| *name == before))
                .map_or(0, |position| position + 1);
            rows.insert(place, (&field.name, None, Some(&field.value)));
        }
        rows
    }
}

impl Report {
    /// The payloads that show a finding; where only one side is evidence, the other half
    /// of the same conversion stands beside it.
    pub fn witnesses(&self, finding: &Finding) -> Witnesses<'_> {
        let cited = |channel: Channel| {
            let of = |named: bool| {
                self.caught.iter().position(|caught| {
                    caught.channel == channel
                        && finding.evidence.contains(&caught.exchange)
                        && (!named || Some(caught.event.as_str()) == finding.event.as_deref())
                        && (caught.session == finding.session || finding.session.is_none())
                })
            };
            of(true).or_else(|| of(false).filter(|_| finding.event.is_none()))
        };
        let (mut browser, mut server) = (cited(Channel::Browser), cited(Channel::Server));
        let partner = |of: Option<usize>| {
            of.and_then(|position| self.caught[position].joined).map(|joined| joined.with)
        };
        match (browser, server) {
            (Some(_), None) => server = partner(browser),
            (None, Some(_)) => browser = partner(server),
            _ => {}
        }
        let excerpt = |position: Option<usize>| {
            let caught = &self.caught[position?];
            self.excerpts.iter().find(|excerpt| {
                excerpt.exchange == caught.exchange && excerpt.entry == caught.entry
            })
        };
        Witnesses { browser: excerpt(browser), server: excerpt(server) }
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
        let rows = Witnesses { browser: Some(&browser), server: Some(&server) }.rows();
        assert_eq!(
            rows,
            [
                ("event_id", Some("a"), Some("A")),
                ("em", None, Some("em·1")),
                ("currency", None, Some("USD")),
                ("value", Some("1"), None),
            ]
        );
    }
}
