//! The ledger: each conversion that happened, against what the platform would count.
//!
//! Never how the count was reached; that is the platform's and the join's business.

use crate::event::{Channel, MatchKey};

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conversion {
    /// Scenario that brought it about.
    pub scenario: String,
    /// Session in which it did.
    pub session: Option<u32>,
    /// Event name.
    pub event: String,
    /// How many really happened.
    pub expected: u64,
    /// How many the platform would count.
    pub counted: u64,
    /// Which copy survives: `browser`, `server`, `both`; empty where none does.
    pub kept: String,
    /// The copies that the platform keeps, one for each time that it counts: theirs are the
    /// value and the match keys that count. The first few.
    pub booked: Vec<Booked>,
    /// Why it is counted so often, in a sentence.
    pub why: String,
    /// Numbers of the exchanges that show it.
    pub evidence: Vec<u64>,
}

/// A copy that the platform keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Booked {
    /// Side that sent it.
    pub channel: Channel,
    /// Its exchange on the tape.
    pub exchange: u64,
    /// Its value, where it has one.
    pub value: Option<f64>,
    /// Its currency, masked where it is none.
    pub currency: String,
    /// Match keys that it carries.
    pub keys: Vec<MatchKey>,
    /// Copies that were merged into it.
    pub merged: u64,
}

impl Conversion {
    /// What is kept: `browser: 42 USD with em, fbp`; the bare side where no more is known.
    pub fn kept_text(&self) -> String {
        const SHOWN: usize = 3;
        let mut parts: Vec<String> = self.booked.iter().take(SHOWN).map(Booked::text).collect();
        match self.booked.len().saturating_sub(SHOWN) {
            _ if parts.is_empty() => return self.kept.clone(),
            0 => {}
            more => parts.push(format!("and {more} more")),
        }
        parts.join("; ")
    }
}

impl Booked {
    fn text(&self) -> String {
        let value = self.value.map(|value| format!("{value} {}", self.currency));
        let names: Vec<&str> = self.keys.iter().map(|key| key.name()).collect();
        let keys = (!names.is_empty()).then(|| format!("with {}", names.join(", ")));
        let said: Vec<String> =
            value.into_iter().map(|text| text.trim_end().to_owned()).chain(keys).collect();
        if said.is_empty() {
            self.channel.to_string()
        } else {
            format!("{}: {}", self.channel, said.join(" "))
        }
    }
}

/// A server call for which no session could be made out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnattributedCall {
    /// Number of the exchange.
    pub exchange: u64,
    /// Pixel (dataset) id it was sent to.
    pub pixel: String,
    /// Names of the events in it.
    pub events: Vec<String>,
    /// What evidence was missing.
    pub why: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_names_value_and_keys_of_the_copy_that_survives() {
        let booked = Booked {
            channel: Channel::Browser,
            exchange: 4,
            value: Some(42.5),
            currency: "USD".into(),
            keys: vec![MatchKey::Email, MatchKey::BrowserId],
            merged: 1,
        };
        let bare = Booked { value: None, keys: vec![], channel: Channel::Server, ..booked.clone() };
        let mut entry = Conversion { kept: "both".into(), ..Conversion::default() };
        assert_eq!(entry.kept_text(), "both");
        entry.booked = vec![booked.clone(), bare];
        assert_eq!(entry.kept_text(), "browser: 42.5 USD with em, fbp; server");
        entry.booked = vec![booked; 5];
        assert!(entry.kept_text().ends_with("; and 2 more"), "{}", entry.kept_text());
    }
}
