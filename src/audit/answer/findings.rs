//! Answers to the query `findings`: events by what the rules on single events say of them.
//!
//! Never asks a rule: that was done where the facts were made.

use super::{Answer, Field, number};
use crate::audit::verdict::told_before;
use crate::event::Channel;

impl Answer {
    pub(super) fn findings(&mut self, field: Field<'_>) -> Result<(), String> {
        let channel = field("channel").and_then(|name| Channel::from_name(&name));
        let channel = channel.ok_or("channel is neither browser nor server")?;
        let side = usize::from(channel == Channel::Server);
        let count = |name: &str| number(field, name).map(|found| found.unwrap_or(0).max(0) as u64);
        let events = count("events")?;
        let name = field("name").filter(|name| !name.is_empty());
        for finding in field("offences").iter().flat_map(|text| told_before(text, name.as_deref()))
        {
            self.tally.add(&finding, events, &[]);
        }
        *self.pixels[side].entry(field("pixel").unwrap_or_default()).or_default() += events;
        if let (Some(first), Some(last)) =
            (number(field, "first_caught")?, number(field, "last_caught")?)
        {
            let (from, to) = self.span[side].unwrap_or((first, last));
            self.span[side] = Some((from.min(first), to.max(last)));
        }
        self.timeless += count("without_time")?;
        *self.heard.get_or_insert(0) += events;
        Ok(())
    }
}
