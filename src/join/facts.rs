//! The facts table: one narrow, typed row per event, storable and joinable.
//!
//! Columns: `row` (position in the event list), `exchange`, `entry`, `channel`,
//! `session`, `pixel`, `name`, `id` (empty ids are null), `caught` (Unix ms), `time`
//! (Unix ms, as the payload says), `automatic`, `accepted`, `value`, `currency`, and
//! one `key_…` flag per match key.
//! Never a digest or any other personal value.

use polars::prelude::*;

use crate::event::{Event, MatchKey};

/// Name of the flag column of a match key.
pub(super) fn key_column(key: MatchKey) -> String {
    format!("key_{}", key.name())
}

/// Builds the table, rows in the order of arrival.
pub(super) fn facts(events: &[Event]) -> PolarsResult<DataFrame> {
    let texts = |of: &dyn Fn(&Event) -> Option<&str>| -> Vec<Option<String>> {
        events.iter().map(|event| of(event).map(str::to_owned)).collect()
    };
    let mut columns: Vec<Column> = vec![
        Column::new("row".into(), (0..events.len() as u32).collect::<Vec<_>>()),
        Column::new(
            "exchange".into(),
            events.iter().map(|event| event.exchange).collect::<Vec<_>>(),
        ),
        Column::new("entry".into(), events.iter().map(|event| event.entry).collect::<Vec<_>>()),
        Column::new(
            "channel".into(),
            events.iter().map(|event| event.channel.name()).collect::<Vec<_>>(),
        ),
        Column::new("session".into(), events.iter().map(|event| event.session).collect::<Vec<_>>()),
        Column::new(
            "pixel".into(),
            events.iter().map(|event| event.pixel.as_str()).collect::<Vec<_>>(),
        ),
        Column::new("name".into(), texts(&|event| event.name.as_deref())),
        Column::new("id".into(), texts(&|event| event.id.as_deref().filter(|id| !id.is_empty()))),
        Column::new("caught".into(), events.iter().map(|event| event.caught).collect::<Vec<_>>()),
        Column::new(
            "time".into(),
            events
                .iter()
                .map(|event| event.time.as_ref().and_then(|time| time.millis))
                .collect::<Vec<_>>(),
        ),
        Column::new(
            "automatic".into(),
            events.iter().map(|event| event.automatic).collect::<Vec<_>>(),
        ),
        Column::new(
            "accepted".into(),
            events.iter().map(|event| event.refused.is_none()).collect::<Vec<_>>(),
        ),
        Column::new("value".into(), events.iter().map(Event::value).collect::<Vec<_>>()),
        Column::new(
            "currency".into(),
            events.iter().map(|event| event.parameter_text("currency")).collect::<Vec<_>>(),
        ),
    ];
    for key in MatchKey::ALL {
        let carried = |event: &Event| {
            event.keys.get(key).is_some_and(|values| values.iter().any(|value| !value.is_empty()))
        };
        columns.push(Column::new(
            key_column(*key).as_str().into(),
            events.iter().map(carried).collect::<Vec<_>>(),
        ));
    }
    DataFrame::new(events.len(), columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;

    #[test]
    fn an_empty_id_is_no_id_and_a_digest_never_enters() {
        let mut event = Event::new(Channel::Browser, 7, "1");
        event.id = Some(String::new());
        event.keys.insert(MatchKey::Email, vec!["a".repeat(64)]);
        let table = facts(&[event]).expect("a table");
        assert_eq!(table.column("id").expect("there").null_count(), 1);
        assert!(table.column("key_em").expect("there").bool().expect("flags").get(0).expect("set"));
        assert!(!format!("{table:?}").contains("aaaa"));
    }

    #[test]
    fn no_events_still_make_a_typed_table() {
        let table = facts(&[]).expect("a table");
        assert_eq!(table.height(), 0);
        assert_eq!(table.column("value").expect("there").dtype(), &DataType::Float64);
    }
}
