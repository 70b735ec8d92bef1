//! Answers to the query `orders`: a line per event name, the shop's orders against what is
//! counted. Where events stand is not known.
//!
//! Never an order but an example.

use super::{Answer, Field, Stretch, count};
use crate::join::{Case, amount_words};

impl Answer {
    pub(super) fn orders(&mut self, field: Field<'_>) -> Result<(), String> {
        let event = field("event").filter(|event| !event.is_empty()).ok_or("no `event`")?;
        let count = |name: &str| count(field, name);
        let amount = |name: &str| -> Result<Option<f64>, String> {
            let Some(text) = field(name).filter(|text| !text.is_empty()) else { return Ok(None) };
            text.trim().parse().map(Some).map_err(|_| format!("`{name}` is no number: {text}"))
        };
        let found = self.orders.get_or_insert_default();
        found.orders += u64::from(count("orders")?);
        found.outside += u64::from(count("outside")?);
        found.once += u64::from(count("counted_once")?);
        found.more_than_once += u64::from(count("more_than_once")?);
        let currency = field("books_currency");
        let words =
            amount_words(amount("told_value")?, amount("books_value")?, currency.as_deref());
        let missing = field("missing_example").unwrap_or_default();
        for (cases, name, example) in [
            (&mut found.missing, "missing", missing),
            (&mut found.more, "copies", String::new()),
            (&mut found.amounts, "other_amount", words),
            (&mut found.without, "without_order", String::new()),
        ] {
            let count = count(name)?.into();
            if count > 0 {
                cases.insert(event.clone(), Case { count, example, places: Vec::new() });
            }
        }
        self.told.insert(event, count("events")?);
        Ok(())
    }

    /// What is wrong where orders are held against other events than the figures count.
    pub(super) fn check_orders(&self) -> Result<(), String> {
        for (event, told) in &self.told {
            let whole = self
                .lines
                .iter()
                .find(|line| line.stretch == Stretch::Whole && line.event.as_ref() == Some(event));
            let events = whole.map_or(0, |line| {
                line.cell.events.iter().sum::<u32>() - line.cell.automatic.iter().sum::<u32>()
            });
            if events != *told {
                return Err(format!(
                    "the figures are of {events} {event} that may tell of orders and the orders of {told}: they are answers about different facts"
                ));
            }
        }
        Ok(())
    }
}
