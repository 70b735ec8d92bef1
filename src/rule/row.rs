//! One row of a rule's query, read by column name.
//!
//! A column that a query does not have reads as absent, so optional columns need no
//! ceremony; a rule that misspells one shows in its broken tape's test.

use polars::prelude::*;

use crate::event::Channel;

/// A row of a collected frame.
pub struct Row<'a> {
    pub(super) frame: &'a DataFrame,
    pub(super) index: usize,
}

impl Row<'_> {
    fn value(&self, column: &str) -> Option<AnyValue<'_>> {
        let value = self.frame.column(column).ok()?.get(self.index).ok()?;
        (!value.is_null()).then_some(value)
    }

    /// A text column.
    pub fn text(&self, column: &str) -> Option<String> {
        self.value(column)?.get_str().map(str::to_owned)
    }

    /// A number column, as float.
    pub fn number(&self, column: &str) -> Option<f64> {
        self.value(column)?.extract::<f64>()
    }

    /// A count column.
    pub fn count(&self, column: &str) -> Option<u32> {
        self.value(column)?.extract::<u32>()
    }

    /// A flag column; absent is false.
    pub fn flag(&self, column: &str) -> bool {
        matches!(self.value(column), Some(AnyValue::Boolean(true)))
    }

    /// A list column of whole numbers, or a single whole number.
    pub fn list(&self, column: &str) -> Vec<u64> {
        match self.value(column) {
            Some(AnyValue::List(series)) => series
                .cast(&DataType::UInt64)
                .ok()
                .and_then(|series| Some(series.u64().ok()?.iter().flatten().collect()))
                .unwrap_or_default(),
            Some(value) => value.extract::<u64>().into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The event name.
    pub fn event(&self) -> String {
        self.text("event").unwrap_or_default()
    }

    /// The channel, where the row has one.
    pub fn channel(&self) -> Option<Channel> {
        self.text("channel").as_deref().and_then(Channel::from_name)
    }
}
