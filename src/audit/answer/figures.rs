//! Answers to the query `figures`: a line is a period, over all events or of one name.
//!
//! Never whether lines are missing.

use super::{Answer, AnswerLine, Field, Stretch, count, number};
use crate::audit::sql::cause_column;
use crate::event::{Channel, MatchKey};
use crate::join::bulk::{Cause, Cell};

impl Answer {
    pub(super) fn figures(&mut self, field: Field<'_>) -> Result<(), String> {
        let stretch = match field("period").as_deref() {
            Some("whole") => Stretch::Whole,
            Some("day") => Stretch::Day,
            Some("hour") => Stretch::Hour,
            other => return Err(format!("no period `{}`", other.unwrap_or_default())),
        };
        let count = |name: &str| count(field, name);
        let mut cell = Cell {
            paired: count("paired")?,
            counted: count("counted")?,
            reused: count("reused")?,
            values_differ: count("values_differ")?,
            currencies_differ: count("currencies_differ")?,
            ..Cell::default()
        };
        for (at, channel) in Channel::ALL.into_iter().enumerate() {
            let of_side = |name: &str| count(&format!("{channel}_{name}"));
            cell.events[at] = of_side("events")?;
            cell.automatic[at] = of_side("automatic")?;
            cell.refused[at] = of_side("refused")?;
            cell.repeats[at] = of_side("repeats")?;
            cell.twins[at] = of_side("unmerged")?;
            cell.looked_at[at] = of_side("looked_at")?;
            for cause in Cause::ALL {
                cell.alone[at][cause as usize] = of_side(cause_column(cause))?;
            }
            for (place, key) in MatchKey::ALL.iter().enumerate() {
                cell.keys[at][place] = of_side(&format!("key_{key}"))?;
                cell.valid[at][place] = of_side(&format!("valid_{key}"))?;
            }
        }
        let lag = |name: &str| number(field, name);
        let lag = match (lag("lag_p50")?, lag("lag_p95")?, lag("lag_p99")?) {
            (Some(median), Some(most), Some(nearly_all)) => Some([median, most, nearly_all]),
            _ => None,
        };
        self.lines.push(AnswerLine {
            stretch,
            begin: number(field, "begin_ms")?.ok_or("no `begin_ms`")?,
            event: field("event").filter(|event| !event.is_empty()),
            cell,
            lag,
        });
        Ok(())
    }
}
