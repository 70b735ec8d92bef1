//! Answers to the query `ids`: how many event IDs there are of each event name and side, how
//! long they are and of what making.
//!
//! Never an ID.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Field, Stretch, count};
use crate::audit::sql::scheme_column;
use crate::event::Channel;
use crate::join::IdScheme;
use crate::join::bulk::IdCell;

/// IDs by number of the event name and by side.
type Numbered = BTreeMap<(u16, usize), IdCell>;

impl Answer {
    pub(super) fn ids(&mut self, field: Field<'_>) -> Result<(), String> {
        let channel = field("channel").and_then(|name| Channel::from_name(&name));
        let channel = channel.ok_or("channel is neither browser nor server")?;
        let name = field("name").filter(|name| !name.is_empty()).ok_or("no `name`")?;
        let distinct = count(field, "distinct_ids")?;
        let length = |name: &str| if distinct == 0 { Ok(0) } else { count(field, name) };
        let mut cell = IdCell {
            events: count(field, "events")?,
            present: count(field, "present")?,
            distinct,
            shortest: length("shortest")?,
            longest: length("longest")?,
            ..IdCell::default()
        };
        for scheme in IdScheme::ALL {
            cell.schemes[scheme as usize] = count(field, &scheme_column(scheme))?;
        }
        let known: u32 = cell.schemes.iter().sum();
        if known != distinct {
            return Err(format!(
                "{} of {distinct} IDs of {name} have no `id_scheme`: the facts are of an older format, which `countonce facts OLD.parquet --out NEW.parquet` brings up",
                distinct - known.min(distinct)
            ));
        }
        self.ids
            .get_or_insert_default()
            .insert((name, usize::from(channel == Channel::Server)), cell);
        Ok(())
    }

    /// What is wrong where IDs are of other events than the figures.
    pub(super) fn check_ids(&self) -> Result<(), String> {
        let Some(ids) = &self.ids else { return Ok(()) };
        let whole = self.lines.iter().filter(|line| line.stretch == Stretch::Whole);
        for line in whole {
            let Some(event) = &line.event else { continue };
            for side in 0..2 {
                let told = line.cell.events[side] - line.cell.automatic[side];
                let heard = ids.get(&(event.clone(), side)).map_or(0, |cell| cell.events);
                if told != heard {
                    return Err(format!(
                        "the figures are of {told} {event} of the {} that could carry an ID and the IDs of {heard}: they are answers about different facts",
                        Channel::ALL[side]
                    ));
                }
            }
        }
        Ok(())
    }
}

/// The names, and the IDs by the numbers of these.
pub(super) fn numbered(ids: BTreeMap<(String, usize), IdCell>) -> (Vec<String>, Numbered) {
    let names: BTreeSet<String> = ids.keys().map(|(name, _)| name.clone()).collect();
    let names: Vec<String> = names.into_iter().collect();
    let numbered = ids.into_iter().filter_map(|((name, side), cell)| {
        let number = names.binary_search(&name).ok()?;
        Some(((u16::try_from(number).ok()?, side), cell))
    });
    let numbered = numbered.collect();
    (names, numbered)
}
